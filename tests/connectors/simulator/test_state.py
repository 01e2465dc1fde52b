"""Vehicles at a time."""

from itertools import pairwise

import pytest

from connectors.simulator.fleet import ROWS
from connectors.simulator.kinds import WINGED
from connectors.simulator.stages import Phase
from connectors.simulator.state import vehicle


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_same_seed_flies_the_same_in_any_order_of_asking(row):
    """State is a function of time, not of what was asked before."""
    times = [0.0, 3.25, 400.5, 99_999.75]
    one, other = vehicle(row, 7), vehicle(row, 7)

    assert [one.at(each) for each in times] == [other.at(each) for each in times[::-1]][::-1]
    assert one.at(3.25) != vehicle(row, 8).at(3.25)


def test_batteries_empty_in_flight_and_fill_on_the_ground(flown, cycle):
    """Never outside 0 to 100 per cent, never the wrong way."""
    states = cycle(flown)

    for before, after in pairwise(states):
        charge = after.charge
        assert 0 <= charge.remaining <= 100
        assert 3.3 < charge.cell_volts <= 4.2
        if before.charge.charging == charge.charging:
            assert (charge.remaining > before.charge.remaining) == charge.charging
        assert charge.charging == (after.stage.phase is Phase.PARKED)
    assert max(state.charge.remaining for state in states) > 98
    assert min(state.charge.remaining for state in states) < 70


def test_one_vehicle_lands_with_a_low_battery():
    """So that what watches batteries has something to see."""
    low = [
        row.name
        for row in ROWS
        if any(vehicle(row, 7).at(second).charge.low for second in range(0, 1500, 5))
    ]

    assert low == ["Tern"]


def test_receivers_and_barometers_err_a_little_but_not_more(flown, cycle):
    """Metres, not hundreds of them; and they do err."""
    states = cycle(flown)
    off = [abs(state.barometric - state.place.altitude) for state in states]

    assert 0.1 < max(off) <= 1.5
    for state in states:
        assert 0 < abs(state.gps.latitude - state.place.latitude) < 1e-5
        assert 12 <= state.satellites <= 18
        assert 0.6 <= state.dilution <= 1.0


def test_only_wings_in_the_air_feel_the_wind(flown, cycle):
    """Elsewhere airspeed is speed over the ground."""
    for state in cycle(flown):
        difference = abs(state.airspeed - state.motion.ground_speed)
        assert difference <= 4.0
        assert difference == 0 or (flown.row.kind in WINGED and state.motion.point.up)
