"""How something moves at an instant, and the paths that are straight: stay, go, climb.

East, north and up are metres from the home of the vehicle; headings are radians
clockwise from north and may be of any turn.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from connectors.simulator.ride import Ride


class Point(NamedTuple):
    """Metres east of, north of and above home."""

    east: float
    north: float
    up: float = 0.0


class Motion(NamedTuple):
    """Where, how fast (metres per second), which way the nose points (radians)."""

    point: Point
    velocity: Point
    heading: float
    turn_rate: float = 0.0  # Radians per second, clockwise.
    acceleration: float = 0.0  # Metres per second squared, forwards.

    @property
    def ground_speed(self) -> float:
        return math.hypot(self.velocity.east, self.velocity.north)


class Path(Protocol):
    """Something to move along."""

    @property
    def seconds(self) -> float: ...

    def at(self, seconds: float) -> Motion:
        """The motion after so many seconds on the path, 0 to ``self.seconds``."""
        ...


STILL = Point(0.0, 0.0)


def bearing(start: Point, end: Point) -> float:
    """The heading from one point to the other, radians."""
    return math.atan2(end.east - start.east, end.north - start.north)


def ahead(start: Point, heading: float, metres: float, up: float | None = None) -> Point:
    """The point so many metres ahead, at the same height or at ``up``."""
    return Point(
        start.east + metres * math.sin(heading),
        start.north + metres * math.cos(heading),
        start.up if up is None else up,
    )


def _eased(part: float) -> tuple[float, float]:
    """From 0 to 1 beginning and ending gently; and the slope, which is 2 at the most."""
    turn = 2 * math.pi * part
    return part - math.sin(turn) / (2 * math.pi), 1 - math.cos(turn)


@dataclass(frozen=True, slots=True)
class Stay:
    """At one point, on the ground or hovering, while the nose turns by some radians."""

    point: Point
    heading: float
    seconds: float
    turn: float = 0.0

    def at(self, seconds: float) -> Motion:
        turned, slope = _eased(seconds / self.seconds)
        rate = self.turn * slope / self.seconds
        return Motion(self.point, STILL, self.heading + self.turn * turned, rate)


@dataclass(frozen=True, slots=True)
class Straight:
    """Over the ground in a straight line, climbing or sinking gently on the way."""

    start: Point
    end: Point
    ride: Ride

    @property
    def seconds(self) -> float:
        return self.ride.seconds

    def at(self, seconds: float) -> Motion:
        along = self.ride.at(seconds)
        east, north = self.end.east - self.start.east, self.end.north - self.start.north
        rise, length = self.end.up - self.start.up, math.hypot(east, north)
        risen, slope = _eased(along.metres / length)
        east, north = east / length, north / length
        return Motion(
            Point(
                self.start.east + east * along.metres,
                self.start.north + north * along.metres,
                self.start.up + rise * risen,
            ),
            Point(east * along.speed, north * along.speed, rise * slope / length * along.speed),
            math.atan2(east, north),
            0.0,
            along.acceleration,
        )


@dataclass(frozen=True, slots=True)
class Climb:
    """Straight up (or down, where ``rise`` is negative)."""

    point: Point
    heading: float
    rise: float
    ride: Ride

    @property
    def seconds(self) -> float:
        return self.ride.seconds

    def at(self, seconds: float) -> Motion:
        along, sense = self.ride.at(seconds), math.copysign(1.0, self.rise)
        up = max(self.point.up + sense * along.metres, 0.0)
        point = Point(self.point.east, self.point.north, up)
        return Motion(point, Point(0.0, 0.0, sense * along.speed), self.heading)
