"""Ends of graphs that know when the measurement is over."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.outputs import (
    DynamicSink,
    FixedPartitionedSink,
    StatefulSinkPartition,
    StatelessSinkPartition,
)
from typing_extensions import override

from connectors.jetstream import JetStreamSources, Message
from connectors.kv import Put
from connectors.projection import Projected, ProjectionSink


class Discard(DynamicSink[Any]):
    """Takes everything and keeps nothing."""

    @override
    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_Discard":
        return _Discard()


class _Discard(StatelessSinkPartition[Any]):
    @override
    def write_batch(self, items: list[Any]) -> None:
        pass


@dataclass
class Finish:
    """The last sequence of a stream, and when what derives from it was on record."""

    stream: str
    sequence: int
    at: float = field(default=0.0, init=False)


@dataclass(frozen=True)
class FinishingSink(FixedPartitionedSink[Projected, None]):
    """The bucket and the registry, until they have been told of the last sequence."""

    projection: ProjectionSink
    finish: Finish

    @override
    def list_parts(self) -> list[str]:
        return self.projection.list_parts()

    @override
    def part_fn(self, item_key: str) -> int:
        return self.projection.part_fn(item_key)

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_FinishingSink":
        part = self.projection.build_part(step_id, for_part, resume_state)
        return _FinishingSink(part, self.finish)


class _FinishingSink(StatefulSinkPartition[Projected, None]):
    def __init__(self, part: StatefulSinkPartition[Projected, None], finish: Finish) -> None:
        self._part = part
        self._finish = finish

    @override
    def write_batch(self, values: list[Projected]) -> None:
        self._part.write_batch(values)
        finish = self._finish
        if any(
            each.version.sequences.get(finish.stream) == finish.sequence
            for each in values
            if isinstance(each, Put)
        ):
            self._part.snapshot()  # On record, and not just on its way.
            finish.at = time.perf_counter()

    @override
    def snapshot(self) -> None:
        self._part.snapshot()

    @override
    def close(self) -> None:
        self._part.close()


@dataclass(frozen=True)
class UntilFinished(FixedPartitionedSource[Message, int]):
    """Streams that would go on for ever."""

    stream: JetStreamSources
    finish: Finish

    @override
    def list_parts(self) -> list[str]:
        return self.stream.list_parts()

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> "_UntilFinished":
        return _UntilFinished(self.stream.build_part(step_id, for_part, resume_state), self.finish)


class _UntilFinished(StatefulSourcePartition[Message, int]):
    def __init__(self, part: StatefulSourcePartition[Message, int], finish: Finish) -> None:
        self._part = part
        self._finish = finish

    @override
    def next_batch(self) -> Iterable[Message]:
        if self._finish.at:
            raise StopIteration
        return self._part.next_batch()

    @override
    def next_awake(self) -> datetime | None:
        return self._part.next_awake()

    @override
    def snapshot(self) -> int:
        return self._part.snapshot()

    @override
    def close(self) -> None:
        self._part.close()
