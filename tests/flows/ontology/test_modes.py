"""Flight modes, against the tables of pymavlink, which nobody here wrote."""

import pytest
from pymavlink import mavutil
from pymavlink.dialects.v20 import all as dialect

from flows.ontology.modes import (
    ARDUPILOT,
    CUSTOM_MODE_ENABLED,
    PX4,
    SAFETY_ARMED,
    mode,
    numbered,
)

TYPES = sorted(set(dialect.enums["MAV_TYPE"]) - {dialect.MAV_TYPE_ENUM_END})
# A VTOL that the number is reserved for is flown by ArduPlane like the others.
RESERVED = range(22, 26)
# PX4 has these (px4_custom_mode.h); pymavlink's table does not know them.
PX4_ONLY = {
    (3, 1): "ORBIT",
    (3, 2): "POSITION_SLOW",
    (4, 1): "READY",
    (4, 9): "PRECLAND",
    (4, 10): "VTOL_TAKEOFF",
    **{(4, 10 + number): f"EXTERNAL{number}" for number in range(1, 9)},
    **{(9, sub): "SIMPLE" for sub in range(256)},
    **{(10, sub): "TERMINATION" for sub in range(256)},
    **{(11, sub): "ALTITUDE_CRUISE" for sub in range(256)},
}


@pytest.mark.parametrize("mav_type", TYPES)
def test_ardupilot_modes_are_those_of_the_vehicle(mav_type: int) -> None:
    """Not the copter's for all; a number that no table has is shown as a number."""
    like = dialect.MAV_TYPE_VTOL_QUADROTOR if mav_type in RESERVED else mav_type
    table = mavutil.mode_mapping_bynumber(like) or {}

    for custom_mode in range(64):
        expected = table.get(custom_mode, f"Mode({custom_mode})")
        assert mode(ARDUPILOT, mav_type, CUSTOM_MODE_ENABLED, custom_mode) == expected


@pytest.mark.parametrize("base_mode", [0, CUSTOM_MODE_ENABLED, CUSTOM_MODE_ENABLED | SAFETY_ARMED])
def test_px4_modes_are_unpacked(base_mode: int) -> None:
    """Main and sub mode, whatever the vehicle; base mode says nothing there."""
    for main in range(16):
        for sub in range(32):
            theirs = mavutil.interpret_px4_mode(base_mode, main << 16 | sub << 24)
            unknown = f"Mode({main}.{sub})" if theirs == "UNKNOWN" else theirs
            expected = PX4_ONLY.get((main, sub), unknown)
            assert mode(PX4, 2, base_mode, main << 16 | sub << 24) == expected


@pytest.mark.parametrize("autopilot", [0, 1, 4, 8, 18, 255])
def test_other_autopilots_have_numbers(autopilot: int) -> None:
    """Nobody's table is put on a stranger."""
    assert mode(autopilot, 2, CUSTOM_MODE_ENABLED, 4) == "Mode(4)"
    assert mode(autopilot, 2, 0x20, 4) == "Mode(0x00000020)"


@pytest.mark.parametrize("autopilot", [0, ARDUPILOT, 18])
@pytest.mark.parametrize("word", ["AUTO", "GUIDED", "STABILIZE", "MANUAL"])
@pytest.mark.parametrize("state", ["ARMED", "DISARMED"])
def test_modes_without_a_number_are_told_by_their_flags(autopilot, word, state) -> None:
    """MAV_MODE has their combinations, and what each is called."""
    combined = getattr(dialect, f"MAV_MODE_{word}_{state}")
    assert mode(autopilot, 2, combined, 7) == word


def test_the_flags_are_those_of_mavlink() -> None:
    """By their names in the dialect."""
    assert dialect.MAV_AUTOPILOT_ARDUPILOTMEGA == ARDUPILOT
    assert dialect.MAV_AUTOPILOT_PX4 == PX4
    assert dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED == CUSTOM_MODE_ENABLED
    assert dialect.MAV_MODE_FLAG_SAFETY_ARMED == SAFETY_ARMED


@pytest.mark.parametrize(("base_mode", "custom_mode"), [(-1, -1), (2**63, 2**63), (0, 2**31)])
def test_no_number_is_too_strange(base_mode: int, custom_mode: int) -> None:
    """What comes over a wire may be anything; it gets a name all the same."""
    for autopilot in (ARDUPILOT, PX4, 0):
        assert mode(autopilot, 2, base_mode, custom_mode).startswith("Mode(")


@pytest.mark.parametrize("mav_type", TYPES)
@pytest.mark.parametrize("autopilot", [ARDUPILOT, PX4, 0])
def test_a_mode_is_found_by_its_name(autopilot: int, mav_type: int) -> None:
    """As it is told, and as people write it."""
    codes = (
        range(64)
        if autopilot == ARDUPILOT
        else [m << 16 | s << 24 for m in range(9) for s in range(20)]
    )
    for code in codes:
        name = mode(autopilot, mav_type, CUSTOM_MODE_ENABLED, code)
        if autopilot and not name.startswith("Mode("):
            found = numbered(autopilot, mav_type, name.replace("_", " ").title())
            assert found is not None
            assert mode(autopilot, mav_type, CUSTOM_MODE_ENABLED, found) == name
    assert numbered(autopilot, mav_type, "warp") is None


def test_people_call_modes_of_px4_by_other_names() -> None:
    """As ground stations do."""
    assert numbered(PX4, 2, "Hold") == numbered(PX4, 2, "LOITER") == 4 << 16 | 3 << 24
    assert numbered(PX4, 2, "position") == 3 << 16
