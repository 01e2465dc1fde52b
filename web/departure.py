"""How an organisation goes: its doors are closed, then all that it has is taken away.

Closed at once: from then on none of its keys, sessions and NATS credentials lets anybody in. The
rest takes as long as the flow needs to forget its entities, and is gone on with when the web
is started anew. History in the lake is kept as long as any, and shown to nobody.
"""

import asyncio
import time

import anyio.to_thread
import structlog

from web.clock import Clock
from web.command_board import Board
from web.database import APPEND_ONLY, Tables
from web.entity_events import Wanted, writer
from web.keys import Keys
from web.organizations import Known, Organizations
from web.picture import Picture
from web.problems import Problem
from web.registry import Registry
from web.sessions import Sessions

REASON = "its organisation was deleted"
WAIT_SECONDS = 5.0
LOOK_SECONDS = 0.05
RETRY_SECONDS = 5.0
AT_A_TIME = 500
# How soon whoever was let in is refused; what they have said until then is still to come.
REVOKED_SECONDS = 1.0

_HAS_ORGANIZATION = (
    "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
    " WHERE m.type = 'table' AND c.name = 'org_id'"
)
_LAST = ("organizations", *APPEND_ONLY)
# What lets nobody in, and is needed until the end.
_NO_DOORS = frozenset(("entities", "nats_credentials", *_LAST))


class Departures:
    def __init__(
        self,
        *,
        tables: Tables,
        organizations: Organizations,
        registry: Registry,
        keys: Keys,
        sessions: Sessions,
        picture: Picture,
        board: Board,
        clock: Clock,
    ) -> None:
        self._tables = tables
        self._organizations = organizations
        self._registry = registry
        self._keys = keys
        self._sessions = sessions
        self._picture = picture
        self._board = board
        self._clock = clock
        self._turn = asyncio.Lock()

    async def delete(self, org_id: str) -> bool | None:
        """Delete an organisation: whether it is gone, or going; None where there is none such."""
        known = await self._organizations.find(org_id)
        if known is None:
            return None
        in_use = await anyio.to_thread.run_sync(self._close, org_id)
        self._keys.forget()
        self._sessions.forget()
        if in_use:
            await asyncio.sleep(REVOKED_SECONDS)
        return await self._tried(org_id)

    async def run(self) -> None:
        """Go on with those that are going, until cancelled."""
        while True:
            for org_id in await anyio.to_thread.run_sync(self._leaving):
                await self._tried(org_id)
            await asyncio.sleep(RETRY_SECONDS)

    async def _tried(self, org_id: str) -> bool:
        """Whether it is gone. Where JetStream takes nothing, it is still to go."""
        try:
            return await self._finish(org_id)
        except Problem as problem:
            log = structlog.get_logger()
            log.info("organization_stays", organization=org_id, reason=problem.detail)
            return False

    async def _finish(self, org_id: str) -> bool:
        async with self._turn:
            known = await self._organizations.find_leaving(org_id)
            if known is None:
                return True
            if not await self._forgotten(org_id):
                return False
            await self._end(known)
            return True

    async def _forgotten(self, org_id: str) -> bool:
        """Whether none of its entities is left, within a while."""
        deadline = time.monotonic() + WAIT_SECONDS
        said: set[str] = set()
        while entities := await anyio.to_thread.run_sync(self._entities, org_id):
            events = writer(org_id, self._clock.wall())
            news = [events.deleted(each, REASON) for each in sorted(entities - said)]
            for first in range(0, len(news), AT_A_TIME):
                await self._say(news[first : first + AT_A_TIME])
            said |= entities
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return True

    async def _say(self, wanted: list[Wanted]) -> None:
        for each in await self._registry.write_all(wanted):
            # One that there is not any more is as good as one that has been deleted.
            if isinstance(each, Problem) and each.status != 404:
                raise each

    def _entities(self, org_id: str) -> set[str]:
        live = set(self._picture.entities(org_id))
        if not self._tables.has("entities"):
            return live
        rows = self._tables.read("SELECT entity_id FROM entities WHERE org_id = ?", (org_id,))
        return live | {row["entity_id"] for row in rows}

    async def _end(self, known: Known) -> None:
        org_id = known.organization.org_id
        await self._organizations.say_deleted(known)
        await anyio.to_thread.run_sync(self._sweep, org_id)
        self._board.forget(org_id)
        self._keys.forget()

    def _close(self, org_id: str) -> bool:
        """Let nobody in any more; whether anybody was let in until now."""
        now = int(self._clock.wall())
        with self._tables.transaction() as execute:
            in_use = execute(
                "UPDATE nats_credentials SET revoked_at = ? WHERE org_id = ?"
                " AND revoked_at IS NULL RETURNING public_key",
                (now, org_id),
            )
            execute("UPDATE organizations SET leaving_at = ? WHERE org_id = ?", (now, org_id))
            for table in self._tables_of_organizations():
                if table not in _NO_DOORS:
                    in_use += execute(
                        f"DELETE FROM {table} WHERE org_id = ? RETURNING 1 AS gone",  # noqa: S608
                        (org_id,),
                    )
        return bool(in_use)

    def _sweep(self, org_id: str) -> None:
        """Whatever else there is of it, in any table but those that are for ever."""
        with self._tables.transaction() as execute:
            for table in self._tables_of_organizations():
                if table not in APPEND_ONLY:
                    execute(f"DELETE FROM {table} WHERE org_id = ?", (org_id,))  # noqa: S608

    def _tables_of_organizations(self) -> list[str]:
        return [row["name"] for row in self._tables.read(_HAS_ORGANIZATION)]

    def _leaving(self) -> list[str]:
        sql = "SELECT org_id FROM organizations WHERE leaving_at IS NOT NULL"
        return [row["org_id"] for row in self._tables.read(sql)]
