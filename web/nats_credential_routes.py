"""``/api/v1/organizations/{org_id}/nats-credentials``: who may connect to NATS, for admins."""

from datetime import datetime
from typing import Annotated, Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.credentials import MOST_NAMED, consumers, inbox
from web.database import Row
from web.identity import ADMIN, UnknownScope, identity
from web.key_acts import LAST_MOMENT
from web.key_bodies import Moment, Name, RotateKey
from web.moments import moment
from web.nats_credentials import NatsCredentials, TooMany, UnknownEntity, of_nats
from web.openapi import JSON, Message, Operation
from web.organization_routes import ONE as ORGANIZATION
from web.organization_routes import existing
from web.problems import Problem
from web.schema import Fault, decode, invalid, read
from web.site import Site, site

Scopes = Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]
Ids = Annotated[list[str], msgspec.Meta(max_length=MOST_NAMED)]


class CreateCredential(msgspec.Struct, forbid_unknown_fields=True):
    """A new credential. Without ``entity_ids`` it is for all entities of the organisation."""

    scopes: Scopes
    name: Name = ""
    entity_ids: Ids = []
    expires_at: Moment | None = None


class UpdateCredential(msgspec.Struct, forbid_unknown_fields=True):
    """Until when it is to be good; null for ever."""

    expires_at: Moment | None


class Credential(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known of a credential, and what it may call its inbox and its consumers."""

    nats_pub_key: str
    org_id: str
    scopes: list[str]
    created_at: str
    inbox_prefix: str
    consumer_names: list[str]
    name: str = ""
    entity_ids: list[str] = []
    created_by: str = ""
    expires_at: str = ""
    revoked_at: str = ""


class NewCredential(Credential, frozen=True, omit_defaults=True, kw_only=True):
    """A credential that has just been made: ``nats_seed`` is shown this once."""

    nats_seed: str


async def create(request: Request) -> Response:
    org_id = await _organization(request)
    wanted = await read(request, CreateCredential)
    here, who = site(request), identity(request)
    try:
        allowed = of_nats(wanted.scopes)
    except UnknownScope as error:
        raise invalid([Fault(str(error), "body.scopes")]) from error
    end = _end(here, wanted.expires_at)
    try:
        seed, row = await anyio.to_thread.run_sync(
            lambda: here.nats_credentials.make(
                org_id,
                allowed,
                name=wanted.name,
                entity_ids=wanted.entity_ids,
                expires_at=end,
                created_by=who.user or who.key[:16],
            )
        )
    except UnknownEntity as error:
        raise invalid([Fault(str(error), "body.entity_ids")]) from error
    except TooMany as error:
        raise Problem(409, str(error)) from error
    made = told(row)
    await here.audit.record(
        request, "nats_credential.create", made.nats_pub_key, after=made, organization=org_id
    )
    return _json(_new(made, seed), 201)


async def list_all(request: Request) -> Response:
    """A bare array, the oldest first; those that are good no more are among them."""
    org_id = await _organization(request)
    rows = await anyio.to_thread.run_sync(_credentials(request).rows, org_id)
    return _json([told(row) for row in rows])


async def get(request: Request) -> Response:
    return _json(told(await _row(request, await _organization(request))))


async def update(request: Request) -> Response:
    org_id = await _organization(request)
    before = await _row(request, org_id)
    wanted = await read(request, UpdateCredential)
    end = _end(site(request), wanted.expires_at)
    row = await anyio.to_thread.run_sync(
        _credentials(request).expire, org_id, before["public_key"], end
    )
    if row is None:
        raise Problem(409, "The credential has been revoked.")
    await _record(request, "nats_credential.update", org_id, before, row)
    return _json(told(row))


async def rotate(request: Request) -> Response:
    """A credential in place of another, which is good for a while longer."""
    org_id = await _organization(request)
    before = await _row(request, org_id)
    text = await request.body()
    grace = (decode(text, RotateKey) if text else RotateKey()).grace_seconds
    found = await anyio.to_thread.run_sync(
        _credentials(request).rotate, org_id, before["public_key"], grace
    )
    if found is None:
        raise Problem(409, "The credential is good no more.")
    seed, row = found
    await _record(request, "nats_credential.rotate", org_id, before, row)
    return _json(_new(told(row), seed), 201)


async def revoke(request: Request) -> Response:
    """Whoever is connected with it is disconnected within a second."""
    org_id = await _organization(request)
    before = await _row(request, org_id)
    row = await anyio.to_thread.run_sync(_credentials(request).revoke, org_id, before["public_key"])
    if row is not None:
        await _record(request, "nats_credential.revoke", org_id, before, row)
    return _json(Message("NATS credential revoked"))


def told(row: Row) -> Credential:
    """What may be said of a credential."""
    public_key = row["public_key"]
    return Credential(
        nats_pub_key=public_key,
        org_id=row["org_id"],
        scopes=row["scopes"].split(","),
        created_at=moment(row["created_at"]),
        inbox_prefix=inbox(public_key),
        consumer_names=list(consumers(public_key)),
        name=row["name"] or "",
        entity_ids=msgspec.json.decode(row["entity_ids"]) if row["entity_ids"] else [],
        created_by=row["created_by"] or "",
        expires_at=moment(row["expires_at"]),
        revoked_at=moment(row["revoked_at"]),
    )


async def _organization(request: Request) -> str:
    return (await existing(request, ADMIN)).organization.org_id


def _credentials(request: Request) -> NatsCredentials:
    return site(request).nats_credentials


async def _row(request: Request, org_id: str) -> Row:
    public_key = request.path_params["public_key"]
    row = await anyio.to_thread.run_sync(_credentials(request).row, org_id, public_key)
    if row is None:
        raise Problem(404, "NATS credential not found")
    return row


async def _record(request: Request, action: str, org_id: str, before: Row, after: Row) -> None:
    await site(request).audit.record(
        request,
        action,
        before["public_key"],
        before=told(before),
        after=told(after),
        organization=org_id,
    )


def _end(here: Site, wanted: datetime | None) -> int | None:
    """When a credential is good no more, in seconds since 1970."""
    if wanted is None:
        return None
    end = int(wanted.timestamp())
    if not here.clock.wall() < end < LAST_MOMENT:
        raise invalid([Fault("expected a time that is still to come", "body.expires_at")])
    return end


def _new(made: Credential, seed: str) -> NewCredential:
    known: dict[str, Any] = msgspec.structs.asdict(made)
    return NewCredential(**known, nats_seed=seed)


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type=JSON)


CREDENTIALS = f"{ORGANIZATION}/nats-credentials"
CREDENTIAL = f"{CREDENTIALS}/{{public_key}}"
routes = [
    Route(CREDENTIALS, list_all, methods=["GET"]),
    Route(CREDENTIALS, create, methods=["POST"]),
    Route(CREDENTIAL, get, methods=["GET"]),
    Route(CREDENTIAL, update, methods=["PATCH"]),
    Route(CREDENTIAL, revoke, methods=["DELETE"]),
    Route(f"{CREDENTIAL}/rotate", rotate, methods=["POST"]),
]
operations = [
    Operation(
        "GET",
        CREDENTIALS,
        "list-nats-credentials",
        "List NATS credentials",
        ADMIN,
        answers={200: list[Credential]},
    ),
    Operation(
        "POST",
        CREDENTIALS,
        "create-nats-credential",
        "Create a NATS credential",
        ADMIN,
        body=CreateCredential,
        answers={201: NewCredential, 409: "There are too many."},
        description="The embedded message server lets it in within a second.",
    ),
    Operation(
        "GET",
        CREDENTIAL,
        "get-nats-credential",
        "Get a NATS credential",
        ADMIN,
        answers={200: Credential},
    ),
    Operation(
        "PATCH",
        CREDENTIAL,
        "update-nats-credential",
        "Change how long a NATS credential is good",
        ADMIN,
        body=UpdateCredential,
        answers={200: Credential, 409: "It has been revoked."},
    ),
    Operation(
        "DELETE",
        CREDENTIAL,
        "revoke-nats-credential",
        "Revoke a NATS credential",
        ADMIN,
        answers={200: Message},
        description="Whoever is connected with it is disconnected within a second.",
    ),
    Operation(
        "POST",
        f"{CREDENTIAL}/rotate",
        "rotate-nats-credential",
        "Replace a NATS credential",
        ADMIN,
        body=RotateKey,
        answers={201: NewCredential, 409: "It is good no more."},
        description="The old one is good for `grace_seconds` more; a day, unless said otherwise.",
    ),
]
