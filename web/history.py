"""Rows of an entity's history, a page at a time, as JSON or CSV."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from flows.ontology.telemetry import moment
from web.past import COLUMNS, Asked, decoded

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SAYING = "epoch_us(ts)", "rowid", "message_type", "source", "recorded", "others"
# Paths of devices' own signals are theirs to think of; these can be asked for.
_PATH = re.compile(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*", re.ASCII)
CSV = "text/csv"
CSV_COLUMNS = ("ts", "message", "source", "recorded")
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Row(msgspec.Struct, frozen=True):
    """What one message had said. ``place`` tells it from others of the same moment."""

    at_us: int
    place: int
    message: str
    source: str
    recorded: bool
    values: dict[str, Any]


def is_path(text: str) -> bool:
    """Whether a signal or a branch may be called so."""
    return bool(_PATH.fullmatch(text))


def chosen(wanted: Iterable[str]) -> Mapping[str, str]:
    """Paths to columns: those of signals, and of what is beneath branches; all, of none."""
    names = tuple(wanted)
    if not names:
        return COLUMNS
    return {path: column for path, column in COLUMNS.items() if _under(path, names)}


def _under(path: str, names: Iterable[str]) -> bool:
    return any(path == name or path.startswith(f"{name}.") for name in names)


def rows(
    connection: "DuckDBPyConnection",
    asked: Asked,
    wanted: tuple[str, ...],
    after: tuple[int, int] | None,
    limit: int,
) -> list[Row]:
    """Rows in which something was said of what is wanted, the oldest first.

    Args:
        connection: to the lake.
        asked: whose, from when until when; both belong to it.
        wanted: signals and branches; all of them where there is none.
        after: moment and place of the row before the first.
        limit: how many at most.
    """
    columns = chosen(wanted)
    where, values = "", list(asked.values)
    if wanted:
        said = [f"{column} IS NOT NULL" for column in columns.values()]
        said.append("regexp_matches(others, ?)")
        where += f" AND ({' OR '.join(said)})"
        values.append(f'"({"|".join(map(re.escape, wanted))})([.][^"]*)?":')
    if after is not None:
        where += " AND (ts, rowid) > (make_timestamp(?), ?)"
        values += after
    found = connection.execute(
        f"SELECT {', '.join((*_SAYING, *columns.values()))} FROM telemetry"  # noqa: S608
        " WHERE org_id = ? AND entity_id = ? AND ts <= make_timestamp(?)"
        f" AND ts >= make_timestamp(?){where} ORDER BY ts, rowid LIMIT {int(limit)}",
        values,
    ).fetchall()
    return [_row(each, columns, wanted) for each in found]


def _row(cells: tuple[Any, ...], columns: Mapping[str, str], wanted: tuple[str, ...]) -> Row:
    at_us, place, message, source, recorded, others = cells[: len(_SAYING)]
    pairs = zip(columns, cells[len(_SAYING) :], strict=True)
    values = {path: value for path, value in pairs if value is not None}
    others_said = decoded(others).items()
    values |= {path: value for path, value in others_said if not wanted or _under(path, wanted)}
    return Row(at_us, place, message or "", source or "", bool(recorded), values)


def as_json(many: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows as they are answered."""
    return [
        {
            "ts": moment(each.at_us),
            "message": each.message,
            "source": each.source,
            "recorded": each.recorded,
            "values": each.values,
        }
        for each in many
    ]


def as_csv(many: Iterable[Row], wanted: tuple[str, ...]) -> str:
    """Rows as a table: a column for each signal that is wanted, and one for devices' own."""
    text = io.StringIO()
    writer = csv.writer(text)
    paths = list(chosen(wanted))
    writer.writerow((*CSV_COLUMNS, *paths, "others"))
    for each in many:
        others = {path: value for path, value in each.values.items() if path not in COLUMNS}
        own = msgspec.json.encode(others).decode() if others else ""
        values = [each.values.get(path) for path in paths]
        when = moment(each.at_us).isoformat()
        cells = (when, each.message, each.source, each.recorded, *values, own)
        writer.writerow(map(_cell, cells))
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
