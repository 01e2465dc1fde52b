"""A flight as it is being drawn: each step begins where and which way the last one ended."""

import math
from dataclasses import replace
from typing import NamedTuple

from connectors.simulator.bend import Bend
from connectors.simulator.motion import Climb, Point, Stay, Straight, ahead, bearing
from connectors.simulator.ride import Ride, ride
from connectors.simulator.row import Row
from connectors.simulator.stages import Flight, Phase, Stage, Wings

SMALLEST_TURN = math.radians(0.5)
SHORTEST_LEG = 1.0  # Metres.


class Corner(NamedTuple):
    """A point to turn at: circles on top of the turn, and what for one goes there."""

    point: Point
    phase: Phase
    waypoint: int = 0
    circles: int = 0


class Course:
    """The stages of a row so far, and where they lead.

    Attributes:
        point: where the next stage begins.
        heading: radians; which way the nose points there.
    """

    def __init__(self, row: Row) -> None:
        self.row = row
        self.point = Point(0.0, 0.0, 0.0)
        self.heading = math.radians(row.heading)
        self._stages: list[Stage] = []

    def flight(self) -> Flight:
        """The whole flight.

        Raises:
            ValueError: it does not end as it began, or takes more than the battery has.
        """
        flight = Flight(tuple(self._stages))
        turned = (self.heading - math.radians(self.row.heading)) / math.tau
        if math.dist(self.point, (0.0, 0.0, 0.0)) > 0.01 or abs(turned - round(turned)) > 1e-6:
            raise ValueError(f"{self.row.name} does not come home: it ends at {self.point}.")
        if flight.most_used >= self.row.power.amp_hours:
            raise ValueError(f"{self.row.name} needs {flight.most_used:.1f} Ah for a flight.")
        return flight

    def stay(self, phase: Phase, seconds: float, waypoint: int = 0, says: str = "") -> None:
        """Rest on the ground; hold at a waypoint where the phase is to hold."""
        power = self.row.power
        amps = power.lift if self.point.up else power.idle
        path = Stay(self.point, self.heading, seconds)
        reached = phase is Phase.HOLD
        self._stages.append(Stage(phase, path, amps, waypoint, says, reached))

    def face(self, phase: Phase, heading: float, waypoint: int = 0, says: str = "") -> None:
        """Turn on the spot, the shorter way."""
        turn = math.remainder(heading - self.heading, math.tau)
        if abs(turn) > SMALLEST_TURN:
            seconds = 2 * abs(turn) / self.row.performance.turn_rate
            path = Stay(self.point, self.heading, seconds, turn)
            amps = self.row.power.lift if self.point.up else self.row.power.cruise
            self._stages.append(Stage(phase, path, amps, waypoint, says))
        self.heading = heading

    def climb(self, phase: Phase, up: float, says: str = "") -> None:
        """Straight up or down to a height."""
        able, rise = self.row.performance, up - self.point.up
        path = Climb(self.point, self.heading, rise, ride(abs(rise), able.climb_speed, 1.0))
        self._stages.append(Stage(phase, path, self.row.power.lift, 0, says))
        self.point = Point(self.point.east, self.point.north, up)

    def go(
        self,
        phase: Phase,
        end: Point,
        along: Ride,
        waypoint: int = 0,
        says: str = "",
        *,
        wings: Wings = Wings.ROTORS,
        lift: bool = False,
    ) -> None:
        """In a straight line over the ground."""
        amps = self.row.power.lift if lift else self.row.power.cruise
        path = Straight(self.point, end, along)
        self._stages.append(Stage(phase, path, amps, waypoint, says, wings=wings))
        self.heading = bearing(self.point, end)
        self.point = end

    def sweep(self, corners: list[Corner], end: Point, wings: Wings) -> None:
        """Under way at cruise speed past all corners, turning within each, to the end.

        Raises:
            ValueError: two corners are so near each other that their turns overlap.
        """
        for number, corner in enumerate(corners):
            target = corners[number + 1].point if number + 1 < len(corners) else end
            bend = self._bend(corner, bearing(corner.point, target))
            self._cruise(corner, ahead(corner.point, self.heading, -bend.reach), wings)
            self._turn(corner, bend, wings)
        self._cruise(Corner(end, Phase.RETURN), end, wings)

    def _bend(self, corner: Corner, heading: float) -> Bend:
        """The curve at a corner, as if it began at the corner itself."""
        able = self.row.performance
        turn = math.remainder(heading - self.heading, math.tau)
        angle = turn + math.copysign(math.tau * corner.circles, turn)
        start = corner.point
        return Bend(start, self.heading, angle, able.speed, able.radius, able.roll_seconds)

    def _cruise(self, corner: Corner, end: Point, wings: Wings) -> None:
        """Straight on to where a turn begins, from the height here to the height there."""
        speed = self.row.performance.speed
        metres = math.dist(self.point[:2], end[:2])
        aside = math.remainder(bearing(self.point, end) - self.heading, math.tau)
        if metres < SHORTEST_LEG or abs(aside) > math.pi / 2:  # The end lies behind.
            raise ValueError(f"{self.row.name} has no room to turn before {corner.point}.")
        steady = ride(metres, speed, 1.0, speed, speed)
        heading = self.heading
        self.go(corner.phase, end, steady, corner.waypoint, wings=wings)
        self.heading = heading  # What rounding leaves of it would add up over the corners.

    def _turn(self, corner: Corner, bend: Bend, wings: Wings) -> None:
        bend = replace(bend, start=self.point)
        reached = corner.waypoint > 0
        phase = Phase.HOLD if corner.circles else corner.phase
        says = f"Reached waypoint {corner.waypoint}" if reached else ""
        amps = self.row.power.cruise
        stage = Stage(phase, bend, amps, corner.waypoint, says, reached, wings)
        self._stages.append(stage)
        turned = bend.at(bend.seconds)
        self.point, self.heading = turned.point, turned.heading
