"""``…/entities``: entities are registered, read, changed and deleted, one at a time.

A write is an event. It is answered when the entities flow has put it into the registry, so
that whoever writes reads what they have written; or, while the flow is down, with 202.
"""

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.subjects import is_token
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
from web.registry import EXISTS, NOT_FOUND
from web.retries import HEADER
from web.schema import decode, read
from web.site import site
from web.within import within

READ, WRITE = "entities:read", "entities:write"


class Deleted(Message):
    schema_: str = msgspec.field(name="$schema", default="")


async def create(request: Request) -> Response:
    """``POST …/entities``."""
    organization, here = await within(request, WRITE), site(request)
    wanted = await read(request, CreateEntity)
    written = await here.registry.write(_writer(request, organization).created(wanted))
    answer = written_answer(request, written, 201)
    after = registered(here, written.row) if written.row else wanted
    await here.audit.record(
        request,
        "entity.create",
        written.wanted.entity_id,
        after=after,
        organization=organization,
    )
    return answer


async def get(request: Request) -> Response:
    """``GET …/entities/{entity_id}``."""
    organization = await within(request, READ)
    row = await known(request, organization)
    if row is None:
        raise Problem(404, NOT_FOUND)
    return entity_answer(request, row)


async def update(request: Request) -> Response:
    """``PUT`` and ``PATCH …/entities/{entity_id}``: what is said is changed, and nothing else."""
    organization, here = await within(request, WRITE), site(request)
    wanted = await read(request, UpdateEntity)
    before = await _before(request, organization)
    write = _writer(request, organization).updated(
        request.path_params["entity_id"], wanted, wanted_revision(request, before)
    )
    written = await here.registry.write(write)
    answer = written_answer(request, written)
    await here.audit.record(
        request,
        "entity.update",
        write.entity_id,
        before=registered(here, before) if before else None,
        after=registered(here, written.row) if written.row else wanted,
        organization=organization,
    )
    return answer


async def delete(request: Request) -> Response:
    """``DELETE …/entities/{entity_id}``, with a reason in the query or the body if there is one."""
    organization, here = await within(request, WRITE), site(request)
    said = await body(request)
    asked = decode(said, DeleteEntity) if said else None
    reason = asked.reason if asked else request.query_params.get("reason", "")
    before = await _before(request, organization)
    write = _writer(request, organization).deleted(
        request.path_params["entity_id"], reason, wanted_revision(request, before)
    )
    written = await here.registry.write(write)
    await here.audit.record(
        request,
        "entity.delete",
        write.entity_id,
        before=registered(here, before) if before else None,
        after={"reason": reason},
        organization=organization,
    )
    if not written.projected:
        return accepted(organization, write.entity_id)
    told = Deleted(DELETED, schema_url(request, Deleted))
    return json_answer(told, 200, described(Deleted))


async def known(request: Request, organization: str) -> Row | None:
    """The row of the path's entity, if it is one of the organisation."""
    entity_id = request.path_params["entity_id"]
    if not is_token(entity_id):
        return None
    return await anyio.to_thread.run_sync(row_of, site(request).tables, organization, entity_id)


async def _before(request: Request, organization: str) -> Row | None:
    """An entity as it stands; None for one that may be on its way into the registry.

    Raises:
        Problem: 404, there is none.
    """
    row = await known(request, organization)
    if row is None and (site(request).registry.settled or not is_token(_id(request))):
        raise Problem(404, NOT_FOUND)
    return row


def _id(request: Request) -> str:
    entity_id: str = request.path_params["entity_id"]
    return entity_id


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
