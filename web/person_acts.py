"""What admins do to people, each put on record: for the pages and the interface alike."""

import anyio.to_thread
import msgspec
from starlette.requests import Request

from web.audit import actor
from web.entering import peer
from web.identity import ADMIN, identity
from web.invites import Invite
from web.people import Person
from web.problems import Problem
from web.relying_party import people_url
from web.site import site


async def give_role(request: Request, organization: str, user_id: str, role: str) -> Person:
    """Change what somebody may do, at once. Raises as ``People.give_role``."""
    here = site(request)
    before = await anyio.to_thread.run_sync(here.people.find, organization, user_id)
    after = await anyio.to_thread.run_sync(here.people.give_role, organization, user_id, role)
    if role != ADMIN:
        await anyio.to_thread.run_sync(here.invites.revoke_those_by, user_id)
    return await _changed(request, "person.change_role", before, after)


async def rename(request: Request, organization: str, user_id: str, name: str) -> Person:
    """Call somebody otherwise. Raises as ``People.find``."""
    here = site(request)
    before = await anyio.to_thread.run_sync(here.people.find, organization, user_id)
    after = await anyio.to_thread.run_sync(here.people.rename, organization, user_id, name)
    return await _changed(request, "person.rename", before, after)


async def disable(request: Request, organization: str, user_id: str) -> Person:
    """Let somebody in no more, from now on. Raises as ``People.disable``."""
    here = site(request)
    before = await anyio.to_thread.run_sync(here.people.find, organization, user_id)
    after = await anyio.to_thread.run_sync(here.people.disable, organization, user_id)
    await anyio.to_thread.run_sync(here.invites.revoke_those_by, user_id)
    return await _changed(request, "person.disable", before, after)


async def enable(request: Request, organization: str, user_id: str) -> Person:
    """Let somebody in again. Raises as ``People.enable``."""
    here = site(request)
    before = await anyio.to_thread.run_sync(here.people.find, organization, user_id)
    after = await anyio.to_thread.run_sync(here.people.enable, organization, user_id)
    return await _changed(request, "person.enable", before, after)


async def delete(request: Request, organization: str, user_id: str) -> None:
    """Forget somebody. Raises as ``People.delete``."""
    here = site(request)
    before = await anyio.to_thread.run_sync(here.people.find, organization, user_id)
    await anyio.to_thread.run_sync(here.people.delete, organization, user_id)
    await anyio.to_thread.run_sync(here.invites.revoke_those_by, user_id)
    here.sessions.forget()
    await here.audit.record(
        request, "person.delete", user_id, before=before, organization=organization
    )


async def sign_out(request: Request, organization: str, user_id: str) -> None:
    """End all sessions of somebody.

    Raises:
        Problem: 404, there is nobody such.
    """
    here = site(request)
    await anyio.to_thread.run_sync(here.people.find, organization, user_id)
    await here.sessions.end_all(user_id)
    await here.audit.record(request, "person.sign_out_all", user_id, organization=organization)


async def end_session(request: Request, organization: str, user_id: str, session_id: str) -> None:
    """End one session of somebody.

    Raises:
        Problem: 404, there is nobody such, or no such session of theirs.
    """
    here = site(request)
    await anyio.to_thread.run_sync(here.people.find, organization, user_id)
    if not await here.sessions.revoke(user_id, session_id):
        raise Problem(404, "Session not found")
    await here.audit.record(
        request, "session.end", session_id, after={"user_id": user_id}, organization=organization
    )


async def invite(request: Request, organization: str, email: str, role: str) -> tuple[Invite, str]:
    """Invite somebody; with the link, which is shown now and never again.

    Raises:
        Problem: 429, too many are made at this address; and as ``Invites.create``.
    """
    here, who = site(request), identity(request)
    wait = here.invite_limit.wait(peer(request))
    if wait:
        raise Problem(
            429, f"Too many invites: please wait {wait} seconds.", {"Retry-After": str(wait)}
        )
    made, token = await anyio.to_thread.run_sync(
        here.invites.create, organization, email, role, who.user or actor(who)
    )
    await here.audit.record(
        request, "invite.create", made.invite_id, after=made, organization=organization
    )
    return made, f"{people_url(here.settings)}/invite?token={token}"


async def revoke_invite(request: Request, organization: str, invite_id: str) -> None:
    """Make an invite useless. Raises as ``Invites.revoke``."""
    here = site(request)
    revoked = await anyio.to_thread.run_sync(here.invites.revoke, organization, invite_id)
    await here.audit.record(
        request, "invite.revoke", invite_id, after=revoked, organization=organization
    )


async def _changed(request: Request, action: str, before: Person, after: Person) -> Person:
    here = site(request)
    here.sessions.forget()
    await here.audit.record(
        request,
        action,
        after.user_id,
        before=_differing(before, after),
        after=_differing(after, before),
        organization=after.org_id,
    )
    return after


def _differing(one: Person, other: Person) -> dict[str, object]:
    theirs = msgspec.structs.asdict(other)
    return {
        name: value for name, value in msgspec.structs.asdict(one).items() if value != theirs[name]
    }
