"""Which flight mode a firmware is in, and its number, in each phase of a flight.

ArduPilot numbers modes by vehicle (``Mode::Number`` of each firmware). PX4 packs a main
mode into the third byte and a sub mode into the fourth (``px4_custom_mode.h``).
"""

from typing import NamedTuple

from connectors.simulator.stages import Phase


class Mode(NamedTuple):
    """The name that people know, and HEARTBEAT's custom_mode."""

    name: str
    number: int


Modes = dict[Phase, Mode]

_PX4_MANUAL_POSITION, _PX4_AUTOMATIC = 3, 4


def _px4(name: str, sub: int) -> Mode:
    return Mode(name, _PX4_AUTOMATIC << 16 | sub << 24)


COPTER: Modes = {
    Phase.PARKED: Mode("STABILIZE", 0),
    Phase.READY: Mode("LOITER", 5),
    Phase.TAKEOFF: Mode("GUIDED", 4),
    Phase.MISSION: Mode("AUTO", 3),
    Phase.HOLD: Mode("AUTO", 3),
    Phase.RETURN: Mode("RTL", 6),
    Phase.LANDING: Mode("LAND", 9),
}
PLANE: Modes = {
    Phase.PARKED: Mode("MANUAL", 0),
    Phase.READY: Mode("FBWA", 5),
    Phase.TAKEOFF: Mode("TAKEOFF", 13),
    Phase.MISSION: Mode("AUTO", 10),
    Phase.HOLD: Mode("LOITER", 12),
    Phase.RETURN: Mode("RTL", 11),
    Phase.LANDING: Mode("AUTO", 10),
}
QUADPLANE: Modes = PLANE | {
    Phase.PARKED: Mode("QSTABILIZE", 17),
    Phase.READY: Mode("QLOITER", 19),
    Phase.TAKEOFF: Mode("GUIDED", 15),
    Phase.RETURN: Mode("QRTL", 21),
    Phase.LANDING: Mode("QLAND", 20),
}
ROVER: Modes = {
    Phase.PARKED: Mode("HOLD", 4),
    Phase.READY: Mode("HOLD", 4),
    Phase.MISSION: Mode("AUTO", 10),
    Phase.HOLD: Mode("LOITER", 5),
    Phase.RETURN: Mode("RTL", 11),
}
PX4: Modes = {
    Phase.PARKED: Mode("POSCTL", _PX4_MANUAL_POSITION << 16),
    Phase.READY: Mode("POSCTL", _PX4_MANUAL_POSITION << 16),
    Phase.TAKEOFF: _px4("TAKEOFF", 2),
    Phase.MISSION: _px4("MISSION", 4),
    Phase.HOLD: _px4("LOITER", 3),
    Phase.RETURN: _px4("RTL", 5),
    Phase.LANDING: _px4("LAND", 6),
}

# Phases in which a person has the sticks; in all others the autopilot flies itself.
BY_HAND = frozenset((Phase.PARKED, Phase.READY))
