"""A vehicle under command: how it is, what it is told, and what it has to say."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.area import EARTH_RADIUS_METRES, Place, moved
from connectors.simulator.command import ways
from connectors.simulator.command.ways import Doing, Way
from connectors.simulator.kinds import AIRBORNE
from connectors.simulator.motion import STILL, Motion, Point
from connectors.simulator.row import Row
from connectors.simulator.stages import Phase
from connectors.simulator.state import State

OFF_THE_GROUND = 0.2  # Metres, above which a vehicle is in the air.


class Aim(NamedTuple):
    """Where to go: metres from where the row is parked; circling it where there is a radius."""

    point: Point
    radius: float = 0.0  # Positive is clockwise.
    heading: float | None = None  # Radians.


@dataclass(slots=True)
class Item:
    """A mission item that can be flown to or done."""

    command: int
    frame: int
    params: tuple[float, float, float, float]
    x: int
    y: int
    z: float


@dataclass(slots=True)
class Helm:
    """Metres, seconds and radians, from where the row is parked.

    Attributes:
        used: ampere-hours drawn since the battery was full.
        height: to climb to first, before it goes anywhere.
        paused: whether a mission waits where it is.
        since: seconds at the item that is current, once it was reached.
        says: sentences to tell, each with its MAV_SEVERITY.
        reached: numbers of the items that were reached.
    """

    row: Row
    way: Way
    point: Point
    velocity: Point
    heading: float
    home: Place
    used: float
    armed: bool
    speed: float
    turn_rate: float = 0.0
    acceleration: float = 0.0
    aim: Aim | None = None
    height: float | None = None
    takeoff: float = 10.0  # To climb to where nobody says how high.
    lands: bool = True  # At the end of a return.
    paused: bool = False
    current: int = 0
    since: float | None = None
    finished: bool = False
    mission: list[Item] = field(default_factory=list)
    says: list[tuple[int, str]] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)

    @property
    def flying(self) -> bool:
        return self.row.kind in AIRBORNE and self.point.up > OFF_THE_GROUND

    @property
    def has_mission(self) -> bool:
        """Whether there is something to fly to; ArduPilot's item 0 is home."""
        return len(self.mission) > (0 if ways.is_px4(self.row) else 1)

    @property
    def home_point(self) -> Point:
        return point_of(self.row, self.home)

    @property
    def place(self) -> Place:
        return moved(self.row.home, *self.point)

    @property
    def motion(self) -> Motion:
        return Motion(self.point, self.velocity, self.heading, self.turn_rate, self.acceleration)

    def enter(self, way: Way) -> None:
        """Change over to a mode, and forget what was aimed at in the last one."""
        self.way = way
        self.aim, self.height, self.paused, self.since = None, None, False, None

    def tell(self, text: str, severity: int = mavlink.MAV_SEVERITY_INFO) -> None:
        self.says.append((severity, text))


def point_of(row: Row, place: Place) -> Point:
    """The inverse of ``area.moved`` from where the row is parked."""
    parallel = EARTH_RADIUS_METRES * math.cos(math.radians(row.home.latitude))
    return Point(
        math.radians(place.longitude - row.home.longitude) * parallel,
        math.radians(place.latitude - row.home.latitude) * EARTH_RADIUS_METRES,
        place.altitude - row.home.altitude,
    )


def taken(row: Row, state: State, mission: list[Item]) -> Helm:
    """The helm of a vehicle as it is on a flight of its own."""
    phase, motion = state.stage.phase, state.motion
    way = ways.numbered(row, row.modes[phase].number) or ways.ways(row)[0]
    return Helm(
        row, way, motion.point, motion.velocity, motion.heading, row.home, state.used,
        armed=phase is not Phase.PARKED, speed=row.performance.speed,
        current=state.stage.waypoint, mission=mission,
    )  # fmt: skip


def parked(row: Row, mission: list[Item]) -> Helm:
    """The helm of a vehicle that waits at home with a full battery."""
    way = ways.doing(row, Doing.BY_HAND) or ways.ways(row)[0]
    heading = math.radians(row.heading)
    return Helm(
        row, way, Point(0.0, 0.0), STILL, heading, row.home, 0.0,
        armed=False, speed=row.performance.speed, mission=mission,
    )  # fmt: skip
