"""A mission as the map draws it: features of GeoJSON (RFC 7946), its kind a property of each.

Of the standard it departs in one thing: what crosses the antimeridian is not cut there, but goes
on beyond 180 degrees, as maps draw it.
"""

from collections.abc import Iterator, Sequence
from math import asin, atan2, cos, degrees, pi, radians, sin
from typing import Any

from flows.ontology.mission_commands import (
    CIRCLE_IN,
    CIRCLES,
    FENCE_RETURN,
    GLOBAL,
    LOOKED_AT,
    POLYGON_IN,
    POLYGONS,
)
from flows.ontology.mission_places import EARTH_M
from flows.ontology.missions import Item
from flows.ontology.stored_missions import Mission, polygons
from web import mission_words as words
from web.mission_course import Stop, beside, course

CIRCLE_CORNERS = 72
Feature = dict[str, Any]
Place = list[float]


def drawing(mission: Mission, name: str) -> dict[str, Any]:
    """All of a mission that has a place, what is to be on top last.

    ``name`` is what its path is called.
    """
    stops = course(mission)
    near = stops[0].longitude if stops else mission.home.longitude if mission.home else None
    found = [
        *_fence(mission.fence, near),
        *_home(mission, near),
        *_rally(mission.rally, near),
        *_looked_at(mission.items, near),
        *_path(stops, name),
    ]
    return {"type": "FeatureCollection", "features": found}


def _path(stops: Sequence[Stop], name: str) -> Iterator[Feature]:
    if len(stops) > 1:
        line = [[each.longitude, each.latitude] for each in stops]
        yield _feature("path", "LineString", line, title=name)
    for each in stops:
        title = f"{each.number}: {words.command(each.item)}, {words.altitude(each.item)}"
        at = [each.longitude, each.latitude]
        yield _feature("item", "Point", at, number=each.number, label=str(each.number), title=title)


def _looked_at(items: Sequence[Item], near: float | None) -> Iterator[Feature]:
    for number, each in enumerate(items):
        if each.command in LOOKED_AT and each.frame in GLOBAL and (each.latitude or each.longitude):
            title = f"{number}: {words.command(each)}"
            yield _point("looked", each, near, number=number, label=str(number), title=title)


def _fence(fence: Sequence[Item], near: float | None) -> Iterator[Feature]:
    for corners in polygons(fence, POLYGONS):
        keeps_in = corners[0].command == POLYGON_IN
        ring = [_at(each.longitude, each.latitude, near) for each in corners]
        yield from _area([*ring, ring[0]], keeps_in=keeps_in)
    for each in fence:
        if each.command in CIRCLES:
            ring = circle(each.latitude, each.longitude, each.param1 or 0.0)
            ring = [_at(longitude, latitude, near) for longitude, latitude in ring]
            yield from _area(ring, keeps_in=each.command == CIRCLE_IN)
        elif each.command == FENCE_RETURN:
            yield _point("return", each, near, label="F", title="Return from the fence")


def _area(ring: list[Place], *, keeps_in: bool) -> Iterator[Feature]:
    title = "Fence to stay within" if keeps_in else "Fence to stay out of"
    yield _feature("inside" if keeps_in else "outside", "Polygon", [ring], title=title)


def _rally(rally: Sequence[Item], near: float | None) -> Iterator[Feature]:
    for number, each in enumerate(rally):
        title = f"Rally point {number}, {words.altitude(each)}"
        yield _point("rally", each, near, number=number, label=f"R{number}", title=title)


def _home(mission: Mission, near: float | None) -> Iterator[Feature]:
    if mission.home is not None:
        at = _at(mission.home.longitude, mission.home.latitude, near)
        yield _feature("home", "Point", at, label="H", title="Home as it is planned")


def circle(latitude: float, longitude: float, radius: float) -> list[Place]:
    """A circle on the sphere as a closed ring of longitude and latitude, ``radius`` in metres."""
    ring = []
    north, angle = radians(latitude), radius / EARTH_M
    for n in range(CIRCLE_CORNERS + 1):
        bearing = 2 * pi * (n % CIRCLE_CORNERS) / CIRCLE_CORNERS
        up = asin(sin(north) * cos(angle) + cos(north) * sin(angle) * cos(bearing))
        across = atan2(sin(bearing) * sin(angle) * cos(north), cos(angle) - sin(north) * sin(up))
        ring.append([longitude + degrees(across), degrees(up)])
    return ring


def _point(kind: str, item: Item, near: float | None, **more: object) -> Feature:
    return _feature(kind, "Point", _at(item.longitude, item.latitude, near), **more)


def _at(longitude: float, latitude: float, near: float | None) -> Place:
    return [longitude if near is None else beside(longitude, near), latitude]


def _feature(kind: str, form: str, coordinates: Any, **properties: object) -> Feature:
    return {
        "type": "Feature",
        "properties": {"kind": kind, **properties},
        "geometry": {"type": form, "coordinates": coordinates},
    }
