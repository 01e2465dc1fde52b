"""The lake as a Bytewax sink: all tables of an epoch in one transaction."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from connectors.lake.attach import LakeError, resolve
from connectors.lake.buffer import Buffer
from connectors.lake.epoch import AT_ONCE, Ahead, Epoch
from connectors.lake.frames import Rows
from connectors.lake.marks import Marks, read_marks
from connectors.lake.transaction import Writer
from connectors.tables import Table


class LakeBehind(LakeError):
    """The lake ends before what the flow had already stored: it is not the same lake."""


@dataclass(frozen=True)
class LakeSink(FixedPartitionedSink[Rows, Marks]):
    """Append rows to tables of the lake. Key them by stream.

    Effectively once: rows are committed with the last sequence of each table and stream,
    durably, before their epoch is recorded; when an epoch is played again, rows up to that
    sequence are dropped. All rows that derive from a message have to come in its epoch,
    in any order.

    Args:
        root: the lake's folder; ``create`` has made it.
        tables: those that rows may go to.
        parts: among how many workers streams are divided; each commits on its own.
        memory_limit: of DuckDB, for each part.
    """

    root: str | Path | None
    tables: tuple[Table, ...]
    parts: int = 1
    memory_limit: str = "128MB"

    @override
    def list_parts(self) -> list[str]:
        return [str(part) for part in range(self.parts)]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: Marks | None) -> "_Part":
        return _Part(self, resume_state or {})


class _Part(StatefulSinkPartition[Rows, Marks]):
    def __init__(self, sink: LakeSink, resumed: Marks) -> None:
        path = resolve(sink.root)
        self._writer = Writer(path, memory_limit=sink.memory_limit)
        self._tables = {table.name: table for table in sink.tables}
        self._buffer = Buffer(self._tables, path / "catalog")
        self._ahead = Ahead(self._writer, self._tables)
        self._marks = resumed
        stored = read_marks(self._writer.connection)
        for (table, stream), last in resumed.items():
            if stored.get((table, stream), -1) < last:
                self.close()
                raise LakeBehind(
                    f"The lake at {path} has {table} of {stream} up to "
                    f"{stored.get((table, stream), 'nothing')}, but {last} had been stored: it "
                    "was replaced. Restore it, or remove the flow's recovery folder to store "
                    "again what the stream still has."
                )

    @override
    def write_batch(self, values: list[Rows]) -> None:
        for rows in values:
            self._buffer.add(rows)
        for batch, frames in self._buffer.take(AT_ONCE):
            self._ahead.insert(batch, frames)

    @override
    def snapshot(self) -> Marks:
        if not self._buffer.empty:
            begun = self._ahead.settled()
            self._marks = self._marks | self._writer.transaction(
                partial(self._store, [begun] if begun else []), begun=begun is not None
            )
            self._buffer.clear()
        return self._marks

    @override
    def close(self) -> None:
        self._ahead.close()
        self._buffer.clear()
        self._writer.close()

    def _store(self, begun: list[Epoch], connection: duckdb.DuckDBPyConnection) -> Marks:
        """Store all rows; what has begun already is gone on with, but only once."""
        pieces = self._buffer.batches(rest=bool(begun))
        epoch = begun.pop() if begun else Epoch(connection, self._tables)
        for batch, frames in pieces:
            epoch.insert(batch, frames)
        return epoch.finish()
