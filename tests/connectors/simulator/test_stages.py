"""Flights as stages that repeat."""

import pytest

from connectors.simulator.motion import Point, Stay
from connectors.simulator.stages import Flight, Phase, Stage

HOME = Point(0, 0, 0)


def _stage(phase, seconds, amps=0.0, says=""):
    return Stage(phase, Stay(HOME, 0.0, seconds), amps, says=says)


FLIGHT = Flight(
    (
        _stage(Phase.PARKED, 60, says="Disarmed"),
        _stage(Phase.READY, 10, 36.0, "Armed"),
        _stage(Phase.MISSION, 30, 72.0),
    )
)


@pytest.mark.parametrize(
    ("seconds", "phase"),
    [(0, "PARKED"), (59.9, "PARKED"), (60, "READY"), (70, "MISSION"), (99, "MISSION"),
     (100, "PARKED"), (1065, "READY")],
)  # fmt: skip
def test_a_flight_is_in_the_stage_of_its_time_in_every_round(seconds, phase):
    """A stage begins at its very second."""
    assert FLIGHT.at(seconds).stage.phase.name == phase


@pytest.mark.parametrize(
    ("seconds", "used"), [(60, 0), (70, 0.1), (85, 0.4), (100, 0.7), (130, 0.35), (160, 0)]
)
def test_a_battery_is_used_up_in_flight_and_filled_while_parked(seconds, used):
    """Ampere-hours: amperes times seconds over 3600."""
    assert FLIGHT.at(seconds).used == pytest.approx(used)


@pytest.mark.parametrize(
    ("since", "until", "phases"),
    [
        (0, 59, []),
        (59, 60, ["READY"]),
        (60, 61, []),
        (65, 101, ["MISSION", "PARKED"]),
        (95, 165, ["PARKED", "READY"]),
        (0, 100_000, ["READY", "MISSION", "PARKED"]),
    ],
)
def test_stages_that_begin_in_between_are_told_once_and_in_order(since, until, phases):
    """After a long absence only those of the last round."""
    assert [stage.phase.name for stage in FLIGHT.begun(since, until)] == phases
