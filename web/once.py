"""Handlers that do a request once, however often it is made by one ``Idempotency-Key``."""

import hashlib
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from web.body import body
from web.identity import identity
from web.problems import Problem
from web.retries import HEADER
from web.site import site

MOST_LETTERS = 256

Handler = Callable[[Request], Awaitable[Response]]


def retry_of(request: Request) -> str:
    """What a request has in common with its retries; empty where it does not say."""
    said = request.headers.get(HEADER, "")
    if not said:
        return ""
    if len(said) > MOST_LETTERS:
        raise Problem(400, f"{HEADER} may have {MOST_LETTERS} letters at most.")
    who = identity(request)
    return hashlib.sha256(f"{who.key or who.session}\0{said}".encode()).hexdigest()


def once(handler: Handler) -> Handler:
    """A handler that answers retries of a request as it has answered the request."""

    async def answer(request: Request) -> Response:
        name = retry_of(request)
        if not name:
            return await handler(request)
        told = (request.method, str(request.url), request.headers.get("if-match", ""))
        asked = hashlib.sha256("\0".join(told).encode() + b"\0" + await body(request)).hexdigest()
        retries = site(request).retries
        return await retries.once(name, _organization(request), asked, lambda: handler(request))

    return answer


def _organization(request: Request) -> str:
    """Whose the answer is, which is forgotten with them."""
    who = identity(request)
    named = request.path_params.get("org_id") or request.query_params.get("org_id", "")
    return named if who.governs(named) else who.organization
