"""``/fleet``: the entities of an organisation as they are registered."""

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import parse_qsl

import htpy as h
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.registry import EntityType, Priority, Status
from web import entity_routes
from web.desk import Act, desk, done, stamp, whose
from web.entity_bodies import CreateEntity, DeleteEntity, UpdateEntity
from web.entity_routes import READ, WRITE
from web.identity import identity
from web.listing import LINK, TOTAL, EntityPage, Page, chosen
from web.office_forms import number, options, text, wanted
from web.organizations import Organization
from web.panels import panel, table
from web.problems import Problem
from web.query import as_query
from web.registered import Entity, registered
from web.site import site

PATH = "/fleet"
AT_ONCE = 100
_ANY = "any"
_KINDS, _STATES, _PRIORITIES = map(get_args, (EntityType, Status, Priority))
_PLACE = ("latitude", "longitude", "altitude")


async def show(request: Request) -> Response:
    return await _page(request, await whose(request, READ))


async def act(request: Request) -> Response:
    organization = await whose(request, WRITE)

    async def again(_shown: h.Node, fault: Problem | None) -> Response:
        return await _page(request, organization, fault)

    return await done(request, organization.org_id, _ACTS, again)


async def _create(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    await entity_routes.created(request, org_id, wanted(_asked(said), CreateEntity))


async def _update(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    asked = wanted(_asked(said) | {"name": said.get("name", "")}, UpdateEntity)
    await entity_routes.updated(request, org_id, said.get("id", ""), asked)


async def _delete(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    reason = wanted({"reason": said.get("reason", "")}, DeleteEntity).reason
    await entity_routes.deleted(request, org_id, said.get("id", ""), reason)


_ACTS: Mapping[str, Act] = {"create": _create, "update": _update, "delete": _delete}


def _asked(said: Mapping[str, str]) -> dict[str, Any]:
    """The fields that a form fills; those that it leaves empty are not said."""
    asked: dict[str, Any] = {
        name: said[name]
        for name in ("entity_id", "name", "entity_type", "status", "priority")
        if said.get(name)
    }
    if "tags" in said:
        asked["tags"] = [each for each in map(str.strip, said["tags"].split(",")) if each]
    if any(said.get(name) for name in _PLACE):
        asked["position"] = {name: number(said, name) for name in _PLACE if said.get(name)}
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
            _searching(request),
            _table([registered(site(request), each) for each in found.rows], may=may)
            if found.rows
            else h.p[_none(request, may=may)],
            _following(request, found),
        ),
        panel("Register an entity", _creating()) if may else None,
        current=PATH,
        fault=fault,
    )


async def _found(request: Request, org_id: str) -> Page:
    """Those that are searched for; what the form left empty or open is not."""
    said = [
        (name, value)
        for name, value in parse_qsl(request.url.query, max_num_fields=50)
        if value != _ANY
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


def _searching(request: Request) -> h.Element:
    said = request.query_params
    return h.form(".fields.search", method="get", role="search")[
        text("q", "Search", said.get("q", ""), type="search", placeholder="name, id, metadata"),
        *(
            options(name, label, (_ANY, *choices), said.get(name, _ANY))
            for name, label, choices in (
                ("entity_type", "Type", _KINDS),
                ("status", "Status", _STATES),
                ("priority", "Priority", _PRIORITIES),
            )
        ),
        h.button(type="submit")["Search"],
        h.a(".button", href=request.url.path)["All"] if request.url.query else None,
    ]


def _table(entities: list[Entity], *, may: bool) -> h.Element:
    return table(
        ("Name", "Type", "Status", "Priority", "Tags", "Changed", ""),
        [
            (
                h.fragment[
                    h.a(href=f"/entities/{each.entity_id}")[h.bdi[each.name or each.entity_id]],
                    h.span(".mark.live")["live"] if each.is_live else None,
                    h.p(".below")[h.code[each.entity_id]],
                ],
                each.entity_type,
                each.status,
                each.priority,
                _chips(_tags(each)),
                stamp(each.updated_at),
                h.div(".acts")[_editing(each), _deleting(each)] if may else "",
            )
            for each in entities
        ],
    )


def _chips(tags: list[str]) -> h.Node:
    return h.div(".chips")[(h.span(".chip")[tag] for tag in tags)] if tags else ""


def _tags(each: Entity) -> list[str]:
    """Its tags; none where what is kept is no list."""
    try:
        return msgspec.json.decode(each.tags or "[]", type=list[str])
    except msgspec.MsgspecError:
        return []


def _fields(each: Entity | None = None) -> h.Fragment:
    """What a form asks of an entity that is, or is to be."""
    kind = each.entity_type if each else "aircraft_multirotor"
    return h.fragment[
        text("name", "Name", each.name if each else "", maxlength=255),
        options("entity_type", "Type", _with(kind, _KINDS), kind),
        options("status", "Status", _with(each.status if each else "", _STATES), _status(each)),
        options("priority", "Priority", _PRIORITIES, each.priority if each else "normal"),
        text("tags", "Tags, with commas between", ", ".join(_tags(each)) if each else ""),
        (text(name, name.capitalize(), inputmode="decimal") for name in _PLACE),
    ]


def _status(each: Entity | None) -> str:
    return each.status if each else "active"


def _with(own: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    """What can be chosen, and what it is already, if that is none of it."""
    return choices if not own or own in choices else (own, *choices)


def _creating() -> h.Element:
    return h.form(".fields", method="post")[
        text("entity_id", "Id, or nothing for one by chance", maxlength=128),
        _fields(),
        h.button(type="submit", name="act", value="create")["Register it"],
    ]


def _editing(each: Entity) -> h.Element:
    return h.details(".more")[
        h.summary["Edit"],
        h.form(".fields", method="post")[
            h.input(type="hidden", name="id", value=each.entity_id),
            _fields(each),
            h.button(type="submit", name="act", value="update")["Save"],
        ],
    ]


def _deleting(each: Entity) -> h.Element:
    return h.details(".more.sure")[
        h.summary["Delete"],
        h.form(".fields", method="post")[
            h.p["Its state and its registration go. If it speaks again, it comes again."],
            h.input(type="hidden", name="id", value=each.entity_id),
            text("reason", "Why", maxlength=255),
            h.button(type="submit", name="act", value="delete")["Yes, delete"],
        ],
    ]


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
