"""Shapes of fences as people register them (GeoJSON, or a circle) to shapes on a flat map.

An edge of GeoJSON is straight where degrees are drawn as a grid (RFC 7946), so that a long one
gets points between its ends. A shape that cannot be read is a ValueError with the reason.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, cos, hypot, pi, radians, sin, sqrt
from typing import Any

import msgspec

from flows.steps.commands.sphere import (
    EARTH_M,
    Plane,
    Point,
    Vector,
    dot,
    flat,
    plane,
    reach,
    unit,
    vector,
)

MOST_POINTS = 20_000
MOST_METRES = 5_000_000.0
# As far as a long edge may be from where it is, but for those round a quarter of the Earth.
_BESIDE_M, _MOST_PIECES = 0.5, 1024
_NEAR = 0.26  # Of what a shape has nothing is further than 75 degrees from its middle.
_CORNERS = 3


class Shape(msgspec.Struct, frozen=True):
    """Polygons of rings of points on a map, or a circle round its middle with that ``radius``."""

    on: Plane
    polygons: tuple[tuple[tuple[Point, ...], ...], ...] = ()
    radius: float = 0.0
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


def shape(geometry: object) -> Shape:
    """The shape of a Polygon, a MultiPolygon, a Feature of one, or a circle.

    Raises:
        ValueError: it is none of these, or reaches too far.
    """
    if not isinstance(geometry, Mapping):
        raise ValueError("its geometry is no object")  # noqa: TRY004
    kind = geometry.get("type")
    if kind == "Feature":
        return shape(geometry.get("geometry"))
    if kind == "Polygon":
        return _polygons([geometry.get("coordinates")])
    if kind == "MultiPolygon":
        return _polygons(_list(geometry.get("coordinates"), "coordinates"))
    if "radius" in geometry and "center" in geometry:
        return _circle(geometry["center"], geometry["radius"])
    raise ValueError("its geometry is no Polygon, no MultiPolygon and no circle")


def _circle(center: object, radius: object) -> Shape:
    metres = _number(radius)
    if metres is None or not 0 < metres <= MOST_METRES:
        raise ValueError(f"its radius must be more than 0 and at most {MOST_METRES:.0f} m")
    if isinstance(center, Mapping):
        latitude = center.get("latitude", center.get("lat"))
        longitude = center.get("longitude", center.get("lon", center.get("lng")))
        center = [longitude, latitude]
    far = reach(metres)
    return Shape(plane(vector(*_position(center))), (), far, (-far, -far, far, far))


def _polygons(many: Sequence[Any]) -> Shape:
    rings = [[_ring(ring) for ring in _list(each, "a polygon")] for each in many]
    vectors = [each for polygon in rings for ring in polygon for each in ring]
    if not vectors or not all(rings):
        raise ValueError("a polygon has no ring")
    if len(vectors) > MOST_POINTS:
        raise ValueError(f"it has more than {MOST_POINTS} points")
    middle = unit(*(sum(axis) for axis in zip(*vectors, strict=True)))
    if middle is None or any(dot(middle, each) < _NEAR for each in vectors):
        raise ValueError("it reaches too far round the Earth")
    on = plane(middle)
    shadows = [[_flat(on, ring) for ring in polygon] for polygon in rings]
    points = [each for polygon in shadows for ring in polygon for each in ring]
    across, along = zip(*points, strict=True)
    box = min(across), min(along), max(across), max(along)
    return Shape(on, tuple(tuple(polygon) for polygon in shadows), 0.0, box)


def _flat(on: Plane, ring: list[Vector]) -> tuple[Point, ...]:
    return tuple(point for each in ring if (point := flat(on, each)) is not None)


def _ring(ring: object) -> list[Vector]:
    """The corners of a ring once each, with points between those that are far apart."""
    corners = [_position(each) for each in _list(ring, "a ring")]
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if len(set(corners)) < _CORNERS:
        raise ValueError("a ring has fewer than three corners")
    if len(corners) > MOST_POINTS:
        raise ValueError(f"it has more than {MOST_POINTS} points")
    found: list[Vector] = []
    if _is_line(corners):
        raise ValueError("a ring has no area")
    for (lat, lon), (lat_end, lon_end) in pairwise([*corners, corners[0]]):
        turn = _turn(lon, lon_end)
        pieces = _pieces(lat, lat_end, radians(turn))
        found.extend(
            vector(lat + (lat_end - lat) * n / pieces, lon + turn * n / pieces)
            for n in range(pieces)
        )
    return found


def _turn(start: float, end: float) -> float:
    """The degrees of longitude from the one to the other, the shorter way round."""
    return (end - start + 180) % 360 - 180


def _is_line(corners: list[tuple[float, float]]) -> bool:
    """Whether all corners are on one line, which ends: nobody can be within that."""
    (lat, last), across, offs = corners[0], 0.0, []
    for each, lon in [*corners, corners[0]]:
        across, last = across + _turn(last, lon), lon
        offs.append((each - lat, across))
    if abs(across) > 1:  # All round the Earth.
        return False
    up, right = max(offs, key=lambda off: hypot(*off))
    least = 1e-9 * (up * up + right * right)
    return all(abs(up * over - right * along) <= least for along, over in offs)


def _pieces(start: float, end: float, turn: float) -> int:
    """Into how many pieces an edge is cut, so that each may be the shortest way.

    By how a line of the grid bends aside: along a parallel, and where it climbs.
    """
    low, high = sorted((radians(abs(start)), radians(abs(end))))
    middle = min(max(low, pi / 4), high)  # There parallels bend most.
    bends = hypot(sin(middle) * cos(middle) * turn, 2 * sin(high) * radians(end - start))
    beside = EARTH_M * abs(turn) * max(bends, turn * turn * 0.05) / 8
    return max(1, min(_MOST_PIECES, ceil(sqrt(beside / _BESIDE_M))))


def _position(of: object) -> tuple[float, float]:
    """Latitude and longitude of a position of GeoJSON, which has them the other way round."""
    numbers = [_number(each) for each in _list(of, "a position")[:2]]
    latitude = numbers[1] if len(numbers) > 1 else None
    longitude = numbers[0] if numbers else None
    if latitude is None or longitude is None:
        raise ValueError("a position is not two numbers")
    if abs(latitude) > 90 or abs(longitude) > 360:
        raise ValueError("a position is not on the Earth: longitude comes first")
    return latitude, longitude


def _list(of: object, what: str) -> list[Any]:
    if not isinstance(of, list):
        raise ValueError(f"{what} is no list")  # noqa: TRY004
    return of


def _number(of: object) -> float | None:
    """A number that a float can hold."""
    if type(of) not in (int, float):
        return None
    try:
        number = float(of)  # type: ignore[arg-type]  # It is one of the two.
    except OverflowError:
        return None
    return number if abs(number) < 1e12 else None
