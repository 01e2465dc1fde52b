"""The bytes of a link's peers, as packets: a framer for each peer, one count for all."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from connectors.link_meter import LinkMeter
from connectors.mavlink import Decoder, Framer, Gate, Heard, Packet
from connectors.mavlink_frame import V1, V2
from connectors.mavlink_signing import Signatures, Signing, Stamps

# Peers beyond this many are forgotten, the longest silent first: anybody can send.
MOST_PEERS = 1024
# What is read of a link before the others have their turn: of bytes that only look like
# frames this many take a quarter of a second.
MOST_BYTES = 65_536


@dataclass(frozen=True)
class Listener:
    """Who listens.

    Args:
        flow: the flow, for the figures.
        signing: the key for signatures, if they are to be checked.
        clock: microseconds UTC.
        stamps: by link, when those who sign have done so last; kept up to date.
    """

    flow: str
    signing: Signing | None = None
    clock: Callable[[], int] = lambda: time.time_ns() // 1000
    stamps: dict[str, Stamps] = field(default_factory=dict)


class Way(NamedTuple):
    """How somebody is reached on a link: by which peer, and the magic byte of their protocol."""

    peer: Hashable
    version: int


class Line(Protocol):
    """A link that is listened to."""

    more: bool  # Whether there may be more at once.
    receiver: "Receiver"

    def hear(self) -> list[Heard]:
        """What has come since. Never waits."""
        ...

    def send(self, peer: Hashable, frame: bytes) -> bool:
        """Send to a peer that was heard. Whether all of it has gone out; never waits."""
        ...

    def close(self) -> None: ...


def _gate(name: str, listener: Listener) -> Gate | None:
    if listener.signing is None:
        return None
    stamps = listener.stamps.setdefault(name, {})
    return Signatures(listener.signing, listener.flow, name, stamps).refused


class Receiver:
    """Takes what a link's peers send, and gives what it means.

    ``size`` is how many bytes were taken and not given yet: at ``MOST_BYTES`` it is the
    turn of the other links.
    """

    def __init__(self, name: str, listener: Listener) -> None:
        self.meter = LinkMeter(listener.flow, name)
        self._name = name
        self._clock = listener.clock
        self._gate = _gate(name, listener)
        self._decoder = Decoder()
        self._framers: OrderedDict[Hashable, tuple[Framer, dict[int, Way]]] = OrderedDict()
        # By system and component, who has spoken for them last.
        self._ways: dict[int, Way] = {}
        self._number = 0
        self.size = 0
        self._heard: list[Heard] = []

    def take(self, peer: Hashable, data: bytes) -> None:
        """These bytes have come from a peer."""
        now = self._clock()
        self._number += 1
        self.size += len(data)
        known = self._framers.get(peer)
        if known is None:
            known = self._new(peer)
        else:
            self._framers.move_to_end(peer)
        framer, by_version = known
        for each in framer.feed(data, now, f"{self._name}:{now}:{self._number}"):
            self._heard.append(each)
            if type(each) is Packet:
                self._ways[each.system_id << 8 | each.component_id] = by_version[framer.version]

    def given(self) -> list[Heard]:
        """What was taken since; it is counted."""
        heard, size = self._heard, self.size
        self._heard, self.size = [], 0
        self.meter.heard(heard, size)
        return heard

    def forget(self, peer: Hashable) -> None:
        """The peer has gone; of its next frames none began before."""
        self._framers.pop(peer, None)
        self._ways = {key: way for key, way in self._ways.items() if way.peer != peer}
        self.meter.peers(len(self._framers))

    def way(self, system: int, component: int) -> Way | None:
        """How a component is reached, or its system where it has not spoken itself."""
        known = self._ways.get(system << 8 | component)
        if known is None:
            of_system = (way for key, way in self._ways.items() if key >> 8 == system)
            return next(of_system, None)
        return known

    def _new(self, peer: Hashable) -> tuple[Framer, dict[int, Way]]:
        framer = Framer(self._decoder, self._name, self._gate)
        by_version = {version: Way(peer, version) for version in (V1, V2)}
        known = self._framers[peer] = framer, by_version
        if len(self._framers) > MOST_PEERS:
            self._framers.popitem(last=False)
        self.meter.peers(len(self._framers))
        return known
