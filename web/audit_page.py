"""``/admin/audit``: what was done and refused in an organisation, and whether the log is whole."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import anyio.to_thread
import htpy as h
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.audit_rows import AuditPage, AuditRow, audit_rows
from web.desk import desk, stamp, whose
from web.office_forms import options, table_of, text
from web.organizations import Organization
from web.panels import panel, table
from web.query import as_query, wrong
from web.site import Site, site

PATH = "/admin/audit"
READ = "audit:read"
AT_ONCE = 100
_ANY = "any"
_TEXTS = ("actor", "action", "target", "cursor")
_OUTCOMES = ("done", "refused", "failed")


async def show(request: Request) -> Response:
    organization = await whose(request, READ)
    here, org_id = site(request), organization.org_id
    said = {name: value for name, value in request.query_params.items() if value}
    wanted = _wanted(said)
    rows, cursor = await anyio.to_thread.run_sync(
        lambda: audit_rows(here.tables, org_id, wanted, first=org_id == here.settings.organization)
    )
    names = await anyio.to_thread.run_sync(_names, here, org_id)
    filters = {name: value for name, value in said.items() if name != "cursor"}
    return desk(
        request,
        f"Audit log of {organization.name}",
        panel("Whether it is whole", await _state(here)),
        panel(
            "What was done, the newest first",
            _searching(said),
            _table(rows, names) if rows else h.p["Nothing is like that: ask for less."],
            _further(request, filters, cursor),
        ),
        panel("Export", _export(organization, wanted)),
        current=PATH,
    )


def _wanted(said: Mapping[str, str]) -> AuditPage:
    """What the form asks for; days are whole ones, in UTC."""
    pairs = [(name, said[name]) for name in _TEXTS if name in said]
    if said.get("outcome") in _OUTCOMES:
        pairs.append(("outcome", said["outcome"]))
    for name, later in (("since", 0), ("until", 1)):
        if name in said:
            pairs.append((name, (_day(name, said[name]) + timedelta(days=later)).isoformat()))
    return as_query([*pairs, ("limit", str(AT_ONCE))], AuditPage)


def _day(name: str, text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError as error:
        raise wrong(name, "expected a day, as 2031-05-17", text) from error


def _names(here: Site, org_id: str) -> dict[str, str]:
    """Who is meant by an actor, for people to read."""
    people = {f"person:{each.user_id}": each.called for each in here.people.all(org_id)}
    keys = {
        f"key:{row['key_id']}": f"key {row['name'] or row['prefix']}"
        for row in here.keys.ring.rows(org_id)
    }
    return people | keys


async def _state(here: Site) -> h.Element:
    verdict = await here.audit.verdict()
    if verdict.fault:
        return h.p(".said", role="alert", data_wrong=True)[
            f"The log is not whole. {verdict.fault} ",
            h.code["overwatch audit verify"],
            " says the same on the machine itself.",
        ]
    return h.p(".whole")[
        f"All {verdict.rows} rows of the deployment are as they were written: each is sealed"
        " together with the one before it, as of the last minute."
    ]


def _searching(said: Mapping[str, str]) -> h.Element:
    return h.form(".fields.search", method="get", role="search")[
        text("actor", "Who", said.get("actor", ""), type="search", placeholder="person: or key:"),
        text("action", "What", said.get("action", ""), type="search", placeholder="key.revoke"),
        text("target", "To what", said.get("target", ""), type="search"),
        options("outcome", "Outcome", (_ANY, *_OUTCOMES), said.get("outcome", _ANY)),
        text("since", "From", said.get("since", ""), type="date"),
        text("until", "To", said.get("until", ""), type="date"),
        h.button(type="submit")["Show"],
    ]


def _table(rows: list[AuditRow], names: Mapping[str, str]) -> h.Element:
    return table(
        ("When", "Who", "What", "To what", "From", ""),
        [
            (
                h.fragment[stamp(each.at), h.span(".seconds")[each.at[16:19]]],
                h.bdi(title=each.actor)[names.get(each.actor, each.actor)],
                h.fragment[
                    each.action,
                    None if each.outcome == "done" else h.span(".mark.wrong")[each.outcome],
                ],
                h.code[each.target] if each.target else "",
                each.address,
                _details(each),
            )
            for each in rows
        ],
    )


def _details(each: AuditRow) -> h.Node:
    sides = [
        h.fragment[h.h3[word], h.pre[table_of(value)]]
        for word, value in (("Before", each.before), ("After", each.after))
        if value is not None
    ]
    return h.details(".more")[
        h.summary["More"],
        h.div(".said-of-it")[
            sides, h.p(".below")[f"Row {each.sequence}, sealed ", h.code[each.seal]]
        ],
    ]


def _further(request: Request, filters: Mapping[str, str], cursor: str) -> h.Node:
    following = urlencode({**filters, "cursor": cursor})
    return h.nav(".pager", aria_label="Pages")[
        h.a(".button", href=f"?{urlencode(filters)}")["The newest"]
        if "cursor" in request.query_params
        else None,
        h.a(".button", href=f"?{following}")["Those before"] if cursor else None,
    ]


def _export(organization: Organization, wanted: AuditPage) -> h.Element:
    asked = {
        "format": "csv",
        "actor": wanted.actor,
        "action": wanted.action,
        "target": wanted.target,
        "outcome": wanted.outcome,
        "since": wanted.since.isoformat() if isinstance(wanted.since, datetime) else "",
        "until": wanted.until.isoformat() if isinstance(wanted.until, datetime) else "",
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    address = f"/api/v1/organizations/{organization.org_id}/audit?{query}"
    return h.p[
        h.a(".button", href=address, download=True)["Download as CSV"],
        " All rows that are like that, on every page.",
    ]


routes = [Route(path, show, methods=["GET"]) for path in (PATH, f"{PATH}/{{org_id}}")]
