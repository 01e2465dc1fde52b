"""Receivers of AIS and ADS-B as a Bytewax source."""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override

from connectors.receivers.heard import Heard
from connectors.receivers.link import Link, Receiver

PARTITION = "receivers"
GATHER = timedelta(milliseconds=20)


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
                stack.enter_context(closing(Link(each, source.flow, source.clock)))
                for each in source.receivers
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
