"""Receivers of AIS and ADS-B as a Bytewax source."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override

from connectors.meter import SourceMeter
from connectors.metrics import counter, gauge
from connectors.receivers.adsb import AdsbReader
from connectors.receivers.ais import AisReader
from connectors.receivers.crowd import Crowd
from connectors.receivers.dialled import Dialled
from connectors.receivers.heard import (
    KEPT_BYTES,
    UNWANTED,
    Heard,
    Noise,
    Reader,
    Said,
    Skipped,
    Spoken,
    System,
    Told,
)
from connectors.receivers.wires import Clients, Datagrams, Peer, Wire

PARTITION = "receivers"
# Senders beyond this many are forgotten, the longest silent first: anybody can send.
MOST_PEERS = 256
GATHER = timedelta(milliseconds=20)


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


@dataclass(frozen=True)
class ReceiverSource(FixedPartitionedSource[Heard, None]):
    """What receivers say, as it comes.

    What is said while the process is down is gone: at-most-once from the wire. All
    receivers are one partition, since Bytewax goes on only with the partitions that it
    knew, and receivers are a setting.

    Args:
        receivers: each a link of its own.
        flow: who reads, for the figures.
        clock: microseconds UTC.
    """

    receivers: tuple[Receiver, ...]
    flow: str
    clock: Callable[[], int] = lambda: time.time_ns() // 1000

    @override
    def list_parts(self) -> list[str]:
        return [PARTITION]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Partition":
        return _Partition(self)


class _Partition(StatefulSourcePartition[Heard, None]):
    def __init__(self, source: ReceiverSource) -> None:
        self._awake: datetime | None = None
        with ExitStack() as stack:
            self._links = [
                stack.enter_context(closing(_Link(source, each))) for each in source.receivers
            ]
            self._opened = stack.pop_all()

    @override
    def next_batch(self) -> list[Heard]:
        heard = [each for link in self._links for each in link.hear()]
        self._awake = datetime.now(UTC) + GATHER
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
    """One receiver, and who speaks there."""

    def __init__(self, source: ReceiverSource, receiver: Receiver) -> None:
        self._receiver = receiver
        self._clock = source.clock
        self._meter = SourceMeter(source.flow, receiver.name)
        self._readers: OrderedDict[Peer, Reader] = OrderedDict()
        self._crowd = Crowd()
        self._number = 0
        self._bytes = counter("overwatch_link_bytes_total", source.flow, receiver.name)
        self._messages = counter("overwatch_link_packets_total", source.flow, receiver.name)
        self._up = gauge("overwatch_link_up", source.flow, receiver.name)
        self._was_up: bool | None = None
        self._wire = opened(receiver, source.flow)
        log = structlog.get_logger()
        log.info("hearing", flow=source.flow, link=receiver.name, system=receiver.system)

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


def reading(system: System, form: str = "") -> Reader:
    """Somebody who reads what a sender of that system says."""
    return AisReader() if system == "AIS" else AdsbReader(form)


def gathered(
    system: System, link: str, origin: str, told: Iterable[tuple[Told, int]]
) -> list[Heard]:
    """What was told, by whom and when; what could not be read stands together by its reason.

    A flood of noise is as many refusals as it has reasons, each with its count.
    """
    heard: list[Heard] = []
    noises: dict[str, Noise] = {}
    skipped = 0
    for number, (each, heard_us) in enumerate(told):
        if isinstance(each, Said):
            name = f"{origin}:{heard_us}:{number}"
            heard.append(
                Spoken(system, each.number, link, name, heard_us, each.told_us, each.fields)
            )
        elif each is UNWANTED:
            skipped += 1
        else:
            first = noises.get(each.reason)
            noises[each.reason] = (
                Noise(
                    link, f"{origin}:{heard_us}:{number}", heard_us, 1, each.reason,
                    each.data[:KEPT_BYTES],
                )
                if first is None
                else Noise(
                    link, first.origin, first.heard_us, first.count + 1, first.reason, first.data
                )
            )  # fmt: skip
    heard.extend(noises.values())
    if skipped:
        heard.append(Skipped(link, skipped))
    return heard
