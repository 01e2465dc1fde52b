"""The ledger of commands, as an organisation may read it; the commands flow alone writes it."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flows.ontology.command_ledger import COMMANDS, CONTROLS, TRANSITIONS, name, us
from flows.ontology.command_states import State
from flows.ontology.commands import Control, Priority
from flows.ontology.registry import Moment
from web.command_bodies import Command, CommandWhole, EntityControl
from web.command_told import Told
from web.cursor import NAME, Cursor, read_cursor
from web.database import Row, Tables
from web.entity_filter import MOST_LETTERS, MOST_VALUES, meant
from web.query import wrong

MOST = 1000
MOST_TRANSITIONS = 1000
MOST_US = 2**62
ORDER = "-requested_at"

_Text = Annotated[str, Meta(max_length=MOST_LETTERS)]
_States = Annotated[list[State], Meta(max_length=MOST_VALUES)]


class CommandsOfEntity(msgspec.Struct, kw_only=True):
    """Which commands are wanted, the newest first, and how many at once."""

    state: Annotated[_States, meant("One of these; may be repeated.")] = []
    active: Annotated[bool, meant("Whether it has not ended.")] | UnsetType = UNSET
    command: Annotated[_Text, meant("Its kind, by the catalogue.")] = ""
    priority: Annotated[Priority, meant("Its priority.")] | UnsetType = UNSET
    since: Annotated[Moment, meant("Asked for not before this.")] | UnsetType = UNSET
    until: Annotated[Moment, meant("Asked for before this.")] | UnsetType = UNSET
    parent_id: Annotated[_Text, meant("Of this one to several.")] = ""
    limit: Annotated[int, Meta(ge=1, le=MOST), meant("How many at once.")] = 100
    cursor: Annotated[
        str, Meta(max_length=4096), meant("From the header Link of the page before.")
    ] = ""


class CommandPage(CommandsOfEntity, kw_only=True):
    """Which commands of all entities are wanted, the newest first, and how many at once."""

    entity_id: Annotated[_Text, meant("Of this entity; `broadcast` are those to several.")] = ""


def command_rows(
    tables: Tables,
    organization: str,
    wanted: CommandsOfEntity,
    entity_id: str = "",
    *,
    parts: bool = True,
) -> tuple[list[Command], str]:
    """Commands, and the cursor of those that follow, if any do; ``parts`` of others as well.

    Raises:
        Problem: 422, the cursor is none.
    """
    tests: list[tuple[Any, ...]] = [("org_id = ?", organization), *_tests(wanted, entity_id)]
    if not parts:
        tests.append(("parent_id = ''",))
    if wanted.cursor:
        after = read_cursor(wanted.cursor, ORDER)
        if not isinstance(after.value, int) or abs(after.value) > MOST_US:
            raise wrong(NAME, "expected what this list has given", wanted.cursor)
        tests.append(("(requested_us, name) < (?, ?)", after.value, str(after.key)))
    if not tables.has(COMMANDS):
        return [], ""
    conditions = [test for test, *_ in tests]
    values = [value for _, *some in tests for value in some]
    sql = (
        f"SELECT * FROM {COMMANDS} WHERE {' AND '.join(conditions)}"  # noqa: S608  (of our own)
        " ORDER BY requested_us DESC, name DESC LIMIT ?"
    )
    rows = tables.read(sql, (*values, wanted.limit + 1))
    found = [command(row) for row in rows[: wanted.limit]]
    if len(rows) <= wanted.limit:
        return found, ""
    last = rows[wanted.limit - 1]
    return found, Cursor(ORDER, last["requested_us"], last["name"]).text()


def known(tables: Tables, organization: str, command_id: str) -> Row | None:
    """The row of a command, if the organisation has it."""
    if not tables.has(COMMANDS):
        return None
    sql = f"SELECT * FROM {COMMANDS} WHERE name = ? AND org_id = ?"  # noqa: S608  (our own)
    return next(iter(tables.read(sql, (name(organization, command_id), organization))), None)


def whole(tables: Tables, row: Row) -> CommandWhole:
    """A command with its transitions, and with its children where it is to several."""
    told = msgspec.json.decode(row["status"], type=CommandWhole)
    sql = f"SELECT status FROM {TRANSITIONS} WHERE name = ? ORDER BY number LIMIT ?"  # noqa: S608
    if tables.has(TRANSITIONS):
        rows = tables.read(sql, (row["name"], MOST_TRANSITIONS))
        told.transitions = [command(each) for each in rows]
    among = f"SELECT status FROM {COMMANDS} WHERE org_id = ? AND parent_id = ?"  # noqa: S608
    ordered = f"{among} ORDER BY entity_id LIMIT ?"
    children = tables.read(ordered, (row["org_id"], row["command_id"], MOST))
    told.children = [command(each) for each in children]
    return told


def newest(tables: Tables, most: int) -> list[Told]:
    """Of all organisations: what is open, the last that have changed, and who controls what."""
    found: list[Told] = []
    if tables.has(COMMANDS):
        last = f"SELECT name FROM {COMMANDS} ORDER BY at_us DESC LIMIT ?"  # noqa: S608
        sql = (
            f"SELECT status FROM {COMMANDS} WHERE active = 1 OR name IN ({last})"  # noqa: S608
            " ORDER BY at_us"
        )
        found += [command(row) for row in tables.read(sql, (most,))]
    if tables.has(CONTROLS):
        rows = tables.read(f"SELECT control FROM {CONTROLS}")  # noqa: S608
        found += [msgspec.json.decode(row["control"], type=Control) for row in rows]
    return found


def outstanding(tables: Tables, organization: str, entity_id: str, most: int) -> int:
    """How many commands have not ended, of an entity or of all; not counted beyond ``most``."""
    if not tables.has(COMMANDS):
        return 0
    of, values = ("AND entity_id = ?", (entity_id,)) if entity_id else ("", ())
    among = f"SELECT 1 FROM {COMMANDS} WHERE org_id = ? AND active = 1 {of} LIMIT ?"  # noqa: S608
    sql = f"SELECT COUNT(*) AS found FROM ({among})"  # noqa: S608
    return int(tables.read(sql, (organization, *values, most))[0]["found"])


def control(tables: Tables, organization: str, entity_id: str, now_us: int) -> EntityControl:
    """Who controls an entity."""
    sql = f"SELECT control FROM {CONTROLS} WHERE entity_id = ? AND org_id = ?"  # noqa: S608
    rows = tables.read(sql, (entity_id, organization)) if tables.has(CONTROLS) else []
    if not rows:
        return EntityControl(entity_id=entity_id)
    told = msgspec.json.decode(rows[0]["control"], type=Control)
    held = bool(told.by.id) and (told.until is None or us(told.until) > now_us)
    return EntityControl(
        entity_id=entity_id,
        by=told.by if held else None,
        until=told.until if held else None,
        at=told.at,
        previous=told.previous if held else told.by if told.by.id else told.previous,
        reason=told.reason,
    )


def command(row: Row) -> Command:
    return msgspec.json.decode(row["status"], type=Command)


def _tests(wanted: CommandsOfEntity, entity_id: str) -> Iterator[tuple[Any, ...]]:
    """Conditions, each with its values."""
    if entity_id:
        yield "entity_id = ?", entity_id
    if wanted.state:
        among = msgspec.json.encode(wanted.state).decode()
        yield "state IN (SELECT value FROM json_each(?))", among
    if wanted.active is not UNSET:
        yield "active = ?", int(wanted.active)
    if wanted.priority is not UNSET:
        yield "priority = ?", wanted.priority
    if wanted.command:
        yield "command = ?", wanted.command
    if wanted.parent_id:
        yield "parent_id = ?", wanted.parent_id
    if wanted.since is not UNSET:
        yield "requested_us >= ?", us(wanted.since)
    if wanted.until is not UNSET:
        yield "requested_us < ?", us(wanted.until)
