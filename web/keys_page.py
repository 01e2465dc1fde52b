"""``/admin/keys``: the API keys of an organisation."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import htpy as h
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import key_acts
from web.desk import Act, desk, done, stamp, whose
from web.identity import SCOPES, Identity, identity
from web.key_bodies import CreateKey, Key, NewKey
from web.key_ring import GRACE_SECONDS, MOST_A_MINUTE
from web.moments import moment
from web.office_forms import options, text, wanted
from web.organization_acts import WRITE
from web.organizations import Organization
from web.panels import panel, table
from web.problems import Problem
from web.site import site

PATH = "/admin/keys"
GOOD, EXPIRED, REVOKED = "good", "expired", "revoked"
# How long a key may be good, in days; 0 for ever.
_DAYS = {"30 days": 30, "90 days": 90, "a year": 365, "for ever": 0}
_GRACES = {"a day": 86_400, "an hour": 3600, "a week": 604_800, "no longer": 0}


async def show(request: Request) -> Response:
    return await _page(request, await whose(request, WRITE))


async def act(request: Request) -> Response:
    organization = await whose(request, WRITE)

    async def again(shown: h.Node, fault: Problem | None) -> Response:
        return await _page(request, organization, shown, fault)

    return await done(request, organization.org_id, _ACTS, again)


async def _create(request: Request, org_id: str, said: Mapping[str, str]) -> h.Node:
    days = _DAYS.get(said.get("days", ""), 0)
    end = datetime.fromtimestamp(site(request).clock.wall(), UTC) + timedelta(days=days)
    rate = said.get("rate", "")
    asked = {
        "name": said.get("name", ""),
        "scopes": [name.removeprefix("scope ") for name in said if name.startswith("scope ")],
        "expires_at": end.isoformat() if days else None,
        "rate_limit": (int(rate) if rate.isdecimal() else rate) if rate else None,
    }
    return _once(await key_acts.make(request, org_id, wanted(asked, CreateKey)))


async def _rotate(request: Request, org_id: str, said: Mapping[str, str]) -> h.Node:
    grace = _GRACES.get(said.get("grace", ""), GRACE_SECONDS)
    return _once(await key_acts.rotate(request, org_id, said.get("id", ""), grace))


async def _revoke(request: Request, org_id: str, said: Mapping[str, str]) -> None:
    await key_acts.revoke(request, org_id, said.get("id", ""))


_ACTS: Mapping[str, Act] = {"create": _create, "rotate": _rotate, "revoke": _revoke}


async def _page(
    request: Request,
    organization: Organization,
    shown: h.Node = None,
    fault: Problem | None = None,
) -> Response:
    who, now = identity(request), moment(int(site(request).clock.wall()))
    keys = await key_acts.keys(request, organization.org_id)
    keys.sort(key=lambda each: (_state(each, now) != GOOD, each.created_at))
    return desk(
        request,
        f"API keys of {organization.name}",
        shown,
        panel("New key", _creating(who)),
        panel("Keys", _table(who, keys, now) if keys else h.p[_NONE_YET]),
        current=PATH,
        fault=fault,
        modules=("copy.js",),
    )


_NONE_YET = (
    "There is none yet. A device or a program shows its key in the header X-API-Key: make one"
    " above, with the fewest scopes that it needs."
)


def _table(who: Identity, keys: list[Key], now: str) -> h.Element:
    return table(
        ("Name", "Begins", "May", "Last used", "Until", ""),
        [
            (
                h.fragment[
                    h.bdi[each.name or "without a name"],
                    h.p(".below")[f"made {stamp(each.created_at)}"],
                ],
                h.code[each.prefix],
                h.div(".chips")[(h.span(".chip")[scope] for scope in each.scopes)],
                stamp(each.last_used_at) or "never",
                _until(each, now),
                h.div(".acts")[_acts(each)]
                if _state(each, now) == GOOD and all(map(who.may, each.scopes))
                else "",
            )
            for each in keys
        ],
    )


def _until(each: Key, now: str) -> h.Node:
    state = _state(each, now)
    if state == REVOKED:
        return h.fragment[h.span(".mark")[REVOKED], " ", stamp(each.revoked_at)]
    return h.fragment[
        stamp(each.expires_at) or "for ever",
        h.span(".mark")[EXPIRED] if state == EXPIRED else None,
        h.span(".mark")["replaced"] if each.rotated_to else None,
    ]


def _state(each: Key, now: str) -> str:
    if each.revoked_at:
        return REVOKED
    return EXPIRED if each.expires_at and each.expires_at <= now else GOOD


def _acts(each: Key) -> h.Node:
    hidden = h.input(type="hidden", name="id", value=each.key_id)
    return h.fragment[
        None
        if each.rotated_to
        else h.details(".more")[
            h.summary["Replace"],
            h.form(".fields", method="post")[
                hidden,
                h.p["A new key that may the same is made. The old one is good for a while longer."],
                options("grace", "The old one is good for", _GRACES),
                h.button(type="submit", name="act", value="rotate")["Make the new key"],
            ],
        ],
        h.details(".more.sure")[
            h.summary["Revoke"],
            h.form(".fields", method="post")[
                hidden,
                h.p["Whoever shows it is refused within a second, over NATS as well."],
                h.button(type="submit", name="act", value="revoke")["Yes, revoke"],
            ],
        ],
    ]


def _creating(who: Identity) -> h.Element:
    names = [each for each in sorted(SCOPES) if who.may(each)]
    return h.form(".fields", method="post")[
        text("name", "What it is for", maxlength=100, placeholder="Pulsar on the roof"),
        h.fieldset(".chips")[
            h.legend["What it may do"],
            (
                h.label(".chip")[h.input(type="checkbox", name=f"scope {each}"), each]
                for each in names
            ),
        ],
        options("days", "Good for", _DAYS),
        text(
            "rate",
            "Requests a minute",
            inputmode="numeric",
            pattern="[0-9]*",
            placeholder=str(MOST_A_MINUTE),
        ),
        h.button(type="submit", name="act", value="create")["Make the key"],
    ]


def _once(made: NewKey) -> h.Element:
    shown = (
        ("API key", made.api_key),
        ("NATS seed", made.nats_seed),
        ("NATS public key", made.nats_pub_key),
    )
    return h.section(".panel.once", aria_label="The new key", role="status")[
        h.h2[f"The key {made.name}" if made.name else "The key"],
        h.p["Copy it now: it is shown only this once, and stored nowhere."],
        (
            h.div(".copy")[
                h.label[h.span[label], h.input(value=value, readonly=True, spellcheck="false")],
                h.button({"data-copy": True}, type="button")["Copy"],
            ]
            for label, value in shown
            if value
        ),
    ]


routes = [
    Route(path, handler, methods=[method])
    for path in (PATH, f"{PATH}/{{org_id}}")
    for method, handler in (("GET", show), ("POST", act))
]
