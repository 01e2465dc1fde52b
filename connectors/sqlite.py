"""A table of a SQLite database as a Bytewax sink: a row a key, and only ever a newer one."""

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from sqlite_utils import Database
from typing_extensions import override

BUSY_SECONDS, AGAIN_SECONDS = 10.0, 0.0005
TRIM_EVERY = 1000  # Rows written between two looks at whether there are too many.

Row = Mapping[str, Any]


class DatabaseUnusable(RuntimeError):
    """The database cannot be written; the message names it and says why."""


@dataclass(frozen=True)
class SqliteTable:
    """A table.

    Args:
        name: letters and ``_``, as those of the columns.
        columns: by name, the type of what they hold.
        key: the column that tells rows apart.
        newer: a column that must not go down: a row with less of it changes nothing.
        most: how many rows are kept, the newest; 0 for all.
    """

    name: str
    columns: Mapping[str, type]
    key: str
    newer: str = ""
    most: int = 0
    indexes: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def upsert(self) -> str:
        """The statement that writes a row, given by name."""
        names = list(self.columns)
        values = ", ".join(f":{name}" for name in names)
        changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != self.key)
        guard = f" WHERE excluded.{self.newer} >= {self.name}.{self.newer}" if self.newer else ""
        return (
            f"INSERT INTO {self.name} ({', '.join(names)}) VALUES ({values}) "  # noqa: S608
            f"ON CONFLICT ({self.key}) DO UPDATE SET {changes}{guard}"
        )


@dataclass(frozen=True)
class SqliteSink(FixedPartitionedSink[Row, None]):
    """Write rows into a table, a transaction a batch.

    Effectively once: what a replay writes again is the same row, and what is older than
    the row that stands changes nothing. Other processes may read and write the database.
    """

    path: Path
    table: SqliteTable

    @override
    def list_parts(self) -> list[str]:
        return [self.table.name]

    @override
    def part_fn(self, item_key: str) -> int:
        return 0

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Partition":
        return _Partition(self.path, self.table)


class _Partition(StatefulSinkPartition[Row, None]):
    def __init__(self, path: Path, table: SqliteTable) -> None:
        self._path = path
        self._table = table
        self._upsert = table.upsert
        self._untrimmed = TRIM_EVERY
        self._connection = open_database(path, table)

    @override
    def write_batch(self, values: list[Row]) -> None:
        try:
            with self._connection:
                self._connection.executemany(self._upsert, values)
                self._trim(len(values))
        except sqlite3.Error as error:
            raise DatabaseUnusable(f"{self._path} could not be written: {error}.") from error

    def _trim(self, written: int) -> None:
        if not self._table.most:
            return
        self._untrimmed += written
        if self._untrimmed < TRIM_EVERY:
            return
        self._untrimmed = 0
        name = self._table.name
        self._connection.execute(
            f"DELETE FROM {name} WHERE rowid <= (SELECT max(rowid) FROM {name}) - ?",  # noqa: S608
            (self._table.most,),
        )

    @override
    def snapshot(self) -> None:
        return None

    @override
    def close(self) -> None:
        self._connection.close()


def open_database(path: Path, table: SqliteTable) -> sqlite3.Connection:
    """A connection to the database, with the table and all of its columns in it.

    Made for its owner's eyes only. Commits survive a power cut.

    Raises:
        DatabaseUnusable: with the reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnusable(f"{path} cannot be opened: {error}.") from error
    try:
        _enable_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        # Of several that have looked first, only one could write: the others would fail at once.
        connection.execute("BEGIN IMMEDIATE")
        made = Database(connection).table(table.name)
        made.create(dict(table.columns), pk=table.key, if_not_exists=True)
        for name in table.columns.keys() - made.columns_dict.keys():
            made.add_column(name, table.columns[name])
        for index in table.indexes:
            made.create_index(list(index), if_not_exists=True)
        connection.commit()
    except sqlite3.Error as error:
        connection.close()
        raise DatabaseUnusable(f"{path} cannot be written: {error}.") from error
    return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction of a connection that waits for nobody itself: see ``impatient``.

    Others have the database for a moment at a time. SQLite would look for it ever more seldom,
    and somebody waits for what is written here.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(AGAIN_SECONDS)
        else:
            break
    with connection:
        yield


def impatient(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A connection that is told at once when another has the database."""
    connection.execute("PRAGMA busy_timeout = 0")
    return connection


def prepare(path: Path, *tables: SqliteTable) -> None:
    """Make the tables now: a sink makes its own only with its first row.

    Raises:
        DatabaseUnusable: with the reason.
    """
    for table in tables:
        open_database(path, table).close()


def read_rows(path: Path, sql: str, values: tuple[object, ...] = ()) -> list[dict[str, Any]]:
    """The rows of a query, over a connection of its own that cannot write."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as opened:
        opened.row_factory = sqlite3.Row
        return [dict(row) for row in opened.execute(sql, values)]


def _enable_wal(connection: sqlite3.Connection) -> None:
    """Several processes that open a new database at once are in each other's way for a moment."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
