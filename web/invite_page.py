"""``/invite``: where somebody who has been invited comes in."""

import anyio.to_thread
import htpy as h
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import people
from web.entering import enter, peer
from web.forms import form
from web.invites import Invite
from web.notices import notice, too_many
from web.people import Person
from web.problems import Problem
from web.site import site


async def show(request: Request) -> Response:
    """``GET /invite?token=…``: to what, as whom, and a button. Looking does not use it up."""
    return await _page(request, request.query_params.get("token", ""))


async def accept(request: Request) -> Response:
    """``POST /invite``: comes in, and on to where a passkey is added."""
    here, said = site(request), await form(request)
    token = said.get("token", "")
    wait = here.sign_in_limit.wait(peer(request))
    if wait:
        return too_many(wait)
    found = await anyio.to_thread.run_sync(_look, request, token)
    if found is None:
        return _useless()
    invite, somebody = found
    try:
        name = somebody.called if somebody else people.name(said.get("name", ""))
    except Problem as problem:
        return await _page(request, token, problem.detail)
    person = await anyio.to_thread.run_sync(here.invites.accept, token, name)
    if person is None:
        return _useless()
    response = await enter(request, person, "invite")
    await here.audit.record(request, "invite.accept", invite.invite_id)
    return response


def _look(request: Request, token: str) -> tuple[Invite, Person | None] | None:
    """An invite that is open, and who is there already under its address."""
    here = site(request)
    invite = here.invites.open(token)
    if invite is None:
        return None
    return invite, here.people.by_email(invite.org_id, invite.email)


async def _page(request: Request, token: str, fault: str = "") -> Response:
    wait = site(request).sign_in_limit.wait(peer(request)) if not fault else 0
    if wait:
        return too_many(wait)
    found = await anyio.to_thread.run_sync(_look, request, token)
    if found is None:
        return _useless()
    invite, somebody = found
    return notice(
        422 if fault else 200,
        f"Welcome, {somebody.called}" if somebody else "You are invited",
        _words(invite, somebody),
        form=h.form(method="post", action="/invite")[
            h.input(type="hidden", name="token", value=token),
            None if somebody else _name(),
            h.p(role="alert")[fault] if fault else None,
            h.button(type="submit")["Come in"],
        ],
    )


def _words(invite: Invite, somebody: Person | None) -> h.Node:
    if somebody is None:
        return h.fragment[
            "As ", h.strong[invite.role], " of ", h.strong[invite.org_id], ", under ", invite.email
        ]
    return "This lets you in again, so that you can add a passkey on this device."


def _name() -> h.Element:
    return h.label[
        "Your name",
        h.input(name="name", required=True, maxlength=people.MOST_LETTERS, autocomplete="name"),
    ]


def _useless() -> Response:
    """The same for an invite that was used or revoked, has expired, or never was."""
    return notice(
        401,
        "This invite cannot be used",
        "An invite works once, within a week. Ask whoever sent it for a new one.",
    )


routes = [
    Route("/invite", show, methods=["GET"]),
    Route("/invite", accept, methods=["POST"]),
]
