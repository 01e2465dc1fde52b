"""``…/history``: what an entity has said."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.subjects import is_token
from flows.ontology.telemetry import moment
from web import history
from web.cursor import Cursor, read_cursor
from web.entity_filter import meant
from web.history import CSV
from web.openapi import JSON, Operation
from web.past import Asked
from web.past_routes import BUSY, ENTITY, HOUR_US, SCOPE, Moment, see_known, since_1970
from web.problems import Problem
from web.query import read_query, wrong
from web.site import site
from web.within import within

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS, USUAL_ROWS = 10_000, 1000
MOST_SIGNALS = 64
ORDER = "ts"


class HistoryQuery(msgspec.Struct, rename={"since": "from"}):
    """Which part of a history is asked for."""

    since: (
        Annotated[Moment, meant("From when; an hour before `to` without it.")] | msgspec.UnsetType
    ) = msgspec.UNSET
    to: Annotated[Moment, meant("Until when; now, without it.")] | msgspec.UnsetType = msgspec.UNSET
    signals: Annotated[
        str,
        msgspec.Meta(max_length=4096),
        meant("Paths of signals or branches, with commas between; all of them without it."),
    ] = ""
    limit: Annotated[
        int, msgspec.Meta(ge=1, le=MOST_ROWS), meant("How many rows at once.")
    ] = USUAL_ROWS  # fmt: skip
    cursor: Annotated[
        str, msgspec.Meta(max_length=4096), meant("From the header Link of the page before.")
    ] = ""


class HistoryRow(msgspec.Struct):
    """What one message had said: values by the paths of signals."""

    ts: datetime
    message: str
    source: str
    recorded: bool
    values: dict[str, Any]


async def entity_history(request: Request) -> Response:
    """``GET …/history``: rows of the lake, the oldest first."""
    organization, here = await within(request, SCOPE), site(request)
    wanted, entity_id = read_query(request, HistoryQuery), request.path_params["entity_id"]
    until_us = here.clock.wall_us()
    if wanted.to is not msgspec.UNSET:
        until_us = since_1970("to", wanted.to)
    since_us = max(0, until_us - HOUR_US)
    if wanted.since is not msgspec.UNSET:
        since_us = since_1970("from", wanted.since)
    if since_us > until_us:
        raise wrong("from", "expected a time before `to`", str(wanted.since))
    signals, after = _signals(wanted.signals), None
    if wanted.cursor:
        after = _after(wanted.cursor)
    if not is_token(entity_id):
        raise Problem(404, "Entity not found")
    asked = Asked(organization, entity_id, until_us, since_us)

    def work(connection: "DuckDBPyConnection") -> list[history.Row]:
        return history.rows(connection, asked, signals, after, wanted.limit + 1)

    nothing: list[history.Row] = []
    found = await here.lake.ask(work, nothing)
    if not found:
        await see_known(here, organization, entity_id)
    headers = {"Vary": "Accept"}
    if len(found) > wanted.limit:
        found = found[: wanted.limit]
        headers["Link"] = _next(request, asked, found[-1])
    if _likes_csv(request):
        text = await anyio.to_thread.run_sync(history.as_csv, found, signals)
        return Response(text, headers=headers, media_type=CSV)
    body = msgspec.json.encode(history.as_json(found))
    return Response(body, headers=headers, media_type=JSON)


def _signals(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(filter(None, (each.strip() for each in text.split(",")))))
    if len(names) > MOST_SIGNALS or not all(map(history.is_path, names)):
        raise wrong("signals", f"expected {MOST_SIGNALS} paths at most, as `power.voltage`", text)
    return names


def _after(text: str) -> tuple[int, int]:
    found = read_cursor(text, ORDER)
    if not isinstance(found.value, int) or not isinstance(found.key, int):
        raise wrong("cursor", "expected what a history has given", text)
    if not all(0 <= each < 2**62 for each in (found.value, found.key)):
        raise wrong("cursor", "expected what a history has given", text)
    return found.value, found.key


def _next(request: Request, asked: Asked, last: history.Row) -> str:
    """The next page is of the same time, though it is later by then."""
    told = {
        name: value
        for name, value in request.query_params.items()
        if name not in ("cursor", "from", "to")
    }
    query = urlencode(
        {
            **told,
            "from": _text(asked.since_us),
            "to": _text(asked.at_us),
            "cursor": Cursor(ORDER, last.at_us, last.place).text(),
        }
    )
    return f'<{request.url.path}?{query}>; rel="next"'


def _text(us: int) -> str:
    return moment(us).isoformat().replace("+00:00", "Z")


def _likes_csv(request: Request) -> bool:
    """Whether CSV is named, and JSON is not named before it."""
    names = [
        each.partition(";")[0].strip().lower()
        for each in request.headers.get("accept", "").split(",")
    ]
    return next((name == CSV for name in names if name in (CSV, JSON)), False)


routes = [Route(f"{ENTITY}/history", entity_history, methods=["GET"])]
operations = [
    Operation(
        "GET",
        f"{ENTITY}/history",
        "get-entity-history",
        "Get what an entity has said",
        SCOPE,
        query=HistoryQuery,
        answers={200: list[HistoryRow], 503: BUSY},
        media=(JSON, CSV),
        gives={"Link": 'The next page, as `<…>; rel="next"`, where there is one.'},
        tag="history",
    ),
]
