"""MAVLink as it is heard now: every link that there is, as one Bytewax source."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override

from connectors.mavlink import Heard
from connectors.mavlink_lines import Lines, Named
from connectors.mavlink_receiver import Line, Listener
from connectors.mavlink_serial import SerialDevice
from connectors.mavlink_signing import Stamps, believed
from connectors.mavlink_tcp import TcpPeer, TcpPort
from connectors.mavlink_udp import UdpPeer, UdpPort

# Recovery knows the links by this name, from the time when there were no others.
PARTITION = "udp"
# Vehicles say several things at once: they are let gather, and wake the flow together.
GATHER = timedelta(milliseconds=5)

# By link, when each of its senders signed last.
Signed = dict[str, Stamps]

LINES: dict[str, Callable[[str, str, int, Listener], Line]] = {
    "udp": UdpPort,
    "udpout": UdpPeer,
    "tcp": TcpPeer,
    "tcpin": TcpPort,
    "serial": SerialDevice,
}


class Link(NamedTuple):
    """A link to listen to: what it is called, one of ``LINES``, and where it is.

    ``number`` is a port, or the bauds of a device.
    """

    name: str
    scheme: str
    place: str
    number: int


@dataclass(frozen=True)
class MavlinkSource(FixedPartitionedSource[Heard, Signed]):
    """What vehicles say on our links.

    What comes while the process is down is gone: at-most-once from the wire, everything
    after that is on record before an epoch ends. All links are one partition, since
    Bytewax goes on only with the partitions that it knew, and links are a setting. What
    is recorded is when senders signed last, so that nothing can be sent again later.

    Args:
        links: what to listen to.
        listener: who listens.
        lines: by which others may send, as long as we listen.
    """

    links: tuple[Link, ...]
    listener: Listener
    lines: Lines = field(default_factory=Lines, compare=False)

    @override
    def list_parts(self) -> list[str]:
        return [PARTITION]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: Signed | None) -> "_Partition":
        return _Partition(self, resume_state or {})


class _Partition(StatefulSourcePartition[Heard, Signed]):
    def __init__(self, source: MavlinkSource, signed: Signed) -> None:
        self._awake: datetime | None = None
        clock = source.listener.clock
        stamps = {link: believed(each, clock()) for link, each in signed.items()}
        listener = self._listener = replace(source.listener, stamps=stamps)
        with ExitStack() as stack:
            self._lines = [
                stack.enter_context(closing(LINES[scheme](name, place, number, listener)))
                for name, scheme, place, number in source.links
            ]
            names = (link.name for link in source.links)
            named = [Named(name, line) for name, line in zip(names, self._lines, strict=True)]
            stack.enter_context(source.lines.opened(named))
            self._opened = stack.pop_all()

    @override
    def next_batch(self) -> list[Heard]:
        heard = [each for line in self._lines for each in line.hear()]
        more = any(line.more for line in self._lines)
        self._awake = None if more else datetime.now(UTC) + GATHER
        return heard

    @override
    def next_awake(self) -> datetime | None:
        return self._awake

    @override
    def snapshot(self) -> Signed:
        return {link: dict(stamps) for link, stamps in self._listener.stamps.items() if stamps}

    @override
    def close(self) -> None:
        self._opened.close()
