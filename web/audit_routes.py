"""``/api/v1/organizations/{org_id}/audit``: what was done, and refused, in an organisation."""

import csv
import io
from collections.abc import Iterable
from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.audit_rows import AuditPage, AuditRow, audit_rows
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
    """A bare array, the newest first, or the same as lines of CSV."""
    known, wanted = await existing(request, READ), read_query(request, AuditPage)
    here, org_id = site(request), known.organization.org_id
    rows, cursor = await anyio.to_thread.run_sync(
        lambda: audit_rows(here.tables, org_id, wanted, first=org_id == here.settings.organization)
    )
    headers = {}
    if cursor:
        said = [each for each in request.query_params.multi_items() if each[0] != "cursor"]
        query = urlencode([*said, ("cursor", cursor)])
        headers[LINK] = f'<{request.url.path}?{query}>; rel="next"'
    if wanted.format == "csv":
        headers["Content-Disposition"] = f'attachment; filename="audit-{org_id}.csv"'
        return Response(lines(rows), headers=headers, media_type=CSV)
    return Response(msgspec.json.encode(rows), headers=headers, media_type=JSON)


def lines(rows: Iterable[AuditRow]) -> str:
    """Rows as CSV, of which nothing is a formula."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(AuditRow.__struct_fields__)
    for row in rows:
        table.writerow(map(_cell, msgspec.structs.astuple(row)))
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
