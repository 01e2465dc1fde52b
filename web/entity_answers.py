"""Answers of the entities' interface, and what its requests say in headers."""

import re

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from web.database import Row
from web.problems import Problem
from web.registered import Entity, revision, tagged
from web.registry import CHANGED, NOT_FOUND, Written
from web.site import site

ONE = "/api/v1/organizations/{org_id}/entities/{entity_id}"
DELETED = "Entity deleted successfully"
ACCEPTED = "It is stored, and will be done when the entities flow runs."
MOST_TAGS = 20
_TAG = re.compile(r'(?:W/)?"(\d{1,18})(?:-[0-9a-f]{8})?"')


class Accepted(msgspec.Struct):
    """What is stored, and not done yet."""

    message: str
    entity_id: str


def entity_answer(request: Request, row: Row, status: int = 200) -> Response:
    """An entity, with what tells it from how it was; nothing where the asker has it already."""
    shown, tag = tagged(site(request), row)
    headers = {"ETag": tag, **described(Entity)}
    known = request.headers.get("if-none-match", "") if status == 200 else ""
    if known and request.method in ("GET", "HEAD") and _has(known, tag):
        return Response(status_code=304, headers=headers)
    if status == 201:
        headers["Location"] = place(row["org_id"], row["entity_id"])
    shown.schema_ = schema_url(request, Entity)
    return json_answer(shown, status, headers)


def written_answer(request: Request, written: Written, status: int = 200) -> Response:
    """A write that is done, or that will be."""
    wanted = written.wanted
    if written.row is not None and written.row["org_id"] == wanted.org_id:
        return entity_answer(request, written.row, status)
    if written.projected:  # It has been deleted since.
        raise Problem(404, NOT_FOUND)
    return accepted(wanted.org_id, wanted.entity_id)


def accepted(organization: str, entity_id: str) -> Response:
    where = {"Location": place(organization, entity_id)}
    return json_answer(Accepted(ACCEPTED, entity_id), 202, where)


def place(organization: str, entity_id: str) -> str:
    return ONE.format(org_id=organization, entity_id=entity_id)


def wanted_revision(request: Request, row: Row | None) -> int | None:
    """The revision that ``If-Match`` wants an entity to have; None for any.

    Raises:
        Problem: 412, it has another for good: revisions only grow.
    """
    said = request.headers.get("if-match", "").strip()
    if not said or said == "*":
        return None
    matches = [_TAG.fullmatch(each.strip()) for each in said.split(",", MOST_TAGS)]
    wanted = [int(match[1]) for match in matches if match]
    now = revision(row) if row is not None else 0
    if now in wanted:
        return now
    if not wanted or max(wanted) < now:
        raise Problem(412, CHANGED, {"ETag": f'"{now}"'})
    return max(wanted)


def described(kind: type[msgspec.Struct]) -> dict[str, str]:
    """The header that says where the type of a body is described."""
    return {"Link": f'</api/schemas/{kind.__name__}.json>; rel="describedBy"'}


def schema_url(request: Request, kind: type[msgspec.Struct]) -> str:
    """Under the host that was asked for, which is one of ours."""
    host = request.headers.get("host", "localhost")
    return f"{request.scope['scheme']}://{host}/api/schemas/{kind.__name__}.json"


def json_answer(
    value: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")


def _has(known: str, tag: str) -> bool:
    tags = [each.strip().removeprefix("W/") for each in known.split(",", MOST_TAGS)]
    return known.strip() == "*" or tag in tags
