"""Fences by other means than the flow's: rings on a grid of degrees, and angles round a point.

A ring goes round a point if the angles at which its corners are seen add up to whole turns. Ways
are walked in small steps along great circles, by haversines.
"""

from math import asin, atan2, cos, degrees, hypot, pi, radians, sin, sqrt
from typing import NamedTuple

EARTH_M = 6_371_008.8
DEGREE_M = EARTH_M * pi / 180

Ring = list[tuple[float, float]]  # Longitudes and latitudes, as GeoJSON has them.


class Seen(NamedTuple):
    """Whether a place is within, and how many metres the nearest edge is away, about."""

    within: bool
    clear_m: float


def unrolled(ring: Ring) -> Ring:
    """With longitudes that go on where they would jump."""
    found = [ring[0]]
    for longitude, latitude in ring[1:]:
        last = found[-1][0]
        turn = longitude - last
        found.append((last + turn - 360 * round(turn / 360), latitude))
    return found


def seen(rings: list[Ring], latitude: float, longitude: float) -> Seen:
    """Of a polygon with holes, drawn on the grid."""
    within, clear = False, 1e12
    for n, ring in enumerate(map(unrolled, rings)):
        round_it = False
        for turn in (-720, -360, 0, 360, 720):
            goes, near = _round(ring, longitude + turn, latitude)
            round_it, clear = round_it or goes, min(clear, near)
        within = round_it if n == 0 else within and not round_it
    return Seen(within, clear)


def _round(ring: Ring, x: float, y: float) -> tuple[bool, float]:
    """Whether a ring goes round a point of the grid, and how near it comes."""
    angles, near = 0.0, 1e12
    narrow = cos(radians(y))
    for (x1, y1), (x2, y2) in zip([ring[-1], *ring], ring, strict=False):
        one, other = atan2(y1 - y, x1 - x), atan2(y2 - y, x2 - x)
        angles += (other - one + pi) % (2 * pi) - pi
        dx, dy = x2 - x1, y2 - y1
        square = dx * dx + dy * dy
        share = max(0.0, min(1.0, ((x - x1) * dx + (y - y1) * dy) / square)) if square else 0.0
        # Of all points of the edge this is near the nearest, and never nearer than that.
        off = hypot((x1 + share * dx - x) * narrow, y1 + share * dy - y) * DEGREE_M
        near = min(near, off)
    return abs(angles) > pi, near * min(1.0, max(narrow, 0.01))


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two places of latitude and longitude."""
    (lat1, lon1), (lat2, lon2) = one, other
    up = sin(radians(lat2 - lat1) / 2)
    across = sin(radians(lon2 - lon1) / 2)
    square = up * up + cos(radians(lat1)) * cos(radians(lat2)) * across * across
    return 2 * EARTH_M * asin(min(1.0, sqrt(square)))


def walked(
    start: tuple[float, float], end: tuple[float, float], steps: int
) -> list[tuple[float, float]]:
    """Places on the great circle between two, both of them too."""
    angle = haversine(start, end) / EARTH_M
    if angle < 1e-12:
        return [start, end]
    found = []
    for n in range(steps + 1):
        a, b = sin((1 - n / steps) * angle) / sin(angle), sin(n / steps * angle) / sin(angle)
        x, y, z = (
            a * one + b * other for one, other in zip(_axes(*start), _axes(*end), strict=True)
        )
        found.append((degrees(atan2(z, hypot(x, y))), degrees(atan2(y, x))))
    return found


def _axes(latitude: float, longitude: float) -> tuple[float, float, float]:
    lat, lon = radians(latitude), radians(longitude)
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)
