"""The choice of a stored mission in a form: which one, of which version, and which of its lists.

It is one choice and not three, so that nobody can choose what there is not.
"""

from collections.abc import Iterable, Iterator, Mapping

import anyio.to_thread
import htpy as h
import msgspec
from starlette.requests import Request

from flows.ontology.missions import Plan
from flows.ontology.stored_missions import PLANS
from web.database import Row
from web.identity import identity
from web.mission_acts import READ
from web.problems import Problem
from web.site import site

FIELD = "stored"
# Those changed last, and of each the newest versions: others are sent from their own pages.
MOST_MISSIONS, MOST_VERSIONS = 50, 5
_PARTS = 3


class Chosen(msgspec.Struct, frozen=True):
    """A list of a version of a mission; without a version the newest is meant."""

    mission_id: str
    version: int | None
    mission_type: Plan


async def offered(request: Request) -> list[Row]:
    """The versions that whoever asks can send; none where they may not read missions."""
    who, missions = identity(request), site(request).missions
    if not who.may(READ):
        return []
    return await anyio.to_thread.run_sync(
        missions.newest, who.organization, MOST_MISSIONS, MOST_VERSIONS
    )


def choice(rows: Iterable[Row]) -> h.Node:
    """All that can be sent of these versions; a sentence where that is nothing."""
    options = [option for row in rows for option in _options(row)]
    if not options:
        return h.p[
            "There is no stored mission that it could be: ",
            h.a(href="/missions")["import one"],
            " first.",
        ]
    return h.label(".field.stored")[
        h.span["Which stored mission"],
        h.select(name=FIELD, required=True)[h.option(value="")["choose"], options],
        h.small(".hint")[
            "The newest versions of those changed last; ",
            h.a(href="/missions")["all missions"],
            ".",
        ],
    ]


def chosen(said: Mapping[str, str]) -> Chosen:
    """What a form says. Raises Problem: 422, it is none of what was offered."""
    mission_id, version, plan = (said.get(FIELD, "").split("/") + [""] * _PARTS)[:_PARTS]
    found = next((each for each in PLANS if each == plan), None)
    if not mission_id or found is None or not (version.isascii() and version.isdecimal()):
        raise Problem(422, "Choose the stored mission, and which of its lists is to be sent.")
    return Chosen(mission_id, int(version[:9]), found)


def counted(row: Row, plan: Plan) -> str:
    """One of its lists, and how much is in it."""
    one, many, column = _LISTS[plan]
    count = row[column]
    return f"{count} {one if count == 1 else many}" if count else ""


def _options(row: Row) -> Iterator[h.Element]:
    for plan in PLANS:
        if told := counted(row, plan):
            value = f"{row['mission_id']}/{row['version']}/{plan}"
            title = f"{row['name']}, version {row['version']}: {plan}, {told}"
            yield h.option(value=value)[title]


_LISTS: Mapping[Plan, tuple[str, str, str]] = {
    "mission": ("item", "items", "item_count"),
    "fence": ("item", "items", "fence_count"),
    "rally": ("point", "points", "rally_count"),
}
