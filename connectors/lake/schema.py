"""Tables and views of the lake, compared with what they shall be and brought up to it.

Nothing is done where nothing has changed: each change of the schema keeps files written
before it from being merged with files written after.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from connectors.lake.attach import LakeError, literal
from connectors.lake.marks import SCHEMA
from connectors.tables import Table, named

# What a merge holds in memory is a row group, so these stay small, and however long the
# texts are; DuckDB's own size makes a merge of wide rows seven times slower in 256 MB.
OPTIONS = {
    "parquet_compression": "zstd",
    "target_file_size": "32000000B",
    "parquet_row_group_size": "20000",
    "parquet_row_group_size_bytes": "16000000B",
}


def lay_out(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    tables: tuple[Table, ...],
    views: Mapping[str, str],
) -> None:
    """Set the options, make or extend each table, and make or replace each view.

    Raises:
        LakeError: a column has another type already.
    """
    known = dict(
        connection.execute("SELECT option_name, value FROM ducklake_options('lake')").fetchall()
    )
    for name, value in OPTIONS.items():
        if known.get(name) != value.rstrip("B"):
            connection.execute(f"CALL lake.set_option({literal(name)}, {literal(value)})")
    connection.execute(SCHEMA)
    changed = [_table(connection, path, table) for table in tables]
    for name, query in views.items():
        if _differs(connection, named(name), query) or any(changed):
            connection.execute(f'CREATE OR REPLACE VIEW "{name}" AS {query}')


def _table(connection: duckdb.DuckDBPyConnection, path: Path, table: Table) -> bool:
    """Make or extend the table; whether anything was to be done."""
    known = dict(
        connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = 'lake' AND table_name = ?",
            [table.name],
        ).fetchall()
    )
    missing = [column for column in table.columns if column.name not in known]
    for column in table.columns:
        if known.get(column.name, column.type) != column.type:
            raise LakeError(
                f"Column {column.name} of table {table.name} in the lake at {path} is "
                f"{known[column.name]}, and cannot become {column.type}: give it another name."
            )
    if not known:
        columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
        if table.partition_by:
            connection.execute(
                f'ALTER TABLE "{table.name}" SET PARTITIONED BY ({table.partition_by})'
            )
    else:
        for column in missing:
            connection.execute(
                f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {column.type}'
            )
    for column in missing:
        connection.execute(
            f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS {literal(column.comment)}'
        )
    return bool(missing)


def _differs(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> bool:
    """Whether the lake's view is not this one, in DuckDB's own spelling of both."""
    connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {query}')
    spelled = dict(
        connection.execute(
            "SELECT database_name, regexp_replace(sql, '^CREATE (TEMP )?', '') "
            "FROM duckdb_views() WHERE view_name = ?",
            [name],
        ).fetchall()
    )
    connection.execute(f'DROP VIEW temp."{name}"')
    return bool(spelled.get("lake") != spelled["temp"])
