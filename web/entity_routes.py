"""``…/entities``: entities are registered, read, changed and deleted, one at a time.

A write is an event. It is answered when the entities flow has put it into the registry, so
that whoever writes reads what they have written; or, while the flow is down, with 202.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.body import body
from web.entity_answers import (
    DELETED,
    ONE,
    Accepted,
    accepted,
    described,
    entity_answer,
    json_answer,
    schema_url,
    written_answer,
)
from web.entity_bodies import CreateEntity, DeleteEntity, UpdateEntity
from web.entity_writes import READ, WRITE, created, deleted, known, updated
from web.once import once
from web.openapi import Message, Operation
from web.problems import Problem
from web.registered import Entity
from web.registry import EXISTS, NOT_FOUND
from web.retries import HEADER
from web.schema import convert, decode, read
from web.within import within


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


def _id(request: Request) -> str:
    entity_id: str = request.path_params["entity_id"]
    return entity_id


def _asked(request: Request) -> DeleteEntity:
    return convert(dict(request.query_params), DeleteEntity, "query")


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
