"""The steps of passkeys: what the script of our pages asks for, and what it brings back."""

from typing import Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import people
from web.audit import REFUSED
from web.entering import HOME, enter, peer
from web.identity import Identity, identity
from web.people import Person
from web.problems import Problem
from web.schema import read
from web.site import Site, site


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What an authenticator has answered, and what a new passkey is to be called."""

    credential: dict[str, Any]
    name: str = "Passkey"


async def begin_login(request: Request) -> Response:
    """``POST /sign-in/begin``: the same for everybody, as nobody says who they are."""
    return _json(_paced(request).ceremonies.begin_login())


async def finish_login(request: Request) -> Response:
    """``POST /sign-in/finish``: a session, or 401 and not why."""
    here, answer = _paced(request), await read(request, Answer)
    try:
        passkey = await anyio.to_thread.run_sync(here.ceremonies.finish_login, answer.credential)
    except Problem:
        await here.audit.record(request, "person.sign_in", "passkey", outcome=REFUSED)
        raise
    person = await anyio.to_thread.run_sync(here.people.find, passkey.org_id, passkey.user_id)
    return await enter(request, person, "passkey")


async def begin_registration(request: Request) -> Response:
    """``POST /account/passkey/begin``."""
    here, who = _paced(request), identity(request)
    person = await _person(here, who)
    return _json(
        await anyio.to_thread.run_sync(here.ceremonies.begin_registration, person, who.session)
    )


async def finish_registration(request: Request) -> Response:
    """``POST /account/passkey/finish``: the passkey is kept, and the session may see all it may."""
    here, who, answer = _paced(request), identity(request), await read(request, Answer)
    person = await _person(here, who)
    try:
        made = await anyio.to_thread.run_sync(
            here.ceremonies.finish_registration,
            person,
            who.session,
            answer.credential,
            people.name(answer.name.strip()),
        )
    except Problem:
        await here.audit.record(request, "passkey.add", who.user, outcome=REFUSED)
        raise
    await here.sessions.has_passkey(who.user)
    await here.audit.record(request, "passkey.add", made.credential_id, after={"name": made.name})
    first = len(await anyio.to_thread.run_sync(here.passkeys.of, who.user)) == 1
    return _json(msgspec.json.encode({"to": HOME if first else "/account"}))


def _paced(request: Request) -> Site:
    """The site, unless this address asks too often.

    Raises:
        Problem: 429, it does.
    """
    here = site(request)
    wait = here.ceremony_limit.wait(peer(request))
    if wait:
        raise Problem(
            429, f"Too many tries: please wait {wait} seconds.", {"Retry-After": str(wait)}
        )
    return here


async def _person(here: Site, who: Identity) -> Person:
    return await anyio.to_thread.run_sync(here.people.find, who.organization, who.user)


def _json(text: str | bytes) -> Response:
    return Response(text, media_type="application/json")


routes = [
    Route("/sign-in/begin", begin_login, methods=["POST"]),
    Route("/sign-in/finish", finish_login, methods=["POST"]),
    Route("/account/passkey/begin", begin_registration, methods=["POST"]),
    Route("/account/passkey/finish", finish_registration, methods=["POST"]),
]
