"""Curves that roll in and out."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.simulator.attitude import GRAVITY, bank
from connectors.simulator.bend import Bend
from connectors.simulator.motion import Point, ahead

bends = st.builds(
    Bend,
    start=st.just(Point(100, -50, 120)),
    heading=st.floats(-7, 7),
    angle=st.floats(0.05, 14) | st.floats(-14, -0.05),
    speed=st.floats(2, 30),
    radius=st.floats(20, 300),
    roll_seconds=st.floats(0.5, 4),
)


@given(bend=bends)
def test_a_bend_begins_as_told_and_ends_turned_by_its_angle(bend):
    """And turns at no rate at either end."""
    first, last = bend.at(0), bend.at(bend.seconds)

    assert first.point == pytest.approx(bend.start)
    assert first.heading == pytest.approx(bend.heading)
    assert last.heading == pytest.approx(bend.heading + bend.angle)
    assert (first.turn_rate, last.turn_rate) == pytest.approx((0, 0), abs=1e-6)


@given(bend=bends, part=st.floats(0.01, 0.99))
def test_velocity_is_the_derivative_of_position_and_turn_rate_that_of_heading(bend, part):
    """In all three parts of it, and across their seams."""
    at, step = part * bend.seconds, 1e-4
    before, now, after = bend.at(at - step), bend.at(at), bend.at(at + step)

    for axis in ("east", "north"):
        moved = getattr(after.point, axis) - getattr(before.point, axis)
        assert getattr(now.velocity, axis) == pytest.approx(moved / (2 * step), abs=0.01)
    turned = (after.heading - before.heading) / (2 * step)
    assert now.turn_rate == pytest.approx(turned, abs=0.01)
    assert now.ground_speed == pytest.approx(bend.speed)
    assert now.point.up == bend.start.up


@given(bend=bends)
def test_a_bend_is_symmetric_about_the_corner_that_it_cuts(bend):
    """As far from the corner to its end as from its start to the corner."""
    assume(abs(math.cos(bend.angle / 2)) > 0.1)
    last = bend.at(bend.seconds)
    corner = ahead(bend.start, bend.heading, bend.reach)

    assert last.point == pytest.approx(ahead(corner, last.heading, bend.reach), abs=0.01)


def test_a_held_turn_is_a_circle_of_the_radius_banked_for_it():
    """tan(bank) = v²/(g·r), by the formula of a coordinated turn."""
    bend = Bend(Point(0, 0, 100), 0.0, 4 * math.pi, 20.0, 130.0, 3.0)
    around = [bend.at(bend.seconds / 2 + second) for second in range(-15, 16)]
    middle = Point(*(sum(each) / 2 for each in zip(*_opposite(bend), strict=True)))

    for motion in around:
        assert math.dist(motion.point, middle) == pytest.approx(130, abs=0.01)
        assert math.tan(bank(motion)) == pytest.approx(20**2 / (GRAVITY * 130))


def _opposite(bend):
    """Two points of the held circle, half a turn apart."""
    half = math.pi / bend.rate
    return bend.at(10.0).point, bend.at(10.0 + half).point
