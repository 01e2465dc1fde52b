"""Errors as the asker reads them best: a problem for programs, a page for people, never a trace."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ExceptionHandler

from web.gate import FOR_KEYS, LOADED
from web.notices import broken, not_found, notice
from web.problems import Problem
from web.security import secured

_WORDS = {404: "Not found", 405: "Method not allowed"}


async def on_problem(request: Request, problem: Exception) -> Response:
    """What a handler refuses: a page for people, as far as that is what they asked for."""
    assert isinstance(problem, Problem)  # noqa: S101  (what it is registered for)
    if _by_program(request) or "text/html" not in request.headers.get("accept", ""):
        return problem.response()
    title = HTTPStatus(problem.status).phrase
    return notice(problem.status, title, problem.detail, headers=problem.headers)


async def on_http_error(request: Request, error: Exception) -> Response:
    """What routing and static files refuse."""
    assert isinstance(error, HTTPException)  # noqa: S101  (what it is registered for)
    if error.status_code == 405:
        error = HTTPException(405, error.detail, {"Allow": _allowed(request)})
    if _by_program(request):
        detail = _WORDS.get(error.status_code, error.detail)
        return Problem(error.status_code, detail, error.headers).response()
    if error.status_code == 404:
        return not_found()
    return notice(error.status_code, error.detail, headers=dict(error.headers or {}))


async def on_fault(request: Request, _error: Exception) -> Response:
    """A fault of ours. It leaves past the headers that every answer has, so gets them here."""
    response = Problem(500, "An internal error occurred").response()
    if not _by_program(request):
        response = broken()
    response.raw_headers = secured(response.raw_headers, https=request.url.scheme == "https")
    return response


def _allowed(request: Request) -> str:
    """The methods of all routes with this path: each knows only its own."""
    met = [
        each.methods or ()
        for each in request.app.routes
        if isinstance(each, Route) and each.matches(request.scope)[0] is Match.PARTIAL
    ]
    return ", ".join(sorted({method for methods in met for method in methods}))


def _by_program(request: Request) -> bool:
    path: str = request.scope["path"]
    return path.startswith((*FOR_KEYS, *LOADED))


handlers: dict[int | type[Exception], ExceptionHandler] = {
    Problem: on_problem,
    HTTPException: on_http_error,
    Exception: on_fault,
}
