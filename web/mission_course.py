"""The course of a mission: its items that are places in their turn, how far and how high."""

from collections.abc import Iterator

import msgspec

from flows.ontology.mission_commands import ANYWHERE, GLOBAL, HOME, PATH, SEA
from flows.ontology.mission_places import metres
from flows.ontology.missions import Item
from flows.ontology.stored_missions import Home, Mission


class Stop(msgspec.Struct, frozen=True):
    """An item that the vehicle goes to. Degrees and metres.

    ``longitude`` goes on beyond 180 degrees where the course crosses the antimeridian, so that
    the line from stop to stop is the short one. ``height`` is above home, None where that is
    not known; ``away`` is how far it has come by then.
    """

    number: int
    item: Item
    latitude: float
    longitude: float
    height: float | None
    away: float


def course(mission: Mission) -> list[Stop]:
    """The stops of a mission. A takeoff without a place is at home, if that is known."""
    return [*_stops(mission)]


def _stops(mission: Mission) -> Iterator[Stop]:
    last: Stop | None = None
    for number, item in enumerate(mission.items):
        if item.command not in PATH or item.frame not in GLOBAL:
            continue
        place = _place(item, last, mission.home)
        if place is None:
            continue
        latitude, longitude = place
        away = 0.0
        if last is not None:
            longitude = beside(longitude, last.longitude)
            away = last.away + metres(last, Home(latitude, place[1]))
        last = Stop(number, item, latitude, longitude, height(item, mission.home), away)
        yield last


def height(item: Item, home: Home | None) -> float | None:
    """Metres above home; None where nobody knows."""
    if item.frame == HOME:
        return item.altitude
    if item.frame == SEA and home is not None:
        return item.altitude - home.altitude
    return None


def beside(longitude: float, other: float) -> float:
    """A longitude as it is seen from another, no more than half the world away."""
    return longitude + round((other - longitude) / 360) * 360


def _place(item: Item, last: Stop | None, home: Home | None) -> tuple[float, float] | None:
    """Where it is: at zero and zero some are where the vehicle is by then."""
    nowhere = item.latitude == 0 and item.longitude == 0
    if not (nowhere and item.command in ANYWHERE):
        return item.latitude, item.longitude
    if last is not None:
        return last.latitude, last.longitude
    return None if home is None else (home.latitude, home.longitude)
