"""``GET /api/v1/telemetry/ws``: a WebSocket that devices tell by, each frame answered when stored.

A frame is a JSON object or an array of them. The answer says which frame it is for, how
many of its items are stored, and what became of the others. The next frame is read when
the one before has been answered, so a device that is too quick is slowed down by its
own connection.
"""

import asyncio
import time
from contextlib import suppress

import msgspec
from starlette.routing import WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from web.identity import Identity, identity
from web.items import MOST_ITEMS, Malformed, of_json
from web.openapi import Operation
from web.problems import Problem
from web.security import MOST_BODY_BYTES
from web.site import Site, site
from web.telemetry import SCOPE

PROTOCOL = "overwatch.telemetry"
MOST_SOCKETS = 256
# How soon a key that is revoked ends its connection.
LOOK_SECONDS = 1.0
# Who says nothing hears from us now and then, and is left in the end.
BEAT_SECONDS = 30.0
IDLE_SECONDS = 300.0
# A device that does not read what it is answered is not waited for longer.
HEAR_SECONDS = 10.0
CLOSE_SECONDS = 1.0


class _End(Exception):
    """The connection is to be ended with this code, and why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def connected(socket: WebSocket) -> None:
    """Serve one device until it leaves, or may not go on."""
    here, who = site(socket), identity(socket)
    problem = _unwelcome(here, who)
    if problem is not None:
        await socket.send_denial_response(problem.response())
        return
    sockets = here.sockets
    sockets.open += 1
    try:
        offered: list[str] = socket.scope.get("subprotocols", [])
        await socket.accept(PROTOCOL if PROTOCOL in offered else None)
        await _Conversation(socket, here, who).hold()
    except _End as end:
        await _close(socket, end)
    except WebSocketDisconnect:
        pass
    finally:
        sockets.open -= 1


async def _close(socket: WebSocket, end: _End) -> None:
    """Say goodbye, if it can be said at once."""
    if socket.application_state is WebSocketState.CONNECTED:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await socket.close(end.code, end.reason)


def _unwelcome(here: Site, who: Identity) -> Problem | None:
    """Why a device may not come in just now, if it may not."""
    if not who.may(SCOPE):
        return Problem(403, f"Insufficient scope: {SCOPE}")
    wait = here.ingest.limit.wait(who.key)
    if wait:
        return Problem(429, "Too many tries with this key.", {"Retry-After": str(wait)})
    if here.sockets.open >= MOST_SOCKETS:
        return Problem(503, "Too many devices are connected.", {"Retry-After": "10"})
    return None


class _Conversation:
    def __init__(self, socket: WebSocket, here: Site, who: Identity) -> None:
        self._socket = socket
        self._here = here
        self._who = who
        self._frames = 0

    async def hold(self) -> None:
        """Read frames and answer them, until the device leaves.

        Raises:
            _End: it has to leave.
        """
        while (message := await self._next())["type"] == "websocket.receive":
            self._frames += 1
            items = _items(message)
            outcome = await self._here.ingest.take(self._who.organization, items)
            await self._tell({"seq": self._frames, **_id(items), **outcome.told()})

    async def _next(self) -> Message:
        """What comes next; meanwhile looked after every second."""
        began = beaten = time.monotonic()
        closing = asyncio.ensure_future(self._here.sockets.closing.wait())
        reading = asyncio.ensure_future(self._socket.receive())
        try:
            while True:
                await asyncio.wait(
                    (reading, closing), timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                await self._may_stay()
                if reading.done():
                    return reading.result()
                now = time.monotonic()
                if now - began >= IDLE_SECONDS:
                    raise _End(1000, f"Nothing has been said for {IDLE_SECONDS:.0f} s.")
                if now - beaten >= BEAT_SECONDS:
                    beaten = now
                    await self._tell({"beat": int(self._here.clock.wall())})
        finally:
            closing.cancel()
            reading.cancel()

    async def _may_stay(self) -> None:
        if self._here.sockets.closing.is_set():
            raise _End(1012, "The server is stopping.")
        try:
            await self._here.keys.check(self._who.key)
        except Problem as problem:
            raise _End(1008, problem.detail) from problem

    async def _tell(self, told: object) -> None:
        try:
            async with asyncio.timeout(HEAR_SECONDS):
                await self._socket.send_text(msgspec.json.encode(told).decode())
        except TimeoutError:
            raise _End(1013, "The answers are not read.") from None


def _items(message: Message) -> list[bytes]:
    """The items of a frame; of one that is no JSON, itself, so that it is refused as one."""
    text: str | None = message.get("text")
    if text is None:
        raise _End(1003, "A frame has to be text.")
    frame = text.encode()
    if len(frame) > MOST_BODY_BYTES:
        raise _End(1009, "A frame may have 1 MiB at most.")
    try:
        items = of_json(frame)
    except Malformed:
        return [frame]
    if len(items) > MOST_ITEMS:
        raise _End(1009, f"A frame may have {MOST_ITEMS} items at most.")
    return items


class _Named(msgspec.Struct):
    id: int | str | None = None


def _id(items: list[bytes]) -> dict[str, int | str]:
    """The id of a frame that is one item and has one, to be said back."""
    if len(items) != 1:
        return {}
    try:
        own = msgspec.json.decode(items[0], type=_Named).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return {} if own is None else {"id": own}


routes = [WebSocketRoute("/api/v1/telemetry/ws", connected)]
operations = [
    Operation(
        "GET",
        "/api/v1/telemetry/ws",
        "send-telemetry-by-socket",
        "Store what devices tell, by a WebSocket",
        SCOPE,
        answers={
            101: "A WebSocket: each frame, an item or an array of them, is answered when stored.",
            429: "Too many tries with this key.",
            503: "Too many devices are connected.",
        },
        tag="telemetry",
        gives={"Sec-WebSocket-Protocol": f"`{PROTOCOL}`, where it was offered."},
    )
]
