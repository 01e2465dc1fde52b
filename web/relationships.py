"""``…/entities/{entity_id}/relationships``: what other entities are to one.

They are one field of the entity. Where one of them is put or deleted, the others stay as they
are at that moment: it is tried again when somebody else was faster.
"""

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.registry import Fields, Relationship, Relationships
from web.database import Row
from web.entity_answers import ONE, Accepted, accepted, json_answer, wanted_revision
from web.entity_events import writer
from web.entity_writes import READ, WRITE, known
from web.once import once, retry_of
from web.openapi import Operation
from web.problems import Problem
from web.registered import revision
from web.registry import CHANGED, NOT_FOUND
from web.retries import HEADER
from web.schema import convert, read
from web.site import site
from web.within import within

# As many as may be faster, one after the other.
MOST_TRIES = 50

_THERE = (
    "SELECT entity_id FROM entities WHERE org_id = ? AND entity_id IN"
    " (SELECT value FROM json_each(?))"
)

Links = list[Relationship]


async def get(request: Request) -> Response:
    """``GET``: a bare array."""
    organization = await within(request, READ)
    return _answer(request, _existing(request, organization))


async def replace(request: Request) -> Response:
    """``PUT``: these, and no others."""
    organization = await within(request, WRITE)
    wanted = await read(request, Relationships)
    return await _changed(request, organization, lambda _: list(dict.fromkeys(wanted)))


async def clear(request: Request) -> Response:
    """``DELETE``: none."""
    organization = await within(request, WRITE)
    return await _changed(request, organization, lambda _: [])


async def put(request: Request) -> Response:
    """``PUT …/{type}/{target}``: this one as well, to an entity that there is."""
    organization = await within(request, WRITE)
    one = _one(request)
    if known(request, organization, one.entity_id) is None:
        raise Problem(404, NOT_FOUND)
    return await _changed(
        request, organization, lambda links: links if one in links else [*links, one]
    )


async def delete(request: Request) -> Response:
    """``DELETE …/{type}/{target}``: this one no more."""
    organization = await within(request, WRITE)
    one = _one(request)
    if one not in links_of(_existing(request, organization)):
        raise Problem(404, "Relationship not found")
    return await _changed(
        request, organization, lambda links: [each for each in links if each != one]
    )


def links_of(row: Row) -> Links:
    """The relationships in a row of the registry, where they stand as text."""
    text = row.get("relationships")
    return msgspec.json.decode(text, type=Links) if text else []


async def _changed(
    request: Request, organization: str, change: Callable[[Links], Links]
) -> Response:
    here = site(request)
    named = bool(request.headers.get("if-match"))
    for attempt in range(MOST_TRIES):
        row = _existing(request, organization)
        links = convert(change(links_of(row)), Relationships)
        if links == links_of(row) and not named:
            return _answer(request, row)
        if_match = wanted_revision(request, row) if named else revision(row)
        make = writer(organization, here.clock.wall(), retry_of(request))
        changes = Fields(relationships=links)
        try:
            written = await here.registry.write(
                make.updated(row["entity_id"], changes, if_match, attempt)
            )
        except Problem as problem:
            if problem.status == 412 and not named:
                continue
            raise
        await here.audit.record(
            request,
            "entity.relate",
            row["entity_id"],
            before=links_of(row),
            after=links,
            organization=organization,
        )
        if written.row is None:
            return accepted(organization, row["entity_id"])
        return _answer(request, written.row)
    raise Problem(412, CHANGED)


def _existing(request: Request, organization: str) -> Row:
    row = known(request, organization, request.path_params["entity_id"])
    if row is None:
        raise Problem(404, NOT_FOUND)
    return row


def _one(request: Request) -> Relationship:
    names = request.path_params
    return convert({"type": names["type"], "entity_id": names["target"]}, Relationship, "path")


def _answer(request: Request, row: Row) -> Response:
    """Those that lead somewhere: others stay as they were written, and are not shown."""
    links = links_of(row)
    ids = msgspec.json.encode([each.entity_id for each in links]).decode()
    found = site(request).tables.glance(_THERE, (row["org_id"], ids)) if links else []
    there = {each["entity_id"] for each in found}
    shown = [each for each in links if each.entity_id in there]
    return json_answer(shown, 200, {"ETag": f'"{revision(row)}"'})


ALL = f"{ONE}/relationships"
EACH = f"{ALL}/{{type}}/{{target}}"
routes = [
    Route(ALL, get, methods=["GET"]),
    Route(ALL, once(replace), methods=["PUT"]),
    Route(ALL, once(clear), methods=["DELETE"]),
    Route(EACH, once(put), methods=["PUT"]),
    Route(EACH, once(delete), methods=["DELETE"]),
]
_HEADERS = {
    "If-Match": "The ETag of what is to be changed; 412 where it is another by now.",
    HEADER: "The same for a request and its retries: it is done once.",
}
_ANSWERS = {
    200: Links,
    202: Accepted,
    412: "It has been changed meanwhile.",
    503: "JetStream is not known to have it.",
}
operations = [
    Operation(
        "GET",
        ALL,
        "list-relationships",
        "What other entities are to one",
        READ,
        answers={200: Links},
    ),
    Operation(
        "PUT",
        ALL,
        "replace-relationships",
        "Say anew what other entities are to one",
        WRITE,
        body=Relationships,
        answers=_ANSWERS,
        headers=_HEADERS,
    ),
    Operation(
        "DELETE",
        ALL,
        "clear-relationships",
        "Forget what other entities are to one",
        WRITE,
        answers=_ANSWERS,
        headers=_HEADERS,
    ),
    Operation(
        "PUT",
        EACH,
        "put-relationship",
        "Say what another entity is to one",
        WRITE,
        answers={**_ANSWERS, 422: "No entity or relationship can be called so."},
        headers=_HEADERS,
    ),
    Operation(
        "DELETE",
        EACH,
        "delete-relationship",
        "Say that another entity is not that to one",
        WRITE,
        answers={**_ANSWERS, 422: "No entity or relationship can be called so."},
        headers=_HEADERS,
    ),
]
