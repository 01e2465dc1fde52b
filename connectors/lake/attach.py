"""A connection to the lake.

Extensions are loaded by path out of installed packages and nothing else is ever
fetched: DuckDB checks their signature, and the box may have no network.
"""

import importlib.util
import os
from pathlib import Path
from typing import Any

import duckdb

# Small enough for one of several processes of a small box; more spills to disk.
SMALL: dict[str, str | int | bool] = {"threads": 1, "memory_limit": "256MB"}
OFFLINE: dict[str, str | int | bool] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
BUSY_MS = 5000


class LakeError(RuntimeError):
    """The lake cannot be used: says why, and names the path."""


class LakeMissing(LakeError):
    """There is no lake where one was looked for."""


def connect(
    root: str | Path | None = None, *, read_only: bool = True, **config: str | int | bool
) -> duckdb.DuckDBPyConnection:
    """Connect to the lake, ready for queries that name its tables and views.

    Each statement sees the newest commit. Readers need write permission on the
    folder ``catalog``, as every reader of a SQLite database with a write-ahead log.

    Args:
        root: the lake's folder; without it, ``lake`` in ``OVERWATCH_DATA_DIR``.
        read_only: refuse to write.
        config: DuckDB's settings, such as ``threads=2, memory_limit="1GB"``. Set here and not
            afterwards, more threads still give rows in the order in which they are stored.

    Raises:
        LakeMissing: it has not been made yet.
        LakeError: it is there, but cannot be opened.
    """
    path = resolve(root)
    if not catalog(path).exists():
        raise LakeMissing(
            f"There is no lake at {path}. Start the flows, which make it, or set "
            "OVERWATCH_DATA_DIR to the folder that has it."
        )
    return attach(path, catalog(path), read_only=read_only, **config)


def narrow(connection: duckdb.DuckDBPyConnection, **only: str) -> duckdb.DuckDBPyConnection:
    """The same connection, which from now on shows the rows alone whose columns have these values.

    Tables and views that have the columns are found by their names as before, others are not.
    """
    found = connection.execute(
        "SELECT table_name FROM duckdb_columns() WHERE database_name = 'lake'"
        " AND schema_name = 'main' AND list_contains(?, column_name)"
        " GROUP BY table_name HAVING count(*) = ?",
        [list(only), len(only)],
    ).fetchall()
    where = " AND ".join(f'"{name}" = {literal(value)}' for name, value in only.items())
    connection.execute("USE memory")
    for (name,) in found:
        rows = f'SELECT * FROM lake.main."{name}" WHERE {where}'  # noqa: S608  (values are literals)
        connection.execute(f'CREATE VIEW memory.main."{name}" AS {rows}')
    return connection


def resolve(root: str | Path | None) -> Path:
    """The folder of the lake."""
    if root is None:
        root = Path(os.environ.get("OVERWATCH_DATA_DIR") or "data") / "lake"
    return Path(root).resolve()


def catalog(path: Path) -> Path:
    """The database that says which files make up which table."""
    return path / "catalog" / "lake.sqlite"


def attach(
    path: Path, database: Path, *, read_only: bool, **config: str | int | bool
) -> duckdb.DuckDBPyConnection:
    """Attach a catalog of the lake, which is made where there is none and writing is allowed."""
    spill = {"temp_directory": str(path / "catalog" / "spill")}
    settings: dict[str, Any] = {**SMALL, **spill, **config, **OFFLINE}
    # Without the order of rows to keep, a writer can end a row group by its bytes, and a reader
    # who tries to write gets as far as being told that it may not. One thread keeps it anyhow.
    if not read_only or settings["threads"] == 1:
        settings["preserve_insertion_order"] = False
    connection = duckdb.connect(config=settings)
    try:
        for name in ("sqlite_scanner", "ducklake"):
            connection.execute(f"LOAD {literal(_extension(name))}")
        connection.execute(
            f"ATTACH {literal(f'ducklake:sqlite:{database}')} AS lake ("
            # The catalog knows where it was made, but a lake may be moved or mounted elsewhere.
            f"DATA_PATH {literal(f'{path}/data/')}, OVERRIDE_DATA_PATH true, "
            f"META_JOURNAL_MODE 'WAL', "
            f"META_BUSY_TIMEOUT {BUSY_MS}{', READ_ONLY' if read_only else ''})"
        )
        connection.execute("USE lake")
        # DuckLake writes times into the catalog in this zone, and compares them as text.
        connection.execute("SET TimeZone = 'UTC'")
    except duckdb.Error as error:
        connection.close()
        raise LakeError(f"The lake at {path} cannot be opened: {sentence(error)}") from error
    return connection


def literal(text: str) -> str:
    """The text as a string of SQL, where a parameter cannot stand."""
    return "'" + text.replace("'", "''") + "'"


def sentence(error: Exception) -> str:
    """The first line of what an error says."""
    return str(error).partition("\n")[0]


def _extension(name: str) -> str:
    package = f"duckdb_extension_{name}"
    found = importlib.util.find_spec(package)
    folders = (found.submodule_search_locations if found else None) or ()
    for folder in folders:
        for file in Path(folder).glob(f"extensions/v{duckdb.__version__}/**/*.duckdb_extension"):
            return str(file)
    raise LakeError(
        f"DuckDB {duckdb.__version__} cannot open a lake without its extension {name}: install "
        f"{package.replace('_', '-')}=={duckdb.__version__}."
    )
