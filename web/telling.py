"""Tells what changes: by server-sent events, or the same by a WebSocket.

What is told comes in batches; an empty one now and then, for a beat where nothing changes.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from web.changes import Change

PROTOCOL = "overwatch.changes"
EVENTS = "text/event-stream"
BEAT_SECONDS = 15.0
# One that does not read for so long is not waited for.
HEAR_SECONDS = 30.0
CLOSE_SECONDS = 1.0
_BEAT = b'{"event":"beat"}'

Batches = AsyncGenerator[list[Change], None]


def by_events(request: Request, tell: Callable[[], Batches]) -> Response:
    """An answer that lasts as long as there is something to tell."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        return Response(headers=headers, media_type=EVENTS)

    async def body() -> AsyncIterator[bytes]:
        beaten = time.monotonic()
        async for batch in tell():
            if batch:
                yield b"".join(map(_event, batch))
            elif time.monotonic() - beaten >= BEAT_SECONDS:
                yield b":\n\n"
            else:
                continue
            beaten = time.monotonic()

    return StreamingResponse(body(), headers=headers, media_type=EVENTS)


async def by_socket(
    socket: WebSocket, tell: Callable[[], Batches], stops: Callable[[], bool]
) -> None:
    """A frame of text for each event. ``stops`` is whether it is the server that ends."""
    offered: list[str] = socket.scope.get("subprotocols", [])
    await socket.accept(PROTOCOL if PROTOCOL in offered else None)
    leaving = asyncio.ensure_future(_left(socket))
    try:
        async with aclosing(tell()) as told:
            await _converse(socket, told, leaving)
        # The server stops, or the key is good no more.
        await _close(socket, 1012 if stops() else 1008)
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
