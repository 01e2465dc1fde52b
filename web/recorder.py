"""Puts on record what no handler does: who was refused what, and that a key is used.

A refusal that is asked for again and again is on record once a minute, and of a flood only so
many from each address; the use of a key once an hour from each address, for what it has done
is on record by itself.
"""

import asyncio
from functools import partial

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.audit import DONE, REFUSED, actor
from web.clock import Clock
from web.header import header
from web.identity import Identity
from web.limit import Limit
from web.site import site

REFUSALS_A_MINUTE = 30
USED_SECONDS = 3600
NOTE_SECONDS = 0.2
MOST_KNOWN = 10_000
_REFUSALS = (401, 403, 421, 429)
_KEYS = (b"x-api-key", b"authorization", b"sec-websocket-protocol")
_STARTS = ("http.response.start", "websocket.http.response.start", "websocket.accept")


class Recorder:
    def __init__(self, app: ASGIApp, *, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._again = Limit(clock, 1)
        self._flood = Limit(clock, REFUSALS_A_MINUTE)
        self._used: dict[tuple[str, str], float] = {}
        self._saying: set[asyncio.Future[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_recorded(message: Message) -> None:
            if message["type"] in _STARTS:
                await self._record(scope, message.get("status", 101))
            await send(message)

        await self._app(scope, receive, send_recorded)

    async def _record(self, scope: Scope, status: int) -> None:
        who: Identity | None = scope.get("identity")
        client = scope.get("client")
        address: str = client[0] if client else ""
        if _is_refusal(scope, who, status):
            same = f"{address} {actor(who)} {status} {_target(scope)}"
            if not self._again.wait(same) and not self._flood.wait(address):
                await self._say(HTTPConnection(scope), "access.refuse", status, REFUSED)
        elif who is not None and who.key and self._is_news(who.key, address):
            await self._note(HTTPConnection(scope), who.key, address, status)

    async def _note(self, connection: HTTPConnection, key: str, address: str, status: int) -> None:
        """That a key is used; who only reads waits for no writer of the database, or not long."""
        saying = asyncio.ensure_future(self._say(connection, "key.use", status, DONE))
        self._saying.add(saying)
        saying.add_done_callback(partial(self._noted, (key, address)))
        await asyncio.wait({saying}, timeout=NOTE_SECONDS)

    def _noted(self, used: tuple[str, str], saying: asyncio.Future[None]) -> None:
        self._saying.discard(saying)
        if saying.cancelled() or saying.exception() is not None:
            self._used.pop(used, None)  # It is news again.

    async def _say(
        self, connection: HTTPConnection, action: str, status: int, outcome: str
    ) -> None:
        await site(connection).audit.record(
            connection,
            action,
            _target(connection.scope),
            outcome=outcome,
            after={"status": status},
        )

    def _is_news(self, key: str, address: str) -> bool:
        now = self._clock.monotonic()
        if now - self._used.get((key, address), now - USED_SECONDS) < USED_SECONDS:
            return False
        if len(self._used) >= MOST_KNOWN:
            self._used.clear()
        self._used[key, address] = now
        return True


def _target(scope: Scope) -> str:
    return f"{scope.get('method', 'WEBSOCKET')} {scope['path']}"[:256]


def _is_refusal(scope: Scope, who: Identity | None, status: int) -> bool:
    """Whether an answer refuses something; of what is another's it says that it is not there."""
    if status in _REFUSALS:
        # Whoever shows no key is asked to sign in, and no more than that.
        return status != 401 or any(header(scope, name) is not None for name in _KEYS)
    if status != 404 or who is None:
        return False
    org_id = scope.get("path_params", {}).get("org_id")
    return org_id is not None and not who.governs(org_id)
