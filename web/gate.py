"""Nobody passes unless known: everything is private but what ``PUBLIC`` names."""

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.identity import Identity
from web.problems import Problem
from web.sessions import COOKIE
from web.site import site

PUBLIC = frozenset(("/health", "/sign-in"))
# Where programs ask, with a key; people may as well, with their session.
FOR_KEYS = ("/api/", "/metrics")
# What pages load: no page to be sent to when there is no session.
LOADED = ("/live/", "/static/")
# Browsers can give a WebSocket no header: a protocol that they offer may hold the key.
KEY_PROTOCOL = "key."


class Gate:
    """Puts the ``Identity`` of whoever asks into the scope, or answers in its place."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = scope["type"] == "websocket"
        if scope["type"] == "lifespan" or (not socket and scope["path"] in PUBLIC):
            await self._app(scope, receive, send)
            return
        try:
            who = await (_by_key(HTTPConnection(scope)) if socket else _who(Request(scope)))
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        if who is None:
            await _turned_away(scope)(scope, receive, send)
            return
        scope["identity"] = who
        await self._app(scope, receive, send)


async def _who(request: Request) -> Identity | None:
    here = site(request)
    if request.scope["path"].startswith(FOR_KEYS):
        by_key = await here.keys.find(Headers(scope=request.scope))
        if by_key is not None:
            return by_key
    token = request.cookies.get(COOKIE)
    return await here.sessions.find(token) if token else None


async def _by_key(socket: HTTPConnection) -> Identity | None:
    """Whose key a WebSocket shows. A cookie is nothing: browsers send it for any page that asks."""
    headers = dict(Headers(scope=socket.scope))
    for protocol in socket.scope.get("subprotocols", []):
        if protocol.startswith(KEY_PROTOCOL):
            headers.setdefault("x-api-key", protocol.removeprefix(KEY_PROTOCOL))
    return await site(socket).keys.find(headers)


def _turned_away(scope: Scope) -> Response:
    path: str = scope["path"]
    if scope["type"] == "websocket" or path.startswith(FOR_KEYS):
        return Problem(401, "Missing API key or Authorization header").response()
    if path.startswith(LOADED) or scope["method"] not in ("GET", "HEAD"):
        return Problem(401, "Please sign in").response()
    return RedirectResponse("/sign-in", 303)
