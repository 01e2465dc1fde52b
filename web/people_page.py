"""``/admin/people``: who is in the organisation, and who is invited."""

from collections.abc import Awaitable, Callable, Mapping

import anyio.to_thread
import htpy as h
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import people, person_acts
from web.desk import Act, desk, done, whose
from web.devices import device
from web.identity import ADMIN, OPERATOR, ROLES, identity
from web.invites import Invite
from web.organizations import Organization
from web.panels import choice, panel, small_form, sure, table, when
from web.people import Person
from web.problems import Problem
from web.sessions import Session
from web.site import site

PATH = "/admin/people"
_ROLES_AND_SCOPES = tuple((name, ", ".join(sorted(scopes))) for name, scopes in ROLES.items())


async def show(request: Request) -> Response:
    """``GET /admin/people``, ``/admin/people/{org_id}``."""
    return await _page(request, await whose(request, ADMIN))


async def act(request: Request) -> Response:
    """``POST`` to the same: what a button says."""
    organization = await whose(request, ADMIN)

    async def again(shown: h.Node, fault: Problem | None) -> Response:
        return await _page(request, organization, shown, fault)

    return await done(request, organization.org_id, _ACTS, again)


async def _invite(request: Request, org_id: str, said: Mapping[str, str]) -> h.Node:
    """The link is shown this once."""
    email, role = people.email(said.get("email", "")), people.role(said.get("role", ""))
    return _link(*await person_acts.invite(request, org_id, email, role))


async def _role(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    role = people.role(said.get("role", ""))
    await person_acts.give_role(request, org_id, said.get("id", ""), role)


async def _end(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    await person_acts.end_session(request, org_id, said.get("id", ""), said.get("session", ""))


def _by_id(done_to: Callable[[Request, str, str], Awaitable[object]]) -> Act:
    async def do(request: Request, org_id: str, said: Mapping[str, str]) -> None:
        await done_to(request, org_id, said.get("id", ""))

    return do


_ACTS: Mapping[str, Act] = {
    "invite": _invite,
    "role": _role,
    "disable": _by_id(person_acts.disable),
    "enable": _by_id(person_acts.enable),
    "sign-out": _by_id(person_acts.sign_out),
    "delete": _by_id(person_acts.delete),
    "end": _end,
    "revoke": _by_id(person_acts.revoke_invite),
}


async def _page(
    request: Request,
    organization: Organization,
    shown: h.Node = None,
    fault: Problem | None = None,
) -> Response:
    here, org_id = site(request), organization.org_id
    known = await anyio.to_thread.run_sync(here.people.all, org_id)
    invites = await anyio.to_thread.run_sync(here.invites.all, org_id)
    sessions = await anyio.to_thread.run_sync(here.sessions.within, org_id)
    return desk(
        request,
        f"People of {organization.name}",
        shown,
        panel("Who is in", _people(known, sessions, identity(request).user)),
        panel("Invite somebody", _inviting()),
        panel("Invites", _invites(invites, known, here.clock.wall())),
        panel("What roles may do", table(("Role", "May"), _ROLES_AND_SCOPES)),
        current=PATH,
        fault=fault,
        modules=("copy.js",),
    )


def _link(invite: Invite, link: str) -> h.Element:
    return h.section(".panel.once", aria_label="The link", role="status")[
        h.h2[f"The link for {invite.email}"],
        h.p["Send it to them. It works once, within a week, and is shown only now."],
        h.div(".copy")[
            h.label[
                h.span["Link to accept the invite"],
                h.input(value=link, readonly=True, spellcheck="false"),
            ],
            h.button({"data-copy": True}, type="button")["Copy"],
        ],
    ]


def _people(known: list[Person], sessions: list[Session], ours: str) -> h.Element:
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
                    "",
                    "Change",
                    {"act": "role", "id": each.user_id},
                    choice("role", f"Role of {each.called}", ROLES, each.role),
                ),
                when(each.last_login_at),
                h.div(".acts")[
                    _acts(each),
                    _sessions(each, [one for one in sessions if one.user_id == each.user_id]),
                ],
            )
            for each in known
        ],
    )


def _acts(person: Person) -> h.Node:
    key = {"id": person.user_id}
    word = "Disable" if person.disabled_at is None else "Enable"
    return h.fragment[
        small_form("", word, {"act": word.lower(), **key}),
        sure(
            "",
            "Delete",
            {"act": "delete", **key},
            f"{person.called} goes, with all passkeys and sessions.",
        ),
    ]


def _sessions(person: Person, theirs: list[Session]) -> h.Element | None:
    """Where somebody is signed in, and how that is ended."""
    if not theirs:
        return None
    key = {"id": person.user_id}
    return h.details(".more", name="more")[
        h.summary[f"Sessions: {len(theirs)}"],
        h.div[
            (
                small_form(
                    "",
                    "End",
                    {"act": "end", "session": each.session_id, **key},
                    h.span(title=each.user_agent)[device(each.user_agent)],
                    each.address,
                    when(each.last_used_at),
                )
                for each in theirs
            ),
            small_form("", "Sign out everywhere", {"act": "sign-out", **key}),
        ],
    ]


def _inviting() -> h.Element:
    return small_form(
        "",
        "Invite",
        {"act": "invite"},
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
                small_form("", "Revoke", {"act": "revoke", "id": each.invite_id})
                if each.state(now) == "open"
                else "",
            )
            for each in invites
        ],
    )


routes = [
    Route(path, handler, methods=[method])
    for path in (PATH, f"{PATH}/{{org_id}}")
    for method, handler in (("GET", show), ("POST", act))
]
