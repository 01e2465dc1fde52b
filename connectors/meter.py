"""What sources and sinks count of themselves, once a batch and not once a message."""

import os
import time
from pathlib import Path
from typing import NamedTuple

from bytewax.outputs import DynamicSink, StatelessSinkPartition
from typing_extensions import override

from connectors.metrics import beat, counter, gauge

BEAT_SECONDS = 1.0
_STATM = Path("/proc/self/statm")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class SourceMeter:
    """Messages read, messages still to come, messages lost; and that the flow runs at all."""

    def __init__(self, flow: str, stream: str) -> None:
        self._flow = flow
        self._read = counter("overwatch_messages_total", flow, stream)
        self._lost = counter("overwatch_lost_messages_total", flow, stream)
        self._lag = gauge("overwatch_lag_messages", flow, stream)
        self._resident = gauge("overwatch_resident_bytes", flow)
        self._beat_at = 0.0
        self.idle()

    def read(self, messages: int, pending: int) -> None:
        """So many were read, and so many are waiting behind them."""
        if messages:
            self._read.inc(messages)
        self._beat(pending)

    def idle(self) -> None:
        """There was nothing to read."""
        self._beat(0)

    def lost(self, messages: int) -> None:
        """So many were discarded before they were read."""
        self._lost.inc(messages)

    def _beat(self, pending: int) -> None:
        now = time.monotonic()
        if now < self._beat_at:
            return
        self._beat_at = now + BEAT_SECONDS
        self._lag.set(pending)
        self._resident.set(resident_bytes())
        beat(self._flow)


class SinkMeter:
    """Messages published and puts made."""

    def __init__(self, flow: str) -> None:
        self._published = counter("overwatch_published_total", flow)

    def published(self, messages: int) -> None:
        if messages:
            self._published.inc(messages)


def resident_bytes() -> int:
    """Memory that this process holds; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE
    except OSError:
        return 0


class Count(NamedTuple):
    """One of the counters of ``connectors.metrics``, its labels, and by how much it goes up."""

    counter: str
    labels: tuple[str, ...]
    amount: int = 1


class CountSink(DynamicSink[Count]):
    """Count. At-least-once, as all figures of a process that can be killed."""

    @override
    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_CountPartition":
        return _CountPartition()


class _CountPartition(StatelessSinkPartition[Count]):
    @override
    def write_batch(self, items: list[Count]) -> None:
        for each in items:
            counter(each.counter, *each.labels).inc(each.amount)
