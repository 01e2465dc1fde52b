"""The flight modes that can be commanded, by autopilot, and what a vehicle does in each."""

from enum import Enum, auto
from typing import NamedTuple

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.row import Kind, Row


class Doing(Enum):
    """What a vehicle is about, whatever its autopilot calls it."""

    BY_HAND = auto()  # Nobody has the sticks of a simulated one: it stays.
    HOLD = auto()
    GUIDED = auto()
    TAKEOFF = auto()
    MISSION = auto()
    RETURN = auto()
    LAND = auto()
    ORBIT = auto()


class Way(NamedTuple):
    """A mode: HEARTBEAT's custom_mode, what is done, whether motors may be started in it."""

    number: int
    doing: Doing
    armable: bool = True


def _px4(main: int, sub: int = 0) -> int:
    return main << 16 | sub << 24


OFFBOARD = _px4(6)
_COPTER = (
    Way(0, Doing.BY_HAND), Way(2, Doing.BY_HAND), Way(3, Doing.MISSION), Way(4, Doing.GUIDED),
    Way(5, Doing.HOLD), Way(6, Doing.RETURN, armable=False), Way(9, Doing.LAND, armable=False),
    Way(16, Doing.HOLD), Way(17, Doing.HOLD, armable=False),
    Way(21, Doing.RETURN, armable=False),
)  # fmt: skip
_PLANE = (
    Way(0, Doing.BY_HAND), Way(2, Doing.BY_HAND), Way(5, Doing.BY_HAND), Way(6, Doing.BY_HAND),
    Way(7, Doing.BY_HAND), Way(10, Doing.MISSION), Way(11, Doing.RETURN, armable=False),
    Way(12, Doing.HOLD, armable=False), Way(13, Doing.TAKEOFF), Way(15, Doing.GUIDED),
)  # fmt: skip
_QUADPLANE = (
    *_PLANE, Way(17, Doing.BY_HAND), Way(18, Doing.BY_HAND), Way(19, Doing.HOLD),
    Way(20, Doing.LAND, armable=False), Way(21, Doing.RETURN, armable=False),
)  # fmt: skip
_ROVER = (
    Way(0, Doing.BY_HAND), Way(1, Doing.BY_HAND), Way(3, Doing.BY_HAND), Way(4, Doing.HOLD),
    Way(5, Doing.HOLD), Way(10, Doing.MISSION), Way(11, Doing.RETURN, armable=False),
    Way(12, Doing.RETURN, armable=False), Way(15, Doing.GUIDED),
)  # fmt: skip
_PX4 = (
    Way(_px4(1), Doing.BY_HAND), Way(_px4(2), Doing.BY_HAND), Way(_px4(3), Doing.BY_HAND),
    Way(_px4(5), Doing.BY_HAND), Way(_px4(7), Doing.BY_HAND), Way(_px4(3, 1), Doing.ORBIT),
    Way(_px4(4, 2), Doing.TAKEOFF), Way(_px4(4, 3), Doing.HOLD), Way(_px4(4, 4), Doing.MISSION),
    Way(_px4(4, 5), Doing.RETURN, armable=False), Way(_px4(4, 6), Doing.LAND, armable=False),
    Way(OFFBOARD, Doing.GUIDED),
)  # fmt: skip
_ARDUPILOT = {
    Kind.COPTER: _COPTER,
    Kind.PLANE: _PLANE,
    Kind.VTOL: _QUADPLANE,
    Kind.ROVER: _ROVER,
    Kind.BOAT: _ROVER,
}
# The mode that a command means, where a kind of vehicle has several that do the same.
_MEANT = {
    (Kind.COPTER, Doing.HOLD): 5,
    (Kind.COPTER, Doing.BY_HAND): 0,
    (Kind.PLANE, Doing.BY_HAND): 0,
    (Kind.VTOL, Doing.BY_HAND): 17,
    (Kind.VTOL, Doing.HOLD): 19,
    (Kind.VTOL, Doing.RETURN): 21,
    (Kind.ROVER, Doing.BY_HAND): 0,
    (Kind.BOAT, Doing.BY_HAND): 0,
}


def is_px4(row: Row) -> bool:
    return bool(row.autopilot == mavlink.MAV_AUTOPILOT_PX4)


def ways(row: Row) -> tuple[Way, ...]:
    """The modes of a vehicle."""
    return _PX4 if is_px4(row) else _ARDUPILOT[row.kind]


def numbered(row: Row, number: int) -> Way | None:
    """The mode of that custom_mode, or None where the vehicle has none."""
    return next((way for way in ways(row) if way.number == number), None)


def doing(row: Row, what: Doing) -> Way | None:
    """The mode in which a vehicle does that, or None where it has none."""
    if is_px4(row) and what is Doing.BY_HAND:
        return numbered(row, _px4(3))
    meant = None if is_px4(row) else _MEANT.get((row.kind, what))
    if meant is not None:
        return numbered(row, meant)
    return next((way for way in ways(row) if way.doing is what), None)
