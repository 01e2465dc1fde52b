"""How far the entities flow is with its events, and what has become of each: one look for all.

Whoever has published an event waits here until it is projected. While somebody waits, the
registry is looked at every two milliseconds, once for all of them.
"""

import asyncio
import sqlite3
from collections.abc import Sequence

import anyio.to_thread
import msgspec

from flows.ontology.registry import PROJECTION, STREAM
from web.database import Row, Tables

LOOK_SECONDS = 0.002
MOST_SECONDS = 0.5

_MARK = "SELECT sequence FROM projections WHERE projection = ?"
_ROWS = "SELECT * FROM entities WHERE entity_id IN (SELECT value FROM json_each(?))"
_REFUSED = (
    "SELECT sequence, step, reason FROM rejections WHERE stream = ? AND flow = ?"
    " AND sequence IN (SELECT value FROM json_each(?))"
)


class Sent(msgspec.Struct, frozen=True):
    """An event: which of its stream's it is, and of which entity."""

    sequence: int
    entity_id: str


class Outcome(msgspec.Struct, frozen=True):
    """What has become of an event: the row after it, or the step that refused it, and why."""

    row: Row | None = None
    refused_by: str = ""
    reason: str = ""


class Projection:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._waiting: dict[asyncio.Future[Outcome], Sent] = {}
        self._looking: asyncio.Task[None] | None = None
        self._there = False
        self._mark = 0
        self._sent = 0

    @property
    def settled(self) -> bool:
        """Whether all that has been waited for here was projected as of the last look."""
        return self._sent <= self._mark

    async def outcomes(
        self, sent: Sequence[Sent], seconds: float = MOST_SECONDS
    ) -> list[Outcome | None]:
        """What becomes of events; None of those that are not projected in time.

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
            await asyncio.wait(waited, timeout=seconds)
        finally:
            for future in waited:
                self._waiting.pop(future, None)
        return [future.result() if future.done() else None for future in waited]

    async def _look(self) -> None:
        while self._waiting:
            asked = dict(self._waiting)
            try:
                found = await anyio.to_thread.run_sync(self._found, list(asked.values()))
            except sqlite3.Error as error:
                for future in asked:
                    if not future.done():
                        future.set_exception(error)
                return
            for future, outcome in zip(asked, found, strict=True):
                if outcome is not None and not future.done():
                    future.set_result(outcome)
                    self._waiting.pop(future, None)
            if self._waiting:
                await asyncio.sleep(LOOK_SECONDS)

    def _found(self, sent: list[Sent]) -> list[Outcome | None]:
        """Runs in a thread."""
        self._mark = max(self._mark, self._read_mark())
        reached = [each for each in sent if each.sequence <= self._mark]
        if not reached:
            return [None] * len(sent)
        sequences = _json([each.sequence for each in reached])
        refused = {
            row["sequence"]: Outcome(None, row["step"], row["reason"])
            for row in self._tables.read(_REFUSED, (STREAM, PROJECTION, sequences))
        }
        ids = _json([each.entity_id for each in reached])
        rows = {row["entity_id"]: Outcome(row) for row in self._tables.read(_ROWS, (ids,))}
        gone = Outcome()
        return [
            (refused.get(each.sequence) or rows.get(each.entity_id, gone))
            if each.sequence <= self._mark
            else None
            for each in sent
        ]

    def _read_mark(self) -> int:
        self._there = self._there or self._tables.has("projections")
        rows = self._tables.read(_MARK, (PROJECTION,)) if self._there else []
        return int(rows[0]["sequence"]) if rows else 0


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode()
