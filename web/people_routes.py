"""People and invites of an organisation, for its admins and for programs of theirs."""

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import people, person_acts
from web.identity import ADMIN
from web.openapi import JSON, Message, Operation
from web.organization_routes import ONE as ORGANIZATION
from web.organization_routes import existing
from web.people import Person
from web.people_told import (
    CreateInvite,
    SentInvite,
    UpdateUser,
    User,
    UserSession,
    told_invite,
    told_session,
    told_user,
)
from web.schema import read
from web.site import site


async def list_users(request: Request) -> Response:
    """A bare array, the oldest first."""
    known = await anyio.to_thread.run_sync(site(request).people.all, await _organization(request))
    return _json([told_user(each) for each in known])


async def get_user(request: Request) -> Response:
    return _json(told_user(await _person(request)))


async def update_user(request: Request) -> Response:
    """What may be refused is done first."""
    person = await _person(request)
    wanted, key = await read(request, UpdateUser), (person.org_id, person.user_id)
    if isinstance(wanted.role, str):
        person = await person_acts.give_role(request, *key, wanted.role)
    if isinstance(wanted.disabled, bool):
        act = person_acts.disable if wanted.disabled else person_acts.enable
        person = await act(request, *key)
    if isinstance(wanted.name, str):
        person = await person_acts.rename(request, *key, people.name(wanted.name.strip()))
    return _json(told_user(person))


async def delete_user(request: Request) -> Response:
    person = await _person(request)
    await person_acts.delete(request, person.org_id, person.user_id)
    return _json(Message("User deleted"))


async def list_sessions(request: Request) -> Response:
    person = await _person(request)
    sessions = await anyio.to_thread.run_sync(site(request).sessions.of, person.user_id)
    return _json([told_session(each) for each in sessions])


async def end_sessions(request: Request) -> Response:
    person = await _person(request)
    await person_acts.sign_out(request, person.org_id, person.user_id)
    return _json(Message("Sessions ended"))


async def end_session(request: Request) -> Response:
    person, session_id = await _person(request), request.path_params["session_id"]
    await person_acts.end_session(request, person.org_id, person.user_id, session_id)
    return _json(Message("Session ended"))


async def list_invites(request: Request) -> Response:
    """A bare array, the newest first."""
    here, org_id = site(request), await _organization(request)
    now = here.clock.wall()
    invites = await anyio.to_thread.run_sync(here.invites.all, org_id)
    return _json([told_invite(each, now) for each in invites])


async def create_invite(request: Request) -> Response:
    org_id, wanted = await _organization(request), await read(request, CreateInvite)
    made, link = await person_acts.invite(request, org_id, people.email(wanted.email), wanted.role)
    return _json(told_invite(made, site(request).clock.wall(), link), 201)


async def revoke_invite(request: Request) -> Response:
    org_id = await _organization(request)
    await person_acts.revoke_invite(request, org_id, request.path_params["invite_id"])
    return _json(Message("Invite revoked"))


async def _organization(request: Request) -> str:
    return (await existing(request, ADMIN)).organization.org_id


async def _person(request: Request) -> Person:
    key = await _organization(request), request.path_params["user_id"]
    return await anyio.to_thread.run_sync(site(request).people.find, *key)


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type=JSON)


USERS = f"{ORGANIZATION}/users"
USER = f"{USERS}/{{user_id}}"
SESSIONS = f"{USER}/sessions"
SESSION = f"{SESSIONS}/{{session_id}}"
INVITES = f"{ORGANIZATION}/invites"
INVITE = f"{INVITES}/{{invite_id}}"
routes = [
    Route(USERS, list_users, methods=["GET"]),
    Route(USER, get_user, methods=["GET"]),
    Route(USER, update_user, methods=["PATCH"]),
    Route(USER, delete_user, methods=["DELETE"]),
    Route(SESSIONS, list_sessions, methods=["GET"]),
    Route(SESSIONS, end_sessions, methods=["DELETE"]),
    Route(SESSION, end_session, methods=["DELETE"]),
    Route(INVITES, list_invites, methods=["GET"]),
    Route(INVITES, create_invite, methods=["POST"]),
    Route(INVITE, revoke_invite, methods=["DELETE"]),
]
_LAST = "This is the last admin."
operations = [
    Operation("GET", USERS, "list-users", "List people", ADMIN, answers={200: list[User]}),
    Operation("GET", USER, "get-user", "Get a person", ADMIN, answers={200: User}),
    Operation(
        "PATCH",
        USER,
        "update-user",
        "Change a person's role or name, or disable them",
        ADMIN,
        body=UpdateUser,
        answers={200: User, 409: _LAST},
    ),
    Operation(
        "DELETE",
        USER,
        "delete-user",
        "Delete a person, with passkeys and sessions",
        ADMIN,
        answers={200: Message, 409: _LAST},
    ),
    Operation(
        "GET",
        SESSIONS,
        "list-user-sessions",
        "List where a person is signed in",
        ADMIN,
        answers={200: list[UserSession]},
    ),
    Operation(
        "DELETE",
        SESSIONS,
        "end-user-sessions",
        "Sign a person out everywhere",
        ADMIN,
        answers={200: Message},
    ),
    Operation(
        "DELETE", SESSION, "end-user-session", "End a session", ADMIN, answers={200: Message}
    ),
    Operation(
        "GET", INVITES, "list-invites", "List invites", ADMIN, answers={200: list[SentInvite]}
    ),
    Operation(
        "POST",
        INVITES,
        "create-invite",
        "Invite somebody",
        ADMIN,
        body=CreateInvite,
        answers={
            201: SentInvite,
            409: "They have been disabled, or too many invites are open.",
            429: "Too many are made at this address.",
        },
        description="An open invite to the same address is revoked. Who is there already keeps "
        "their role: the link lets them in to add a passkey.",
    ),
    Operation(
        "DELETE",
        INVITE,
        "revoke-invite",
        "Revoke an invite",
        ADMIN,
        answers={200: Message, 409: "It is not open any more."},
    ),
]
