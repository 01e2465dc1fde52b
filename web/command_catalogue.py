"""``GET /api/v1/commands/catalogue``: the kinds of command, for forms and for checks."""

import hashlib
from functools import cache

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.command_catalogue import KINDS
from web.command_bodies import CommandKind
from web.openapi import ANYBODY, Operation

_PATH = "/api/v1/commands/catalogue"


@cache
def _listed() -> tuple[bytes, str]:
    """The catalogue, and its tag. It changes only with the program."""
    kinds = [msgspec.convert(msgspec.to_builtins(each), CommandKind) for each in KINDS]
    for each in kinds:
        each.entity_types.sort()
    text = msgspec.json.encode(kinds)
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


async def catalogue(request: Request) -> Response:
    """A bare array, or 304 for whoever has it already."""
    text, tag = _listed()
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or tag in [
        each.strip().removeprefix("W/") for each in known.split(",")
    ]:
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type="application/json")


routes = [Route(_PATH, catalogue, methods=["GET"])]
operations = [
    Operation(
        "GET",
        _PATH,
        "list-command-kinds",
        "List the kinds of command",
        ANYBODY,
        answers={200: list[CommandKind], 304: "Nothing has changed."},
        headers={"If-None-Match": "What `ETag` said before."},
        gives={"ETag": "Of what is listed."},
    )
]
