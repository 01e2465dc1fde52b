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


class _Waiting:
    """Somebody who waits for what becomes of some events."""

    def __init__(self, sent: Sequence[Sent]) -> None:
        self.sent = dict(enumerate(sent))  # Those that nothing is known of yet, by their place.
        self.outcomes: list[Outcome | None] = [None] * len(sent)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def put(self, place: int, outcome: Outcome) -> None:
        if self.sent.pop(place, None) is not None:
            self.outcomes[place] = outcome
            if not self.sent:
                self.stop()

    def stop(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def fail(self, error: sqlite3.Error) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Projection:
    def __init__(self, tables: Tables, what: Projected = ENTITIES) -> None:
        self._tables = tables
        self._what = what
        among = "IN (SELECT value FROM json_each(?))"
        self._rows = f"SELECT * FROM {what.table} WHERE {what.key} {among}"  # noqa: S608
        self._waiting: dict[_Waiting, None] = {}
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
        waiting = _Waiting(sent)
        self._waiting[waiting] = None
        if self._looking is None or self._looking.done():
            self._looking = loop.create_task(self._look())
        usual = MOST_SECONDS + len(sent) * SECONDS_EACH
        timer = loop.call_later(seconds or usual, waiting.stop)
        try:
            await waiting.done
        finally:
            timer.cancel()
            self._waiting.pop(waiting, None)
        return waiting.outcomes

    async def _look(self) -> None:
        while self._waiting:
            try:
                self._mark = max(self._mark, self._read_mark())
                await self._tell()
            except sqlite3.Error as error:
                for waiting in self._waiting:
                    waiting.fail(error)
                return
            if self._waiting:
                await asyncio.sleep(LOOK_SECONDS)

    async def _tell(self) -> None:
        """Tell those whose events are projected what has become of them."""
        reached = [
            (waiting, place, each)
            for waiting in self._waiting
            for place, each in waiting.sent.items()
            if each.sequence <= self._mark
        ]
        if not reached:
            return
        sent = [each for _, _, each in reached]
        if len(sent) <= MOST_AT_A_GLANCE:
            outcomes = self._outcomes(self._tables.glance, sent)
        else:
            outcomes = await anyio.to_thread.run_sync(self._outcomes, self._tables.read, sent)
        for (waiting, place, _), outcome in zip(reached, outcomes, strict=True):
            waiting.put(place, outcome)
            if not waiting.sent:
                self._waiting.pop(waiting, None)

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
