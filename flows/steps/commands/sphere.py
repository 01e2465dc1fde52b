"""Places on a sphere, and a flat map round one of them on which shortest ways are straight lines.

Without longitudes there is no antimeridian, and the poles are places like any other.
"""

from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt, tan
from typing import NamedTuple

EARTH_M = 6_371_008.8
# What is further from the middle of a map than some 80 degrees is not on it.
EDGE = 0.17


class Vector(NamedTuple):
    """A place as a vector of length 1 from the middle of the Earth."""

    x: float
    y: float
    z: float


class Plane(NamedTuple):
    """A map: its middle, and what is right and up on it."""

    middle: Vector
    right: Vector
    up: Vector


Point = tuple[float, float]


def vector(latitude: float, longitude: float) -> Vector:
    """The vector of a place in degrees."""
    lat, lon = radians(latitude), radians(longitude)
    return Vector(cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat))


def place(of: Vector) -> tuple[float, float]:
    """Latitude and longitude of a vector, in degrees."""
    return degrees(asin(max(-1.0, min(1.0, of.z)))), degrees(atan2(of.y, of.x))


def dot(one: Vector, other: Vector) -> float:
    return one.x * other.x + one.y * other.y + one.z * other.z


def unit(x: float, y: float, z: float) -> Vector | None:
    """A vector of length 1 in a direction; None where there is no direction."""
    length = sqrt(x * x + y * y + z * z)
    return Vector(x / length, y / length, z / length) if length > 1e-12 else None


def distance(one: Vector, other: Vector) -> float:
    """The shortest way over the ground, metres."""
    apart = hypot(one.x - other.x, one.y - other.y, one.z - other.z)
    return 2 * EARTH_M * asin(min(1.0, apart / 2))


def plane(middle: Vector) -> Plane:
    """The map round a place."""
    x, y, z = middle
    # Of the axes, the one that is furthest from the middle.
    least = min((abs(x), 0), (abs(y), 1), (abs(z), 2))[1]
    axis = Vector(*(1.0 if n == least else 0.0 for n in range(3)))
    right = unit(*_cross(axis, middle))
    if right is None:  # Never: that axis is not the middle.
        right = axis
    return Plane(middle, right, Vector(*_cross(middle, right)))


def flat(on: Plane, of: Vector) -> Point | None:
    """Where a place is on a map, in radii of the Earth; None where it is not on it."""
    height = dot(on.middle, of)
    if height < EDGE:
        return None
    return dot(on.right, of) / height, dot(on.up, of) / height


def stretch(on: Plane, start: Vector, end: Vector) -> tuple[Point, Point] | None:
    """The part of a shortest way that is on a map; None where none of it is."""
    first, last = dot(on.middle, start), dot(on.middle, end)
    if max(first, last) < EDGE:
        return None
    cut_start = start if first >= EDGE else _cut(start, first, end, last)
    cut_end = end if last >= EDGE else _cut(end, last, start, first)
    one, other = _shadow(on, cut_start), _shadow(on, cut_end)
    return one, other


def reach(metres: float) -> float:
    """How large a distance from the middle is on a map, in radii of the Earth."""
    return tan(metres / EARTH_M)


def beside(middle: Vector, metres: float, turn: float) -> Vector:
    """The place so far from another, in the direction of a turn in radians on its map."""
    on, angle = plane(middle), metres / EARTH_M
    across, along = sin(angle), cos(angle)
    right, up = across * cos(turn), across * sin(turn)
    return Vector(
        *(
            along * m + right * r + up * u
            for m, r, u in zip(on.middle, on.right, on.up, strict=True)
        )
    )


def towards(start: Vector, end: Vector, metres: float) -> Vector:
    """The place so far from the one on the shortest way to the other."""
    along = dot(start, end)
    side = unit(end.x - along * start.x, end.y - along * start.y, end.z - along * start.z)
    if side is None:
        return start
    angle = metres / EARTH_M
    return Vector(*(cos(angle) * s + sin(angle) * a for s, a in zip(start, side, strict=True)))


def _shadow(on: Plane, of: Vector) -> Point:
    height = max(dot(on.middle, of), 1e-9)
    return dot(on.right, of) / height, dot(on.up, of) / height


def _cut(off: Vector, low: float, inside: Vector, high: float) -> Vector:
    """Where the way comes onto the map, on the chord below it, which has the same shadow."""
    share = (EDGE - low) / (high - low)
    return Vector(*(o + share * (i - o) for o, i in zip(off, inside, strict=True)))


def _cross(one: Vector, other: Vector) -> Vector:
    return Vector(
        one.y * other.z - one.z * other.y,
        one.z * other.x - one.x * other.z,
        one.x * other.y - one.y * other.x,
    )
