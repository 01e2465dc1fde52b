"""The lake as a Bytewax sink: all tables of an epoch in one transaction."""

import math
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from connectors.lake.attach import LakeError, resolve
from connectors.lake.buffer import Buffer
from connectors.lake.frames import Rows
from connectors.lake.marks import Marks, read_marks, write_marks
from connectors.lake.transaction import Writer
from connectors.tables import Table

# What goes to DuckDB at once, as it sits there in full width: rows, and bytes. Much more would
# not fit into its memory; much less it would keep in the catalog, and until then in memory.
AT_ONCE = 20_000
AT_ONCE_BYTES = 16_000_000


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
        self._marks = resumed
        stored = read_marks(self._writer.connection)
        for (table, stream), last in resumed.items():
            if stored.get((table, stream), -1) < last:
                self._writer.close()
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

    @override
    def snapshot(self) -> Marks:
        if not self._buffer.empty:
            self._marks = self._marks | self._writer.transaction(self._append)
            self._buffer.clear()
        return self._marks

    @override
    def close(self) -> None:
        self._buffer.clear()
        self._writer.close()

    def _append(self, connection: duckdb.DuckDBPyConnection) -> Marks:
        stored = read_marks(connection)
        newest: Marks = {}
        for batch, frame in self._buffer.batches():
            fresh = frame
            if batch.guarded:
                mark = (batch.table, batch.stream)
                fresh = frame.filter(pl.col("seq") > stored.get(mark, -1))
                if fresh.is_empty():
                    continue
                newest[mark] = max(newest.get(mark, -1), *fresh.select(pl.max("seq")).row(0))
            order = [name for name in self._tables[batch.table].sort_by if name in fresh.columns]
            fresh = fresh.sort(order) if order else fresh
            for piece in fresh.iter_slices(_at_once(fresh)):
                _insert(connection, batch.table, piece)
        write_marks(connection, newest)
        return newest


def _at_once(frame: pl.DataFrame) -> int:
    """Rows of each piece, all about alike, so that none is so small as to be kept in memory."""
    wide = int(frame.estimated_size()) // frame.height + 1
    pieces = math.ceil(frame.height / min(AT_ONCE, max(1, AT_ONCE_BYTES // wide)))
    return math.ceil(frame.height / pieces)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    # The stream and not the frame: of a frame DuckDB would ask pyarrow.
    connection.register("batch", frame.__arrow_c_stream__())
    try:
        connection.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM batch')  # noqa: S608
    finally:
        connection.unregister("batch")
