"""``/missions``: the missions of an organisation, and a file that is to be one."""

from collections.abc import Mapping

import anyio.to_thread
import htpy as h
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import mission_acts
from web import mission_words as words
from web.cursor import NAME, Cursor
from web.database import Row
from web.desk import Act, desk, done
from web.identity import Identity, require
from web.mission_acts import READ, WRITE
from web.mission_forms import deleting, importing
from web.mission_html import counted, kind
from web.mission_routes import ORDER, after
from web.panels import panel, table, when
from web.problems import Problem
from web.site import site

PATH = "/missions"
AT_ONCE = 100


async def show(request: Request) -> Response:
    """``GET /missions``."""
    return await _page(request)


async def act(request: Request) -> Response:
    """``POST /missions``: delete one."""
    who = require(request, WRITE)

    async def again(_shown: h.Node, fault: Problem | None) -> Response:
        return await _page(request, fault)

    return await done(request, who.organization, _ACTS, again)


async def _delete(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    await mission_acts.deleted(request, org_id, said.get("id", ""), lambda _version: None)


_ACTS: Mapping[str, Act] = {"delete": _delete}


async def _page(request: Request, fault: Problem | None = None) -> Response:
    who = require(request, READ)
    beyond = after(request.query_params.get(NAME, ""))
    missions = site(request).missions
    rows = await anyio.to_thread.run_sync(missions.all, who.organization, beyond, AT_ONCE + 1)
    may = who.may(WRITE)
    return desk(
        request,
        "Missions",
        panel("Import a file", importing(who.organization)) if may else None,
        panel(
            "The last changed first",
            _table(rows[:AT_ONCE], who) if rows else h.p[_none(may=may)],
            _following(rows, beyond=beyond is not None),
        ),
        current=PATH,
        fault=fault,
        modules=("mission-import.js",),
        styles=("missions.css",),
    )


def _table(rows: list[Row], who: Identity) -> h.Element:
    return table(
        ("Name", "For", "Holds", "Length", "Version", "Changed", ""),
        [
            (
                h.fragment[
                    h.a(href=f"{PATH}/{each['mission_id']}")[h.bdi[each["name"]]],
                    h.p(".below")[each["description"]] if each["description"] else None,
                ],
                kind(each["vehicle_type"]),
                counted(each),
                words.distance(each["length"]),
                str(each["version"]),
                when(each["created_at"]),
                h.div(".acts")[deleting(each["mission_id"], each["name"])]
                if who.may(WRITE)
                else "",
            )
            for each in rows
        ],
    )


def _none(*, may: bool) -> str:
    if may:
        return "There is none yet. Import one above, as your ground station has saved it."
    return "There is none yet."


def _following(rows: list[Row], *, beyond: bool) -> h.Node:
    last = rows[AT_ONCE - 1] if len(rows) > AT_ONCE else None
    further = Cursor(ORDER, last["created_at"], last["mission_id"]).text() if last else ""
    return h.nav(".pager", aria_label="Pages")[
        h.a(".button", href=PATH)["First page"] if beyond else None,
        h.a(".button", href=f"{PATH}?{NAME}={further}")["Next page"] if further else None,
    ]


routes = [
    Route(PATH, show, methods=["GET"]),
    Route(PATH, act, methods=["POST"]),
]
