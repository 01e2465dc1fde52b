"""Errors of the interface as RFC 9457 says them: ``application/problem+json``."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """A request that cannot be served, and why, in words for whoever made it.

    ``more`` are further members of the answer, for programs to read.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        if status == HTTPStatus.UNAUTHORIZED:
            self.headers["WWW-Authenticate"] = "Bearer"

    def response(self) -> Response:
        body = {
            "status": self.status,
            "title": HTTPStatus(self.status).phrase,
            "detail": self.detail,
            **self.more,
        }
        return Response(
            msgspec.json.encode(body), self.status, self.headers, media_type=CONTENT_TYPE
        )
