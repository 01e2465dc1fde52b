"""Mission items in the words of MAVLink's mission protocol, as a vehicle numbers them.

ArduPilot's item 0 is home, which ours have not: there all others are one further, and so are
the numbers to which items jump.
"""

import math
import struct
import zlib
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from flows.ontology.mission_commands import JUMP, PLACED, WAYPOINT
from flows.ontology.missions import Item
from flows.ontology.modes import ARDUPILOT
from flows.ontology.relayed import Vehicle
from flows.ontology.telemetry import Envelope

_LARGEST = 2**31 - 1
_GLOBAL = frozenset((0, 3, 5, 6, 10, 11))
_MISSION_FRAME = 2  # Of what is no place: its numbers are as they are.
_PARAMETERS = ("param1", "param2", "param3", "param4")
_convert = msgspec.convert


def spare(vehicle: Vehicle, mission_type: int) -> int:
    """How many items the vehicle has before ours."""
    return int(vehicle.autopilot == ARDUPILOT and mission_type == 0)


def theirs(items: list[Item], vehicle: Vehicle, mission_type: int) -> list[Item]:
    """Our items as the vehicle is to have them."""
    if not spare(vehicle, mission_type):
        return items
    return [_home(items, vehicle), *(_jumping(each, 1) for each in items)]


def ours(items: list[Item], shift: int) -> list[Item]:
    """The vehicle's items as we have them, if it has so many before."""
    return [_jumping(each, -shift) for each in items[shift:]]


def _home(items: list[Item], vehicle: Vehicle) -> Item:
    """It is not believed by those that know where they are."""
    if vehicle.latitude is not None and vehicle.longitude is not None:
        above = vehicle.home_msl or 0.0
        return _waypoint(vehicle.latitude, vehicle.longitude, above)
    first = next((each for each in items if each.command in PLACED), None)
    return _waypoint(first.latitude, first.longitude, 0.0) if first else _waypoint(0.0, 0.0, 0.0)


def _waypoint(latitude: float, longitude: float, altitude: float) -> Item:
    return Item(
        command=WAYPOINT, frame=0, param4=0.0,
        latitude=latitude, longitude=longitude, altitude=altitude,
    )  # fmt: skip


def _jumping(item: Item, shift: int) -> Item:
    if item.command != JUMP or item.param1 is None or not shift:
        return item
    return replace(item, param1=item.param1 + shift)


def words(item: Item, number: int, mission_type: int, *, whole: bool = True) -> dict[str, Any]:
    """The fields of MISSION_ITEM_INT; of MISSION_ITEM if places are no ``whole`` numbers."""
    x, y = item.latitude, item.longitude
    scale = _scale(item.frame) if whole else 1.0
    place = (_scaled(x, scale), _scaled(y, scale)) if whole else (x, y)
    return {
        "seq": number, "frame": item.frame, "command": item.command, "current": int(number == 0),
        "autocontinue": int(item.autocontinue), "param1": item.param1, "param2": item.param2,
        "param3": item.param3, "param4": item.param4, "x": place[0], "y": place[1],
        "z": item.altitude, "mission_type": mission_type,
    }  # fmt: skip


def read(said: Envelope) -> Item | None:
    """The item of a MISSION_ITEM_INT or MISSION_ITEM; None of what is none."""
    data, whole = said.data, said.message_type == "MISSION_ITEM_INT"
    frame = data.get("frame")
    scale = _scale(frame) if whole and type(frame) is int else 1.0
    try:
        return _convert(
            {
                "command": data.get("command"), "frame": frame,
                **{name: data.get(name) for name in _PARAMETERS},
                "latitude": _number(data.get("x")) / scale,
                "longitude": _number(data.get("y")) / scale,
                "altitude": _number(data.get("z")),
                "autocontinue": bool(data.get("autocontinue")),
            },
            Item,
        )  # fmt: skip
    except (msgspec.ValidationError, OverflowError):
        return None


def crc32(items: Iterable[Item]) -> int:
    """The checksum of MISSION_CHECKSUM, over items without home.

    https://mavlink.io/en/messages/development.html#MISSION_CHECKSUM: CRC-32 that begins and ends
    with nothing, as that of MAVLink's files.
    """
    told = 0xFFFF_FFFF
    for each in items:
        told = zlib.crc32(_packed(each), told)
    return told ^ 0xFFFF_FFFF


def _packed(item: Item) -> bytes:
    params = (math.nan if each is None else each for each in _params(item))
    place = item.latitude, item.longitude, item.altitude
    return struct.pack("<BHB7f", item.frame, item.command, item.autocontinue, *params, *place)


def _params(item: Item) -> tuple[float | None, ...]:
    return item.param1, item.param2, item.param3, item.param4


def _scale(frame: int) -> float:
    """What whole numbers are parts of: 1e-7 degrees, 1e-4 metres, or nothing."""
    return 1e7 if frame in _GLOBAL else 1.0 if frame == _MISSION_FRAME else 1e4


def _scaled(value: float, scale: float) -> int:
    return round(max(-_LARGEST, min(_LARGEST, value * scale)))


def _number(value: object) -> float:
    """Not-a-number of a place is nowhere in particular."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0
