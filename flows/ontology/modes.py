"""Flight modes by autopilot and vehicle type.

ArduPilot numbers its modes by vehicle (the ``Mode::Number`` enumerations of each
vehicle's firmware); PX4 packs a main mode into the third byte of ``custom_mode``
and a sub mode into the fourth (``px4_custom_mode.h``).
"""

from functools import lru_cache

ARDUPILOT = 3  # MAV_AUTOPILOT_ARDUPILOTMEGA
PX4 = 12  # MAV_AUTOPILOT_PX4
CUSTOM_MODE_ENABLED = 1  # MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
SAFETY_ARMED = 128  # MAV_MODE_FLAG_SAFETY_ARMED

_COPTER = {
    0: "STABILIZE",
    1: "ACRO",
    2: "ALT_HOLD",
    3: "AUTO",
    4: "GUIDED",
    5: "LOITER",
    6: "RTL",
    7: "CIRCLE",
    8: "POSITION",
    9: "LAND",
    10: "OF_LOITER",
    11: "DRIFT",
    13: "SPORT",
    14: "FLIP",
    15: "AUTOTUNE",
    16: "POSHOLD",
    17: "BRAKE",
    18: "THROW",
    19: "AVOID_ADSB",
    20: "GUIDED_NOGPS",
    21: "SMART_RTL",
    22: "FLOWHOLD",
    23: "FOLLOW",
    24: "ZIGZAG",
    25: "SYSTEMID",
    26: "AUTOROTATE",
    27: "AUTO_RTL",
    28: "TURTLE",
    29: "RATE_ACRO",
}

_PLANE = {
    0: "MANUAL",
    1: "CIRCLE",
    2: "STABILIZE",
    3: "TRAINING",
    4: "ACRO",
    5: "FBWA",
    6: "FBWB",
    7: "CRUISE",
    8: "AUTOTUNE",
    10: "AUTO",
    11: "RTL",
    12: "LOITER",
    13: "TAKEOFF",
    14: "AVOID_ADSB",
    15: "GUIDED",
    16: "INITIALISING",
    17: "QSTABILIZE",
    18: "QHOVER",
    19: "QLOITER",
    20: "QLAND",
    21: "QRTL",
    22: "QAUTOTUNE",
    23: "QACRO",
    24: "THERMAL",
    25: "LOITERALTQLAND",
    26: "AUTOLAND",
}

_ROVER = {
    0: "MANUAL",
    1: "ACRO",
    2: "LEARNING",
    3: "STEERING",
    4: "HOLD",
    5: "LOITER",
    6: "FOLLOW",
    7: "SIMPLE",
    8: "DOCK",
    9: "CIRCLE",
    10: "AUTO",
    11: "RTL",
    12: "SMART_RTL",
    15: "GUIDED",
    16: "INITIALISING",
}

_SUBMARINE = {
    0: "STABILIZE",
    1: "ACRO",
    2: "ALT_HOLD",
    3: "AUTO",
    4: "GUIDED",
    7: "CIRCLE",
    9: "SURFACE",
    16: "POSHOLD",
    19: "MANUAL",
}

_AIRSHIP = {
    0: "LAND",
    1: "MANUAL",
    2: "VELOCITY",
    3: "LOITER",
    4: "RTL",
    5: "AUTO",
    6: "HOLD",
}

_TRACKER = {
    0: "MANUAL",
    1: "STOP",
    2: "SCAN",
    4: "GUIDED",
    10: "AUTO",
    16: "INITIALISING",
}

# MAV_TYPE to the modes of the ArduPilot firmware that flies it.
_ARDUPILOT_MODES = {
    **dict.fromkeys((2, 3, 4, 13, 14, 15, 29, 35), _COPTER),
    **dict.fromkeys((1, 19, 20, 21, 22, 23, 24, 25), _PLANE),
    **dict.fromkeys((10, 11), _ROVER),
    5: _TRACKER,
    7: _AIRSHIP,
    12: _SUBMARINE,
}

_PX4_MAIN = {
    1: "MANUAL",
    2: "ALTCTL",
    3: "POSCTL",
    5: "ACRO",
    6: "OFFBOARD",
    7: "STABILIZED",
    8: "RATTITUDE",
    9: "SIMPLE",
    10: "TERMINATION",
    11: "ALTITUDE_CRUISE",
}
# Main modes that have sub modes: of the third, none is a mode, too.
_PX4_POSITION = {
    1: "ORBIT",
    2: "POSITION_SLOW",
}
_PX4_AUTO = {
    1: "READY",
    2: "TAKEOFF",
    3: "LOITER",
    4: "MISSION",
    5: "RTL",
    6: "LAND",
    7: "RTGS",
    8: "FOLLOWME",
    9: "PRECLAND",
    10: "VTOL_TAKEOFF",
    **{number + 10: f"EXTERNAL{number}" for number in range(1, 9)},
}
_PX4_SUB = {3: _PX4_POSITION, 4: _PX4_AUTO}
# What people call modes of PX4, as ground stations do.
_PX4_WORDS = {
    "Altitude": "ALTCTL",
    "Position": "POSCTL",
    "Hold": "LOITER",
    "Return": "RTL",
    "Follow Me": "FOLLOWME",
    "Precision Land": "PRECLAND",
}

# MAV_MODE_FLAG, of autopilots that number no modes; the first that is set tells the mode.
_FLAGS = (
    (4, "AUTO"),
    (8, "GUIDED"),
    (16, "STABILIZE"),
    (64, "MANUAL"),
    (2, "TEST"),
)


def mode(autopilot: int, mav_type: int, base_mode: int, custom_mode: int) -> str:
    """The name of a flight mode; where no table has it, its number as ``Mode(17)``."""
    if autopilot == PX4:
        main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
        name = _PX4_SUB.get(main, {}).get(sub) or _PX4_MAIN.get(main)
        return name or f"Mode({main}.{sub})"
    if not base_mode & CUSTOM_MODE_ENABLED:
        named = (name for flag, name in _FLAGS if base_mode & flag)
        return next(named, f"Mode(0x{base_mode:08x})")
    modes = _ARDUPILOT_MODES.get(mav_type, {}) if autopilot == ARDUPILOT else {}
    return modes.get(custom_mode, f"Mode({custom_mode})")


def numbered(autopilot: int, mav_type: int, name: str) -> int | None:
    """The ``custom_mode`` of a flight mode, by its name as ``mode`` tells it or nearly so.

    None where the autopilot numbers no modes, or has none of that name for such a vehicle.
    """
    return _numbers(autopilot, mav_type).get(_plain(name))


def _plain(name: str) -> str:
    """``Alt Hold`` and ``ALT_HOLD`` are one name."""
    return "".join(letter for letter in name[:64].casefold() if letter.isalnum())


@lru_cache(256)
def _numbers(autopilot: int, mav_type: int) -> dict[str, int]:
    if autopilot == ARDUPILOT:
        return {_plain(name): code for code, name in _ARDUPILOT_MODES.get(mav_type, {}).items()}
    if autopilot != PX4:
        return {}
    mains = {_plain(name): main << 16 for main, name in _PX4_MAIN.items()}
    subs = {
        _plain(name): main << 16 | sub << 24
        for main, names in _PX4_SUB.items()
        for sub, name in names.items()
    }
    named = mains | subs
    return {_plain(word): named[_plain(name)] for word, name in _PX4_WORDS.items()} | named
