"""How vehicles lean."""

import math

import pytest

from connectors.simulator.attitude import GRAVITY, bank
from connectors.simulator.fleet import ROWS
from connectors.simulator.motion import Motion, Point
from connectors.simulator.row import Kind
from connectors.simulator.stages import Phase
from connectors.simulator.state import vehicle


def test_the_bank_is_that_of_a_coordinated_turn():
    """Twenty metres a second on a circle of 130 metres."""
    motion = Motion(Point(0, 0, 100), Point(20, 0, 0), 0.0, turn_rate=20 / 130)

    assert math.tan(bank(motion)) == pytest.approx(20**2 / (GRAVITY * 130))
    assert bank(motion._replace(turn_rate=-20 / 130)) == -bank(motion)


def test_planes_bank_into_their_turns_and_copters_nose_down_into_their_way(flown, cycle):
    """Within the degree that air shakes them by."""
    row, degree = flown.row, math.radians(1.01)
    for state in cycle(flown):
        if row.kind in (Kind.PLANE, Kind.VTOL):
            assert state.lean.roll == pytest.approx(bank(state.motion), abs=degree)
        if row.kind is Kind.COPTER and state.motion.ground_speed > 0.99 * row.performance.speed:
            assert state.lean.pitch < -degree


def test_what_is_parked_on_land_lies_still(flown, cycle):
    """A boat is moved by the swell even then."""
    leaning = {
        abs(angle)
        for state in cycle(flown)
        if state.stage.phase is Phase.PARKED
        for angle in (*state.lean, *state.lean_rates)
    }

    assert (max(leaning) > 0.01) == (flown.row.kind is Kind.BOAT)


def test_rates_are_the_derivatives_of_roll_and_pitch():
    """Measured on a plane, from twentieth to twentieth of a second."""
    plane = vehicle(ROWS[2], seed=3)
    for second in range(0, 1000, 7):
        before, after = plane.at(second), plane.at(second + 0.05)
        for axis in ("roll", "pitch"):
            measured = (getattr(after.lean, axis) - getattr(before.lean, axis)) / 0.05
            assert getattr(before.lean_rates, axis) == pytest.approx(measured, abs=0.05)
