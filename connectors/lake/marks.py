"""How far each table has come in each stream: the last sequence whose rows are stored."""

from pathlib import Path

import duckdb

from connectors.lake.attach import LakeMissing, connect

# (table, stream) to the last sequence.
Marks = dict[tuple[str, str], int]

SCHEMA = "CREATE TABLE IF NOT EXISTS progress (sink VARCHAR, stream VARCHAR, last_seq BIGINT)"


def progress(root: str | Path | None = None) -> Marks:
    """The last sequence stored, by table and stream.

    Raises:
        LakeMissing: there is no lake, or it is only being made.
    """
    # Else DuckDB takes names of tables that are not there for those of Python.
    connection = connect(root, python_enable_replacements=False)
    try:
        return read_marks(connection)
    except duckdb.CatalogException as error:
        raise LakeMissing("The lake has no tables yet: the flows are making them.") from error
    finally:
        connection.close()


def read_marks(connection: duckdb.DuckDBPyConnection) -> Marks:
    """The marks as this connection's transaction sees them."""
    rows = connection.execute("SELECT sink, stream, last_seq FROM progress").fetchall()
    return {(sink, stream): last for sink, stream, last in rows}


def write_marks(connection: duckdb.DuckDBPyConnection, marks: Marks) -> None:
    """Set marks. Of two who set the same one at once, only the first can commit."""
    if not marks:
        return
    # Each statement on a lake has its price, whatever it does: two for all marks.
    names = ", ".join("(?, ?)" for _ in marks)
    rows = ", ".join("(?, ?, ?)" for _ in marks)
    keys = [part for key in marks for part in key]
    cells = [cell for key, last in marks.items() for cell in (*key, last)]
    connection.execute(f"DELETE FROM progress WHERE (sink, stream) IN ({names})", keys)  # noqa: S608
    connection.execute(f"INSERT INTO progress VALUES {rows}", cells)  # noqa: S608
