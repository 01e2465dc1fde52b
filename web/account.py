"""``/account``: what is somebody's own: their name, passkeys and sessions."""

from collections.abc import Awaitable, Callable

import anyio.to_thread
import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from web import people, person_acts
from web.desk import STYLES
from web.devices import device
from web.entering import HOME
from web.forms import form
from web.identity import ROLES, Identity, identity
from web.layout import page
from web.notices import notice
from web.panels import office, panel, small_form, sure, table, when
from web.passkeys import Passkey
from web.people import Person
from web.problems import Problem
from web.relying_party import relying_party
from web.sessions import ID_LETTERS, Session
from web.site import site

PATH = "/account"
Act = Callable[[Request, Identity, dict[str, str]], Awaitable[None]]


async def show(request: Request) -> Response:
    """``GET /account``."""
    return await _page(request)


async def welcome(request: Request) -> Response:
    """``GET /account/passkey``: asked of somebody who has none; on this machine only asked."""
    here = site(request)
    party = relying_party(here.settings)
    return notice(
        200,
        "Add a passkey",
        "With it you sign in by a fingerprint, a face, a PIN or a security key, and need no link.",
        form=h.fragment[
            _adding(party.trouble(request)),
            h.p[h.a(href=HOME)["Not now"]] if not identity(request).needs_passkey else None,
        ],
        modules=("passkeys.js",),
    )


async def _page(request: Request, fault: Problem | None = None) -> Response:
    here, who = site(request), identity(request)
    person = await anyio.to_thread.run_sync(here.people.find, who.organization, who.user)
    passkeys = await anyio.to_thread.run_sync(here.passkeys.of, who.user)
    sessions = await anyio.to_thread.run_sync(here.sessions.of, who.user)
    content = office(
        "Account",
        _about(person),
        panel(
            "Passkeys",
            _passkeys(passkeys),
            _adding(relying_party(here.settings).trouble(request)),
        ),
        panel("Sessions", _sessions(sessions, who.session[:ID_LETTERS])),
        said=fault.detail if fault else "",
        wrong=fault is not None,
    )
    response = page(
        "Account",
        content,
        who=who,
        picture=here.picture,
        current=PATH,
        modules=("passkeys.js",),
        styles=STYLES,
    )
    response.status_code = fault.status if fault else 200
    return response


def _about(person: Person) -> h.Element:
    scopes = sorted(ROLES.get(person.role, ()))
    return panel(
        "You",
        h.dl(".facts")[
            h.dt["Organisation"], h.dd[person.org_id],
            h.dt["Role"], h.dd[person.role],
            h.dt["May"], h.dd[h.code[", ".join(scopes)]],
            h.dt["Address"], h.dd[person.email or "none"],
        ],
        small_form(
            f"{PATH}/name",
            "Rename",
            {},
            h.input(
                name="name",
                value=person.name,
                aria_label="Your name",
                required=True,
                maxlength=people.MOST_LETTERS,
            ),
        ),
    )  # fmt: skip


def _passkeys(passkeys: list[Passkey]) -> h.Element:
    if not passkeys:
        return h.p["You have none yet: you came in by a link, and the next time need another."]
    return table(
        ("Name", "Added", "Last used", ""),
        [
            (
                small_form(
                    f"{PATH}/passkeys/rename",
                    "Rename",
                    {"id": each.credential_id},
                    h.input(
                        name="name",
                        value=each.name,
                        aria_label=f"Name of {each.name}",
                        required=True,
                        maxlength=people.MOST_LETTERS,
                    ),
                ),
                when(each.created_at),
                when(each.last_used_at),
                sure(
                    f"{PATH}/passkeys/remove",
                    "Remove",
                    {"id": each.credential_id},
                    f"{each.name} will not let you in any more.",
                ),
            )
            for each in passkeys
        ],
    )


def _adding(trouble: str) -> h.Element:
    if trouble:
        return h.p[trouble]
    return h.div(".line")[
        h.input(
            {"data-passkey-name": True},
            value="Passkey",
            aria_label="What to call the passkey",
            maxlength=people.MOST_LETTERS,
        ),
        h.button(type="button", data_passkey="register")["Add a passkey"],
        h.p(role="alert"),
    ]


def _sessions(sessions: list[Session], ours: str) -> h.Element:
    return table(
        ("Device", "From", "Signed in", "Last used", ""),
        [
            (
                h.span(title=each.user_agent)[device(each.user_agent)],
                each.address,
                when(each.created_at),
                when(each.last_used_at),
                "this one"
                if each.session_id == ours
                else small_form(f"{PATH}/sessions/end", "End", {"id": each.session_id}),
            )
            for each in sessions
        ],
    )


async def _rename(request: Request, who: Identity, said: dict[str, str]) -> None:
    await person_acts.rename(request, who.organization, who.user, people.name(said.get("name", "")))


async def _rename_passkey(request: Request, who: Identity, said: dict[str, str]) -> None:
    here, credential, name = site(request), said.get("id", ""), people.name(said.get("name", ""))
    await anyio.to_thread.run_sync(here.passkeys.rename, who.user, credential, name)
    await here.audit.record(request, "passkey.rename", credential, after={"name": name})


async def _remove_passkey(request: Request, who: Identity, said: dict[str, str]) -> None:
    here, credential = site(request), said.get("id", "")
    # Here whoever is at the machine can make a link at any time; elsewhere it is the only way in.
    local = relying_party(here.settings).local
    await anyio.to_thread.run_sync(
        lambda: here.passkeys.remove(who.user, credential, even_the_last=local)
    )
    await here.audit.record(request, "passkey.remove", credential)


async def _end_session(request: Request, who: Identity, said: dict[str, str]) -> None:
    await person_acts.end_session(request, who.organization, who.user, said.get("id", ""))


def _handler(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Do what a form asks for, and show the page again: with what is wrong, if something is."""

    async def handle(request: Request) -> Response:
        try:
            await act(request, identity(request), await form(request))
        except Problem as problem:
            return await _page(request, problem)
        return RedirectResponse(PATH, 303)

    return handle


routes = [
    Route(PATH, show, methods=["GET"]),
    Route(f"{PATH}/passkey", welcome, methods=["GET"]),
    Route(f"{PATH}/name", _handler(_rename), methods=["POST"]),
    Route(f"{PATH}/passkeys/rename", _handler(_rename_passkey), methods=["POST"]),
    Route(f"{PATH}/passkeys/remove", _handler(_remove_passkey), methods=["POST"]),
    Route(f"{PATH}/sessions/end", _handler(_end_session), methods=["POST"]),
]
