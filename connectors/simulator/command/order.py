"""A command as it came, whichever message brought it, and what a vehicle answers."""

import math
from typing import NamedTuple

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.area import Place
from connectors.simulator.command.fly import ABOVE_SEA
from connectors.simulator.command.helm import Helm, point_of
from connectors.simulator.command.ways import is_px4
from connectors.simulator.motion import Point

MOST_METRES = 20_000.0  # Above or below home, that a vehicle takes for a height.
FRAMES = frozenset(
    (mavlink.MAV_FRAME_GLOBAL, mavlink.MAV_FRAME_GLOBAL_INT,
     mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT,
     mavlink.MAV_FRAME_GLOBAL_TERRAIN_ALT, mavlink.MAV_FRAME_GLOBAL_TERRAIN_ALT_INT)
)  # fmt: skip


class Order(NamedTuple):
    """MAV_CMD and its seven parameters; the fifth and sixth in degrees where they are a place.

    ``frame`` is None where COMMAND_LONG brought it, which names none.
    """

    command: int
    params: tuple[float, float, float, float, float, float, float]
    frame: int | None = None

    def whole(self, number: int) -> int:
        """A parameter, counted from one, as an integer; 0 where it is none."""
        value = self.params[number - 1]
        return round(value) if math.isfinite(value) else 0


class Outcome(NamedTuple):
    """MAV_RESULT, and how many seconds it takes after IN_PROGRESS."""

    result: int
    seconds: float = 0.0


ACCEPTED = Outcome(mavlink.MAV_RESULT_ACCEPTED)
REJECTED = Outcome(mavlink.MAV_RESULT_TEMPORARILY_REJECTED)
DENIED = Outcome(mavlink.MAV_RESULT_DENIED)
UNSUPPORTED = Outcome(mavlink.MAV_RESULT_UNSUPPORTED)
FAILED = Outcome(mavlink.MAV_RESULT_FAILED)


def not_now(helm: Helm) -> Outcome:
    """What a firmware says to what it can do, but not as it is."""
    return REJECTED if is_px4(helm.row) else FAILED


def height(helm: Helm, order: Order, value: float) -> float:
    """Metres above where the row is parked; the present height where none is given.

    Without a frame, PX4 takes heights above the sea and ArduPilot above home.
    """
    if not math.isfinite(value):
        return helm.point.up
    above_sea = is_px4(helm.row) if order.frame is None else order.frame in ABOVE_SEA
    return value - helm.row.home.altitude if above_sea else value + helm.home_point.up


def place(helm: Helm, order: Order) -> Point | None:
    """Where parameters five to seven are; None where they are nowhere on earth."""
    latitude, longitude, up = order.params[4:]
    if order.frame is not None and order.frame not in FRAMES:
        return None
    if not math.isfinite(latitude) and not math.isfinite(longitude):
        if not is_px4(helm.row):
            return None
        latitude, longitude = helm.place[:2]
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    above = height(helm, order, up)
    if abs(above) > MOST_METRES:
        return None
    return point_of(helm.row, Place(latitude, longitude, helm.row.home.altitude + above))
