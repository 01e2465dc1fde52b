"""MAVLink over UDP as a Bytewax source: a socket a port, a framer a peer."""

import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override

from connectors.mavlink import Decoder, Framer, Heard
from connectors.meter import SourceMeter

PARTITION = "udp"
MOST_DATAGRAMS = 500
LARGEST_DATAGRAM = 65_535
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
# Peers beyond this many are forgotten, the longest silent first: anybody can send.
MOST_PEERS = 1024
# Vehicles say several things at once: they are let gather, and wake the flow together.
GATHER = timedelta(milliseconds=5)


class PortInUse(OSError):
    """Another program has the port. The message says which port and what to do."""


@dataclass(frozen=True)
class MavlinkUdpSource(FixedPartitionedSource[Heard, None]):
    """What vehicles say to UDP ports of ours.

    Datagrams that come while the process is down are gone: at-most-once from the wire,
    everything after that is on record before an epoch ends. All ports are one partition,
    since Bytewax goes on only with the partitions that it knew, and ports are a setting.

    Args:
        host: the address to listen on.
        ports: UDP ports, each a link of its own.
        flow: who reads, for the figures.
        clock: microseconds UTC.
    """

    host: str
    ports: tuple[int, ...]
    flow: str
    clock: Callable[[], int] = lambda: time.time_ns() // 1000

    @override
    def list_parts(self) -> list[str]:
        return [PARTITION]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Partition":
        return _Partition(self)


class _Partition(StatefulSourcePartition[Heard, None]):
    def __init__(self, source: MavlinkUdpSource) -> None:
        self._awake: datetime | None = None
        with ExitStack() as stack:
            self._links = [
                stack.enter_context(closing(_Link(source, port))) for port in source.ports
            ]
            self._opened = stack.pop_all()

    @override
    def next_batch(self) -> list[Heard]:
        heard = [each for link in self._links for each in link.hear()]
        more = len(heard) >= MOST_DATAGRAMS
        self._awake = None if more else datetime.now(UTC) + GATHER
        return heard

    @override
    def next_awake(self) -> datetime | None:
        return self._awake

    @override
    def snapshot(self) -> None:
        return None

    @override
    def close(self) -> None:
        self._opened.close()


class _Link:
    """A port that we listen at."""

    def __init__(self, source: MavlinkUdpSource, port: int) -> None:
        self._name = f"udp:{port}"
        self._clock = source.clock
        self._meter = SourceMeter(source.flow, self._name)
        self._decoder = Decoder()
        self._framers: OrderedDict[tuple[str, int], Framer] = OrderedDict()
        self._number = 0
        self._socket = _listen(source.host, port)
        structlog.get_logger().info("listening", flow=source.flow, link=self._name)

    def hear(self) -> list[Heard]:
        """What has come since."""
        heard: list[Heard] = []
        for _ in range(MOST_DATAGRAMS):
            try:
                data, peer = self._socket.recvfrom(LARGEST_DATAGRAM)
            except BlockingIOError:
                break
            except ConnectionRefusedError:  # A peer that we once answered has gone.
                continue
            now = self._clock()
            self._number += 1
            heard.extend(self._framer(peer).feed(data, now, f"{self._name}:{now}:{self._number}"))
        if heard:
            self._meter.read(len(heard), 0)
        else:
            self._meter.idle()
        return heard

    def close(self) -> None:
        self._socket.close()

    def _framer(self, peer: tuple[str, int]) -> Framer:
        framer = self._framers.get(peer)
        if framer is None:
            framer = self._framers[peer] = Framer(self._decoder, self._name)
            if len(self._framers) > MOST_PEERS:
                self._framers.popitem(last=False)
        else:
            self._framers.move_to_end(peer)
        return framer


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_DGRAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortInUse(
            f"UDP port {port} on {host} cannot be listened to: {error.strerror}. "
            "Stop the other program, or set MAVLINK_BASE_PORT or MAVLINK_LINKS."
        ) from error
    listener.setblocking(False)
    return listener
