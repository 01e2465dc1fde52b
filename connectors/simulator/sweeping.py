"""Flights of what cannot turn on the spot: planes, what hovers and glides, and boats.

Home lies on a straight lane (a runway, a fairway). The vehicle leaves along it, turns on
the way from waypoint to waypoint, comes back to the lane from behind, and ends as it began.
"""

import math

from connectors.simulator.course import Corner, Course
from connectors.simulator.motion import Point, ahead
from connectors.simulator.ride import ride, run_up
from connectors.simulator.row import Row
from connectors.simulator.stages import Flight, Phase, Wings

# A plane touches down slower than it cruises.
TOUCHDOWN = 0.75


def plane(row: Row) -> Flight:
    """Take-off run, climb-out, route, final approach, and rolling out to where it began."""
    course, able = Course(row), row.performance
    home, speed, heading = course.point, able.speed, course.heading
    slow = speed * TOUCHDOWN
    run, stop = run_up(speed, able.acceleration), run_up(slow, able.acceleration)
    threshold = ahead(home, heading, -stop)
    lined_up = ahead(home, heading, -stop - _slowing(row, slow), row.gate)
    _depart(course)
    off = ahead(home, heading, run)
    course.go(Phase.TAKEOFF, off, ride(run, speed, able.acceleration), says="Takeoff", lift=True)
    course.sweep(_corners(course), lined_up, Wings.WINGS)
    metres = math.dist(lined_up[:2], threshold[:2])
    final = ride(metres, speed, able.acceleration, speed, slow)
    course.go(Phase.LANDING, threshold, final, says="Landing")
    course.go(Phase.LANDING, home, ride(stop, slow, able.acceleration, slow), says="Touchdown")
    course.heading = heading
    course.stay(Phase.READY, 4, says="Landed")
    return course.flight()


def vtol(row: Row) -> Flight:
    """Straight up, over to wings, route, back to rotors above home, and straight down."""
    course, able = Course(row), row.performance
    heading, run = course.heading, run_up(able.speed, able.acceleration)
    above = Point(0.0, 0.0, row.gate)
    _depart(course)
    course.climb(Phase.TAKEOFF, row.gate, "Takeoff")
    away = ride(run, able.speed, able.acceleration)
    off = ahead(above, heading, run)
    course.go(Phase.TAKEOFF, off, away, says="Transition to wings", wings=Wings.TO_WINGS, lift=True)
    course.sweep(_corners(course), ahead(above, heading, -run), Wings.WINGS)
    back = ride(run, able.speed, able.acceleration, able.speed)
    says = "Transition to rotors"
    course.go(Phase.RETURN, above, back, says=says, wings=Wings.TO_ROTORS, lift=True)
    course.heading = heading
    course.climb(Phase.LANDING, 0.0, "Landing")
    course.stay(Phase.READY, 4, says="Landed")
    return course.flight()


def boat(row: Row) -> Flight:
    """Out of the harbour, round the route, and back to the berth."""
    course, able = Course(row), row.performance
    home, heading = course.point, course.heading
    run = run_up(able.speed, able.acceleration)
    _depart(course)
    away = ride(run, able.speed, able.acceleration)
    course.go(Phase.MISSION, ahead(home, heading, run), away, says="Under way")
    course.sweep(_corners(course), ahead(home, heading, -run), Wings.ROTORS)
    back = ride(run, able.speed, able.acceleration, able.speed)
    course.go(Phase.RETURN, home, back, says="Arriving")
    course.heading = heading
    course.stay(Phase.READY, 4, says="Moored")
    return course.flight()


def _depart(course: Course) -> None:
    course.stay(Phase.PARKED, course.row.parked_seconds, says="Disarmed")
    course.stay(Phase.READY, 8, says="Armed")


def _corners(course: Course) -> list[Corner]:
    """The end of the lane, the waypoints, and the beginning of the lane."""
    row, heading = course.row, math.radians(course.row.heading)
    home = Point(0.0, 0.0, 0.0)
    leave = Phase.TAKEOFF if row.gate else Phase.MISSION
    half_up = (row.gate + row.route[0].point.up) / 2
    return [
        Corner(ahead(home, heading, row.lane, half_up), leave),
        *(
            Corner(waypoint.point, Phase.MISSION, number, waypoint.circles)
            for number, waypoint in enumerate(row.route, 1)
        ),
        Corner(ahead(home, heading, -row.lane, row.gate), Phase.RETURN),
    ]


def _slowing(row: Row, slow: float) -> float:
    """Metres of the final approach: a glide of five degrees on the average, or to slow down."""
    able = row.performance
    slowing = run_up(able.speed, able.acceleration) - run_up(slow, able.acceleration)
    return max(row.gate / math.tan(math.radians(5)), slowing)
