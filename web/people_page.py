"""``/admin/people``: who is in the organisation, and who is invited."""

from collections.abc import Awaitable, Callable, Mapping

import anyio.to_thread
import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from web import people, person_acts
from web.forms import form
from web.identity import ADMIN, OPERATOR, ROLES, identity, require
from web.invites import Invite
from web.layout import page
from web.panels import choice, office, panel, small_form, sure, table, when
from web.people import Person
from web.problems import Problem
from web.site import site

PATH = "/admin/people"
Fields = Mapping[str, str]
Act = Callable[[Request, str, Fields], Awaitable[object]]
_ROLES_AND_SCOPES = tuple((name, ", ".join(sorted(scopes))) for name, scopes in ROLES.items())


async def show(request: Request) -> Response:
    """``GET /admin/people``: of the admin's own organisation."""
    return await _page(request)


async def invite(request: Request) -> Response:
    """``POST /admin/people/invite``: shows the link, this once."""
    organization = require(request, ADMIN).organization
    try:
        said = await form(request)
        made, link = await person_acts.invite(
            request,
            organization,
            people.email(said.get("email", "")),
            people.role(said.get("role", "")),
        )
    except Problem as problem:
        return await _page(request, fault=problem)
    return await _page(request, invited=(made, link))


async def _page(
    request: Request, *, fault: Problem | None = None, invited: tuple[Invite, str] | None = None
) -> Response:
    here, who = site(request), require(request, ADMIN)
    known = await anyio.to_thread.run_sync(here.people.all, who.organization)
    invites = await anyio.to_thread.run_sync(here.invites.all, who.organization)
    content = office(
        f"People of {who.organization}",
        _link(*invited) if invited else None,
        panel("Who is in", _people(known, who.user)),
        panel("Invite somebody", _inviting()),
        panel("Invites", _invites(invites, known, here.clock.wall())),
        panel("What roles may do", table(("Role", "May"), _ROLES_AND_SCOPES)),
        said=fault.detail if fault else "",
        wrong=fault is not None,
    )
    response = page(
        "People",
        content,
        who=who,
        picture=here.picture,
        current=PATH,
        styles=("office.css",),
    )
    response.status_code = fault.status if fault else 200
    return response


def _link(invite: Invite, link: str) -> h.Element:
    return h.section(".panel.once", aria_label="The link", role="status")[
        h.h2[f"The link for {invite.email}"],
        h.p["Send it to them. It works once, within a week, and is shown only now."],
        h.input(value=link, readonly=True, aria_label="Link to accept the invite", autofocus=True),
    ]


def _people(known: list[Person], ours: str) -> h.Element:
    return table(
        ("Name", "Address", "Role", "Last signed in", ""),
        [
            (
                h.fragment[
                    each.called,
                    h.span(".mark")["you"] if each.user_id == ours else None,
                    h.span(".mark")["disabled"] if each.disabled_at is not None else None,
                ],
                each.email or "none",
                small_form(
                    f"{PATH}/role",
                    "Change",
                    {"id": each.user_id},
                    choice("role", f"Role of {each.called}", ROLES, each.role),
                ),
                when(each.last_login_at),
                h.div(".acts")[_acts(each)],
            )
            for each in known
        ],
    )


def _acts(person: Person) -> h.Node:
    key = {"id": person.user_id}
    if person.disabled_at is not None:
        first = small_form(f"{PATH}/enable", "Enable", key)
    else:
        first = small_form(f"{PATH}/disable", "Disable", key)
    return h.fragment[
        first,
        small_form(f"{PATH}/sign-out", "Sign out", key),
        sure(
            f"{PATH}/delete",
            "Delete",
            key,
            f"{person.called} goes, with all passkeys and sessions.",
        ),
    ]


def _inviting() -> h.Element:
    return small_form(
        f"{PATH}/invite",
        "Invite",
        {},
        h.input(
            type="email",
            name="email",
            placeholder="name@example.org",
            aria_label="E-mail address",
            required=True,
            maxlength=254,
            autocomplete="off",
        ),
        choice("role", "Role", ROLES, OPERATOR),
    )


def _invites(invites: list[Invite], known: list[Person], now: float) -> h.Element:
    names = {each.user_id: each.called for each in known}
    if not invites:
        return h.p["None yet."]
    return table(
        ("Address", "Role", "By", "Expires", "State", ""),
        [
            (
                each.email,
                each.role,
                names.get(each.created_by, each.created_by),
                when(each.expires_at),
                each.state(now),
                small_form(f"{PATH}/invites/revoke", "Revoke", {"id": each.invite_id})
                if each.state(now) == "open"
                else "",
            )
            for each in invites
        ],
    )


def _handler(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Do what a form asks for, and show the page again: with what is wrong, if something is."""

    async def handle(request: Request) -> Response:
        organization = require(request, ADMIN).organization
        try:
            await act(request, organization, await form(request))
        except Problem as problem:
            return await _page(request, fault=problem)
        # Whoever has made themselves less, or gone, has nothing to see here any more.
        return RedirectResponse(PATH if await _still(request) else "/map", 303)

    return handle


async def _still(request: Request) -> bool:
    who = await site(request).sessions.check(identity(request).session)
    return who is not None and who.may(ADMIN)


async def _role(request: Request, organization: str, said: Fields) -> None:
    role = people.role(said.get("role", ""))
    await person_acts.give_role(request, organization, said.get("id", ""), role)


def _by_id(act: Callable[[Request, str, str], Awaitable[object]]) -> Act:
    return lambda request, organization, said: act(request, organization, said.get("id", ""))


routes = [
    Route(PATH, show, methods=["GET"]),
    Route(f"{PATH}/invite", invite, methods=["POST"]),
    *(
        Route(f"{PATH}/{name}", _handler(act), methods=["POST"])
        for name, act in {
            "role": _role,
            "disable": _by_id(person_acts.disable),
            "enable": _by_id(person_acts.enable),
            "sign-out": _by_id(person_acts.sign_out),
            "delete": _by_id(person_acts.delete),
            "invites/revoke": _by_id(person_acts.revoke_invite),
        }.items()
    ),
]
