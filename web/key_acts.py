"""What can be done with API keys, by whom, and what is put on record of it.

Nobody gives what they do not have, or touches a key that may do more than they.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import anyio.to_thread
import msgspec
from starlette.requests import Request

from web.database import Row
from web.identity import NATS_SCOPES, Identity, UnknownScope, identity, scopes
from web.key_bodies import CreateKey, Key, NewKey, UpdateKey, told
from web.nats_credentials import NatsCredentials, TooMany
from web.problems import Problem
from web.schema import Fault, invalid
from web.site import Site, site

LAST_MOMENT = 253_402_300_800  # The year 10000, which nobody can write.


async def make(request: Request, org_id: str, wanted: CreateKey) -> NewKey:
    """Raises Problem: 403, it may more than its maker; 409, there are too many; 422."""
    here, who = site(request), identity(request)
    allowed = _known(wanted.scopes)
    _within(who, allowed)
    end = _end(here, wanted.expires_at)
    made = await anyio.to_thread.run_sync(
        lambda: _with_nats(
            here,
            here.keys.ring.make(
                org_id,
                allowed,
                name=wanted.name,
                created_by=_maker(who),
                expires_at=end,
                rate_limit=wanted.rate_limit,
            ),
        )
    )
    await here.audit.record(request, "key.create", made.key_id, after=made, organization=org_id)
    return made


async def change(request: Request, org_id: str, key_id: str, wanted: UpdateKey) -> Key:
    """Raises Problem: 400, 403, 404, 409 or 422."""
    here, who = site(request), identity(request)
    before = await _touchable(request, org_id, key_id)
    changes: dict[str, Any] = {
        name: value
        for name, value in msgspec.structs.asdict(wanted).items()
        if value is not msgspec.UNSET
    }
    if not changes:
        raise Problem(400, "No updates provided")
    if "scopes" in changes:
        changes["scopes"] = _known(changes["scopes"])
        _within(who, changes["scopes"])
        if NATS_SCOPES & (changes["scopes"] ^ _held(before)):
            raise invalid([Fault("what a key may over NATS is so once it is made", "body.scopes")])
    if "expires_at" in changes:
        changes["expires_at"] = _end(here, changes["expires_at"])
    row = await anyio.to_thread.run_sync(here.keys.ring.change, org_id, key_id, changes)
    if row is None:
        raise Problem(409, "The key has been revoked.")
    here.keys.forget()
    after = told(row)
    await here.audit.record(
        request, "key.update", key_id, before=told(before), after=after, organization=org_id
    )
    return after


async def rotate(request: Request, org_id: str, key_id: str, grace: int) -> NewKey:
    """A key in place of another, which is good for a while longer.

    Raises:
        Problem: 403, 404, or 409 where it is good no more or has been replaced already.
    """
    here = site(request)
    before = await _touchable(request, org_id, key_id)
    found = await anyio.to_thread.run_sync(here.keys.ring.rotate, org_id, key_id, grace)
    if found is None:
        raise Problem(409, "The key is good no more, or has been replaced already.")
    here.keys.forget()
    made = await anyio.to_thread.run_sync(_with_nats, here, found)
    await here.audit.record(
        request, "key.rotate", key_id, before=told(before), after=made, organization=org_id
    )
    return made


async def revoke(request: Request, org_id: str, key_id: str) -> None:
    """Raises Problem: 403 or 404. One that has been revoked stays so."""
    here = site(request)
    before = await _touchable(request, org_id, key_id)
    row = await anyio.to_thread.run_sync(here.keys.ring.revoke, org_id, key_id)
    here.keys.forget()
    if row is not None:
        await here.audit.record(
            request, "key.revoke", key_id, before=told(before), organization=org_id
        )


async def keys(request: Request, org_id: str) -> list[Key]:
    """All of them, the oldest first; those that are good no more are among them."""
    rows = await anyio.to_thread.run_sync(site(request).keys.ring.rows, org_id)
    return [told(row) for row in rows]


async def key(request: Request, org_id: str, key_id: str) -> Row:
    """Raises Problem: 404."""
    row = await anyio.to_thread.run_sync(site(request).keys.ring.row, org_id, key_id)
    if row is None:
        raise Problem(404, "API key not found")
    return row


def _with_nats(here: Site, made: tuple[str, Row]) -> NewKey:
    """A new key as it is told, with a NATS credential where it has a scope of NATS."""
    text, row = made
    said = {**msgspec.structs.asdict(told(row)), "api_key": text}
    allowed = _held(row) & NATS_SCOPES
    if not allowed:
        return NewKey(**said)
    try:
        seed, credential = NatsCredentials(here.tables, here.clock).make(
            row["org_id"],
            allowed,
            name=row["name"] or "",
            key_hash=row["key_hash"],
            created_by=row["created_by"] or "",
        )
    except TooMany as error:
        here.keys.ring.revoke(row["org_id"], row["key_id"])
        raise Problem(409, str(error)) from error
    return NewKey(**said, nats_seed=seed, nats_pub_key=credential["public_key"])


def _maker(who: Identity) -> str:
    """Who makes a key, for people to read: a person's id, or the id of another key."""
    return who.user or who.key[:16]


async def _touchable(request: Request, org_id: str, key_id: str) -> Row:
    row = await key(request, org_id, key_id)
    _within(identity(request), _held(row))
    return row


def _known(names: Iterable[str]) -> frozenset[str]:
    try:
        return scopes(names)
    except UnknownScope as error:
        raise invalid([Fault(str(error), "body.scopes")]) from error


def _held(row: Row) -> frozenset[str]:
    return frozenset(row["scopes"].split(","))


def _within(who: Identity, allowed: frozenset[str]) -> None:
    """Go on only if somebody may all of this themselves."""
    for scope in sorted(allowed):
        if not who.may(scope):
            raise Problem(403, f"Insufficient scope: {scope}")


def _end(here: Site, wanted: datetime | None) -> int | None:
    """When a key is good no more, in seconds since 1970."""
    if wanted is None:
        return None
    end = int(wanted.timestamp())
    if not here.clock.wall() < end < LAST_MOMENT:
        raise invalid([Fault("expected a time that is still to come", "body.expires_at")])
    return end
