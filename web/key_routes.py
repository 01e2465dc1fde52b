"""``/api/v1/organizations/{org_id}/keys``: API keys, for those who look after an organisation.

Nobody gives what they do not have, or touches a key that may do more than they.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.database import Row
from web.identity import Identity, UnknownScope, identity, scopes
from web.key_ring import GRACE_SECONDS, MOST_A_MINUTE
from web.moments import moment
from web.openapi import Message, Operation
from web.organization_routes import ONE as ORGANIZATION
from web.organization_routes import WRITE, existing
from web.problems import Problem
from web.schema import Fault, decode, invalid, read
from web.site import Site, site

Name = Annotated[str, msgspec.Meta(max_length=100)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Rate = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
LAST_MOMENT = 253_402_300_800  # The year 10000, which nobody can write.

Scopes = Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]


class CreateKey(msgspec.Struct, forbid_unknown_fields=True):
    """A new key. ``rate_limit`` is in requests a minute."""

    scopes: Scopes
    name: Name = ""
    expires_at: Moment | None = None
    rate_limit: Rate | None = None


class UpdateKey(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be another; what is left out stays, and null takes a limit away."""

    scopes: Scopes | msgspec.UnsetType = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    expires_at: Moment | msgspec.UnsetType | None = msgspec.UNSET
    rate_limit: Rate | msgspec.UnsetType | None = msgspec.UNSET


class RotateKey(msgspec.Struct, forbid_unknown_fields=True):
    """For how long the old key is still good."""

    grace_seconds: Annotated[int, msgspec.Meta(ge=0, le=31_536_000)] = GRACE_SECONDS


class Key(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known of a key; the key itself is stored nowhere."""

    key_id: str
    prefix: str
    org_id: str
    scopes: list[str]
    created_at: str
    rate_limit: int
    name: str = ""
    created_by: str = ""
    expires_at: str = ""
    last_used_at: str = ""
    revoked_at: str = ""
    rotated_to: str = ""


class NewKey(Key, frozen=True, omit_defaults=True, kw_only=True):
    """A key that has just been made. ``api_key`` is shown this once."""

    api_key: str


async def create(request: Request) -> Response:
    org_id, who = await _looked_after(request)
    wanted = await read(request, CreateKey)
    allowed = _scopes(wanted.scopes)
    _within(who, allowed)
    here = site(request)
    key, row = await anyio.to_thread.run_sync(
        lambda: here.keys.ring.make(
            org_id,
            allowed,
            name=wanted.name,
            created_by=maker(who),
            expires_at=_end(here, wanted.expires_at),
            rate_limit=wanted.rate_limit,
        )
    )
    made = told(row)
    await here.audit.record(request, "key.create", made.key_id, after=made, organization=org_id)
    return _json(_new(made, key), 201)


async def list_all(request: Request) -> Response:
    """A bare array, the oldest first; those that are good no more are among them."""
    org_id, _ = await _looked_after(request)
    rows = await anyio.to_thread.run_sync(site(request).keys.ring.rows, org_id)
    return _json([told(row) for row in rows])


async def get(request: Request) -> Response:
    org_id, _ = await _looked_after(request)
    return _json(told(await _row(request, org_id)))


async def update(request: Request) -> Response:
    org_id, who = await _looked_after(request)
    before = await _row(request, org_id)
    _within(who, _held(before))
    wanted = await read(request, UpdateKey)
    here = site(request)
    changes: dict[str, Any] = {
        name: value
        for name, value in msgspec.structs.asdict(wanted).items()
        if value is not msgspec.UNSET
    }
    if not changes:
        raise Problem(400, "No updates provided")
    if "scopes" in changes:
        changes["scopes"] = _scopes(changes["scopes"])
        _within(who, changes["scopes"])
    if "expires_at" in changes:
        changes["expires_at"] = _end(here, changes["expires_at"])
    row = await anyio.to_thread.run_sync(here.keys.ring.change, org_id, before["key_id"], changes)
    if row is None:
        raise Problem(409, "The key has been revoked.")
    here.keys.forget()
    await here.audit.record(
        request,
        "key.update",
        row["key_id"],
        before=told(before),
        after=told(row),
        organization=org_id,
    )
    return _json(told(row))


async def rotate(request: Request) -> Response:
    """A key in place of another, which is good for a while longer."""
    org_id, who = await _looked_after(request)
    before = await _row(request, org_id)
    _within(who, _held(before))
    text = await request.body()
    grace = (decode(text, RotateKey) if text else RotateKey()).grace_seconds
    here = site(request)
    found = await anyio.to_thread.run_sync(here.keys.ring.rotate, org_id, before["key_id"], grace)
    if found is None:
        raise Problem(409, "The key is good no more, or has been replaced already.")
    here.keys.forget()
    key, row = found
    made = told(row)
    await here.audit.record(
        request,
        "key.rotate",
        before["key_id"],
        before=told(before),
        after=made,
        organization=org_id,
    )
    return _json(_new(made, key), 201)


async def revoke(request: Request) -> Response:
    org_id, who = await _looked_after(request)
    before = await _row(request, org_id)
    _within(who, _held(before))
    here = site(request)
    row = await anyio.to_thread.run_sync(here.keys.ring.revoke, org_id, before["key_id"])
    here.keys.forget()
    if row is not None:
        await here.audit.record(
            request, "key.revoke", row["key_id"], before=told(before), organization=org_id
        )
    return _json(Message("API key revoked"))


def told(row: Row) -> Key:
    """What may be said of a key."""
    return Key(
        key_id=row["key_id"],
        prefix=row["prefix"],
        org_id=row["org_id"],
        scopes=row["scopes"].split(","),
        created_at=moment(row["created_at"]),
        rate_limit=row["rate_limit"] or MOST_A_MINUTE,
        name=row["name"] or "",
        created_by=row["created_by"] or "",
        expires_at=moment(row["expires_at"]),
        last_used_at=moment(row["last_used_at"]),
        revoked_at=moment(row["revoked_at"]),
        rotated_to=row["rotated_to"] or "",
    )


def maker(who: Identity) -> str:
    """Who made a key, for people to read: a person's id, or the id of another key."""
    return who.user or who.key[:16]


async def _looked_after(request: Request) -> tuple[str, Identity]:
    known = await existing(request, WRITE)
    return known.organization.org_id, identity(request)


async def _row(request: Request, org_id: str) -> Row:
    ring = site(request).keys.ring
    row = await anyio.to_thread.run_sync(ring.row, org_id, request.path_params["key_id"])
    if row is None:
        raise Problem(404, "API key not found")
    return row


def _scopes(names: Iterable[str]) -> frozenset[str]:
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


def _new(made: Key, key: str) -> NewKey:
    return NewKey(**msgspec.structs.asdict(made), api_key=key)


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


KEYS = f"{ORGANIZATION}/keys"
KEY = f"{KEYS}/{{key_id}}"
routes = [
    Route(KEYS, list_all, methods=["GET"]),
    Route(KEYS, create, methods=["POST"]),
    Route(KEY, get, methods=["GET"]),
    Route(KEY, update, methods=["PATCH"]),
    Route(KEY, revoke, methods=["DELETE"]),
    Route(f"{KEY}/rotate", rotate, methods=["POST"]),
]
_TOO_MUCH = "Nobody gives what they do not have."
operations = [
    Operation("GET", KEYS, "list-keys", "List API keys", WRITE, answers={200: list[Key]}),
    Operation(
        "POST",
        KEYS,
        "create-key",
        "Create an API key",
        WRITE,
        body=CreateKey,
        answers={201: NewKey},
        description=_TOO_MUCH,
    ),
    Operation("GET", KEY, "get-key", "Get an API key", WRITE, answers={200: Key}),
    Operation(
        "PATCH",
        KEY,
        "update-key",
        "Change an API key",
        WRITE,
        body=UpdateKey,
        answers={200: Key, 409: "It has been revoked."},
        description=_TOO_MUCH,
    ),
    Operation("DELETE", KEY, "revoke-key", "Revoke an API key", WRITE, answers={200: Message}),
    Operation(
        "POST",
        f"{KEY}/rotate",
        "rotate-key",
        "Replace an API key",
        WRITE,
        body=RotateKey,
        answers={201: NewKey, 409: "It is good no more, or has been replaced already."},
        description="The old key is good for `grace_seconds` more; a day, unless said otherwise.",
    ),
]
