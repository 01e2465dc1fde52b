"""Where the nose points at the place that a copter is sent to, as each autopilot takes it."""

import math

import pytest
from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.command import ways
from connectors.simulator.command.flight_orders import reposition
from connectors.simulator.command.helm import parked
from connectors.simulator.command.order import ACCEPTED, Order
from connectors.simulator.command.ways import Doing
from connectors.simulator.fleet import ROWS
from connectors.simulator.motion import Point

ARDUPILOT, PX4 = ROWS[:2]


@pytest.mark.parametrize(
    ("row", "yaw", "heading"),
    [
        (PX4, math.pi / 2, math.pi / 2),
        (PX4, 0.0, 0.0),
        (PX4, math.nan, None),
        (ARDUPILOT, math.pi / 2, None),
        (ARDUPILOT, 90.0, None),
    ],
)
def test_px4_takes_radians_and_an_ardupilot_nothing(row, yaw, heading):
    """North is a heading too; not-a-number leaves it to the vehicle."""
    helm = parked(row, [])
    helm.armed, helm.point = True, Point(0.0, 0.0, 20.0)
    helm.enter(ways.doing(row, Doing.HOLD))
    place = row.home.latitude, row.home.longitude, 20.0
    order = Order(mavlink.MAV_CMD_DO_REPOSITION, (-1.0, 1.0, 0.0, yaw, *place), frame=6)

    assert reposition(helm, order) is ACCEPTED
    assert helm.aim.heading == heading
