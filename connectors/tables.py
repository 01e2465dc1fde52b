"""Tables of the lake, described once: how they are made, filled and documented.

Every row says which message it came from, by the ``stream`` and its sequence ``seq``
there: what is stored already is known by them. How old a row is, is told by its
``ts_ingest`` where it has one, for what happened long ago may have been stored today;
else by its table's first TIMESTAMP.
"""

import re
from dataclasses import dataclass

TYPES = frozenset(
    {
        "VARCHAR", "JSON", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT",
        "FLOAT", "DOUBLE", "TIMESTAMP", "BIGINT[]", "DOUBLE[]",
    }
)  # fmt: skip
ORIGIN = {"stream": "VARCHAR", "seq": "BIGINT"}
PROGRESS = "progress"
INGESTED = "ts_ingest"

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)
_PART = re.compile(r"(?:(?:year|month|day|hour)\((\w+)\)|(\w+))", re.ASCII)


@dataclass(frozen=True)
class Column:
    """A column.

    Args:
        name: lower case letters, digits and ``_``.
        type: one of ``TYPES``. TIMESTAMP is in UTC.
        description: what it says, kept in the lake as the column's comment.
        unit: UCUM code, empty where it has none.
    """

    name: str
    type: str
    description: str
    unit: str = ""

    def __post_init__(self) -> None:
        named(self.name)
        if self.type not in TYPES:
            raise ValueError(f"column {self.name!r} has type {self.type!r}, which is none of ours")

    @property
    def comment(self) -> str:
        return f"{self.description} [{self.unit}]" if self.unit else self.description


@dataclass(frozen=True)
class Table:
    """A table.

    Args:
        name: lower case letters, digits and ``_``.
        columns: among them those of ``ORIGIN``.
        partition_by: columns, or year, month, day or hour of them, with commas between.
        sort_by: columns, by which the rows of a commit are sorted.

    Raises:
        ValueError: it names what cannot be a table's.
    """

    name: str
    columns: tuple[Column, ...]
    partition_by: str | None = None
    sort_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if named(self.name) == PROGRESS:
            raise ValueError(f"the name {PROGRESS!r} is taken by the lake's own table")
        types = {column.name: column.type for column in self.columns}
        if len(types) < len(self.columns):
            raise ValueError(f"table {self.name!r} has two columns of one name")
        for name, type_ in ORIGIN.items():
            if types.get(name) != type_:
                raise ValueError(f"table {self.name!r} needs a column {name!r} of type {type_}")
        for name in (*self._partitioned(), *self.sort_by):
            if name not in types:
                raise ValueError(f"table {self.name!r} has no column {name!r} to be laid out by")

    def _partitioned(self) -> list[str]:
        names = []
        for part in self.partition_by.split(",") if self.partition_by else ():
            match = _PART.fullmatch(part.strip())
            if not match:
                raise ValueError(f"table {self.name!r} cannot be partitioned by {part.strip()!r}")
            names.append(match[1] or match[2])
        return names


def named(name: str) -> str:
    """The name, if it can be one of a table, view or column.

    Raises:
        ValueError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name: lower case letters, digits and _, at most 63")
    return name
