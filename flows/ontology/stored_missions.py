"""A mission as it is stored: what the vehicle is to do, its fence and its rally points, as items.

Items are numbered from 0, each list by itself. Home is none of them, and an item that jumps
names another by that number, whatever the vehicle or a file counts from.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from math import nan
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from flows.ontology.mission_commands import PLAIN_FRAMES
from flows.ontology.missions import MOST_ITEMS, Item, Plan

PLANS: tuple[Plan, ...] = ("mission", "fence", "rally")
_Speed = Annotated[float, Meta(ge=0, le=1000, description="Metres a second; 0 is not known.")]
_Items = Annotated[list[Item], Meta(max_length=MOST_ITEMS)]


class Home(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a mission is planned to begin: degrees, and metres above the sea."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    altitude: Annotated[float, Meta(ge=-1000, le=100_000)] = 0.0


class Mission(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mission. ``autopilot`` and ``vehicle`` are MAV_AUTOPILOT and MAV_TYPE; 0 is any."""

    items: _Items = []
    fence: _Items = []
    rally: _Items = []
    home: Home | None = None
    cruise_speed: _Speed = 0.0
    hover_speed: _Speed = 0.0
    autopilot: Annotated[int, Meta(ge=0, le=255)] = 0
    vehicle: Annotated[int, Meta(ge=0, le=255)] = 0

    def list_of(self, plan: Plan) -> list[Item]:
        """One of its three lists."""
        return {"mission": self.items, "fence": self.fence, "rally": self.rally}[plan]


def plain(mission: Mission) -> Mission:
    """The same with each frame as the one of several that mean the same."""
    return replace(
        mission,
        items=[*map(_plain, mission.items)],
        fence=[*map(_plain, mission.fence)],
        rally=[*map(_plain, mission.rally)],
    )


def checksum(items: Sequence[Item]) -> str:
    """SHA-256 of a list as a vehicle holds it: places to 1e-7 degrees, floats of 32 bits."""
    told = hashlib.sha256()
    for each in items:
        told.update(_wire(each))
    return told.hexdigest()


def checksum_of(mission: Mission) -> str:
    """SHA-256 of all three lists; of what files and people say besides it knows nothing."""
    lists = "".join(checksum(mission.list_of(each)) for each in PLANS)
    return hashlib.sha256(lists.encode()).hexdigest()


def polygons(fence: Iterable[Item], commands: frozenset[int]) -> list[list[Item]]:
    """The polygons of a fence: its corners in their turn, as many as the first one says."""
    found: list[list[Item]] = []
    for each in fence:
        if each.command not in commands:
            continue
        last = found[-1] if found else []
        if last and last[0].command == each.command and len(last) < (last[0].param1 or 0):
            last.append(each)
        else:
            found.append([each])
    return found


def _plain(item: Item) -> Item:
    frame = PLAIN_FRAMES.get(item.frame)
    return item if frame is None else replace(item, frame=frame)


def _wire(item: Item) -> bytes:
    params = (
        nan if each is None else each + 0.0
        for each in (item.param1, item.param2, item.param3, item.param4)
    )
    place = round(item.latitude * 1e7), round(item.longitude * 1e7)
    frame = PLAIN_FRAMES.get(item.frame, item.frame)
    wide = [max(-(2**63), min(2**63 - 1, each)) for each in place]
    return struct.pack(
        "<HBB4f2qf", item.command, frame, item.autocontinue, *params, *wide, item.altitude + 0.0
    )
