"""The REST interface: who there is, by the registry, and how they are, by the live picture."""

from collections.abc import Mapping
from typing import Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import listing
from web.database import Row, Tables
from web.entity import Entity
from web.identity import require
from web.problems import Problem
from web.site import Site, site

_ONE = "SELECT * FROM entities WHERE org_id = ? AND entity_id = ?"
_ALWAYS = (
    "entity_id", "org_id", "name", "entity_type", "status", "priority", "created_at", "updated_at",
)  # fmt: skip
_PLACE = ("latitude", "longitude", "altitude", "heading", "velocity")
# JSON that the registry keeps, and the interface serves, as text.
_TEXTS = ("components", "tags", "metadata", "video_config")


async def list_entities(request: Request) -> Response:
    """``GET /api/v1/organizations/{org_id}/entities``: a bare array, of all or of a page."""
    here, organization = site(request), _organization(request)
    page = await listing.entities(request, organization)
    return _json([_entity(here, row) for row in page.rows], page.headers)


async def get_entity(request: Request) -> Response:
    """``GET …/entities/{entity_id}``: one of them."""
    here, organization = site(request), _organization(request)
    key = organization, request.path_params["entity_id"]
    rows = await anyio.to_thread.run_sync(_rows, here.tables, _ONE, key)
    if not rows:
        raise Problem(404, "Entity not found")
    return _json(_entity(here, rows[0]))


async def get_state(request: Request) -> Response:
    """``GET …/entities/{entity_id}/state``: its document as it stands in the bucket."""
    here, organization = site(request), _organization(request)
    entity = here.picture.entity(organization, request.path_params["entity_id"])
    if entity is None:
        raise Problem(404, "Entity not found")
    return Response(entity.document, media_type="application/json")


def _organization(request: Request) -> str:
    """The organisation of the path, if it is the asker's own.

    Raises:
        Problem: 403 without the scope; 404 for any other, whether it exists or not.
    """
    who = require(request, "entities:read")
    if request.path_params["org_id"] != who.organization:
        raise Problem(404, "Organization not found")
    return who.organization


def _rows(tables: Tables, sql: str, values: tuple[str, ...]) -> list[Row]:
    """Rows of the registry; none before the flow that writes it has first run."""
    return tables.read(sql, values) if tables.has("entities") else []


def _entity(here: Site, row: Row) -> Mapping[str, Any]:
    """One entity as version 0.1.0 of the interface has it; what is not known is left out."""
    live = here.picture.entity(row["org_id"], row["entity_id"])
    known = {**{name: row.get(name) for name in _PLACE}, **_seen(live)}
    texts = {name: row.get(name) for name in _TEXTS}
    return {
        **{name: row.get(name) for name in _ALWAYS},
        "is_live": live is not None and here.picture.judged(live).state == "live",
        **{name: value for name, value in {**known, **texts}.items() if value is not None},
    }


def _seen(live: Entity | None) -> dict[str, float]:
    """Place and motion of the live picture, where it has them."""
    if live is None:
        return {}
    values = (live.latitude, live.longitude, live.altitude, live.heading, live.speed)
    pairs = zip(_PLACE, values, strict=True)
    return {name: value for name, value in pairs if value is not None}


def _json(value: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), headers=headers, media_type="application/json")


_ENTITIES = "/api/v1/organizations/{org_id}/entities"
routes = [
    Route(_ENTITIES, list_entities, methods=["GET"]),
    Route(f"{_ENTITIES}/{{entity_id}}", get_entity, methods=["GET"]),
    Route(f"{_ENTITIES}/{{entity_id}}/state", get_state, methods=["GET"]),
]
