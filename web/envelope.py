"""Answers as they were before v0.1.0: data, or what went wrong by a code, in an envelope."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from web.problems import Problem

# Where everything is answered so, be it by those who ask who comes.
PATH = "/api/v1/entities"
_CODES: Mapping[int, str] = {
    400: "INVALID_REQUEST",
    401: "UNAUTHORIZED",
    403: "UNAUTHORIZED",
    404: "NOT_FOUND",
    413: "INVALID_REQUEST",
    415: "INVALID_REQUEST",
    422: "INVALID_REQUEST",
}
_FAILED: Mapping[str, str] = {
    "GET": "GET_FAILED",
    "POST": "CREATE_FAILED",
    "PUT": "UPDATE_FAILED",
    "DELETE": "DELETE_FAILED",
}


class Error(msgspec.Struct, omit_defaults=True):
    code: str
    message: str
    details: Any = None


class Envelope(msgspec.Struct, omit_defaults=True):
    success: bool
    data: Any = None
    error: Error | None = None


def said(
    envelope: Envelope, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    text = msgspec.json.encode(envelope)
    return Response(text, status, dict(headers or {}), media_type="application/json")


def refusal(problem: Problem, method: str) -> Response:
    """A problem in an envelope. What is wrong with a body was a bad request then."""
    code = _CODES.get(problem.status) or _FAILED.get(method, "INVALID_REQUEST")
    error = Error(code, problem.detail, problem.more.get("errors"))
    status = 400 if problem.status == 422 else problem.status
    return said(Envelope(False, error=error), status, problem.headers)
