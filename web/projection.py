"""How far a flow is with what it was told, and what has become of each: one look for all.

Whoever has published an event waits here until it is projected. While somebody waits, the
mark is looked at every two milliseconds, once for all of them, and where it has moved the
rows of those whose events it has reached.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence

import anyio.to_thread
import msgspec

from flows.ontology import command_ledger, commands, registry
from web.database import Row, Tables

LOOK_SECONDS = 0.002
# More rows than that are asked of another thread.
MOST_AT_A_GLANCE = 50
# So long for one, and for each of many as much longer.
MOST_SECONDS, SECONDS_EACH = 0.5, 0.002

_MARK = "SELECT sequence FROM projections WHERE projection = ?"
_REFUSED = (
    "SELECT sequence, step, reason FROM rejections WHERE stream = ? AND flow = ?"
    " AND sequence IN (SELECT value FROM json_each(?))"
)

Read = Callable[[str, Sequence[object]], list[Row]]


class Projected(msgspec.Struct, frozen=True):
    """What is projected: the name of its mark, its stream, and its table with the key of that."""

    name: str
    stream: str
    table: str
    key: str


ENTITIES = Projected(registry.PROJECTION, registry.STREAM, "entities", "entity_id")
COMMANDS = Projected(commands.PROJECTION, commands.STREAM, command_ledger.COMMANDS, "name")


class Sent(msgspec.Struct, frozen=True):
    """An event: which of its stream's it is, and the key of the row that it is of."""

    sequence: int
    key: str


class Outcome(msgspec.Struct, frozen=True):
    """What has become of an event: the row after it, or the step that refused it, and why."""

    row: Row | None = None
    refused_by: str = ""
    reason: str = ""


class Projection:
    def __init__(self, tables: Tables, what: Projected = ENTITIES) -> None:
        self._tables = tables
        self._what = what
        among = "IN (SELECT value FROM json_each(?))"
        self._rows = f"SELECT * FROM {what.table} WHERE {what.key} {among}"  # noqa: S608
        self._waiting: dict[asyncio.Future[Outcome], Sent] = {}
        self._looking: asyncio.Task[None] | None = None
        self._mark = 0
        self._sent = 0

    @property
    def settled(self) -> bool:
        """Whether all that has been waited for here was projected as of the last look."""
        return self._sent <= self._mark

    async def outcomes(self, sent: Sequence[Sent], seconds: float = 0.0) -> list[Outcome | None]:
        """What becomes of events; None of those that are not projected in time.

        Args:
            sent: the events.
            seconds: how long to wait, where that is another time than usual.

        Raises:
            sqlite3.Error: the registry cannot be read.
        """
        if not sent:
            return []
        loop = asyncio.get_running_loop()
        self._sent = max(self._sent, *(each.sequence for each in sent))
        waited = {loop.create_future(): each for each in sent}
        self._waiting |= waited
        if self._looking is None or self._looking.done():
            self._looking = loop.create_task(self._look())
        try:
            usual = MOST_SECONDS + len(sent) * SECONDS_EACH
            await asyncio.wait(waited, timeout=seconds or usual)
        finally:
            for future in waited:
                self._waiting.pop(future, None)
        return [future.result() if future.done() else None for future in waited]

    async def _look(self) -> None:
        while self._waiting:
            try:
                self._mark = max(self._mark, self._read_mark())
                await self._tell()
            except sqlite3.Error as error:
                for future in self._waiting:
                    if not future.done():
                        future.set_exception(error)
                return
            if self._waiting:
                await asyncio.sleep(LOOK_SECONDS)

    async def _tell(self) -> None:
        """Tell those whose events are projected what has become of them."""
        reached = {
            future: sent for future, sent in self._waiting.items() if sent.sequence <= self._mark
        }
        if not reached:
            return
        sent = list(reached.values())
        if len(sent) <= MOST_AT_A_GLANCE:
            outcomes = self._outcomes(self._tables.glance, sent)
        else:
            outcomes = await anyio.to_thread.run_sync(self._outcomes, self._tables.read, sent)
        for future, outcome in zip(reached, outcomes, strict=True):
            self._waiting.pop(future, None)
            if not future.done():
                future.set_result(outcome)

    def _outcomes(self, read: Read, sent: list[Sent]) -> list[Outcome]:
        sequences = _json([each.sequence for each in sent])
        refused = {
            row["sequence"]: Outcome(None, row["step"], row["reason"])
            for row in self._refused(read, sequences)
        }
        ids = _json([each.key for each in sent])
        rows = {row[self._what.key]: Outcome(row) for row in read(self._rows, (ids,))}
        gone = Outcome()
        return [refused.get(each.sequence) or rows.get(each.key, gone) for each in sent]

    def _refused(self, read: Read, sequences: str) -> list[Row]:
        # Whichever flow refuses something first has made the table.
        if not self._tables.has("rejections"):
            return []
        return read(_REFUSED, (self._what.stream, self._what.name, sequences))

    def _read_mark(self) -> int:
        if not self._tables.has("projections"):
            return 0
        rows = self._tables.glance(_MARK, (self._what.name,))
        return int(rows[0]["sequence"]) if rows else 0


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode()
