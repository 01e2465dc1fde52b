"""The interface as it was before v0.1.0: ids in the query, and an envelope around every answer.

``/api/v1/entities?org_id=…[&entity_id=…]``, and ``/api/v1/organizations?org_id=…``. What it
takes is taken as it was then: fields that are not known are passed over, types of entity go
by the names that devices have for them, and a ``description`` is kept with the metadata.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio.to_thread
import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from flows.ontology.entity_types import entity_type
from web import entity_writes as entities
from web.entity_answers import ACCEPTED, DELETED, Accepted
from web.entity_bodies import CreateEntity, UpdateEntity
from web.envelope import PATH, Envelope, Error, refusal, said
from web.identity import require
from web.once import once
from web.openapi import Operation
from web.problems import Problem
from web.registered import registered, rows_of
from web.registry import NOT_FOUND, Written
from web.schema import convert, read
from web.site import site
from web.within import governed

ORGANIZATIONS = "/api/v1/organizations"
METHODS = ("GET", "POST", "PUT", "DELETE")
# Every method has a handler here, be it to say that there is none.
_ALL = (*METHODS, "PATCH")


class Body(msgspec.Struct, kw_only=True):
    """What was taken of an entity; the rest of it is passed over."""

    entity_type: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    is_live: bool | UnsetType = UNSET
    position: dict[str, Any] | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET
    video_config: dict[str, Any] | UnsetType = UNSET
    description: str | UnsetType = UNSET


class Wrong(Exception):
    """A request that lacks something; ``code`` is what programs know it by."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


Handler = Callable[[Request], Awaitable[Response]]


def enveloped(handler: Handler) -> Handler:
    """A handler whose problems stand in an envelope, too."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Wrong as wrong:
            return said(Envelope(False, error=Error(wrong.code, str(wrong))), 400)
        except Problem as problem:
            return refusal(problem, request.method)

    return answer


async def by_query(request: Request) -> Response:
    """One path for all; what is meant is in the query."""
    match request.method:
        case "GET" | "HEAD":
            return await _get(request)
        case "POST":
            return await _create(request)
        case "PUT":
            return await _update(request)
        case "DELETE":
            return await _delete(request)
        case _:
            error = Error("METHOD_NOT_ALLOWED", "Method not allowed")
            return said(Envelope(False, error=error), 405, {"Allow": ", ".join(METHODS)})


async def _get(request: Request) -> Response:
    organization = await governed(request, entities.READ, _organization(request))
    entity_id, here = request.query_params.get("entity_id"), site(request)
    if entity_id is None:
        rows = await anyio.to_thread.run_sync(rows_of, here.tables, organization)
        return said(Envelope(True, [registered(here, row) for row in rows]))
    row = entities.known(request, organization, entity_id)
    if row is None:
        raise Problem(404, NOT_FOUND)
    return said(Envelope(True, registered(here, row)))


async def _create(request: Request) -> Response:
    organization = await governed(request, entities.WRITE, _organization(request))
    wanted = convert(_fields(await read(request, Body)), CreateEntity)
    written = await entities.created(request, organization, wanted)
    return _written(request, written, 201)


async def _update(request: Request) -> Response:
    organization = await governed(request, entities.WRITE, _organization(request))
    wanted = convert(_fields(await read(request, Body)), UpdateEntity)
    written = await entities.updated(request, organization, _entity(request), wanted)
    return _written(request, written, 200)


async def _delete(request: Request) -> Response:
    organization = await governed(request, entities.WRITE, _organization(request))
    written = await entities.deleted(request, organization, _entity(request), "")
    told = DELETED if written.projected else ACCEPTED
    return said(Envelope(True, {"message": told}), 200 if written.projected else 202)


async def organization_by_query(request: Request) -> Response:
    """``GET /api/v1/organizations?org_id=…``: one, in an envelope."""
    org_id = request.query_params["org_id"]
    require(request, "organizations:read", org_id)
    known = await site(request).organizations.find(org_id)
    if known is None:
        raise Problem(404, "Organization not found")
    return said(Envelope(True, known.organization))


def _organization(request: Request) -> str:
    found = request.query_params.get("org_id")
    if not found:
        raise Wrong("MISSING_ORG_ID", "org_id is required")
    return found


def _entity(request: Request) -> str:
    found = request.query_params.get("entity_id")
    if not found:
        raise Wrong("MISSING_PARAMS", "org_id and entity_id are required")
    return found


def _fields(body: Body) -> dict[str, Any]:
    """A body as it is said today."""
    found = msgspec.structs.asdict(body)
    fields = {name: value for name, value in found.items() if value is not UNSET}
    if "entity_type" in fields:
        fields["entity_type"] = entity_type(fields["entity_type"]) or fields["entity_type"]
    description = fields.pop("description", "")
    if description:
        fields["metadata"] = {"description": description} | fields.get("metadata", {})
    return fields


def _written(request: Request, written: Written, status: int) -> Response:
    if written.row is None:
        wanted = written.wanted
        if written.projected:
            raise Problem(404, NOT_FOUND)
        return said(Envelope(True, Accepted(ACCEPTED, wanted.entity_id)), 202)
    return said(Envelope(True, registered(site(request), written.row)), status)


class _Queried(Route):
    """A route for those who name an organisation in the query."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if b"org_id=" not in scope.get("query_string", b""):
            return Match.NONE, {}
        return super().matches(scope)


routes = [
    Route(PATH, enveloped(once(enveloped(by_query))), methods=_ALL),
    _Queried(ORGANIZATIONS, enveloped(organization_by_query), methods=["GET"]),
]


class _Ids(msgspec.Struct):
    """Whose entities, and which of them."""

    org_id: str
    entity_id: str | UnsetType = UNSET


def _operation(method: str, word: str, summary: str, scope: str, **more: Any) -> Operation:
    return Operation(
        method,
        PATH,
        f"legacy-{word}",
        summary,
        scope,
        query=_Ids,
        tag="before v0.1.0",
        fault=Envelope,
        deprecated=True,
        **more,
    )


_NOT = {400: "It cannot be taken as it is.", 404: "There is no such thing, or it is another's."}
_LATER = {202: Envelope, **_NOT, 409: "There is one already."}
operations = [
    _operation(
        "GET", "get", "Get one entity or all", entities.READ, answers={200: Envelope, **_NOT}
    ),
    _operation(
        "POST",
        "create",
        "Register an entity",
        entities.WRITE,
        body=Body,
        answers={201: Envelope, **_LATER},
    ),
    _operation(
        "PUT",
        "update",
        "Change fields of an entity",
        entities.WRITE,
        body=Body,
        answers={200: Envelope, **_LATER},
    ),
    _operation(
        "DELETE",
        "delete",
        "Delete an entity",
        entities.WRITE,
        answers={200: Envelope, **_LATER},
    ),
]
