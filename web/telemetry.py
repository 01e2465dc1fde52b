"""Telemetry that devices post: ``POST /api/v1/telemetry``, answered when it is stored."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.body import body, content_type
from web.identity import require
from web.ingest import MOST_AT_ONCE, Ingest, Outcome
from web.items import MOST_ITEMS, Malformed, of_json, of_lines
from web.openapi import Operation
from web.problems import Problem
from web.site import site

SCOPE = "telemetry:write"
RETRY_SECONDS = 1
MOST_RETRY_LETTERS = 256
_READERS: Mapping[str, Callable[[bytes], list[bytes]]] = {
    "application/json": of_json,
    "application/x-ndjson": of_lines,
    "application/ndjson": of_lines,
    "application/jsonl": of_lines,
}


async def post(request: Request) -> Response:
    """Take an object, an array or lines of them; what became of each is in the answer."""
    who, ingest = require(request, SCOPE), site(request).ingest
    wait = ingest.limit.wait(who.key)
    if wait:
        raise Problem(429, "Too many posts with this key.", {"Retry-After": str(wait)})
    reader = _READERS.get(content_type(request))
    if reader is None:
        raise Problem(415, f"The body may be {' or '.join(list(_READERS)[:2])}.")
    with _in_hand(ingest):
        items = _items(reader, await body(request))
        outcome = await ingest.take(who.organization, items, _retry(request))
    return _answer(outcome)


@contextmanager
def _in_hand(ingest: Ingest) -> Iterator[None]:
    """One of so many posts; those that come too many are sent away before they are read."""
    if ingest.at_once >= MOST_AT_ONCE:
        raise _later("Too many posts at once.")
    ingest.at_once += 1
    try:
        yield
    finally:
        ingest.at_once -= 1


def _items(reader: Callable[[bytes], list[bytes]], text: bytes) -> list[bytes]:
    try:
        items = reader(text)
    except Malformed as error:
        raise Problem(400, str(error)) from error
    if len(items) > MOST_ITEMS:
        raise Problem(413, f"There are {len(items)} items, and may be {MOST_ITEMS} at most.")
    if not items:
        raise Problem(422, "There is no item.", more={"accepted": 0, "rejected": []})
    return items


def _retry(request: Request) -> str:
    """What the header ``Idempotency-Key`` says: the same for a post and each retry of it."""
    retry = request.headers.get("idempotency-key", "")
    if len(retry) > MOST_RETRY_LETTERS:
        raise Problem(400, f"Idempotency-Key may have {MOST_RETRY_LETTERS} letters at most.")
    return retry


def _answer(outcome: Outcome) -> Response:
    told = outcome.told()
    if outcome.unanswered:
        waiting = len(outcome.unanswered)
        raise _later(f"{waiting} items are not known to be stored: {outcome.trouble}.", told)
    if not outcome.accepted:
        index, reason = outcome.rejected[0]
        raise Problem(422, f"No item can be taken. Item {index}: {reason}.", more=told)
    return Response(msgspec.json.encode(told), 202, media_type="application/json")


def _later(detail: str, more: Mapping[str, object] | None = None) -> Problem:
    return Problem(503, detail, {"Retry-After": str(RETRY_SECONDS)}, more)


class RefusedItem(msgspec.Struct):
    """An item that cannot be taken, by its place, and why."""

    index: int
    reason: str


class TelemetryAccepted(msgspec.Struct):
    """How many items are stored, how many had been before, and those that cannot be taken."""

    accepted: int
    duplicates: int
    rejected: list[RefusedItem]


routes = [Route("/api/v1/telemetry", post, methods=["POST"])]
operations = [
    Operation(
        "POST",
        "/api/v1/telemetry",
        "send-telemetry",
        "Store what devices tell",
        SCOPE,
        body=dict[str, Any] | list[Any],
        body_media=("application/json", "application/x-ndjson"),
        answers={
            202: TelemetryAccepted,
            422: "No item can be taken: why is said of each.",
            429: "Too many posts with this key: `Retry-After` says when to come again.",
            503: "It is not known whether all is stored: send it again.",
        },
        description=(
            "An item is one reading or message of a device, with its `entity_id`; up to "
            f"{MOST_ITEMS} of them may come as an array or as lines. It is answered when they "
            "are stored."
        ),
        headers={"Idempotency-Key": "The same for a post and each retry of it."},
    )
]
