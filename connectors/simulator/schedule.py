"""How often a vehicle says what: a row each.

Time goes in ticks of a quarter of a second. A message that comes less often than every
tick comes at ticks of its own, so that they are spread and not all sent at once.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator import position, status
from connectors.simulator.row import Row
from connectors.simulator.state import State

TICK_SECONDS = 0.25


class Regular(NamedTuple):
    """A message, and every how many ticks it is sent."""

    ticks: int
    message: Callable[[Row, State, int], mavlink.MAVLink_message]


HEARTBEAT_TICKS = 4
REGULAR: tuple[Regular, ...] = (
    Regular(HEARTBEAT_TICKS, status.heartbeat),
    Regular(1, position.global_position_int),
    Regular(1, position.attitude),
    Regular(2, position.vfr_hud),
    Regular(4, position.system_time),
    Regular(4, status.sys_status),
    Regular(4, position.gps_raw_int),
    Regular(4, status.extended_sys_state),
    Regular(4, status.mission_current),
    Regular(8, status.battery_status),
    Regular(40, position.home_position),
)


def due(tick: int) -> Iterator[Regular]:
    """The rows to send at a tick. At the first tick, the heartbeat is among them."""
    return (row for turn, row in enumerate(REGULAR) if (tick + turn) % row.ticks == 0)
