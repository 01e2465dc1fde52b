"""Where a command would lead: the ways and heights that are held against fences and limits.

Only what a command itself says is known: where a mission that the vehicle has leads, or a mode
of its own, nobody here knows. Return, land and hold lead nowhere that they may not.
"""

from collections.abc import Callable, Mapping
from math import pi
from typing import Any

import msgspec

from flows.ontology.command_facts import Facts
from flows.ontology.missions import MOST_ITEMS, Item
from flows.steps.commands.sphere import Vector, beside, distance, towards, vector

# A circle is flown as if it had so many corners.
_CORNERS = 72
# Items of missions that lead to a place: waypoints, loiters, landings, takeoffs, splines,
# to a place by DO_REPOSITION, and rally points.
_PLACED = frozenset((16, 17, 18, 19, 21, 22, 31, 82, 84, 85, 192, 5100))
_RALLY, _JUMP = 5100, 177
_SEA, _HOME = frozenset((0, 5)), frozenset((3, 6))
_TERRAIN = frozenset((10, 11))
MOST = 1e12
Params = Mapping[str, Any]


class Height(msgspec.Struct, frozen=True):
    """A height above home and above the sea, as far as it is known, and whether it was asked for.

    What was not asked for is where the vehicle is already.
    """

    above: float | None = None
    sea: float | None = None
    asked: bool = False


class Way(msgspec.Struct, frozen=True):
    """The shortest way from a place to a place and height; None where it is not known where.

    ``low`` and ``high`` are the least and most height above the sea on it. ``what`` is the item
    of a mission that it leads to. One that ``stays`` is only up or down.
    """

    start: Vector | None
    end: Vector | None
    height: Height
    low: float | None = None
    high: float | None = None
    what: str = ""
    stays: bool = False


def ways(command: str, params: Params, facts: Facts) -> list[Way] | str:
    """Where a command would lead, or why that cannot be told; nothing for most commands."""
    lead = _LEADS.get(command)
    return [] if lead is None else lead(params, facts)


def here(facts: Facts) -> Vector | None:
    """Where the vehicle is."""
    if facts.latitude is None or facts.longitude is None:
        return None
    return vector(facts.latitude, facts.longitude)


def home(facts: Facts) -> Vector | None:
    if facts.home_latitude is None or facts.home_longitude is None:
        return None
    return vector(facts.home_latitude, facts.home_longitude)


def number(params: Params, name: str) -> float | None:
    """A parameter that is a number and was given."""
    value = params.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > MOST:
        return None
    return float(value)


def height(params: Params, facts: Facts) -> Height:
    """The height that parameters ask for; where they do not, the present one."""
    altitude = number(params, "altitude")
    if altitude is None:
        return Height(facts.altitude_relative, facts.altitude_msl)
    return _height(altitude, facts, of_sea=params.get("altitude_frame") == "msl")


def _height(altitude: float, facts: Facts, *, of_sea: bool) -> Height:
    ground = facts.ground_msl
    if of_sea:
        return Height(None if ground is None else altitude - ground, altitude, asked=True)
    return Height(altitude, None if ground is None else altitude + ground, asked=True)


def _way(start: Vector | None, end: Vector | None, to: Height, before: float | None) -> Way:
    if before is None or to.sea is None:
        return Way(start, end, to)
    return Way(start, end, to, min(before, to.sea), max(before, to.sea))


def _climb(params: Params, facts: Facts) -> list[Way]:
    at = here(facts)
    way = _way(at, at, height(params, facts), facts.altitude_msl)
    return [msgspec.structs.replace(way, stays=True)]


def _goto(params: Params, facts: Facts) -> list[Way] | str:
    end = _place(params)
    if end is None:
        return "it does not say where to"
    return [_way(here(facts), end, height(params, facts), facts.altitude_msl)]


def _orbit(params: Params, facts: Facts) -> list[Way] | str:
    middle, radius, start = _place(params), number(params, "radius"), here(facts)
    if middle is None or radius is None:
        return "it does not say round what"
    to = height(params, facts)
    corners = [beside(middle, radius, 2 * pi * n / _CORNERS) for n in range(_CORNERS)]
    nearest = corners[0]
    if start is not None and distance(start, middle) > 1:
        nearest = towards(middle, start, radius)
    round_it = [
        _way(one, other, to, to.sea)
        for one, other in zip([corners[-1], *corners], corners, strict=False)
    ]
    return [_way(start, nearest, to, facts.altitude_msl), *round_it]


def _set_home(params: Params, facts: Facts) -> list[Way]:
    """Home is where it will come back to, on a way that nobody knows yet."""
    place = _place(params) or here(facts)
    altitude = number(params, "altitude")
    to = Height() if altitude is None else _height(altitude, facts, of_sea=True)
    return [Way(place, place, to, to.sea, to.sea)]


def _upload(params: Params, facts: Facts) -> list[Way] | str:
    """From where the vehicle is by one item after the other, and back where items say so."""
    if params.get("mission_type") == "fence":
        return []
    items = _items(params.get("items"))
    if isinstance(items, str):
        return items
    found: list[Way] = []
    ends: list[tuple[Vector | None, float | None]] = []
    last, before = here(facts), facts.altitude_msl
    jumps: list[tuple[int, int, Vector | None, float | None]] = []
    for n, item in enumerate(items):
        if item.command == _JUMP and item.param1 is not None:
            jumps.append((n, int(item.param1), last, before))
        if item.command in _PLACED and item.frame in _SEA | _HOME | _TERRAIN:
            end = _place_of(item, last)
            to = _height_of(item, facts)
            start = end if item.command == _RALLY else last
            way = _way(start, end, to, before)
            found.append(msgspec.structs.replace(way, what=f"item {n}: "))
            last, before = end, to.sea
        ends.append((last, before))
    for n, target, start, level in jumps:
        if 0 <= target < len(ends):
            end, sea = ends[target]
            way = _way(start, end, Height(None, sea), level)
            found.append(msgspec.structs.replace(way, what=f"item {n}: "))
    return found


def _items(items: object) -> list[Item] | str:
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        return f"its items are no list of at most {MOST_ITEMS}"
    found: list[Item] = []
    for n, each in enumerate(items):
        try:
            found.append(msgspec.convert(each, Item))
        except (msgspec.MsgspecError, RecursionError) as error:
            return f"item {n}: {error}"
        if found[-1].frame in _SEA | _HOME | _TERRAIN and not (
            abs(found[-1].latitude) <= 90 and abs(found[-1].longitude) <= 180
        ):
            return f"item {n} is not on the Earth"
    return found


def _place_of(item: Item, last: Vector | None) -> Vector | None:
    """Zero and zero are where it is by then."""
    if item.latitude == 0 and item.longitude == 0:
        return last
    return vector(item.latitude, item.longitude)


def _height_of(item: Item, facts: Facts) -> Height:
    """What is above the terrain is at least that much above home where the ground is even."""
    if item.frame in _TERRAIN:
        return Height(item.altitude, None, asked=True)
    return _height(item.altitude, facts, of_sea=item.frame in _SEA)


def _place(params: Params) -> Vector | None:
    latitude, longitude = number(params, "latitude"), number(params, "longitude")
    if latitude is None or longitude is None:
        return None
    return vector(latitude, longitude)


_LEADS: dict[str, Callable[[Params, Facts], list[Way] | str]] = {
    "takeoff": _climb,
    "change_altitude": _climb,
    "goto": _goto,
    "orbit": _orbit,
    "set_home": _set_home,
    "upload_mission": _upload,
}
