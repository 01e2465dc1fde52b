"""The table of vehicles."""

import pytest

from connectors.simulator.area import metres_between
from connectors.simulator.fleet import MOST_VEHICLES, ROWS, fleet
from connectors.simulator.row import Kind


def test_the_table_has_a_vehicle_of_every_kind_with_the_ids_from_one_on():
    """Copters and planes and hybrids of both firmwares."""
    assert [row.system_id for row in ROWS] == list(range(1, 9))
    assert {row.kind for row in ROWS} == set(Kind)
    for kind in (Kind.COPTER, Kind.PLANE, Kind.VTOL):
        assert len({row.autopilot for row in ROWS if row.kind is kind}) == 2


def test_a_larger_fleet_repeats_the_rows_with_ids_names_and_homes_of_their_own():
    """Up to as many as MAVLink has room for beside ground stations."""
    rows = fleet(MOST_VEHICLES)

    assert rows[:8] == ROWS
    assert [row.system_id for row in rows] == list(range(1, 251))
    assert len({row.name for row in rows}) == 250
    assert rows[8].name == "Gull 2"
    for kind in Kind:
        homes = [row.home for row in rows if row.kind is kind]
        assert all(
            metres_between(one, other) > 50
            for number, one in enumerate(homes)
            for other in homes[:number]
        )


@pytest.mark.parametrize("vehicles", [0, -1, 251])
def test_a_fleet_that_cannot_be_numbered_is_refused(vehicles):
    """The sentence says how many there can be."""
    with pytest.raises(ValueError, match="1 to 250"):
        fleet(vehicles)
