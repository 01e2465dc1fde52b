"""``…/entities/batch``: many entities at once, each of which may be refused by itself.

The answer is 207, and has an item for each that was asked for, in that order, with the
status that it would have had alone.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.entity_answers import json_answer, place
from web.entity_bodies import MOST_IN_BATCH, CreateEntity, Creations, UpdateOne, Updates
from web.entity_events import Wanted, writer
from web.entity_writes import WRITE
from web.once import once, retry_of
from web.openapi import Operation
from web.problems import Problem
from web.registered import Entity, registered
from web.registry import NOT_FOUND, Written
from web.retries import HEADER
from web.schema import BODY, Fault, decode, invalid, read
from web.site import Site, site
from web.within import within

PATH = "/api/v1/organizations/{org_id}/entities/batch"


class Result(msgspec.Struct, omit_defaults=True):
    """What has become of one: ``entity`` where it is registered, ``location`` where it will be."""

    index: int
    status: int
    entity_id: str | None = None
    entity: Entity | None = None
    location: str | None = None
    detail: str | None = None
    errors: list[Any] | None = None


async def create(request: Request) -> Response:
    """``POST``: an array of what ``POST …/entities`` takes."""
    organization = await within(request, WRITE)
    make = writer(organization, site(request).clock.wall(), retry_of(request))

    def asked(text: bytes, index: int) -> Wanted:
        return make.created(decode(text, CreateEntity), index)

    return await _done(request, organization, 201, asked)


async def update(request: Request) -> Response:
    """``PATCH``: an array of what ``PATCH`` of one takes, each with its ``entity_id``."""
    organization = await within(request, WRITE)
    make = writer(organization, site(request).clock.wall(), retry_of(request))

    def asked(text: bytes, index: int) -> Wanted:
        one = decode(text, UpdateOne)
        if_match = None if one.if_match is msgspec.UNSET else one.if_match
        return make.updated(one.entity_id, make.changes(one), if_match, index)

    return await _done(request, organization, 200, asked)


async def _done(
    request: Request, organization: str, status: int, asked: Callable[[bytes, int], Wanted]
) -> Response:
    here = site(request)
    items = await read(request, list[msgspec.Raw])
    if not 1 <= len(items) <= MOST_IN_BATCH:
        raise invalid([Fault(f"expected 1 to {MOST_IN_BATCH} items", BODY)])
    judged = [_tried(asked, bytes(item), index) for index, item in enumerate(items)]
    wanted = [each for each in judged if isinstance(each, Wanted)]
    became = iter(await here.registry.write_all(wanted))
    results = [
        _result(here, index, status, each.entity_id, next(became))
        if isinstance(each, Wanted)
        else _refused(index, None, each)
        for index, each in enumerate(judged)
    ]
    action = "entity.create" if status == 201 else "entity.update"
    told = {
        str(number): [each.entity_id for each in results if each.status == number]
        for number in sorted({each.status for each in results})
    }
    await here.audit.record(request, action, "batch", after=told, organization=organization)
    return json_answer(results, 207)


def _tried(asked: Callable[[bytes, int], Wanted], text: bytes, index: int) -> Wanted | Problem:
    try:
        return asked(text, index)
    except Problem as problem:
        return problem


def _result(
    here: Site, index: int, status: int, entity_id: str, became: Written | Problem
) -> Result:
    if isinstance(became, Problem):
        return _refused(index, entity_id, became)
    if became.row is not None:
        return Result(index, status, entity_id, registered(here, became.row))
    if became.projected:  # It has been deleted since.
        return Result(index, 404, entity_id, detail=NOT_FOUND)
    return Result(index, 202, entity_id, location=place(became.wanted.org_id, entity_id))


def _refused(index: int, entity_id: str | None, problem: Problem) -> Result:
    errors = problem.more.get("errors")
    return Result(index, problem.status, entity_id, detail=problem.detail, errors=errors)


routes = [
    Route(PATH, once(create), methods=["POST"]),
    Route(PATH, once(update), methods=["PATCH"]),
]
_KEY = {HEADER: "The same for a request and its retries: it is done once."}
operations = [
    Operation(
        "POST",
        PATH,
        "create-entities",
        f"Register up to {MOST_IN_BATCH} entities",
        WRITE,
        body=Creations,
        answers={207: list[Result]},
        headers=_KEY,
        description="Each item has the status that it would have had alone.",
    ),
    Operation(
        "PATCH",
        PATH,
        "patch-entities",
        f"Change fields of up to {MOST_IN_BATCH} entities",
        WRITE,
        body=Updates,
        answers={207: list[Result]},
        headers=_KEY,
        description="Each item has the status that it would have had alone; `if_match` is the "
        "revision that its entity must have.",
    ),
]
