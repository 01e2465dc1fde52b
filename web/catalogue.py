"""``GET /api/v1/signals``: the catalogue of signals, by which dashboard, lake and README speak."""

import hashlib
from collections.abc import Iterable
from typing import Annotated, TypedDict

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.signals import FAMILIES, SIGNALS, Kind, Signal
from web.openapi import ANYBODY, Operation

# Whoever asks again is told in a line that nothing has changed.
_KEPT = "private, no-cache"


class CatalogueRow(TypedDict):
    """A signal: its path, UCUM unit, and column of the lake; of text there is no range."""

    path: str
    branch: str
    unit: str
    kind: Kind
    range: list[float | None] | None
    description: str
    column: str | None
    family: bool


class SignalQuery(msgspec.Struct):
    """Which signals are wanted."""

    branch: Annotated[str, msgspec.Meta(description="A branch, with what is beneath it.")] = ""


def listed(branch: str = "") -> list[CatalogueRow]:
    """The rows of the catalogue, those of a branch and what is beneath it, or all."""
    columns = {signal.path: signal.column for signal in SIGNALS}
    return [_row(signal, columns.get(signal.path)) for signal in _under(branch)]


def _under(branch: str) -> Iterable[Signal]:
    return (
        signal
        for signal in (*SIGNALS, *FAMILIES)
        if not branch or f"{signal.branch}.".startswith(f"{branch}.")
    )


def _row(signal: Signal, column: str | None) -> CatalogueRow:
    """A signal as it is served; a family stands for all that have a number in place of ``{n}``."""
    return {
        "path": signal.path,
        "branch": signal.branch,
        "unit": signal.unit,
        "kind": signal.kind,
        "range": None if signal.kind == "text" else [signal.low, signal.high],
        "description": signal.description,
        "column": column,
        "family": column is None,
    }


async def signals(request: Request) -> Response:
    """The catalogue, for any key or session: a bare array, or 304 for whoever has it already."""
    body = msgspec.json.encode(listed(request.query_params.get("branch", "")))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _KEPT}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _has(condition: str, tag: str) -> bool:
    """Whether one of the tags of ``If-None-Match`` is this one; weak ones compare as strong."""
    known = [each.strip().removeprefix("W/") for each in condition.split(",")]
    return tag in known or known == ["*"]


routes = [Route("/api/v1/signals", signals, methods=["GET"])]
operations = [
    Operation(
        "GET",
        "/api/v1/signals",
        "list-signals",
        "List the signals that entities have",
        ANYBODY,
        query=SignalQuery,
        answers={200: list[CatalogueRow], 304: "Nothing has changed."},
        headers={"If-None-Match": "What `ETag` said before."},
        gives={"ETag": "Of what is listed."},
    )
]
