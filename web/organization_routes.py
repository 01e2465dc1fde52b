"""``/api/v1/organizations``: organisations, for those who may see them."""

from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.etag import check_match, etag
from web.identity import ADMIN, require
from web.openapi import JSON, Message, Operation
from web.organizations import Kind, Known, Organization
from web.problems import Problem
from web.schema import Fault, invalid, read
from web.site import site

READ, WRITE = "organizations:read", "organizations:write"
GONE, GOING = "Organization deleted successfully", "Organization is being deleted"
MOST_METADATA_BYTES = 64 * 1024

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Description = Annotated[str, msgspec.Meta(max_length=500)]


class CreateOrganization(msgspec.Struct, forbid_unknown_fields=True):
    """A new organisation."""

    name: Name
    org_type: Kind
    description: Description = ""
    metadata: dict[str, Any] = {}


class UpdateOrganization(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be another; what is left out stays. ``metadata`` is replaced as a whole."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    org_type: Kind | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET
    metadata: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


async def create(request: Request) -> Response:
    who = require(request, WRITE)
    if not who.governs_all:
        raise Problem(403, "Only admins of the deployment's first organisation make others.")
    wanted = await read(request, CreateOrganization)
    _bound(wanted.metadata)
    here = site(request)
    made = await here.organizations.create(
        wanted.name, wanted.org_type, wanted.description, wanted.metadata
    )
    new = made.organization
    await here.audit.record(
        request, "organization.create", new.org_id, after=new, organization=new.org_id
    )
    return _answer(made, 201, {"Location": f"{PATH}/{new.org_id}"})


async def list_all(request: Request) -> Response:
    """A bare array of those that the asker may see."""
    who = require(request, READ)
    seen = [each for each in await site(request).organizations.all() if who.governs(each.org_id)]
    return Response(msgspec.json.encode(seen), media_type=JSON)


async def get(request: Request) -> Response:
    return _answer(await existing(request, READ))


async def update(request: Request) -> Response:
    require(request, WRITE, request.path_params["org_id"])
    wanted = await read(request, UpdateOrganization)
    changes = {
        name: value
        for name, value in msgspec.structs.asdict(wanted).items()
        if value is not msgspec.UNSET
    }
    if not changes:
        raise Problem(400, "No updates provided")
    _bound(changes.get("metadata", {}))
    here, org_id = site(request), request.path_params["org_id"]
    changed = await here.organizations.update(
        org_id, changes, lambda revision: check_match(request, revision)
    )
    if changed is None:
        raise Problem(404, "Organization not found")
    before, after = changed
    await here.audit.record(
        request,
        "organization.update",
        org_id,
        before=before.organization,
        after=after.organization,
        organization=org_id,
    )
    return _answer(after)


async def delete(request: Request) -> Response:
    """All that it has goes with it, so it takes an admin: of its own, or of the first."""
    org_id = request.path_params["org_id"]
    require(request, ADMIN, org_id)
    here = site(request)
    if org_id == here.settings.organization:
        raise Problem(409, "The deployment's first organisation cannot be deleted.")
    before = await existing(request, WRITE)
    gone = await here.departures.delete(org_id)
    await here.audit.record(
        request,
        "organization.delete",
        org_id,
        before=before.organization,
        # Who is left can read it.
        organization=here.settings.organization,
    )
    said = GONE if gone is not False else GOING
    return Response(
        msgspec.json.encode(Message(said)), 200 if gone is not False else 202, media_type=JSON
    )


async def existing(request: Request, scope: str) -> Known:
    """The organisation of the path, if the asker may see it and there is one.

    Raises:
        Problem: 403 without the scope, 404 for what is not theirs or is not there.
    """
    org_id = request.path_params["org_id"]
    require(request, scope, org_id)
    known = await site(request).organizations.find(org_id)
    if known is None:
        raise Problem(404, "Organization not found")
    return known


def _bound(metadata: dict[str, Any]) -> None:
    try:
        size = len(msgspec.json.encode(metadata))
    except (OverflowError, msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise invalid([Fault(f"cannot be kept: {error}", "body.metadata")]) from error
    if size > MOST_METADATA_BYTES:
        fault = Fault(f"expected {MOST_METADATA_BYTES} bytes at most", "body.metadata")
        raise invalid([fault])


def _answer(known: Known, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        msgspec.json.encode(known.organization),
        status,
        {"ETag": etag(known.revision), **(headers or {})},
        media_type=JSON,
    )


PATH = "/api/v1/organizations"
ONE = f"{PATH}/{{org_id}}"
routes = [
    Route(PATH, list_all, methods=["GET"]),
    Route(PATH, create, methods=["POST"]),
    Route(ONE, get, methods=["GET"]),
    Route(ONE, update, methods=["PUT", "PATCH"]),
    Route(ONE, delete, methods=["DELETE"]),
]
_REVISION = {"ETag": "The revision, for If-Match."}
_MATCH = {"If-Match": "The revision that is to be changed; 412 where it is another by now."}
operations = [
    Operation(
        "GET",
        PATH,
        "list-organizations",
        "List organisations",
        READ,
        answers={200: list[Organization]},
    ),
    Operation(
        "POST",
        PATH,
        "create-organization",
        "Create an organisation",
        WRITE,
        body=CreateOrganization,
        answers={201: Organization, 503: "JetStream has not taken it."},
        gives=_REVISION,
        description="For admins of the deployment's first organisation.",
    ),
    Operation(
        "GET",
        ONE,
        "get-organization",
        "Get an organisation",
        READ,
        answers={200: Organization},
        gives=_REVISION,
    ),
    *(
        Operation(
            method,
            ONE,
            f"{word}-organization",
            "Change fields of an organisation",
            WRITE,
            body=UpdateOrganization,
            answers={
                200: Organization,
                412: "It has been changed meanwhile.",
                503: "JetStream has not taken it.",
            },
            headers=_MATCH,
            gives=_REVISION,
        )
        for method, word in (("PATCH", "update"), ("PUT", "put"))
    ),
    Operation(
        "DELETE",
        ONE,
        "delete-organization",
        "Delete an organisation and all that it has",
        ADMIN,
        answers={
            200: Message,
            202: Message,
            409: "It is the deployment's first organisation.",
        },
        description="Its keys, sessions and NATS credentials are refused at once. 202 says that "
        "its entities are still to be forgotten, as where the entities flow does not run.",
    ),
]
