"""``…/entities/changes``: what changes of an organisation's entities, as it does.

By server-sent events, or the same by a WebSocket. Whoever comes back says how far it had
come, by ``Last-Event-ID`` or ``since``, and is told what it has missed, or all anew where
that is not known any more.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from web import telling
from web.change_asked import SCOPE, TOO_MANY, ChangesQuery, follow
from web.following import Place
from web.openapi import Operation
from web.problems import Problem
from web.telling import EVENTS


async def by_events(request: Request) -> Response:
    """``GET …/entities/changes``."""
    asked = await follow(request)
    since = Place.read(request.headers.get("last-event-id", "") or asked.wanted.since)
    return telling.by_events(request, lambda: asked.told(since))


async def by_socket(socket: WebSocket) -> None:
    """``GET …/entities/changes/ws``: a frame of text for each event."""
    try:
        asked = await follow(socket)
    except Problem as problem:
        await socket.send_denial_response(problem.response())
        return
    since, following = Place.read(asked.wanted.since), asked.here.following
    await telling.by_socket(socket, lambda: asked.told(since), lambda: following.closed)


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
