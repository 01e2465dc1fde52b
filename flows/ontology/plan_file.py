"""QGroundControl's ``.plan`` files: a mission, a fence and rally points as JSON.

https://docs.qgroundcontrol.com/master/en/qgc-dev-guide/file_formats/plan.html
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from flows.ontology.mission_file import Read, Unreadable, done, number, placed, whole
from flows.ontology.plan_edges import read_fence, read_rally, write_fence, write_rally
from flows.ontology.plan_items import read_items, write_item
from flows.ontology.stored_missions import Home, Mission

T = TypeVar("T")

FILE_TYPE = "Plan"
# What QGroundControl wants to be told of, where nobody has said it.
CRUISE_M_S, HOVER_M_S = 15.0, 5.0
_MOST_M_S, _MOST_TYPE = 1000.0, 255
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError)


def read_plan(data: bytes) -> Read:
    """The mission of a file, or everything that is wrong with it."""
    try:
        said = msgspec.json.decode(data)
    except _UNREADABLE as error:
        return done(None, [f"it is no JSON: {error}"])
    if not isinstance(said, dict) or said.get("fileType") != FILE_TYPE:
        return done(None, ['it is no plan: its fileType is not "Plan"'])
    mission = said.get("mission")
    if not isinstance(mission, dict):
        return done(None, ["it has no mission"])
    items, faults = read_items(mission.get("items"))
    fence, wrong = read_fence(said.get("geoFence"))
    rally, wrong_too = read_rally(said.get("rallyPoints"))
    faults += [*wrong, *wrong_too]

    def told(read: Callable[[dict[str, Any]], T], nothing: T) -> T:
        try:
            return read(mission)
        except Unreadable as fault:
            faults.append(str(fault))
            return nothing

    read = Mission(
        items=items,
        fence=fence,
        rally=rally,
        home=told(_home, None),
        cruise_speed=told(lambda each: _speed(each, "cruiseSpeed", CRUISE_M_S), 0.0),
        hover_speed=told(lambda each: _speed(each, "hoverSpeed", HOVER_M_S), 0.0),
        autopilot=told(lambda each: _type(each, "firmwareType"), 0),
        vehicle=told(lambda each: _type(each, "vehicleType"), 0),
    )
    return done(read, faults)


def write_plan(mission: Mission) -> bytes:
    """The file of a mission."""
    home = mission.home or Home(0.0, 0.0)
    said = {
        "fileType": FILE_TYPE,
        "version": 1,
        "groundStation": "QGroundControl",
        "mission": {
            "version": 2,
            "firmwareType": mission.autopilot,
            "vehicleType": mission.vehicle,
            "cruiseSpeed": mission.cruise_speed or CRUISE_M_S,
            "hoverSpeed": mission.hover_speed or HOVER_M_S,
            "globalPlanAltitudeMode": 0,
            "plannedHomePosition": [home.latitude, home.longitude, home.altitude],
            "items": [write_item(n, each) for n, each in enumerate(mission.items)],
        },
        "geoFence": write_fence(mission.fence),
        "rallyPoints": write_rally(mission.rally),
    }
    return msgspec.json.format(msgspec.json.encode(said), indent=4)


def _home(mission: dict[str, Any]) -> Home | None:
    """Zero and zero is what is said where home is not known."""
    said = mission.get("plannedHomePosition")
    if said is None:
        return None
    latitude, longitude, altitude = placed("home", said, 3)
    if latitude == 0 and longitude == 0:
        return None
    if not -1000 <= altitude <= 100_000:
        raise Unreadable("the altitude of home is not on the Earth")
    return Home(latitude, longitude, altitude)


def _speed(mission: dict[str, Any], name: str, usual: float) -> float:
    """A speed; what is said of all vehicles is said of none."""
    speed = number(mission.get(name, 0.0), name)
    if not 0 <= speed <= _MOST_M_S:
        raise Unreadable(f"{name} is not from 0 to {_MOST_M_S:g} m/s")
    return 0.0 if speed == usual else speed


def _type(mission: dict[str, Any], name: str) -> int:
    return whole(mission.get(name, 0), name, _MOST_TYPE)
