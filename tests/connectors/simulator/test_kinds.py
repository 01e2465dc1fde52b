"""Whole flights of every vehicle in the table."""

import math
from dataclasses import replace

import pytest

from connectors.simulator.area import CENTRE, RADIUS_METRES, metres_between, moved
from connectors.simulator.fleet import MOST_VEHICLES, ROWS, fleet
from connectors.simulator.kinds import AIRBORNE, flight
from connectors.simulator.motion import Point
from connectors.simulator.row import Kind, Waypoint
from connectors.simulator.stages import Phase, Wings

STEP = 1e-3
MOST_CLIMB = 6.0
MOST_BANK = math.radians(35)


def test_velocity_is_the_derivative_of_position_all_the_way(flown):
    """Across every seam between stages, and from one flight to the next."""
    flying = flown.flight
    for number in range(int(2.1 * flying.period)):
        seconds = number / 2 + 0.017
        before, after = flying.at(seconds).motion, flying.at(seconds + STEP).motion
        for axis in ("east", "north", "up"):
            measured = (getattr(after.point, axis) - getattr(before.point, axis)) / STEP
            assert getattr(before.velocity, axis) == pytest.approx(measured, abs=0.05), seconds


def test_the_nose_turns_at_the_turn_rate(flown):
    """Headings never jump but by whole turns."""
    flying = flown.flight
    for number in range(int(2.1 * flying.period)):
        seconds = number / 2 + 0.017
        before, after = flying.at(seconds).motion, flying.at(seconds + STEP).motion
        turned = math.remainder(after.heading - before.heading, math.tau) / STEP
        assert before.turn_rate == pytest.approx(turned, abs=0.02), seconds


def test_a_vehicle_stays_above_the_ground_and_in_its_limits(flown, cycle):
    """Height, climb, bank and speed are those of a machine of its kind."""
    row = flown.row
    for state in cycle(flown, 0.25):
        motion = state.motion
        assert motion.point.up >= 0
        assert abs(motion.velocity.up) <= MOST_CLIMB
        assert motion.ground_speed <= row.performance.speed + 1e-6
        assert abs(state.lean.roll) <= MOST_BANK
        assert abs(state.lean.pitch) <= MOST_BANK
        assert row.kind in AIRBORNE or motion.point.up == 0


def test_a_vehicle_does_all_that_its_kind_does_and_comes_home(flown, cycle):
    """All phases in their order, all waypoints, and the ground at home at the end."""
    states = cycle(flown, 0.25)
    phases = {state.stage.phase for state in states}
    surface = {Phase.PARKED, Phase.READY, Phase.MISSION, Phase.HOLD, Phase.RETURN}
    airborne = surface | {Phase.TAKEOFF, Phase.LANDING}
    parked = [state for state in states if state.stage.phase is Phase.PARKED]

    assert phases == (airborne if flown.row.kind in AIRBORNE else surface)
    assert {state.stage.waypoint for state in states} == set(range(len(flown.row.route) + 1))
    assert all(metres_between(state.place, flown.row.home) < 0.1 for state in parked)
    for stage in flown.flight.stages:
        assert len(stage.says.encode()) <= 50


def test_what_glides_never_stands_still_in_the_air():
    """A plane off the ground is faster than it touches down."""
    for row in ROWS:
        if row.kind is not Kind.PLANE:
            continue
        flying = flight(row)
        for number in range(int(4 * flying.period)):
            motion = flying.at(number / 4).motion
            assert not motion.point.up or motion.ground_speed >= 0.74 * row.performance.speed


def test_what_hovers_and_glides_changes_over_in_the_air_in_the_right_order():
    """Rotors, over to wings, wings, back to rotors; on wings it is at full speed."""
    for row in (row for row in ROWS if row.kind is Kind.VTOL):
        carried = [stage.wings for stage in flight(row).stages]
        order = [
            each for each, last in zip(carried, [None, *carried], strict=False) if each != last
        ]

        assert order == [Wings.ROTORS, Wings.TO_WINGS, Wings.WINGS, Wings.TO_ROTORS, Wings.ROTORS]
        for stage in flight(row).stages:
            if stage.wings is Wings.WINGS:
                middle = stage.path.at(stage.path.seconds / 2)
                assert middle.ground_speed == pytest.approx(row.performance.speed)
            if stage.wings is not Wings.ROTORS:
                assert stage.path.at(0).point.up > 20


def test_no_vehicle_of_the_largest_fleet_leaves_the_operating_area():
    """All 250, all around their flights."""
    for row in fleet(MOST_VEHICLES):
        flying = flight(row)
        for number in range(60):
            point = flying.at(flying.period * number / 60).motion.point
            assert metres_between(CENTRE, moved(row.home, *point)) < RADIUS_METRES, row.name


@pytest.mark.parametrize("apart", [Point(0, 90), Point(1, 0)])
def test_a_route_that_cannot_be_flown_is_refused(apart):
    """Waypoints too close to turn between say so when the flight is made."""
    plane = ROWS[2]
    first = plane.route[0].point
    near = Waypoint(Point(first.east + apart.east, first.north + apart.north, first.up))
    cramped = replace(plane, route=(plane.route[0], near, *plane.route[1:]))

    with pytest.raises(ValueError, match="no room to turn"):
        flight(cramped)


def test_a_flight_that_its_battery_does_not_last_is_refused():
    """Ampere-hours are counted before take-off."""
    copter = ROWS[0]
    weak = replace(copter, power=replace(copter.power, amp_hours=2.0))

    with pytest.raises(ValueError, match="Gull needs"):
        flight(weak)
