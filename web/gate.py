"""Nobody passes unless known: everything is private but what ``PUBLIC`` names.

What changes something and is let in by a cookie, or by nothing, must come from our own pages:
browsers send cookies along for pages of anybody.
"""

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web import envelope
from web.identity import Identity
from web.notices import wrong_origin
from web.origin import SAFE, is_ours
from web.problems import Problem
from web.sessions import COOKIE
from web.site import site

PUBLIC = frozenset(
    ("/health", "/sign-in", "/sign-in/begin", "/sign-in/finish", "/invite", "/static/passkeys.js")
)
# What describes the interface, and how all is: they tell nothing that is known.
DESCRIBED = ("/api/docs", "/api/openapi", "/api/schemas/", "/api/v1/health")
# All that somebody sees who has to add a passkey first.
WITHOUT_PASSKEY = ("/account/passkey", "/sign-out", "/static/")
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
        answer = None
        if scope["type"] == "websocket":
            answer = await _socket(scope)
        elif scope["type"] == "http":
            answer = await _request(scope)
        await (answer or self._app)(scope, receive, send)


async def _socket(scope: Scope) -> Response | None:
    """What a WebSocket is answered in place of the application; None where it may pass."""
    try:
        who = await _by_key(HTTPConnection(scope))
    except Problem as problem:
        return problem.response()
    if who is None:
        return _turned_away(scope)
    scope["identity"] = who
    return None


async def _request(scope: Scope) -> Response | None:
    """What a request is answered in place of the application; None where it may pass."""
    if scope["path"] in PUBLIC or scope["path"].startswith(DESCRIBED):
        return _foreign(scope)
    try:
        who = await _who(Request(scope))
    except Problem as problem:
        return _refusal(scope, problem)
    if who is None:
        return _turned_away(scope)
    scope["identity"] = who
    if who.needs_passkey and not scope["path"].startswith(WITHOUT_PASSKEY):
        return _turned_away(scope, "/account/passkey")
    return None if who.key else _foreign(scope)


def _foreign(scope: Scope) -> Response | None:
    """A refusal of what would change something and comes from a page of others."""
    if scope["method"] in SAFE or is_ours(Headers(scope=scope)):
        return None
    if scope["path"].startswith((*FOR_KEYS, *LOADED)):
        return Problem(403, "This must be asked for from our own pages, or with a key.").response()
    return wrong_origin()


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


def _turned_away(scope: Scope, to: str = "/sign-in") -> Response:
    path: str = scope["path"]
    if scope["type"] == "websocket" or path.startswith(FOR_KEYS):
        return _refusal(scope, Problem(401, "Missing API key or Authorization header"))
    if path.startswith(LOADED) or scope["method"] not in ("GET", "HEAD"):
        return Problem(401, "Please sign in").response()
    return RedirectResponse(to, 303)


def _refusal(scope: Scope, problem: Problem) -> Response:
    """In an envelope, for programs that know nothing else."""
    if scope["path"] == envelope.PATH:
        return envelope.refusal(problem, scope["method"])
    return problem.response()
