"""What a vehicle is to whoever commands it: which firmware flies what."""

from enum import Enum, auto

from flows.ontology.modes import ARDUPILOT, PX4, numbered
from flows.ontology.relayed import Order, Vehicle
from flows.steps.relaying.order import CUSTOM_MODE, SET_MODE_ID, long

DO_SET_MODE = 176


class Craft(Enum):
    """How it moves, as far as that makes a difference to its autopilot."""

    COPTER = auto()
    PLANE = auto()
    VTOL = auto()
    ROVER = auto()
    BOAT = auto()
    SUBMARINE = auto()
    AIRSHIP = auto()
    OTHER = auto()


# By MAV_TYPE.
_CRAFTS: dict[int, Craft] = {
    **dict.fromkeys((2, 3, 4, 13, 14, 15, 29, 35, 43), Craft.COPTER),
    **dict.fromkeys((1, 28), Craft.PLANE),
    **dict.fromkeys((*range(19, 26), 47), Craft.VTOL),
    10: Craft.ROVER,
    11: Craft.BOAT,
    12: Craft.SUBMARINE,
    7: Craft.AIRSHIP,
}
_AUTOPILOTS = {ARDUPILOT: "ArduPilot", PX4: "PX4"}


def craft(vehicle: Vehicle) -> Craft:
    return _CRAFTS.get(vehicle.mav_type, Craft.OTHER)


def autopilot(vehicle: Vehicle) -> str:
    """The autopilot's name, as sentences have it."""
    return _AUTOPILOTS.get(vehicle.autopilot, "this autopilot")


def enter(vehicle: Vehicle, mode: str, *, needed: bool = True) -> Order | None:
    """The order to change over to a flight mode, or None where the vehicle has none of that name.

    SET_MODE is what ArduPilots of long ago know.
    """
    code = numbered(vehicle.autopilot, vehicle.mav_type, mode)
    if code is None:
        return None
    if vehicle.autopilot == PX4:
        main, sub = code >> 16 & 0xFF, code >> 24 & 0xFF
        return long(DO_SET_MODE, CUSTOM_MODE, main, sub, needed=needed)
    fields = {"base_mode": int(CUSTOM_MODE), "custom_mode": code}
    older = Order("SET_MODE", fields, SET_MODE_ID, needed=needed)
    return long(DO_SET_MODE, CUSTOM_MODE, code, needed=needed, instead=[older])
