"""Two tables, and what a message of a made-up stream writes to them."""

from connectors.lake.frames import Rows
from connectors.tables import Column, Table

NOON_US = 1_790_000_000_000_000
SECOND_US = 1_000_000

SAMPLE = Table(
    "sample",
    (
        Column("stream", "VARCHAR", "where the message was"),
        Column("seq", "BIGINT", "which it was there"),
        Column("ts", "TIMESTAMP", "when it was heard"),
        Column("speed", "DOUBLE", "how fast", "m/s"),
        Column("note", "VARCHAR", "what it says"),
    ),
    partition_by="year(ts), month(ts), day(ts)",
    sort_by=("ts",),
)
PART = Table(
    "part",
    (
        Column("stream", "VARCHAR", "where the message was"),
        Column("seq", "BIGINT", "which it was there"),
        Column("number", "INTEGER", "which part of the message"),
    ),
)
TABLES = (SAMPLE, PART)


def parts_of(sequence: int) -> int:
    """How many rows of ``part`` a message makes; some make none."""
    return sequence % 3


def rows_of(stream: str, sequence: int) -> list[Rows]:
    """All rows of a message: of two shapes in one table, and several in the other."""
    ts = NOON_US + sequence * SECOND_US
    shape, cell = ("speed", sequence / 2) if sequence % 2 else ("note", f"number {sequence}")
    parts = [(sequence, number) for number in range(parts_of(sequence))]
    return [
        Rows("sample", stream, ("seq", "ts", shape), [(sequence, ts, cell)]),
        Rows("part", stream, ("seq", "number"), parts),
    ]
