"""What files of missions have in common: numbers as they must be, or else a sentence why not."""

import math
from typing import Any

import msgspec

from flows.ontology.mission_remarks import MOST_REMARKS
from flows.ontology.missions import Item
from flows.ontology.stored_missions import Mission, plain

LARGEST = 3.4e38


class Unreadable(ValueError):
    """What is wrong with a part of a file, in one sentence without a full stop."""


class Read(msgspec.Struct, frozen=True):
    """The mission of a file; None where there are ``faults``, each a sentence."""

    mission: Mission | None
    faults: list[str]


def done(mission: Mission | None, faults: list[str]) -> Read:
    """What has been read, if nothing is wrong with it."""
    if faults or mission is None:
        return Read(None, faults[:MOST_REMARKS])
    return Read(plain(mission), [])


def number(said: Any, what: str) -> float:
    """A number that a parameter can be. Raises Unreadable."""
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise Unreadable(f"{what} is no number")
    if not abs(said) <= LARGEST or not math.isfinite(said):
        raise Unreadable(f"{what} is too large")
    return float(said)


def maybe(said: Any, what: str) -> float | None:
    """As ``number``; null is left to the vehicle."""
    return None if said is None else number(said, what)


def whole(said: Any, what: str, most: int) -> int:
    """A whole number from 0 to ``most``. Raises Unreadable."""
    found = number(said, what)
    if not found.is_integer() or not 0 <= found <= most:
        raise Unreadable(f"{what} is no whole number from 0 to {most}")
    return int(found)


def placed(what: str, said: Any, most: int = 2) -> list[float]:
    """Latitude, longitude, and an altitude where ``most`` is 3. Raises Unreadable."""
    if not isinstance(said, list) or len(said) < 2:
        raise Unreadable(f"{what} has no latitude and longitude")
    names = ("latitude", "longitude", "altitude")
    found = [
        number(each if each is not None else 0.0, f"the {name} of {what}")
        for name, each in zip(names, said[:most], strict=False)
    ]
    if abs(found[0]) > 90 or abs(found[1]) > 180:
        raise Unreadable(f"{what} is not on the Earth")
    return found + [0.0] * (most - len(found))


def edge(command: int, frame: int, place: list[float], param1: float = 0.0) -> Item:
    """An item of a fence, or a rally point."""
    latitude, longitude, *rest = place
    return Item(
        command=command,
        frame=frame,
        param1=param1,
        param4=0.0,
        latitude=latitude,
        longitude=longitude,
        altitude=rest[0] if rest else 0.0,
    )
