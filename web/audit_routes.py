"""``/api/v1/organizations/{org_id}/audit``: what was done, and refused, in an organisation."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from web.audit_rows import MOST, AuditPage, AuditRow, audit_rows
from web.listing import LINK
from web.openapi import JSON, Operation
from web.organization_routes import ONE as ORGANIZATION
from web.organization_routes import existing
from web.query import read_query
from web.site import site

READ = "audit:read"
CSV = "text/csv"
# How a cell begins that programs for tables would reckon with.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


async def list_rows(request: Request) -> Response:
    """A bare array, the newest first, a page of it; or all of them as lines of CSV."""
    known, wanted = await existing(request, READ), read_query(request, AuditPage)
    org_id = known.organization.org_id
    if wanted.format == "csv":
        name = {"Content-Disposition": f'attachment; filename="audit-{org_id}.csv"'}
        wanted.limit = MOST
        # Once the answer has begun, it is too late to say that it cannot be given.
        first = await _page(request, org_id, wanted)
        lines = _every(request, org_id, wanted, first)
        return StreamingResponse(lines, headers=name, media_type=CSV)
    rows, cursor = await _page(request, org_id, wanted)
    headers = {}
    if cursor:
        said = [each for each in request.query_params.multi_items() if each[0] != "cursor"]
        query = urlencode([*said, ("cursor", cursor)])
        headers[LINK] = f'<{request.url.path}?{query}>; rel="next"'
    return Response(msgspec.json.encode(rows), headers=headers, media_type=JSON)


async def _every(
    request: Request, org_id: str, wanted: AuditPage, page: tuple[list[AuditRow], str]
) -> AsyncIterator[str]:
    """All rows from a page on as CSV, so many at a time."""
    yield _lines([AuditRow.__struct_fields__])
    rows, wanted.cursor = page
    yield _lines(map(msgspec.structs.astuple, rows))
    while wanted.cursor:
        rows, wanted.cursor = await _page(request, org_id, wanted)
        yield _lines(map(msgspec.structs.astuple, rows))


async def _page(request: Request, org_id: str, wanted: AuditPage) -> tuple[list[AuditRow], str]:
    here = site(request)
    return await anyio.to_thread.run_sync(
        lambda: audit_rows(here.tables, org_id, wanted, first=org_id == here.settings.organization)
    )


def _lines(rows: Iterable[Iterable[object]]) -> str:
    """Lines of CSV, of which nothing is a formula."""
    text = io.StringIO()
    csv.writer(text).writerows(map(_cell, row) for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(_FORMULAS) else text


AUDIT = f"{ORGANIZATION}/audit"
routes = [Route(AUDIT, list_rows, methods=["GET"])]
operations = [
    Operation(
        "GET",
        AUDIT,
        "list-audit",
        "List what was done, the newest first",
        READ,
        query=AuditPage,
        answers={200: list[AuditRow]},
        media=(JSON, CSV),
        gives={LINK: 'The next page, as `<…>; rel="next"`, where there is one.'},
    )
]
