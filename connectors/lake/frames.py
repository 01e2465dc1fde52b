"""Rows as frames: what a flow hands over, packed for DuckDB.

Rows of one shape (the same columns filled) are packed together, so a wide and sparse
table costs what its filled cells cost. Frames reach DuckDB as Arrow streams; pyarrow,
with its 45 MB, is never loaded.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, count, repeat

import msgspec
import polars as pl

from connectors.lake.attach import LakeError
from connectors.tables import Table

Cell = float | int | bool | str | list[float] | list[int] | None

_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "JSON": pl.String(),
    "BOOLEAN": pl.Boolean(),
    "TINYINT": pl.Int8(),
    "SMALLINT": pl.Int16(),
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "FLOAT": pl.Float32(),
    "DOUBLE": pl.Float64(),
    "TIMESTAMP": pl.Datetime("us"),
    "BIGINT[]": pl.List(pl.Int64()),
    "DOUBLE[]": pl.List(pl.Float64()),
}


class Rows(msgspec.Struct, frozen=True, gc=False):
    """Rows of one shape that came from one stream.

    Args:
        table: where they belong.
        stream: where they came from; it fills the column of that name.
        columns: names of the cells. The table's other columns are NULL.
        rows: a tuple of cells each. A TIMESTAMP is in microseconds since 1970 UTC, JSON is
            its text.
        guarded: whether rows up to the sequence that is stored already are repetitions, to
            be dropped. Without, they are written as they are and leave no mark.
        same: cells that rows in turn have alike, by their columns; ``seq`` is here or there.
        runs: how many rows in turn each of those cells is of.
        copies: columns whose cells are those of another, by their names.
    """

    table: str
    stream: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    guarded: bool = True
    same: Mapping[str, Sequence[Cell]] = {}
    runs: Sequence[int] = ()
    copies: Mapping[str, str] = {}


def pack(table: Table, many: list[Rows]) -> pl.DataFrame:
    """Rows of one shape and stream as a frame with the columns that they have, and ``stream``.

    Raises:
        LakeError: names the table and the column that cannot hold what it was given.
    """
    first = many[0]
    if "seq" not in first.columns and "seq" not in first.same:
        raise LakeError(f"Rows for table {table.name} have no seq.")
    types = {column.name: column.type for column in table.columns}
    filled = zip(*chain.from_iterable([each.rows for each in many]), strict=True)
    series = [
        _series(table, types, name, each) for name, each in zip(first.columns, filled, strict=True)
    ]
    height = len(series[0])
    if first.same:
        runs = chain.from_iterable([each.runs for each in many])
        numbers = pl.Series(list(chain.from_iterable(map(repeat, count(), runs))))
        for name in first.same:
            cells = [*chain.from_iterable([each.same[name] for each in many])]
            series.append(_series(table, types, name, cells).gather(numbers))
    made = dict(zip(first.columns, series, strict=False))
    series += [made[of].alias(name) for name, of in first.copies.items()]
    # By series only: an expression would be planned and run by other threads, which takes longer.
    series.append(pl.Series("stream", [first.stream]).new_from_index(0, height))
    return pl.DataFrame(series)


def _series(table: Table, types: dict[str, str], name: str, cells: Sequence[Cell]) -> pl.Series:
    if name not in types:
        raise LakeError(f"Table {table.name} has no column {name}.")
    try:
        return pl.Series(name, cells, _TYPES[types[name]], strict=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise LakeError(
            f"Column {name} of table {table.name} cannot hold what it was given: {error}"
        ) from error
