"""``…/commands/changes``: what becomes of an organisation's commands, as it does.

By server-sent events, or the same by a WebSocket. Whoever comes back says how far it had
come, by ``Last-Event-ID`` or ``since``, and is told each transition that it has missed, or
what is open anew where that is not known any more.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from web import telling
from web.change_asked import TOO_MANY
from web.command_changes import SCOPE, CommandFilter, follow
from web.following import Place
from web.openapi import Operation
from web.problems import Problem
from web.telling import EVENTS


async def by_events(request: Request) -> Response:
    """``GET …/commands/changes``."""
    asked = await follow(request)
    since = Place.read(request.headers.get("last-event-id", "") or asked.wanted.since)
    return telling.by_events(request, lambda: asked.told(since))


async def by_socket(socket: WebSocket) -> None:
    """``GET …/commands/changes/ws``: a frame of text for each event."""
    try:
        asked = await follow(socket)
    except Problem as problem:
        await socket.send_denial_response(problem.response())
        return
    since, board = Place.read(asked.wanted.since), asked.here.board
    await telling.by_socket(socket, lambda: asked.told(since), lambda: board.closed)


_CHANGES = "/api/v1/organizations/{org_id}/commands/changes"
routes = [
    Route(_CHANGES, by_events, methods=["GET"]),
    WebSocketRoute(f"{_CHANGES}/ws", by_socket),
]
_SAID = (
    "Begins with an event `snapshot` for each command that has not ended, and then `ready`; "
    "from then on comes `change` for every transition, with the command as it is after it, or "
    "`leave` for one whose state is not among those asked for any more. "
)
operations = [
    Operation(
        "GET",
        _CHANGES,
        "follow-commands",
        "Follow what becomes of commands, by server-sent events",
        SCOPE,
        query=CommandFilter,
        answers={200: "Events, for as long as the key is good.", 503: TOO_MANY},
        media=(EVENTS,),
        description=f"{_SAID}The `id` is how far all has been told, for `Last-Event-ID`. "
        "Where `ready` says that it has not resumed, what was known before is to be forgotten.",
        headers={"Last-Event-ID": "The last `id`: only what was missed since is told."},
        tag="commands",
    ),
    Operation(
        "GET",
        f"{_CHANGES}/ws",
        "follow-commands-by-socket",
        "Follow what becomes of commands, by a WebSocket",
        SCOPE,
        query=CommandFilter,
        answers={101: "A WebSocket: a frame of JSON text for each event.", 503: TOO_MANY},
        description=_SAID,
        tag="commands",
    ),
]
