"""``/organizations``: those that somebody may see, made, changed and deleted."""

from collections.abc import Mapping

import htpy as h
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import organization_acts
from web.desk import Act, desk, done
from web.etag import etag
from web.identity import ADMIN, Identity, identity, require
from web.office_forms import check_typed, options, text, typed, wanted
from web.organization_acts import WRITE, CreateOrganization, UpdateOrganization
from web.organizations import KINDS, Organization
from web.panels import panel, table
from web.problems import Problem
from web.site import site

PATH = "/organizations"


async def show(request: Request) -> Response:
    """``GET /organizations``."""
    return await _page(request)


async def act(request: Request) -> Response:
    """``POST /organizations``: what the button that was pressed says."""
    require(request, WRITE)
    return await done(request, "", _ACTS, lambda _, fault: _page(request, fault))


async def _create(request: Request, _org_id: str, said: Mapping[str, str]) -> None:
    asked = {name: said.get(name, "") for name in ("name", "org_type", "description")}
    await organization_acts.create(request, wanted(asked, CreateOrganization))


async def _update(request: Request, _org_id: str, said: Mapping[str, str]) -> None:
    asked = {name: said[name] for name in ("name", "org_type", "description") if name in said}

    def check(revision: int) -> None:
        if said.get("revision", "") != etag(revision):
            raise Problem(412, "Somebody else has changed it meanwhile: this is how it is now.")

    await organization_acts.update(
        request, said.get("id", ""), wanted(asked, UpdateOrganization), check
    )


async def _delete(request: Request, _org_id: str, said: Mapping[str, str]) -> None:
    org_id = said.get("id", "")
    known = await organization_acts.existing(request, org_id, WRITE)
    check_typed(said, known.organization.name)
    await organization_acts.delete(request, org_id)


_ACTS: Mapping[str, Act] = {"create": _create, "update": _update, "delete": _delete}


async def _page(request: Request, fault: Problem | None = None) -> Response:
    here, who = site(request), identity(request)
    seen = await organization_acts.seen(request)
    known = [await here.organizations.find(each.org_id) for each in seen]
    rows = [
        _row(
            request,
            each.organization,
            etag(each.revision),
            len(here.picture.entities(each.organization.org_id)),
        )
        for each in known
        if each is not None
    ]
    return desk(
        request,
        "Organisations",
        panel("Those that you see", table(("Name", "Kind", "Entities", "Id", ""), rows)),
        panel("New organisation", _creating()) if who.first and who.may(WRITE) else None,
        current=PATH,
        fault=fault,
    )


def _row(request: Request, each: Organization, revision: str, entities: int) -> tuple[h.Node, ...]:
    who = identity(request)
    first = each.org_id == site(request).settings.organization
    return (
        h.fragment[
            h.bdi[each.name],
            h.span(".mark")["first"] if first else None,
            h.span(".mark")["yours"] if each.org_id == who.organization else None,
            h.p(".below")[each.description] if each.description else None,
        ],
        each.org_type,
        str(entities),
        h.code[each.org_id],
        h.div(".acts")[
            h.a(".button", href=f"/fleet/{each.org_id}")["Fleet"],
            _links(who, each.org_id),
            _editing(each, revision) if who.may(WRITE) else None,
            _deleting(each) if _may_delete(who, each.org_id) and not first else None,
        ],
    )


def _may_delete(who: Identity, org_id: str) -> bool:
    return who.may(ADMIN) or (who.may(WRITE) and org_id in who.others)


def _links(who: Identity, org_id: str) -> h.Node:
    places = (
        ("people", "People", ADMIN),
        ("keys", "Keys", WRITE),
        ("audit", "Audit", "audit:read"),
    )
    return h.fragment[
        (
            h.a(".button", href=f"/admin/{path}/{org_id}")[word]
            for path, word, scope in places
            if who.may(scope)
        )
    ]


def _editing(each: Organization, revision: str) -> h.Element:
    return h.details(".more")[
        h.summary["Edit"],
        h.form(".fields", method="post", action=PATH)[
            h.input(type="hidden", name="id", value=each.org_id),
            h.input(type="hidden", name="revision", value=revision),
            text("name", "Name", each.name, required=True, maxlength=255),
            options("org_type", "Kind", KINDS, each.org_type),
            text("description", "Description", each.description, maxlength=500),
            h.button(type="submit", name="act", value="update")["Save"],
        ],
    ]


def _deleting(each: Organization) -> h.Element:
    return h.details(".more.sure")[
        h.summary["Delete"],
        h.form(".fields", method="post", action=PATH)[
            h.p[
                "Its keys, NATS credentials, people, sessions and entities go, and do not come"
                " back."
            ],
            h.input(type="hidden", name="id", value=each.org_id),
            typed(f"Type its name, {each.name}", each.name),
            h.button(type="submit", name="act", value="delete")["Delete it and all that it has"],
        ],
    ]


def _creating() -> h.Element:
    return h.form(".fields", method="post", action=PATH)[
        text("name", "Name", required=True, maxlength=255),
        options("org_type", "Kind", KINDS, "civilian"),
        text("description", "Description", maxlength=500),
        h.button(type="submit", name="act", value="create")["Make it"],
    ]


routes = [
    Route(PATH, show, methods=["GET"]),
    Route(PATH, act, methods=["POST"]),
]
