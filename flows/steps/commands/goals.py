"""What a command will be done by: what is to be seen in the telemetry of its vehicle.

Where a vehicle does not tell what it would be seen by, there is no goal, and its answers are
all there is.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec.structs import replace

from flows.ontology.command_facts import Facts
from flows.ontology.command_goals import Goal
from flows.ontology.command_kind import Kind
from flows.ontology.modes import ARDUPILOT, CUSTOM_MODE_ENABLED, PX4, mode
from flows.steps.commands.sphere import distance, vector
from flows.steps.commands.ways import height, number

Params = Mapping[str, Any]


class Near(NamedTuple):
    """How many metres from a place, and from a height, are there."""

    place: float
    height: float


# Aeroplanes circle round where they are sent to.
_NEAR: dict[str, Near] = {
    "aircraft_multirotor": Near(3, 1.5),
    "aircraft_helicopter": Near(4, 2),
    "aircraft_vtol": Near(10, 3),
    "aircraft_fixed_wing": Near(150, 10),
    "aircraft_airship": Near(25, 6),
    "ground_vehicle_wheeled": Near(3, 1e9),
    "ground_vehicle_tracked": Near(3, 1e9),
    "surface_vessel_usv": Near(6, 1e9),
    "underwater_vehicle": Near(5, 1.5),
}
_OTHER = Near(5, 3)
_FALLING_SHORT = 0.05  # Of a climb; vehicles settle a little below.


def begin(kind: Kind, params: Params, facts: Facts | None, accepted_us: int = 0) -> Goal | None:
    """What a command will be done by; None where no telemetry can tell.

    Args:
        kind: the kind of the command.
        params: its checked parameters.
        facts: the newest of its entity.
        accepted_us: when the stream took the answer that accepted it, microseconds UTC.
    """
    goal = _GOALS.get(kind.name)
    return None if goal is None or facts is None else goal(params, facts, accepted_us)


def _takeoff(params: Params, facts: Facts, after_us: int) -> Goal | None:
    altitude = number(params, "altitude")
    if altitude is None or facts.altitude_relative is None:
        return None
    short = max(0.5, altitude * _FALLING_SHORT)
    begun = facts.altitude_relative
    return Goal("climbed", after_us, above=altitude, level=short, begun=begun)


def _change_altitude(params: Params, facts: Facts, after_us: int) -> Goal | None:
    to = height(params, facts)
    seen = facts.altitude_relative if to.above is not None else facts.altitude_msl
    if seen is None:
        return None
    return Goal(
        "height", after_us, above=to.above, sea=to.sea, level=_near(facts).height, begun=seen
    )  # fmt: skip


def _goto(params: Params, facts: Facts, after_us: int) -> Goal | None:
    latitude, longitude = number(params, "latitude"), number(params, "longitude")
    if latitude is None or longitude is None:
        return None
    asked = number(params, "altitude") is not None
    to = height(params, facts)
    return _at(
        latitude, longitude, facts, after_us,
        above=to.above if asked else None, sea=to.sea if asked else None,
    )  # fmt: skip


def _at(latitude: float, longitude: float, facts: Facts, after_us: int, **to: Any) -> Goal | None:
    if facts.latitude is None or facts.longitude is None:
        return None
    near = _near(facts)
    begun = distance(vector(facts.latitude, facts.longitude), vector(latitude, longitude))
    there = Goal("place", after_us, latitude, longitude, near=near.place, level=near.height)
    return replace(there, begun=begun, **to)


def _land(_: Params, facts: Facts, after_us: int) -> Goal | None:
    if facts.grounded is None and facts.armed is None:
        return None
    return Goal("landed", after_us, begun=facts.altitude_relative)


def _return(_: Params, facts: Facts, after_us: int) -> Goal | None:
    """An aeroplane circles over home, and what does not fly stands there."""
    lands = facts.entity_type.startswith("aircraft_")
    if lands and facts.entity_type != "aircraft_fixed_wing":
        return None if facts.armed is None else Goal("returned", after_us)
    if facts.home_latitude is None or facts.home_longitude is None:
        return None
    return _at(facts.home_latitude, facts.home_longitude, facts, after_us)


def _start_mission(_: Params, facts: Facts, after_us: int) -> Goal | None:
    return Goal("items", after_us) if facts.mission_state or facts.mission_total else None


def _arm(_: Params, facts: Facts, after_us: int) -> Goal | None:
    return None if facts.armed is None else Goal("armed", after_us, armed=True)


def _disarm(_: Params, facts: Facts, after_us: int) -> Goal | None:
    return None if facts.armed is None else Goal("armed", after_us, armed=False)


def _set_mode(params: Params, facts: Facts, after_us: int) -> Goal | None:
    """Only by a name that the vehicle itself would tell."""
    wanted = str(params.get("mode", ""))[:64].strip().upper()
    if wanted not in _modes(facts.autopilot or 0, facts.vehicle_type or 0):
        return None
    return Goal("mode", after_us, mode=wanted)


@lru_cache(256)
def _modes(autopilot: int, mav_type: int) -> frozenset[str]:
    """The names of an autopilot's modes."""
    if autopilot == PX4:
        codes = [main << 16 | sub << 24 for main in range(16) for sub in range(32)]
    elif autopilot == ARDUPILOT:
        codes = [*range(64)]
    else:
        return frozenset()
    named = {mode(autopilot, mav_type, CUSTOM_MODE_ENABLED, code) for code in codes}
    return frozenset(each for each in named if not each.startswith("Mode("))


def _near(facts: Facts) -> Near:
    return _NEAR.get(facts.entity_type, _OTHER)


_GOALS: dict[str, Callable[[Params, Facts, int], Goal | None]] = {
    "takeoff": _takeoff,
    "change_altitude": _change_altitude,
    "goto": _goto,
    "land": _land,
    "return": _return,
    "start_mission": _start_mission,
    "arm": _arm,
    "disarm": _disarm,
    "set_mode": _set_mode,
}
