"""Where the pages are, and whom each is for: one table, for the top bar of all of them."""

from collections.abc import Iterable

import htpy as h

from web.identity import ADMIN, Identity

# Path, word, and the scope without which the page is not shown; "" is for everybody.
PLACES: tuple[tuple[str, str, str], ...] = (
    ("/map", "Map", ""),
    ("/fleet", "Fleet", "entities:read"),
    ("/commands", "Commands", "commands:read"),
    ("/missions", "Missions", "missions:read"),
    ("/organizations", "Organisations", "organizations:read"),
    ("/admin/people", "People", ADMIN),
    ("/admin/keys", "Keys", "organizations:write"),
    ("/admin/audit", "Audit", "audit:read"),
    ("/api/docs", "API", ""),
    ("/account", "Account", ""),
)


def navigation(who: Identity, current: str) -> h.Element:
    """The links that matter to whoever looks."""
    return h.nav(aria_label="Main")[(_link(each, current) for each in _places(who))]


def _places(who: Identity) -> Iterable[tuple[str, str]]:
    return ((path, word) for path, word, scope in PLACES if not scope or who.may(scope))


def _link(place: tuple[str, str], current: str) -> h.Element:
    path, word = place
    return h.a(href=path, aria_current="page" if path == current else None)[word]
