"""Flights of what stops at every waypoint and turns there: copters and tracked rovers."""

import math

from connectors.simulator.course import Course
from connectors.simulator.motion import Point, bearing
from connectors.simulator.ride import ride
from connectors.simulator.row import Row
from connectors.simulator.stages import Flight, Phase


def copter(row: Row) -> Flight:
    """Up, from waypoint to waypoint, back over home, and down."""
    course = Course(row)
    first = row.route[0].point.up
    _depart(course)
    course.climb(Phase.TAKEOFF, first, "Takeoff")
    _visit(course)
    _return(course, row.route[-1].point.up)
    course.climb(Phase.LANDING, 0.0, "Landing")
    course.stay(Phase.READY, 4, says="Landed")
    return course.flight()


def rover(row: Row) -> Flight:
    """Along the route over the ground, and back."""
    course = Course(row)
    _depart(course)
    _visit(course)
    _return(course, 0.0)
    course.stay(Phase.READY, 4, says="Parked")
    return course.flight()


def _depart(course: Course) -> None:
    course.stay(Phase.PARKED, course.row.parked_seconds, says="Disarmed")
    course.stay(Phase.READY, 8, says="Armed")


def _visit(course: Course) -> None:
    for number, waypoint in enumerate(course.row.route, 1):
        _hop(course, Phase.MISSION, waypoint.point, number)
        says = f"Reached waypoint {number}"
        course.stay(Phase.HOLD, max(waypoint.seconds, 2.0), number, says)


def _return(course: Course, up: float) -> None:
    _hop(course, Phase.RETURN, Point(0.0, 0.0, up), 0, "Returning home")
    course.face(Phase.RETURN, math.radians(course.row.heading))


def _hop(course: Course, phase: Phase, end: Point, waypoint: int, says: str = "") -> None:
    """Turn towards a point and go there, from rest to rest."""
    able, metres = course.row.performance, math.dist(course.point[:2], end[:2])
    course.face(phase, bearing(course.point, end), waypoint, says)
    course.go(phase, end, ride(metres, able.speed, able.acceleration), waypoint)
