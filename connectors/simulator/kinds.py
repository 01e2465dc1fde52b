"""Which flight each kind of vehicle makes of its row."""

from collections.abc import Callable

from connectors.simulator import hopping, sweeping
from connectors.simulator.row import Kind, Row
from connectors.simulator.stages import Flight

FLIGHTS: dict[Kind, Callable[[Row], Flight]] = {
    Kind.COPTER: hopping.copter,
    Kind.PLANE: sweeping.plane,
    Kind.VTOL: sweeping.vtol,
    Kind.ROVER: hopping.rover,
    Kind.BOAT: sweeping.boat,
}

AIRBORNE = frozenset((Kind.COPTER, Kind.PLANE, Kind.VTOL))
WINGED = frozenset((Kind.PLANE, Kind.VTOL))


def flight(row: Row) -> Flight:
    """The flight of a row.

    Raises:
        ValueError: its route cannot be flown, or not on its battery.
    """
    return FLIGHTS[row.kind](row)
