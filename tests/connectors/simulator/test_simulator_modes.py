"""Flight modes, read with pymavlink's own tables."""

import pytest
from pymavlink import mavutil

from connectors.simulator import modes
from connectors.simulator.fleet import ROWS
from connectors.simulator.kinds import flight

ARDUPILOT = [row for row in ROWS if row.autopilot == mavutil.mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA]


@pytest.mark.parametrize("mode", modes.PX4.values(), ids=lambda mode: mode.name)
def test_px4_modes_read_as_they_are_called(mode):
    """By the packing of main and sub mode."""
    assert mavutil.interpret_px4_mode(0, mode.number) == mode.name


@pytest.mark.parametrize("row", ARDUPILOT, ids=lambda row: row.name)
def test_ardupilot_modes_read_as_they_are_called(row):
    """By the numbers of the firmware for that type of vehicle."""
    numbers = mavutil.mode_mapping_byname(row.mav_type)

    for mode in row.modes.values():
        assert numbers[mode.name] == mode.number


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_vehicle_has_a_mode_for_every_phase_that_it_is_ever_in(row):
    """No flight meets a gap in the table."""
    assert {stage.phase for stage in flight(row).stages} <= row.modes.keys()
