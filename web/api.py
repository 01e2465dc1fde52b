"""``…/entities``: who there is, by the registry, and how they are, by the live picture."""

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import listing
from web.openapi import Operation
from web.registered import Entity, registered
from web.site import site
from web.within import within


async def list_entities(request: Request) -> Response:
    """``GET /api/v1/organizations/{org_id}/entities``: a bare array, of all or of a page."""
    here, organization = site(request), await within(request, "entities:read")
    page = await listing.entities(request, organization)
    return _json([registered(here, row) for row in page.rows], page.headers)


def _json(value: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), headers=headers, media_type="application/json")


_ENTITIES = "/api/v1/organizations/{org_id}/entities"
routes = [
    Route(_ENTITIES, list_entities, methods=["GET"]),
]
operations = [
    Operation(
        "GET",
        _ENTITIES,
        "list-entities",
        "List the entities of an organisation",
        "entities:read",
        query=listing.EntityPage,
        answers={200: list[Entity]},
        gives=listing.GIVES,
    ),
]
