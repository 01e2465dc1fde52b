"""``/fleet``: the entities of an organisation as they are registered."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import htpy as h
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import entity_writes
from web.desk import Act, desk, done, whose
from web.entity_bodies import CreateEntity, DeleteEntity, UpdateEntity
from web.entity_writes import READ, WRITE
from web.fleet_forms import ANY, KINDS, PLACE, PRIORITIES, STATES, creating, listed, searching
from web.identity import identity
from web.listing import LINK, TOTAL, EntityPage, Page, chosen
from web.office_forms import number, wanted
from web.organizations import Organization
from web.panels import panel
from web.problems import Problem
from web.query import as_query
from web.registered import registered
from web.site import site

PATH = "/fleet"
AT_ONCE = 100
# What a form may leave as it is, though nobody can choose it.
_CHOICES = {"entity_type": KINDS, "status": STATES, "priority": PRIORITIES}


async def show(request: Request) -> Response:
    return await _page(request, await whose(request, READ))


async def act(request: Request) -> Response:
    organization = await whose(request, WRITE)

    async def again(_shown: h.Node, fault: Problem | None) -> Response:
        return await _page(request, organization, fault)

    return await done(request, organization.org_id, _ACTS, again)


async def _create(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    await entity_writes.created(request, org_id, wanted(_asked(said), CreateEntity))


async def _update(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    asked = wanted(_asked(said) | {"name": said.get("name", "")}, UpdateEntity)
    await entity_writes.updated(request, org_id, said.get("id", ""), asked)


async def _delete(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    reason = wanted({"reason": said.get("reason", "")}, DeleteEntity).reason
    await entity_writes.deleted(request, org_id, said.get("id", ""), reason)


_ACTS: Mapping[str, Act] = {"create": _create, "update": _update, "delete": _delete}


def _asked(said: Mapping[str, str]) -> dict[str, Any]:
    """The fields that a form fills; those that it leaves empty are not said."""
    asked: dict[str, Any] = {
        name: said[name]
        for name in ("entity_id", "name", *_CHOICES)
        if said.get(name) and said[name] in _CHOICES.get(name, (said[name],))
    }
    if "tags" in said:
        asked["tags"] = [each for each in map(str.strip, said["tags"].split(",")) if each]
    if any(said.get(name) for name in PLACE):
        asked["position"] = {name: number(said, name) for name in PLACE if said.get(name)}
    return asked


async def _page(
    request: Request, organization: Organization, fault: Problem | None = None
) -> Response:
    may = identity(request).may(WRITE)
    found = await _found(request, organization.org_id)
    return desk(
        request,
        f"Fleet of {organization.name}",
        panel(
            f"Entities: {found.headers[TOTAL]}",
            searching(request),
            listed([registered(site(request), each) for each in found.rows], may=may)
            if found.rows
            else h.p[_none(request, may=may)],
            _following(request, found),
        ),
        panel("Register an entity", creating()) if may else None,
        current=PATH,
        fault=fault,
    )


async def _found(request: Request, org_id: str) -> Page:
    """Those that are searched for; what the form left empty or open is not."""
    said = [
        (name, value)
        for name, value in parse_qsl(request.url.query, max_num_fields=50)
        if value != ANY
    ]
    asked = as_query(said, EntityPage)
    if asked.limit is msgspec.UNSET:
        asked.limit = AT_ONCE
    if "sort" not in dict(said):
        asked.sort = "name"
    return await chosen(request, org_id, asked)


def _none(request: Request, *, may: bool) -> str:
    if request.url.query:
        return "None is like that: search for less."
    if may:
        return "There is none yet. Register one below, or let a vehicle speak: it comes by itself."
    return "There is none yet."


def _following(request: Request, found: Page) -> h.Node:
    """The way to the next page, and back to the first."""
    further = found.headers.get(LINK, "").partition(">")[0].removeprefix("<")
    first = request.url.include_query_params().remove_query_params("cursor")
    beyond = "cursor" in request.query_params
    return h.nav(".pager", aria_label="Pages")[
        h.a(".button", href=f"?{first.query}")["First page"] if beyond else None,
        h.a(".button", href=further)["Next page"] if further else None,
    ]


routes = [
    Route(path, handler, methods=[method])
    for path in (PATH, f"{PATH}/{{org_id}}")
    for method, handler in (("GET", show), ("POST", act))
]
