"""States, rows and how far a stream is projected into both, as one Bytewax sink.

Who has written an event waits until its sequence is reached: then what follows from it is in
the bucket and in the database, whoever reads them. So the mark is written with the rows, in
one transaction, after the bucket has answered.

Of two that come out of order the bucket's versions decide, for rows as well: a row that is
behind what the bucket knows of its key changes nothing, and no replay brings one back.
"""

import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from connectors.jetstream import last_sequence
from connectors.kv import KvSink, Purge, Put, Version
from connectors.reached import Reached
from connectors.sqlite import DatabaseUnusable, Row, SqliteTable, impatient, open_database, writing

PROJECTIONS = SqliteTable(
    "projections", {"projection": str, "sequence": int}, key="projection", newer="sequence"
)


class Record(msgspec.Struct, frozen=True):
    """A row of a table; with a version it is not written over what is newer of its key."""

    table: str
    row: Row
    key: str = ""
    version: Version | None = None


class Removal(msgspec.Struct, frozen=True):
    """That a table has no row of a key any more."""

    table: str
    key: str
    version: Version


class Forget(msgspec.Struct, frozen=True):
    """That nothing older can come of a key that was purged."""

    key: str


class Awaited(msgspec.Struct, frozen=True):
    """Sequences that have been read, in their order; each of them is done sometime."""

    sequences: tuple[int, ...]


class Done(msgspec.Struct, frozen=True):
    """All that follows from the message of this sequence came before this."""

    sequence: int


Projected = Put | Purge | Record | Removal | Forget | Awaited | Done


@dataclass(frozen=True)
class ProjectionSink(FixedPartitionedSink[Projected, None]):
    """Write states, rows and the mark. Effectively once, as ``KvSink`` and ``SqliteSink`` are.

    Args:
        bucket: takes the states.
        path: of the database.
        tables: of it that are written.
        name: of the projection, in the table ``projections``.
        stream: whose sequences are awaited.
    """

    bucket: KvSink
    path: Path
    tables: tuple[SqliteTable, ...]
    name: str
    stream: str

    @override
    def list_parts(self) -> list[str]:
        return self.bucket.list_parts()

    @override
    def part_fn(self, item_key: str) -> int:
        return 0

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Partition":
        return _Partition(self, step_id, for_part)


class _Partition(StatefulSinkPartition[Projected, None]):
    def __init__(self, sink: ProjectionSink, step_id: str, for_part: str) -> None:
        self._path = sink.path
        self._name = sink.name
        self._upserts = {table.name: table.upsert for table in (*sink.tables, PROJECTIONS)}
        self._keys = {table.name: table.key for table in sink.tables}
        self._reached = Reached()
        last = last_sequence(sink.bucket.server, sink.stream)
        with ExitStack() as stack:
            self._states = sink.bucket.build_part(step_id, for_part, None)
            stack.callback(self._states.close)
            for table in (*sink.tables, PROJECTIONS):
                self._connection = open_database(sink.path, table)
                if table is not PROJECTIONS:
                    self._connection.close()
            stack.callback(self._connection.close)
            with writing(impatient(self._connection)):
                # Of a stream that was made anew nothing is projected.
                self._connection.execute(
                    "DELETE FROM projections WHERE projection = ? AND sequence > ?",
                    (sink.name, last),
                )
            self._opened = stack.pop_all()
        self._mark = 0

    @override
    def write_batch(self, values: list[Projected]) -> None:
        states = [each for each in values if isinstance(each, Put | Purge)]
        if states:
            self._states.write_batch(states)
        if len(states) < len(values):
            self._write([each for each in values if not isinstance(each, Put | Purge)])

    def _write(self, values: list[Record | Removal | Forget | Awaited | Done]) -> None:
        changes: list[Record | Removal] = []
        for each in values:
            match each:
                case Awaited():
                    self._reached.awaits(each.sequences)
                case Done():
                    self._reached.does(each.sequence)
                case Forget():
                    self._states.forget(each.key)
                case _:
                    if each.version is None or not self._states.is_behind(each.key, each.version):
                        changes.append(each)
        mark = self._reached.sequence
        if mark > self._mark:
            self._states.snapshot()
            changes.append(Record(PROJECTIONS.name, {"projection": self._name, "sequence": mark}))
        if not changes:
            return
        try:
            with writing(self._connection):
                for change in changes:
                    self._change(change)
        except sqlite3.Error as error:
            raise DatabaseUnusable(f"{self._path} could not be written: {error}.") from error
        self._mark = max(mark, self._mark)

    def _change(self, change: Record | Removal) -> None:
        if isinstance(change, Record):
            self._connection.execute(self._upserts[change.table], change.row)
            return
        key = self._keys[change.table]
        self._connection.execute(
            f"DELETE FROM {change.table} WHERE {key} = ?",  # noqa: S608  (both are declared)
            (change.key,),
        )

    @override
    def snapshot(self) -> None:
        self._states.snapshot()

    @override
    def close(self) -> None:
        self._opened.close()
