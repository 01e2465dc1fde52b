"""``/api/v1/organizations``: organisations, for those who may see them."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import organization_acts
from web.entity_answers import described, schema_url
from web.etag import check_match, etag
from web.identity import require
from web.once import once
from web.openapi import JSON, Message, Operation
from web.organization_acts import READ, WRITE, CreateOrganization, UpdateOrganization
from web.organizations import Known, Organization
from web.schema import read

GONE, GOING = "Organization deleted successfully", "Organization is being deleted"


async def create(request: Request) -> Response:
    organization_acts.may_create(request)
    made = await organization_acts.create(request, await read(request, CreateOrganization))
    return _answer(request, made, 201, {"Location": f"{PATH}/{made.organization.org_id}"})


async def list_all(request: Request) -> Response:
    """A bare array of those that the asker may see."""
    return _json(await organization_acts.seen(request))


async def get(request: Request) -> Response:
    return _answer(request, await existing(request, READ))


async def update(request: Request) -> Response:
    org_id = _named(request)
    require(request, WRITE, org_id)
    wanted = await read(request, UpdateOrganization)
    changed = await organization_acts.update(
        request, org_id, wanted, lambda revision: check_match(request, revision)
    )
    return _answer(request, changed)


async def delete(request: Request) -> Response:
    gone = await organization_acts.delete(request, _named(request))
    return _json(Message(GONE), 200) if gone else _json(Message(GOING), 202)


async def existing(request: Request, scope: str) -> Known:
    """The organisation of the path. Raises as ``organization_acts.existing``."""
    return await organization_acts.existing(request, _named(request), scope)


def _named(request: Request) -> str:
    org_id: str = request.path_params["org_id"]
    return org_id


def _answer(
    request: Request, known: Known, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    shown = msgspec.structs.replace(known.organization, schema_=schema_url(request, Organization))
    more = {"ETag": etag(known.revision), **described(Organization), **(headers or {})}
    return _json(shown, status, more)


def _json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), status, headers, media_type=JSON)


PATH = "/api/v1/organizations"
ONE = f"{PATH}/{{org_id}}"
routes = [
    Route(PATH, list_all, methods=["GET"]),
    Route(PATH, once(create), methods=["POST"]),
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
        description="For those of the deployment's first organisation. Who makes one may see to it "
        "as to their own.",
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
        WRITE,
        answers={
            200: Message,
            202: Message,
            409: "It is the deployment's first organisation.",
        },
        description="For its admins, those of the first organisation, and who made it. Its keys, "
        "sessions and NATS credentials are refused at once. 202 says that its entities are still "
        "to be forgotten, as where the entities flow does not run.",
    ),
]
