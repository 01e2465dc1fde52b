"""``…/entities/changes``: what changes of an organisation's entities, as it does.

By server-sent events, or the same by a WebSocket. Whoever comes back says how far it had
come, by ``Last-Event-ID`` or ``since``, and is told what it has missed, or all anew where
that is not known any more.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Annotated

import msgspec
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from web.box import Box
from web.changes import Change, Changes
from web.entity_filter import EntityFilter, meant
from web.following import Place
from web.identity import Identity, identity
from web.openapi import Operation
from web.problems import Problem
from web.query import read_query
from web.site import Site, site
from web.within import within

SCOPE = "entities:read"
PROTOCOL = "overwatch.changes"
EVENTS = "text/event-stream"
BEAT_SECONDS = 15.0
# One that does not read for so long is not waited for.
HEAR_SECONDS = 30.0
CLOSE_SECONDS = 1.0
_BEAT = b'{"event":"beat"}'
_TOO_MANY = "Too many follow what changes."


class ChangesQuery(EntityFilter, kw_only=True):
    """Which entities are followed, and from where on."""

    since: Annotated[
        str,
        msgspec.Meta(max_length=64),
        meant("How far it had come: the last `id`, or `place` of the event `ready`."),
    ] = ""


@dataclass(frozen=True)
class _Asked:
    """What is followed, and by whom."""

    here: Site
    who: Identity
    organization: str
    wanted: ChangesQuery
    box: Box | None

    async def told(self, since: Place | None) -> AsyncGenerator[list[Change], None]:
        """Events, until the asker may hear no more or the site closes."""
        here = self.here
        changes = Changes(here.picture, self.organization, self.wanted, self.box)
        with here.following.follow(self.organization, _name(self.who)) as follower:
            async for batch in changes.tell(here.following, follower, since):
                if not await self._may_hear():
                    return
                yield batch

    async def _may_hear(self) -> bool:
        """Whether the key or session is good still, and lets see that organisation."""
        keys, sessions, who = self.here.keys, self.here.sessions, self.who
        try:
            now = await (keys.check(who.key) if who.key else sessions.check(who.session))
        except Problem:
            return False
        return now is not None and now.may(SCOPE) and now.governs(self.organization)


async def _asked(connection: HTTPConnection) -> _Asked:
    """What is asked for.

    Raises:
        Problem: it may not be, cannot be, or is by too many.
    """
    organization, here = await within(connection, SCOPE), site(connection)
    wanted, who = read_query(connection, ChangesQuery), identity(connection)
    asked = _Asked(here, who, organization, wanted, wanted.box())
    if here.following.full(_name(who)):
        raise Problem(503, _TOO_MANY, {"Retry-After": "5"})
    return asked


async def by_events(request: Request) -> Response:
    """``GET …/entities/changes``."""
    asked = await _asked(request)
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
        asked = await _asked(socket)
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


def _name(who: Identity) -> str:
    return who.key or who.session


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
        answers={200: "Events, for as long as the key is good.", 503: _TOO_MANY},
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
        answers={101: "A WebSocket: a frame of JSON text for each event.", 503: _TOO_MANY},
        description=_SAID,
        tag="changes",
    ),
]
