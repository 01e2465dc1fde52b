"""A step of a vehicle towards an aim, by what its kind can do."""

import math

from connectors.simulator.command.helm import Aim, Helm
from connectors.simulator.motion import Point, bearing
from connectors.simulator.row import Kind

CLIMB_SPEED = 3.0  # Of what the row says nothing about.
VERTICAL_ACCELERATION = 2.0
NEARING = 0.6  # Metres per second, of each metre that is left.
LIFT_OFF = 0.85  # Of its cruise speed, at which a plane leaves the ground.
ON_THE_SPOT = math.radians(40)  # Off its course, a rover turns before it moves.


def hover(helm: Helm, aim: Aim, seconds: float) -> None:
    """Towards a point and to rest there, or round it; on the ground, nose first."""
    able, grounded = helm.row.performance, helm.row.kind in {Kind.ROVER, Kind.BOAT}
    target = _round(helm, aim) if aim.radius else aim.point
    metres = math.dist(helm.point[:2], target[:2])
    speed = min(helm.speed, NEARING * metres, math.sqrt(1.2 * able.acceleration * metres))
    course = bearing(helm.point, target) if metres > 1.0 else helm.heading
    nose = course if aim.heading is None else aim.heading
    off = math.remainder(nose - helm.heading, math.tau)
    rate = able.speed / able.radius if helm.row.kind is Kind.BOAT else able.turn_rate
    turned = _limited(off, rate * seconds)
    helm.heading += turned
    helm.turn_rate = turned / seconds
    if grounded and metres > 1.0:
        course = helm.heading
        if abs(off) > ON_THE_SPOT:
            speed = min(speed, 0.3)
    wanted = bearing(helm.point, target) if not grounded else course
    east, north = speed * math.sin(wanted), speed * math.cos(wanted)
    before = math.hypot(*helm.velocity[:2])
    if grounded:  # Wheels and keels do not slide.
        now = before + _limited(speed - before, able.acceleration * seconds)
        east, north = now * math.sin(course), now * math.cos(course)
    else:
        change = math.dist((east, north), helm.velocity[:2])
        part = min(1.0, able.acceleration * seconds / change) if change else 1.0
        east = helm.velocity.east + part * (east - helm.velocity.east)
        north = helm.velocity.north + part * (north - helm.velocity.north)
    helm.acceleration = (math.hypot(east, north) - before) / seconds
    _move(helm, east, north, 0.0 if grounded else _climb(helm, aim.point.up, seconds), seconds)


def glide(helm: Helm, aim: Aim, seconds: float, *, straight: bool = False) -> None:
    """Always under way: along the ground until fast enough, then round the aim."""
    able = helm.row.performance
    speed = math.hypot(*helm.velocity[:2])
    faster = _limited(helm.speed - speed, able.acceleration * seconds)
    speed += faster
    up = 0.0
    radius = max(abs(aim.radius), able.radius)
    sense = -1.0 if aim.radius < 0 else 1.0
    rate = 0.0
    if speed >= LIFT_OFF * able.speed or helm.flying:
        up = _climb(helm, aim.point.up, seconds)
        if not straight and helm.point.up > 5:
            away = math.dist(helm.point[:2], aim.point[:2])
            outwards = bearing(aim.point, helm.point)
            course = outwards + sense * (math.pi / 2 + math.atan(2 * (away - radius) / radius))
            off = math.remainder(course - helm.heading, math.tau)
            rate = _limited(off, able.speed / able.radius)
    most = able.speed / able.radius / able.roll_seconds * seconds
    helm.turn_rate += _limited(rate - helm.turn_rate, most)
    helm.heading += helm.turn_rate * seconds
    helm.acceleration = faster / seconds
    _move(helm, speed * math.sin(helm.heading), speed * math.cos(helm.heading), up, seconds)


def roll_out(helm: Helm, seconds: float) -> None:
    """Slow down in a straight line, and come down to the ground as far as it is above it."""
    able, speed = helm.row.performance, math.hypot(*helm.velocity[:2])
    least = 0.75 * able.speed if helm.point.up > 0 else 0.0
    slower = max(speed - able.acceleration * seconds, least)
    helm.acceleration, helm.turn_rate = (slower - speed) / seconds, 0.0
    up = -1.5 if helm.point.up > 0 else 0.0
    heading = helm.heading
    _move(helm, slower * math.sin(heading), slower * math.cos(heading), up, seconds)


def _round(helm: Helm, aim: Aim) -> Point:
    """A point on the circle, as far ahead that the vehicle keeps its speed."""
    radius = abs(aim.radius)
    ahead = math.copysign(min(max(helm.speed * 3, 5) / radius, 1.0), aim.radius)
    angle = bearing(aim.point, helm.point) + ahead
    return Point(
        aim.point.east + radius * math.sin(angle),
        aim.point.north + radius * math.cos(angle),
        aim.point.up,
    )


def _climb(helm: Helm, height: float, seconds: float) -> float:
    """The next vertical speed on the way to a height."""
    most = helm.row.performance.climb_speed or CLIMB_SPEED
    wanted = _limited(0.9 * (height - helm.point.up), most)
    return helm.velocity.up + _limited(wanted - helm.velocity.up, VERTICAL_ACCELERATION * seconds)


def _move(helm: Helm, east: float, north: float, up: float, seconds: float) -> None:
    height = helm.point.up + up * seconds
    if height <= 0:
        height, up = 0.0, 0.0
    point = helm.point
    helm.point = Point(point.east + east * seconds, point.north + north * seconds, height)
    helm.velocity = Point(east, north, up)


def _limited(value: float, most: float) -> float:
    return max(-most, min(most, value))
