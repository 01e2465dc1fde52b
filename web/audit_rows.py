"""What of the audit log an organisation may read, the newest first, a page at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from web.cursor import Cursor, read_cursor
from web.database import Row, Tables
from web.entity_filter import MOST_LETTERS, meant

MOST = 1000
ORDER = "-sequence"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Text = Annotated[str, msgspec.Meta(max_length=MOST_LETTERS)]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class AuditFilter(msgspec.Struct, kw_only=True):
    """Which rows are wanted; all of them where nothing is said."""

    actor: Annotated[_Text, meant("Stands in who did it, as `person:` or `key:` and an id.")] = ""
    action: Annotated[_Text, meant("How what was done begins, as `key.` or `key.revoke`.")] = ""
    target: Annotated[_Text, meant("The id of what it was done to.")] = ""
    outcome: Annotated[Literal["", "done", "refused", "failed"], meant("What became of it.")] = ""
    since: Annotated[_Moment, meant("Not before this.")] | msgspec.UnsetType = msgspec.UNSET
    until: Annotated[_Moment, meant("Before this.")] | msgspec.UnsetType = msgspec.UNSET


class AuditPage(AuditFilter, kw_only=True):
    """Which rows, and how many at once."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST), meant("How many at once.")] = 100
    cursor: Annotated[
        str, msgspec.Meta(max_length=4096), meant("From the header Link of the page before.")
    ] = ""
    format: Annotated[Literal["json", "csv"], meant("How they are written.")] = "json"


class AuditRow(msgspec.Struct, frozen=True):
    """Something that somebody did or was refused, sealed together with the row before it."""

    sequence: int
    at: str
    org_id: str
    actor: str
    action: str
    target: str
    outcome: str
    address: str
    before: Any
    after: Any
    seal: str


def audit_rows(
    tables: Tables, organization: str, wanted: AuditPage, *, first: bool
) -> tuple[list[AuditRow], str]:
    """Rows, and the cursor of those that follow, if any do.

    What was done by nobody that is known is the first organisation's to read.

    Raises:
        Problem: 422, the cursor is none.
    """
    tests = [("(org_id = ? OR (org_id = '' AND ?))", organization, first), *_tests(wanted)]
    parts = [test for test, *_ in tests]
    values = [value for _, *some in tests for value in some]
    if wanted.cursor:
        parts.append("sequence < ?")
        values.append(read_cursor(wanted.cursor, ORDER).key)
    sql = (
        f"SELECT * FROM audit WHERE {' AND '.join(parts)}"  # noqa: S608  (parts of our own)
        " ORDER BY sequence DESC LIMIT ?"
    )
    rows = [_row(each) for each in tables.read(sql, (*values, wanted.limit + 1))]
    if len(rows) <= wanted.limit:
        return rows, ""
    rows = rows[: wanted.limit]
    return rows, Cursor(ORDER, "", rows[-1].sequence).text()


def _tests(wanted: AuditFilter) -> Iterator[tuple[Any, ...]]:
    """Conditions, each with its values."""
    if wanted.actor:
        yield "instr(lower(actor), lower(?))", wanted.actor
    if wanted.action:
        yield "substr(action, 1, length(?)) = ?", wanted.action, wanted.action
    if wanted.target:
        yield "target = ?", wanted.target
    if wanted.outcome:
        yield "outcome = ?", wanted.outcome
    if isinstance(wanted.since, datetime):
        yield "at_us >= ?", _us(wanted.since)
    if isinstance(wanted.until, datetime):
        yield "at_us < ?", _us(wanted.until)


def _row(row: Row) -> AuditRow:
    return AuditRow(
        row["sequence"],
        _moment(row["at_us"]),
        row["org_id"],
        row["actor"],
        row["action"],
        row["target"],
        row["outcome"],
        row["address"],
        _json(row["before"]),
        _json(row["after"]),
        row["seal"],
    )


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(at_us: int) -> str:
    at = _EPOCH + timedelta(microseconds=at_us)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _json(text: str) -> Any:
    return msgspec.json.decode(text) if text else None
