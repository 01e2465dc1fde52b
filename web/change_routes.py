"""``…/entities/changes``: what changes of an organisation's entities, as it does.

By server-sent events, or the same by a WebSocket. Whoever comes back says how far it had
come, by ``Last-Event-ID`` or ``since``, and is told what it has missed, or all anew where
that is not known any more.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from web.change_asked import SCOPE, TOO_MANY, ChangesQuery, follow
from web.changes import Change
from web.following import Place
from web.openapi import Operation
from web.problems import Problem

PROTOCOL = "overwatch.changes"
EVENTS = "text/event-stream"
BEAT_SECONDS = 15.0
# One that does not read for so long is not waited for.
HEAR_SECONDS = 30.0
CLOSE_SECONDS = 1.0
_BEAT = b'{"event":"beat"}'


async def by_events(request: Request) -> Response:
    """``GET …/entities/changes``."""
    asked = await follow(request)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        return Response(headers=headers, media_type=EVENTS)
    since = Place.read(request.headers.get("last-event-id", "") or asked.wanted.since)

    async def body() -> AsyncIterator[bytes]:
        beaten = time.monotonic()
        async for batch in asked.told(since):
            if batch:
                yield b"".join(map(_event, batch))
            elif time.monotonic() - beaten >= BEAT_SECONDS:
                yield b":\n\n"
            else:
                continue
            beaten = time.monotonic()

    return StreamingResponse(body(), headers=headers, media_type=EVENTS)


async def by_socket(socket: WebSocket) -> None:
    """``GET …/entities/changes/ws``: a frame of text for each event."""
    try:
        asked = await follow(socket)
    except Problem as problem:
        await socket.send_denial_response(problem.response())
        return
    offered: list[str] = socket.scope.get("subprotocols", [])
    await socket.accept(PROTOCOL if PROTOCOL in offered else None)
    leaving = asyncio.ensure_future(_left(socket))
    try:
        async with aclosing(asked.told(Place.read(asked.wanted.since))) as told:
            await _converse(socket, told, leaving)
        # The server stops, or the key is good no more.
        await _close(socket, 1012 if asked.here.following.closed else 1008)
    except TimeoutError:
        await _close(socket, 1013)
    except WebSocketDisconnect:
        pass
    finally:
        leaving.cancel()


async def _converse(
    socket: WebSocket, told: AsyncIterator[list[Change]], leaving: asyncio.Future[None]
) -> None:
    """Say what is told, and a word now and then where nothing is.

    Raises:
        TimeoutError: what is said is not read.
        WebSocketDisconnect: the other side has left.
    """
    beaten = time.monotonic()
    async for batch in told:
        if leaving.done():
            raise WebSocketDisconnect
        for each in batch:
            await _say(socket, each.data)
        if not batch and time.monotonic() - beaten >= BEAT_SECONDS:
            await _say(socket, _BEAT)
        elif not batch:
            continue
        beaten = time.monotonic()


async def _left(socket: WebSocket) -> None:
    """Wait until the other side has left; what it says is not heeded."""
    message: Message = {"type": "websocket.receive"}
    while message["type"] != "websocket.disconnect":
        message = await socket.receive()


async def _say(socket: WebSocket, data: bytes) -> None:
    async with asyncio.timeout(HEAR_SECONDS):
        await socket.send_text(data.decode())


async def _close(socket: WebSocket, code: int) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await socket.close(code)


def _event(change: Change) -> bytes:
    place = f"id: {change.place}\n".encode() if change.place else b""
    return b"event: %b\n%bdata: %b\n\n" % (change.event.encode(), place, change.data)


_CHANGES = "/api/v1/organizations/{org_id}/entities/changes"
routes = [
    Route(_CHANGES, by_events, methods=["GET"]),
    WebSocketRoute(f"{_CHANGES}/ws", by_socket),
]
_SAID = (
    "Begins with an event `snapshot` for each entity and then `ready`; from then on comes "
    "`change` with the whole document, `delete`, or `leave` for one that is no longer among "
    "those asked for. Changes that come quicker than they are read become one. "
)
operations = [
    Operation(
        "GET",
        _CHANGES,
        "follow-entities",
        "Follow what changes, by server-sent events",
        SCOPE,
        query=ChangesQuery,
        answers={200: "Events, for as long as the key is good.", 503: TOO_MANY},
        media=(EVENTS,),
        description=f"{_SAID}The `id` is how far all has been told, for `Last-Event-ID`.",
        headers={"Last-Event-ID": "The last `id`: only what was missed since is told."},
        tag="changes",
    ),
    Operation(
        "GET",
        f"{_CHANGES}/ws",
        "follow-entities-by-socket",
        "Follow what changes, by a WebSocket",
        SCOPE,
        query=ChangesQuery,
        answers={101: "A WebSocket: a frame of JSON text for each event.", 503: TOO_MANY},
        description=_SAID,
        tag="changes",
    ),
]
