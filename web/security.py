"""Headers that every answer has, hosts that we answer as, and bodies that we accept."""

import ipaddress
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.ontology.settings import Settings
from web.header import header
from web.problems import Problem

MOST_BODY_BYTES = 1024 * 1024
# As they are asked for, and how many letters they may have with a port behind them.
MOST_HOSTS, MOST_HOST_LETTERS = 256, 260

# Datastar compiles its expressions, hence 'unsafe-eval': no text of others may stand
# in an attribute that it reads. MapLibre styles its elements, hence 'unsafe-inline'.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; "
    "script-src 'self' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "worker-src 'self' blob:; "
    "connect-src 'self'; "
    "object-src 'none'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "form-action 'self'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)",
    # Not "no-referrer", under which browsers send our own forms as if from nowhere.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
STRICT_TRANSPORT = "max-age=31536000"


# As they are sent: they are put behind those of every answer.
_SENT = [
    (name.lower().encode(), value.encode())
    for name, value in {**HEADERS, "Cache-Control": "no-store"}.items()
]
_SENT_BY_HTTPS = [*_SENT, (b"strict-transport-security", STRICT_TRANSPORT.encode())]
_NAMES = frozenset(name for name, _ in _SENT_BY_HTTPS)


def secured(headers: Iterable[tuple[bytes, bytes]], *, https: bool) -> list[tuple[bytes, bytes]]:
    """Headers, and what is missing of those that every answer has."""
    said, ours = list(headers), _SENT_BY_HTTPS if https else _SENT
    there = {name for name, _ in said}
    if not _NAMES.isdisjoint(there):
        ours = [each for each in ours if each[0] not in there]
    return said + ours


class SecureHeaders:
    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = secured(message.get("headers", ()), https=self._https)
            await send(message)

        await self._app(scope, receive, send_secured)


class Hosts:
    """Answers only as ourselves, so that a foreign name pointed at us reads nothing here.

    Where we listen on every address, any literal address will do: such a name is none.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._names = {"localhost", "127.0.0.1", "::1", settings.host.lower()}
        self._names.add((urlsplit(settings.url).hostname or "localhost").lower())
        self._any_address = settings.host in ("0.0.0.0", "::")  # noqa: S104  (compared, not bound)
        self._is_ours = lru_cache(MOST_HOSTS)(self._named_ours)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._problem(scope)
        if problem is not None:
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        if scope["type"] not in ("http", "websocket"):
            return None
        if not self._ours(header(scope, b"host") or ""):
            return Problem(421, "This host is not served here: see OVERWATCH_BASE_URL.")
        # Browsers open WebSockets for pages of anybody, and say whose page it is.
        origin = header(scope, b"origin") if scope["type"] == "websocket" else None
        if origin is not None and not self._ours(origin.partition("://")[2]):
            return Problem(403, "WebSockets are not for pages of others.")
        return None

    def _ours(self, host: str) -> bool:
        return len(host) <= MOST_HOST_LETTERS and self._is_ours(host)

    def _named_ours(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self._names:
            return True
        if not self._any_address:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class _TooLarge(Exception):
    """The body has more bytes than are accepted."""


class BodyLimit:
    """Refuses a body that says it is too large, and stops reading one that turns out to be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = header(scope, b"content-length")
        if length is not None and (not length.isdecimal() or int(length) > MOST_BODY_BYTES):
            await _too_large()(scope, receive, send)
            return
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BODY_BYTES:
                raise _TooLarge
            return message

        try:
            await self._app(scope, receive_some, send)
        except _TooLarge:
            await _too_large()(scope, receive, send)


def _too_large() -> Response:
    return Problem(413, "The body may have 1 MiB at most.").response()
