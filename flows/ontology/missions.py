"""Missions, fences and rally points: lists of MAVLink's mission items, in degrees and metres."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Plan = Literal["mission", "fence", "rally"]
# MAV_MISSION_TYPE
MISSION_TYPES: dict[Plan, int] = {"mission": 0, "fence": 1, "rally": 2}
MOST_ITEMS = 1000

_Float = Annotated[float, Meta(ge=-3.4e38, le=3.4e38)]


class Item(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A mission item: ``command`` is a MAV_CMD, ``frame`` a MAV_FRAME, parameters are its own.

    ``latitude`` and ``longitude`` are degrees in global frames; in others x and y. ``altitude``
    is metres above what the frame says. A parameter that is None is sent as not-a-number, which
    leaves it to the vehicle.
    """

    command: Annotated[int, Meta(ge=0, le=65_535)]
    frame: Annotated[int, Meta(ge=0, le=21)] = 3
    param1: _Float | None = 0.0
    param2: _Float | None = 0.0
    param3: _Float | None = 0.0
    param4: _Float | None = None
    latitude: _Float = 0.0
    longitude: _Float = 0.0
    altitude: _Float = 0.0
    autocontinue: bool = True
