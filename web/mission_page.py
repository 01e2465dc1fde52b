"""``/missions/{mission_id}``: a mission, where it leads, and on which vehicles it is."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import anyio.to_thread
import htpy as h
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.stored_missions import Mission
from web import mission_acts, upload_acts
from web import mission_html as html
from web.database import Row
from web.desk import STYLES, Act, done
from web.identity import Identity, require
from web.layout import page
from web.mission_acts import COMMAND, READ, WRITE
from web.mission_bodies import UploadMission
from web.mission_drawn import version
from web.mission_forms import deleting, importing, uploading
from web.mission_profile import profile
from web.mission_progress import glanced, uploads
from web.mission_view import MOST_SHOWN, MissionView
from web.missions import mission_of
from web.missions_page import PATH as LIST
from web.notices import not_found
from web.office_forms import explained, wanted
from web.panels import panel
from web.problems import Problem
from web.reading import SHAPES
from web.site import Site, site
from web.streams import Watched, stream

PATH = f"{LIST}/{{mission_id}}"


async def show(request: Request) -> Response:
    """``GET /missions/{mission_id}``: of a version, or the newest."""
    require(request, READ)
    return await _page(request)


async def act(request: Request) -> Response:
    """``POST /missions/{mission_id}``: upload a list of it to a vehicle."""
    who = require(request, COMMAND)

    async def again(_shown: h.Node, fault: Problem | None) -> Response:
        return await _page(request, fault)

    return await done(request, who.organization, _ACTS, again)


async def live(request: Request) -> Response:
    """``GET /live/missions/{mission_id}``: its uploads as they change."""
    here, who = site(request), require(request, READ)
    name = (await mission_acts.known(request, who.organization, _id(request)))["mission_id"]
    view = await _view(here, who.organization, name)
    return stream(request, Watched(here.live, f"mission/{name}", lambda: view))


async def _upload(request: Request, _org_id: str, said: Mapping[str, str]) -> None:
    asked: dict[str, Any] = {
        name: said[name]
        for name in ("entity_id", "mission_type", "reason", "command_id")
        if said.get(name)
    }
    asked |= {name: said.get(name) == "yes" for name in ("confirmed", "forced")}
    if said.get("version", "").isdecimal():
        asked["version"] = int(said["version"][:9])
    who = require(request, COMMAND)
    await upload_acts.uploaded(
        request, who.organization, _id(request), wanted(asked, UploadMission)
    )


_ACTS: Mapping[str, Act] = {"upload": _upload}


async def _page(request: Request, fault: Problem | None = None) -> Response:
    here, who = site(request), require(request, READ)
    try:
        row = await mission_acts.known(request, who.organization, _id(request), version(request))
    except Problem as problem:
        if problem.status != 404:
            raise
        return not_found()
    name = row["mission_id"]
    rows = await anyio.to_thread.run_sync(here.missions.versions, who.organization, name)
    view = await _view(here, who.organization, name)
    mission = mission_of(row)
    remarks = await anyio.to_thread.run_sync(
        mission_acts.remarks, here, mission, row["vehicle_type"]
    )
    content = h.main(".office.mission-page")[
        h.nav(".crumbs", aria_label="Where this is")[h.a(href=LIST)["Missions"]],
        _head(row, rows[0]["version"] if rows else row["version"], name),
        h.p(".said", role="alert", data_wrong=True)[explained(fault)] if fault else None,
        h.div(".mission-top")[
            _map(row),
            h.div[
                panel("What it is", html.facts(row, mission)),
                panel("Checks", html.remarked(remarks)),
            ],
        ],
        _profile(mission),
        _vehicles(here, who, mission, row, view.html()),
        html.lists(mission),
        panel("Versions", html.versions(f"{LIST}/{name}", rows, row["version"])),
        _changing(who, row, rows[0]["version"] if rows else row["version"]),
    ]
    response = page(
        row["name"],
        content,
        who=who,
        picture=here.picture,
        current=LIST,
        stream=f"/live/missions/{name}",
        modules=("mission-map.js", "mission-import.js"),
        styles=("vendor/maplibre-gl.css", *STYLES, "missions.css"),
    )
    response.status_code = fault.status if fault else 200
    return response


def _head(row: Row, newest: int, name: str) -> h.Fragment:
    older = row["version"] != newest
    return h.fragment[
        h.h1[
            h.bdi[row["name"]],
            h.span(".mark", class_="mark wrong" if older else "mark")[
                f"version {row['version']}", f" of {newest}" if older else ""
            ],
        ],
        h.p(".about")[row["description"]] if row["description"] else None,
        h.p(".older")["This is not the newest: ", h.a(href=f"{LIST}/{name}")["go there"], "."]
        if older
        else None,
    ]


def _map(row: Row) -> h.Element:
    source = f"{LIST}/{row['mission_id']}/drawing?version={row['version']}"
    return h.section(".map-panel", aria_label="Map")[
        h.div("#map", {"data-ignore-morph": True, "data-drawing": source})
    ]


def _profile(mission: Mission) -> h.Node:
    drawn_ = profile(mission)
    return panel("Altitude", drawn_) if drawn_ else None


def _vehicles(here: Site, who: Identity, mission: Mission, row: Row, told: Markup) -> h.Element:
    entities = here.picture.entities(who.organization).values()
    able = [each for each in entities if each.head.entity_type in SHAPES]
    return panel(
        "On vehicles",
        told,
        uploading(mission, row["version"], able, here.picture) if who.may(COMMAND) else None,
    )


def _changing(who: Identity, row: Row, newest: int) -> h.Node:
    if not who.may(WRITE):
        return None
    return panel(
        "Change it",
        importing(who.organization, row["mission_id"], newest),
        h.div(".acts.left")[deleting(row["mission_id"], row["name"])],
    )


async def _view(here: Site, organization: str, mission_id: str) -> MissionView:
    which = here.tables, organization, mission_id, MOST_SHOWN
    known = await anyio.to_thread.run_sync(uploads, *which)
    reads = partial(glanced, *which)
    return MissionView(here.picture, here.board, organization, known, reads)


def _id(request: Request) -> str:
    return str(request.path_params["mission_id"])


routes = [
    Route(PATH, show, methods=["GET"]),
    Route(PATH, act, methods=["POST"]),
    Route("/live/missions/{mission_id}", live, methods=["GET"]),
]
