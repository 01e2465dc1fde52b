"""``…/entities``: entities are registered, read, changed and deleted, one at a time.

A write is an event. It is answered when the entities flow has put it into the registry, so
that whoever writes reads what they have written; or, while the flow is down, with 202.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.subjects import is_token
from web.audit import Said
from web.body import body
from web.database import Row
from web.entity_answers import (
    DELETED,
    ONE,
    Accepted,
    accepted,
    described,
    entity_answer,
    json_answer,
    schema_url,
    wanted_revision,
    written_answer,
)
from web.entity_bodies import CreateEntity, DeleteEntity, UpdateEntity
from web.entity_events import Writer, writer
from web.once import once, retry_of
from web.openapi import Message, Operation
from web.problems import Problem
from web.registered import Entity, registered, row_of
from web.registry import EXISTS, NOT_FOUND, Written
from web.retries import HEADER
from web.schema import convert, decode, read
from web.site import site
from web.within import within

READ, WRITE = "entities:read", "entities:write"


class Deleted(Message):
    schema_: str = msgspec.field(name="$schema", default="")


async def create(request: Request) -> Response:
    """``POST …/entities``."""
    organization = await within(request, WRITE)
    written = await created(request, organization, await read(request, CreateEntity))
    return written_answer(request, written, 201)


async def get(request: Request) -> Response:
    """``GET …/entities/{entity_id}``."""
    organization = await within(request, READ)
    row = known(request, organization, _id(request))
    if row is None:
        raise Problem(404, NOT_FOUND)
    return entity_answer(request, row)


async def update(request: Request) -> Response:
    """``PUT`` and ``PATCH …/entities/{entity_id}``: what is said is changed, and nothing else."""
    organization = await within(request, WRITE)
    wanted = await read(request, UpdateEntity)
    return written_answer(request, await updated(request, organization, _id(request), wanted))


async def delete(request: Request) -> Response:
    """``DELETE …/entities/{entity_id}``, with a reason in the query or the body if there is one."""
    organization = await within(request, WRITE)
    said = await body(request)
    wanted = decode(said, DeleteEntity) if said else _asked(request)
    written = await deleted(request, organization, _id(request), wanted.reason)
    if not written.projected:
        return accepted(organization, _id(request))
    told = Deleted(DELETED, schema_url(request, Deleted))
    return json_answer(told, 200, described(Deleted))


async def created(request: Request, organization: str, wanted: CreateEntity) -> Written:
    """Register an entity, for whoever makes the request. Raises as ``Registry.write`` does."""
    here = site(request)
    write = _writer(request, organization).created(wanted)
    written = await here.registry.write(write)
    after = registered(here, written.row) if written.row else wanted
    await _on_record(request, "entity.create", written, None, after)
    return written


async def updated(
    request: Request, organization: str, entity_id: str, wanted: UpdateEntity
) -> Written:
    """Change an entity, for whoever makes the request. Raises as ``Registry.write`` does."""
    here, make = site(request), _writer(request, organization)
    changes = make.changes(wanted)
    before = _before(request, organization, entity_id)
    write = make.updated(entity_id, changes, wanted_revision(request, before))
    written = await here.registry.write(write)
    after = registered(here, written.row) if written.row else wanted
    await _on_record(request, "entity.update", written, before, after)
    return written


async def deleted(request: Request, organization: str, entity_id: str, reason: str) -> Written:
    """Delete an entity, for whoever makes the request. Raises as ``Registry.write`` does."""
    before = _before(request, organization, entity_id)
    revision = wanted_revision(request, before)
    write = _writer(request, organization).deleted(entity_id, reason, revision)
    written = await site(request).registry.write(write)
    await _on_record(request, "entity.delete", written, before, {"reason": reason})
    return written


def known(request: Request, organization: str, entity_id: str) -> Row | None:
    """The row of an entity, if it is one of the organisation."""
    if not is_token(entity_id):
        return None
    return row_of(site(request).tables, organization, entity_id)


def _before(request: Request, organization: str, entity_id: str) -> Row | None:
    """An entity as it stands; None for one that may be on its way into the registry.

    Raises:
        Problem: 404, there is none.
    """
    row = known(request, organization, entity_id)
    if row is None and (site(request).registry.settled or not is_token(entity_id)):
        raise Problem(404, NOT_FOUND)
    return row


async def _on_record(
    request: Request, action: str, written: Written, before: Row | None, after: Said
) -> None:
    here, wanted = site(request), written.wanted
    await here.audit.record(
        request,
        action,
        wanted.entity_id,
        before=registered(here, before) if before else None,
        after=after,
        organization=wanted.org_id,
    )


def _id(request: Request) -> str:
    entity_id: str = request.path_params["entity_id"]
    return entity_id


def _asked(request: Request) -> DeleteEntity:
    return convert(dict(request.query_params), DeleteEntity, "query")


def _writer(request: Request, organization: str) -> Writer:
    return writer(organization, site(request).clock.wall(), retry_of(request))


_ENTITIES = ONE.rpartition("/")[0]
routes = [
    Route(_ENTITIES, once(create), methods=["POST"]),
    Route(ONE, get, methods=["GET"]),
    Route(ONE, once(update), methods=["PUT", "PATCH"]),
    Route(ONE, once(delete), methods=["DELETE"]),
]

_TAG = {"ETag": "The revision, and what is live of it; for If-Match and If-None-Match."}
_MATCH = {"If-Match": "The ETag of what is to be changed; 412 where it is another by now."}
_KEY = {HEADER: "The same for a request and its retries: it is done once."}
_LATER = {
    202: Accepted,
    503: "JetStream is not known to have it.",
}
operations = [
    Operation(
        "POST",
        _ENTITIES,
        "create-entity",
        "Register an entity",
        WRITE,
        body=CreateEntity,
        answers={201: Entity, 409: EXISTS, **_LATER},
        headers=_KEY,
        gives={**_TAG, "Location": "Where the entity is."},
    ),
    Operation(
        "GET",
        ONE,
        "get-entity",
        "Get an entity",
        READ,
        answers={200: Entity, 304: "The asker has it as it is."},
        headers={"If-None-Match": "The ETag of what the asker has."},
        gives=_TAG,
    ),
    *(
        Operation(
            method,
            ONE,
            f"{word}-entity",
            "Change fields of an entity",
            WRITE,
            body=UpdateEntity,
            answers={200: Entity, 412: "It has been changed meanwhile.", **_LATER},
            headers=_MATCH | _KEY,
            gives=_TAG,
        )
        for method, word in (("PUT", "update"), ("PATCH", "patch"))
    ),
    Operation(
        "DELETE",
        ONE,
        "delete-entity",
        "Delete an entity",
        WRITE,
        answers={200: Deleted, 412: "It has been changed meanwhile.", **_LATER},
        headers=_MATCH | _KEY,
    ),
]
