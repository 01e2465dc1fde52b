"""Maintenance: what is too old deleted, small files merged, what nobody reads removed.

Each step is a transaction of its own, so flows that write beside it wait for a moment
at most, and readers never notice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from connectors.lake.attach import LakeError, literal, resolve
from connectors.lake.transaction import Writer
from connectors.tables import INGESTED

# Longer than any query: a reader keeps what its statement began with.
KEEP = timedelta(hours=1)
# Longer than any transaction: files of writers that were killed belong to nobody.
ORPHANED = timedelta(days=1)
# Of a merge; what it holds in memory and may have to do again is no more than that.
ONE_FILE = ", max_compacted_files => 1"


@dataclass(frozen=True)
class Maintained:
    """What was done."""

    rows_deleted: int
    files_merged: int
    files_made: int
    files_removed: int

    def __str__(self) -> str:
        return (
            f"{self.rows_deleted} rows deleted, {self.files_merged} files merged into "
            f"{self.files_made}, {self.files_removed} files removed"
        )


def maintain(
    root: str | Path | None = None,
    retention: timedelta | Mapping[str, timedelta] | None = None,
    *,
    keep: timedelta = KEEP,
    orphaned: timedelta = ORPHANED,
    memory_limit: str = "128MB",
) -> Maintained:
    """Delete rows that are too old, merge small files, remove files that nothing names.

    One process at a time; flows may write and readers read meanwhile.

    Args:
        root: the lake's folder.
        retention: how long rows are kept at least: all alike, or by table, where others are
            kept. They go by the day (UTC) on which they were stored, where they tell.
        keep: how long the state before a change stays readable.
        orphaned: age of files that no commit names, before they are removed.
        memory_limit: of DuckDB; a merge that needs more goes by way of the disk.

    Raises:
        LakeMissing: there is no lake.
        LakeError: it cannot be written, or ``retention`` names what is no table of it.
    """
    now = datetime.now(UTC)
    writer = Writer(resolve(root), memory_limit=memory_limit)
    try:
        deleted = 0
        for table, columns, age in _aged(writer, retention):
            deleted += writer.transaction(_delete(table, columns, _midnight(now - age)))
        writer.transaction(_call("flush_inlined_data", "rows_flushed"))
        files = "files_processed, files_created"
        merged = writer.transaction(_call("rewrite_data_files", files))
        while made := writer.transaction(_call("merge_adjacent_files", files, ONE_FILE)):
            merged += made
        writer.transaction(lambda connection: _expire(connection, now - keep))
        writer.transaction(_spell_times)
        removed = writer.transaction(_call("cleanup_old_files", "path", _before(now - keep)))
        removed += writer.transaction(
            _call("delete_orphaned_files", "path", _before(now - orphaned))
        )
    finally:
        writer.close()
    return Maintained(
        deleted, sum(row[0] for row in merged), sum(row[1] for row in merged), len(removed)
    )


def _aged(
    writer: Writer, retention: timedelta | Mapping[str, timedelta] | None
) -> list[tuple[str, list[str], timedelta]]:
    """Table, columns of which the first that is filled tells the age, and when rows go."""
    times: dict[str, list[str]] = {}
    for table, column in writer.connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = 'lake' AND data_type = 'TIMESTAMP' AND table_name IN "
        "(SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake') "
        "ORDER BY table_name, column_name <> ?, column_index",
        [INGESTED],
    ).fetchall():
        times.setdefault(table, []).append(column)
    if isinstance(retention, timedelta):
        retention = dict.fromkeys(times, retention)
    for table in retention or {}:
        if table not in times:
            raise LakeError(f"The lake at {writer.path} has no table {table!r} with times.")
    return [(table, _telling(times[table]), age) for table, age in (retention or {}).items()]


def _telling(columns: list[str]) -> list[str]:
    """A table's first time is always told; when a row was stored, only since that is kept."""
    return columns[:2] if columns[0] == INGESTED else columns[:1]


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _delete(
    table: str, columns: list[str], before: datetime
) -> Callable[[duckdb.DuckDBPyConnection], int]:
    first, *others = columns
    # All names are the catalog's own by now. Rows of before there was such a column lack it.
    aged = f'"{first}" < $1'
    for other in others:
        aged += f' OR ("{first}" IS NULL AND "{other}" < $1)'
    statement = f'DELETE FROM "{table}" WHERE {aged}'  # noqa: S608

    def work(connection: duckdb.DuckDBPyConnection) -> int:
        found = connection.execute(statement, [before.replace(tzinfo=None)]).fetchone()
        return int(found[0]) if found else 0

    return work


def _call(
    function: str, columns: str, options: str = ""
) -> Callable[[duckdb.DuckDBPyConnection], list[tuple[Any, ...]]]:
    """One of DuckLake's functions on the lake, and these columns of what it says."""
    statement = f"SELECT {columns} FROM ducklake_{function}('lake'{options})"  # noqa: S608

    def work(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = connection.execute(statement).fetchall()
        return rows

    return work


def _before(moment: datetime) -> str:
    return f", older_than => TIMESTAMPTZ {literal(moment.isoformat())}"


def _expire(connection: duckdb.DuckDBPyConnection, before: datetime) -> None:
    """Forget snapshots, by number: by time DuckLake would forget those of today as well.

    In a SQLite catalog times are text, with a blank before the hour. DuckLake compares them
    with text that has a ``T`` there, which comes after every blank of the same day.
    """
    versions = connection.execute(
        "SELECT snapshot_id FROM ducklake_snapshots('lake') "
        "WHERE snapshot_time < to_timestamp(?) ORDER BY snapshot_id",
        [before.timestamp()],
    ).fetchall()
    newest = connection.execute("SELECT id FROM ducklake_current_snapshot('lake')").fetchall()
    old = [version for (version,) in versions if (version,) not in newest]
    if old:
        connection.execute(
            "SELECT snapshot_id FROM ducklake_expire_snapshots('lake', versions => ?)", [old]
        ).fetchall()


def _spell_times(connection: duckdb.DuckDBPyConnection) -> None:
    """Give times of removed files the ``T`` for which DuckLake looks; here it takes no numbers."""
    connection.execute(
        "UPDATE __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion "
        "SET schedule_start = strftime(schedule_start::TIMESTAMPTZ, '%Y-%m-%dT%H:%M:%S.%f+00') "
        "WHERE schedule_start LIKE '% %'"
    )
