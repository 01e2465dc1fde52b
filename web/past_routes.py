"""``…/state``: how an entity is, or how it was."""

import math
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.rate import Patience
from flows.ontology.subjects import is_token
from flows.ontology.telemetry import microseconds
from web.entity_filter import meant
from web.openapi import JSON, Operation
from web.past import Asked, Past, past
from web.past_document import document
from web.problems import Problem
from web.query import read_query, wrong
from web.registered import row_of
from web.site import Site, site
from web.within import within

SCOPE = "entities:read"
HOUR_US = 3_600_000_000
MOST_HOURS = 24
# What an asker's clock may be ahead of ours.
AHEAD_US = 60_000_000

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class StateQuery(msgspec.Struct):
    """Which moment is asked for."""

    at: (
        Annotated[Moment, meant("How it was then; as it is now, without it.")] | msgspec.UnsetType
    ) = msgspec.UNSET
    hours: Annotated[
        float,
        msgspec.Meta(gt=0, le=MOST_HOURS),
        meant("How long before that something may have been said to count."),
    ] = 1.0


async def state(request: Request) -> Response:
    """``GET …/state``: the document as it stands, or as it would have stood ``at`` a moment."""
    organization, here = await within(request, SCOPE), site(request)
    wanted, entity_id = read_query(request, StateQuery), request.path_params["entity_id"]
    if wanted.at is msgspec.UNSET:
        entity = here.picture.entity(organization, entity_id)
        if entity is None:
            raise Problem(404, "Entity not found")
        return Response(entity.document, media_type=JSON)
    at_us = _been(here, "at", wanted.at)
    if not is_token(entity_id):
        raise Problem(404, "Entity not found")
    since_us = max(0, at_us - math.ceil(wanted.hours * HOUR_US))
    asked = Asked(organization, entity_id, at_us, since_us)
    found = await here.lake.ask(partial(past, asked=asked), Past())
    if not found.heard:
        await see_known(here, organization, entity_id)
    patience = here.picture.patience
    then = document(
        found, asked, Patience(int(patience.stale * 1e6), int(patience.lost * 1e6))
    )  # fmt: skip
    return Response(msgspec.json.encode(then), media_type=JSON)


async def see_known(here: Site, organization: str, entity_id: str) -> None:
    """See whether there is such an entity, of which nothing was said then.

    Raises:
        Problem: 404, there is none.
    """
    if here.picture.entity(organization, entity_id) is not None:
        return
    row = await anyio.to_thread.run_sync(row_of, here.tables, organization, entity_id)
    if row is None:
        raise Problem(404, "Entity not found")


def since_1970(name: str, value: datetime) -> int:
    us = microseconds(value)
    if us < 0:
        raise wrong(name, "expected a time since 1970", value.isoformat())
    return us


def _been(here: Site, name: str, value: datetime) -> int:
    us = since_1970(name, value)
    if us > here.clock.wall_us() + AHEAD_US:
        raise wrong(name, "expected a time that has been", value.isoformat())
    return us


ENTITY = "/api/v1/organizations/{org_id}/entities/{entity_id}"
BUSY = "The history cannot be read just now, or it would take too long."
routes = [Route(f"{ENTITY}/state", state, methods=["GET"])]
operations = [
    Operation(
        "GET",
        f"{ENTITY}/state",
        "get-entity-state",
        "Get the live state of an entity, or its state as it was",
        SCOPE,
        query=StateQuery,
        answers={200: dict[str, Any], 503: BUSY},
        description=(
            "The document has the signals as a tree, and under `provenance` for each branch who "
            "said it, when, and how fresh it was: what was stale at that moment is said to be."
        ),
        tag="history",
    ),
]
