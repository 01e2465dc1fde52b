"""Rows of several tables of a SQLite database, and how far a stream is in them, as one sink.

What is written together is there together, for whoever reads: rows of a batch and the mark
behind them are one transaction. Effectively once, as ``SqliteSink`` is.
"""

import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from connectors.projection import PROJECTIONS, Record
from connectors.sqlite import (
    TRIM_EVERY,
    DatabaseUnusable,
    SqliteTable,
    impatient,
    open_database,
    writing,
)


class Sweep(msgspec.Struct, frozen=True):
    """That no table has a row any more in which a column has a value."""

    column: str
    value: str


class Cut(msgspec.Struct, frozen=True):
    """That a table has no row with a value in a column that is newer than a number."""

    table: str
    column: str
    value: str
    newer: str
    number: int


class Prune(msgspec.Struct, frozen=True):
    """That of the rows with these values a table has only those with some others in a column."""

    table: str
    where: dict[str, str]
    column: str
    kept: list[str]


class Mark(msgspec.Struct, frozen=True):
    """All that follows from the stream up to this sequence came before this."""

    sequence: int


Entry = Record | Sweep | Cut | Prune | Mark


@dataclass(frozen=True)
class LedgerSink(FixedPartitionedSink[Entry, None]):
    """Write rows and the mark.

    Args:
        path: of the database.
        tables: of it that are written.
        swept: those of them of which rows are taken away.
        name: of the mark, in the table ``projections``.
        last: the last sequence of the stream: a mark behind that is of another stream.
    """

    path: Path
    tables: tuple[SqliteTable, ...]
    swept: tuple[SqliteTable, ...]
    name: str
    last: int

    @override
    def list_parts(self) -> list[str]:
        return [self.name]

    @override
    def part_fn(self, item_key: str) -> int:
        return 0

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Partition":
        return _Partition(self)


class _Partition(StatefulSinkPartition[Entry, None]):
    def __init__(self, sink: LedgerSink) -> None:
        self._sink = sink
        every = (*sink.tables, PROJECTIONS)
        self._upserts = {table.name: table.upsert for table in every}
        self._most = {table.name: table.most for table in sink.tables if table.most}
        self._untrimmed = TRIM_EVERY
        with ExitStack() as stack:
            for table in every:
                self._connection = open_database(sink.path, table)
                if table is not PROJECTIONS:
                    self._connection.close()
            stack.callback(self._connection.close)
            with writing(impatient(self._connection)):
                # Of a stream that was made anew nothing is in there.
                self._connection.execute(
                    "DELETE FROM projections WHERE projection = ? AND sequence > ?",
                    (sink.name, sink.last),
                )
            self._opened = stack.pop_all()

    @override
    def write_batch(self, values: list[Entry]) -> None:
        mark = 0
        try:
            with writing(self._connection):
                for each in values:
                    match each:
                        case Record():
                            self._connection.execute(self._upserts[each.table], each.row)
                        case Sweep():
                            self._sweep(each)
                        case Cut():
                            self._cut(each)
                        case Prune():
                            self._prune(each)
                        case Mark():
                            mark = max(mark, each.sequence)
                if mark:
                    row = {"projection": self._sink.name, "sequence": mark}
                    self._connection.execute(self._upserts[PROJECTIONS.name], row)
                self._trim(len(values))
        except sqlite3.Error as error:
            raise DatabaseUnusable(f"{self._sink.path} could not be written: {error}.") from error

    def _sweep(self, sweep: Sweep) -> None:
        for table in self._sink.swept:
            self._connection.execute(
                f"DELETE FROM {table.name} WHERE {sweep.column} = ?",  # noqa: S608  (declared)
                (sweep.value,),
            )

    def _cut(self, cut: Cut) -> None:
        self._connection.execute(
            f"DELETE FROM {cut.table} WHERE {cut.column} = ? AND {cut.newer} > ?",  # noqa: S608
            (cut.value, cut.number),
        )

    def _prune(self, prune: Prune) -> None:
        among = " AND ".join(f"{column} = ?" for column in prune.where)
        kept = msgspec.json.encode(prune.kept).decode()
        self._connection.execute(
            f"DELETE FROM {prune.table} WHERE {among}"  # noqa: S608  (all are declared)
            f" AND {prune.column} NOT IN (SELECT value FROM json_each(?))",
            (*prune.where.values(), kept),
        )

    def _trim(self, written: int) -> None:
        self._untrimmed += written
        if self._untrimmed < TRIM_EVERY:
            return
        self._untrimmed = 0
        for name, most in self._most.items():
            self._connection.execute(
                f"DELETE FROM {name} WHERE rowid <= (SELECT max(rowid) FROM {name}) - ?",  # noqa: S608
                (most,),
            )

    @override
    def snapshot(self) -> None:
        return None

    @override
    def close(self) -> None:
        self._opened.close()
