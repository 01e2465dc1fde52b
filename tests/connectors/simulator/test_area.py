"""Places on earth."""

import pytest

from connectors.simulator.area import CENTRE, Place, metres_between, moved


@pytest.mark.parametrize(("east", "north"), [(0, 1000), (1000, 0), (-3000, 4000), (3500, -3500)])
def test_a_place_that_was_moved_is_that_far_away(east, north):
    """Plane and sphere agree to a metre as far as vehicles go from home."""
    there = moved(CENTRE, east, north, 30)

    assert pytest.approx((east**2 + north**2) ** 0.5, abs=1) == metres_between(CENTRE, there)
    assert there.altitude == 30
    assert (there.latitude > CENTRE.latitude) == (north > 0)
    assert (there.longitude > CENTRE.longitude) == (east > 0)


def test_a_degree_of_latitude_is_some_111_kilometres():
    """The radius of the earth is right."""
    assert metres_between(Place(0, 0, 0), Place(1, 0, 0)) == pytest.approx(111_195, abs=1)
