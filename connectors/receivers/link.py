"""One receiver of ships or aircraft: its wire, who speaks there, and its figures."""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import structlog

from connectors.meter import SourceMeter
from connectors.metrics import counter, gauge
from connectors.receivers.crowd import Crowd
from connectors.receivers.dialled import Dialled
from connectors.receivers.gathered import gathered, reading
from connectors.receivers.heard import Heard, Reader, Spoken, System, Told
from connectors.receivers.wires import Clients, Datagrams, Peer, Wire

# Senders beyond this many are forgotten, the longest silent first: anybody can send.
MOST_PEERS = 256


class Receiver(NamedTuple):
    """A receiver: ``udp`` listens, ``tcp`` connects, ``tcpin`` lets connect.

    ``variable`` is the setting that names it.
    """

    system: System
    transport: str
    host: str
    port: int
    form: str
    name: str
    variable: str


class Link:
    """One receiver, and who speaks there.

    Args:
        receiver: which.
        flow: who hears, for the figures.
        clock: microseconds UTC.
    """

    def __init__(self, receiver: Receiver, flow: str, clock: Callable[[], int]) -> None:
        self._receiver = receiver
        self._clock = clock
        self._meter = SourceMeter(flow, receiver.name)
        self._readers: OrderedDict[Peer, Reader] = OrderedDict()
        self._crowd = Crowd()
        self._number = 0
        self._bytes = counter("overwatch_link_bytes_total", flow, receiver.name)
        self._messages = counter("overwatch_link_packets_total", flow, receiver.name)
        self._up = gauge("overwatch_link_up", flow, receiver.name)
        self._was_up: bool | None = None
        self._wire = opened(receiver, flow)
        log = structlog.get_logger()
        log.info("hearing", flow=flow, link=receiver.name, system=receiver.system)

    def hear(self) -> list[Heard]:
        """What has come since."""
        told: list[tuple[Told, int]] = []
        size = 0
        for peer, data in self._wire.hear():
            size += len(data)
            if not data:
                self._readers.pop(peer, None)
                continue
            now = self._clock()
            reader = self._reader(peer)
            found = reader.feed(data, now, whole=self._wire.whole)
            told.extend((self._crowd.admitted(each, now), now) for each in found)
        self._number += 1
        receiver = self._receiver
        heard = gathered(receiver.system, receiver.name, f"{receiver.name}:{self._number}", told)
        self._count(heard, size, len(told))
        return heard

    def close(self) -> None:
        self._wire.close()

    def _count(self, heard: list[Heard], size: int, told: int) -> None:
        self._meter.read(told, 0)
        if size:
            self._bytes.inc(size)
            self._messages.inc(sum(isinstance(each, Spoken) for each in heard))
        if self._wire.up != self._was_up:
            self._was_up = self._wire.up
            self._up.set(int(self._was_up))

    def _reader(self, peer: Peer) -> Reader:
        reader = self._readers.get(peer)
        if reader is None:
            reader = self._readers[peer] = reading(self._receiver.system, self._receiver.form)
            if len(self._readers) > MOST_PEERS:
                self._readers.popitem(last=False)
        else:
            self._readers.move_to_end(peer)
        return reader


def opened(receiver: Receiver, flow: str) -> Wire:
    """The wire by which a receiver is heard by a flow."""
    if receiver.transport == "udp":
        return Datagrams(receiver.host, receiver.port, receiver.variable)
    if receiver.transport == "tcpin":
        return Clients(receiver.host, receiver.port, receiver.variable)
    return Dialled(receiver.host, receiver.port, flow, receiver.name)
