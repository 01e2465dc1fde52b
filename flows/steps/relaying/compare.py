"""Whether a vehicle has the items that it was given, as far as it keeps them at all.

Autopilots keep of an item what they use: where it is, what is done there, and of its parameters
some. What decides where the vehicle flies has to be the same; the rest is told.
"""

from collections.abc import Iterator, Sequence
from math import isclose
from typing import NamedTuple

from flows.ontology.mission_commands import CIRCLES, JUMP, PLACED, PLAIN_FRAMES, POLYGONS
from flows.ontology.missions import Item

# A place comes back to the whole number; from those that know only floats, to some metres.
DEGREES, COARSE_DEGREES = 2e-7, 3e-5
# A height in centimetres, but of rally points, which ArduPilot keeps in metres.
METRES, RALLY_METRES = 0.02, 1.0
RALLY_TYPE, FENCE_TYPE = 2, 1
MOST_TOLD = 8
_FIRST, _FIRST_TWO = ("param1",), ("param1", "param2")
# Parameters without which an item is another one.
_ESSENTIAL = {JUMP: _FIRST_TWO, **dict.fromkeys((*POLYGONS, *CIRCLES), _FIRST)}
_PARAMETERS = ("param1", "param2", "param3", "param4")


class Differences(NamedTuple):
    """What is another, and what is kept otherwise but leads nowhere else; in words."""

    other: list[str]
    kept: list[str]


def differences(
    given: Sequence[Item], read: Sequence[Item], mission_type: int, *, coarse: bool = False
) -> Differences:
    """What differs between the items that were given and those that the vehicle has.

    Args:
        given: the items, without a vehicle's home.
        read: likewise.
        mission_type: MAV_MISSION_TYPE.
        coarse: whether places were told by floats.
    """
    if len(given) != len(read):
        return Differences([f"it has {len(read)} items in place of {len(given)}"], [])
    other: list[str] = []
    kept: list[str] = []
    degrees = COARSE_DEGREES if coarse else DEGREES
    for n, (one, two) in enumerate(zip(given, read, strict=True)):
        other += (f"item {n}: {each}" for each in _other(one, two, mission_type, degrees))
        kept += (f"item {n}: {each}" for each in _kept(one, two))
    return Differences(other[:MOST_TOLD], kept[:MOST_TOLD])


def _other(one: Item, two: Item, mission_type: int, degrees: float) -> Iterator[str]:
    if one.command != two.command:
        yield f"command {two.command} in place of {one.command}"
        return
    for name in _ESSENTIAL.get(one.command, ()):
        if not _same(getattr(one, name), getattr(two, name)):
            yield _told(name, one, two)
    if one.command not in PLACED:
        return
    for name in ("latitude", "longitude"):
        if abs(getattr(one, name) - getattr(two, name)) > degrees:
            yield _told(name, one, two)
    if mission_type == FENCE_TYPE:
        return  # A fence has no heights.
    rally = mission_type == RALLY_TYPE
    if not rally and _frame(one) != _frame(two):
        yield _told("frame", one, two)
    if abs(one.altitude - two.altitude) > _metres(one, rally=rally):
        yield _told("altitude", one, two)


def _metres(item: Item, *, rally: bool) -> float:
    """Floats have seven digits."""
    return RALLY_METRES if rally else METRES + abs(item.altitude) * 2e-7


def _kept(one: Item, two: Item) -> Iterator[str]:
    if one.command != two.command:
        return
    for name in _PARAMETERS:
        if name in _ESSENTIAL.get(one.command, ()):
            continue
        if not _same(getattr(one, name), getattr(two, name)):
            yield _told(name, one, two)
    if one.autocontinue != two.autocontinue:
        yield _told("autocontinue", one, two)


def _same(one: float | None, two: float | None) -> bool:
    """Not-a-number leaves it to the vehicle, which says what it likes of it."""
    return one is None or (two is not None and isclose(one, two, rel_tol=1e-5, abs_tol=1e-5))


def _frame(item: Item) -> int:
    return PLAIN_FRAMES.get(item.frame, item.frame)


def _told(name: str, one: Item, two: Item) -> str:
    return f"{name} {_short(getattr(two, name))} in place of {_short(getattr(one, name))}"


def _short(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.10g}"
