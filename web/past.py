"""What an entity had said by a moment that has been: the last of each signal, as recorded.

A moment is microseconds since 1970, UTC. Whose it is, is asked with every question.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from flows.ontology.signals import SIGNALS, Value

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# So many of the last times at which somebody spoke tell how often that is.
MOST_WORDS = 64
MOST_OTHERS = 256
COLUMNS: Mapping[str, str] = {signal.path: signal.column for signal in SIGNALS}

_FROM = (
    " FROM telemetry WHERE org_id = ? AND entity_id = ?"
    " AND ts <= make_timestamp(?) AND ts > make_timestamp(?)"
)
_LAST = (
    "SELECT "
    + ", ".join(
        f"epoch_us(max(CASE WHEN {column} IS NOT NULL THEN ts END))" for column in COLUMNS.values()
    )
    + _FROM
)
_LAST_OTHERS = (
    "SELECT path, epoch_us(max(ts)) AS said FROM (SELECT ts, unnest(json_keys(others)) AS path"  # noqa: S608
    f"{_FROM} AND others IS NOT NULL) GROUP BY path ORDER BY said DESC LIMIT {MOST_OTHERS}"
)
_WORDS = (
    f"SELECT message_type, source, recorded, max(epoch_us(ts), {MOST_WORDS}){_FROM}"
    " GROUP BY message_type, source, recorded"
)
_SAYING = "seq", "epoch_us(ts)", "message_type", "source", "others"


class Asked(msgspec.Struct, frozen=True):
    """Whose past, until when, and from when on what was said counts."""

    organization: str
    entity_id: str
    at_us: int
    since_us: int

    @property
    def values(self) -> list[object]:
        return [self.organization, self.entity_id, self.at_us, self.since_us]


class Word(msgspec.Struct, frozen=True):
    """The last that was said of a signal: what, when, and by which message."""

    value: Value
    seen_us: int
    message: str
    source: str
    sequence: int


class Past(msgspec.Struct, frozen=True):
    """All that had been said; ``heard`` has the last times of each message and source."""

    words: dict[str, Word] = msgspec.field(default_factory=dict)
    heard: dict[tuple[str, str], list[int]] = msgspec.field(default_factory=dict)
    recorded: bool = False


def past(connection: "DuckDBPyConnection", asked: Asked) -> Past:
    """What an entity had said by then."""
    spoken = connection.execute(_WORDS, asked.values).fetchall()
    if not spoken:
        return Past()
    last = connection.execute(_LAST, asked.values).fetchone() or ()
    times = {path: us for path, us in zip(COLUMNS, last, strict=True) if us is not None}
    times |= dict(connection.execute(_LAST_OTHERS, asked.values).fetchall())
    heard: dict[tuple[str, str], list[int]] = {}
    for message, source, _, words in spoken:
        who = message or "", source or ""
        heard[who] = sorted([*heard.get(who, ()), *words])
    newest = max(spoken, key=lambda row: max(row[3]))
    return Past(
        _words(connection, asked, times),
        heard,
        bool(newest[2]),
    )


def _words(
    connection: "DuckDBPyConnection", asked: Asked, times: dict[str, int]
) -> dict[str, Word]:
    """Read what was said at these times; of what was said twice in one, the later."""
    columns = [path for path in times if path in COLUMNS]
    rows = connection.execute(
        f"SELECT {', '.join((*_SAYING, *(COLUMNS[path] for path in columns)))}{_FROM}"
        " AND ts IN (SELECT make_timestamp(unnest(?::BIGINT[]))) ORDER BY ts, seq, rowid",
        [*asked.values, sorted(set(times.values()))],
    ).fetchall()
    words: dict[str, Word] = {}
    for row in rows:
        sequence, seen_us, message, source, others = row[: len(_SAYING)]
        said: dict[str, Any] = dict(zip(columns, row[len(_SAYING) :], strict=True))
        for path, value in {**said, **decoded(others)}.items():
            if value is not None and times.get(path) == seen_us:
                words[path] = Word(value, seen_us, message or "", source or "", sequence)
    return words


def decoded(others: str | None) -> dict[str, Any]:
    """The signals of a row that have no column of their own."""
    read: dict[str, Any] = msgspec.json.decode(others) if others else {}
    return read
