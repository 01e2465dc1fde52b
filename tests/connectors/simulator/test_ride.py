"""Speed along a path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.simulator.ride import ride, run_up

speeds = st.floats(0.5, 40)
accelerations = st.floats(0.2, 5)


@given(metres=st.floats(0.5, 20_000), top=speeds, acceleration=accelerations)
def test_a_ride_from_rest_ends_at_rest_where_the_path_ends(metres, top, acceleration):
    """Distance, top speed and acceleration are all kept."""
    along = ride(metres, top, acceleration)

    assert along.at(along.seconds).metres == pytest.approx(metres, rel=1e-6)
    assert along.at(0).speed == pytest.approx(0, abs=1e-9)
    assert along.at(along.seconds).speed == pytest.approx(0, abs=1e-6)
    for part in range(101):
        now = along.at(along.seconds * part / 100)
        assert -1e-6 <= now.speed <= top + 1e-6
        assert abs(now.acceleration) <= acceleration + 1e-6


@given(top=speeds, acceleration=accelerations, part=st.floats(0.01, 0.99))
def test_speed_is_the_derivative_of_the_way_and_acceleration_that_of_speed(top, acceleration, part):
    """Measured over a thousandth of a second."""
    along = ride(3000, top, acceleration)
    at, step = part * along.seconds, 0.001
    before, now, after = along.at(at - step), along.at(at), along.at(at + step)

    assert now.speed == pytest.approx((after.metres - before.metres) / (2 * step), abs=0.01)
    assert now.acceleration == pytest.approx((after.speed - before.speed) / (2 * step), abs=0.02)


def test_a_ride_that_is_under_way_keeps_its_speed():
    """Entering and leaving at cruise speed takes the distance over the speed."""
    along = ride(1000, 20, 1, enter=20, leave=20)

    assert along.seconds == pytest.approx(50)
    assert along.at(25) == (500, 20, 0)


def test_a_path_that_is_too_short_to_slow_down_on_is_refused():
    """It says so rather than braking harder."""
    with pytest.raises(ValueError, match="too short"):
        ride(5, 20, 1, enter=20, leave=0)


def test_a_run_up_is_as_long_as_the_ride_that_it_is_for():
    """From rest to exactly the speed at its end."""
    along = ride(run_up(20, 3), 20, 3, enter=0, leave=20)

    assert along.at(along.seconds).speed == pytest.approx(20)
    assert len(along.ramps) == 1


def test_before_and_after_a_ride_are_its_ends():
    """Rounding of time never leaves the path."""
    along = ride(100, 10, 1)

    assert along.at(-1).metres == 0
    assert along.at(along.seconds + 1).metres == pytest.approx(100)
