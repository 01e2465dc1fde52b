"""Missions as GeoJSON, for our maps: one that is stored, and what a vehicle has on board."""

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from web import mission_acts
from web.database import Row
from web.identity import require
from web.mission_acts import READ
from web.mission_drawing import drawing
from web.mission_progress import on_board
from web.missions import NOT_FOUND, mission_of
from web.problems import Problem
from web.site import site


async def drawn(request: Request) -> Response:
    """``GET /missions/{mission_id}/drawing``: a version as GeoJSON."""
    who = require(request, READ)
    row = await mission_acts.known(
        request, who.organization, request.path_params["mission_id"], version(request)
    )
    return _geojson(row)


async def drawn_of_entity(request: Request) -> Response:
    """``GET /entities/{entity_id}/mission``: what a vehicle has on board, as GeoJSON.

    By all that commands tell; nothing where that is nothing, or no stored mission.
    """
    who = require(request, READ)
    here, entity_id = site(request), request.path_params["entity_id"]
    held = None
    if here.picture.entity(who.organization, entity_id) is not None:
        held = await anyio.to_thread.run_sync(on_board, here.tables, who.organization, entity_id)
    if held is None:
        return JSONResponse({"type": "FeatureCollection", "features": []})
    return _geojson(await mission_acts.known(request, who.organization, *held))


def version(request: Request) -> int | None:
    """Which is asked for; None for the newest. Raises Problem: 404, there can be no such one."""
    said = request.query_params.get("version", "")
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) <= 9):
        raise Problem(404, NOT_FOUND)
    return int(said)


def _geojson(row: Row) -> Response:
    return JSONResponse(drawing(mission_of(row), row["name"]), media_type="application/geo+json")


routes = [
    Route("/missions/{mission_id}/drawing", drawn, methods=["GET"]),
    Route("/entities/{entity_id}/mission", drawn_of_entity, methods=["GET"]),
]
