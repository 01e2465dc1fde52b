"""The columns of the table of vehicles."""

from dataclasses import dataclass
from enum import Enum, auto

from connectors.simulator.area import Place
from connectors.simulator.modes import Modes
from connectors.simulator.motion import Point


class Kind(Enum):
    """The laws that a vehicle moves by."""

    COPTER = auto()
    PLANE = auto()
    VTOL = auto()
    ROVER = auto()
    BOAT = auto()


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A point of a route: where to wait for some seconds, or to circle some times."""

    point: Point
    seconds: float = 0.0
    circles: int = 0


@dataclass(frozen=True, slots=True)
class Performance:
    """What a vehicle can do: metres, seconds and radians.

    Args:
        speed: of the cruise.
        acceleration: most of it, forwards and backwards.
        climb_speed: straight up, for what can.
        radius: of its turns, for what turns on the way.
        roll_seconds: from level to a full bank, or from straight to full rudder.
        turn_rate: radians per second on the spot, for what can.
    """

    speed: float
    acceleration: float
    climb_speed: float = 0.0
    radius: float = 0.0
    roll_seconds: float = 2.0
    turn_rate: float = 0.5


@dataclass(frozen=True, slots=True)
class Power:
    """A battery and what empties it.

    Args:
        cells: in series.
        amp_hours: when full.
        idle: amperes at rest.
        cruise: amperes under way.
        lift: amperes hovering, climbing straight up, or taking off.
    """

    cells: int
    amp_hours: float
    idle: float
    cruise: float
    lift: float


@dataclass(frozen=True, slots=True)
class Component:
    """Something else aboard that has a heartbeat: its component id and MAV_TYPE."""

    component_id: int
    mav_type: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A vehicle.

    Args:
        system_id: MAVLink's, 1 to 250.
        name: for people; it is not sent.
        mav_type: MAV_TYPE.
        autopilot: MAV_AUTOPILOT.
        kind: how it moves.
        modes: the numbers that its firmware gives to flight modes.
        home: where it is parked.
        heading: degrees, in which it is parked; of the runway for what needs one.
        route: its waypoints, in metres from home.
        performance: what it can do.
        power: its battery.
        parked_seconds: how long it charges between flights.
        begun: seconds since it was switched on, when the simulation begins.
        lane: metres straight ahead before the first turn and after the last one, for what
            does not turn on the spot.
        gate: height at which the last straight line home begins, for what flies it.
        components: what else is aboard.
    """

    system_id: int
    name: str
    mav_type: int
    autopilot: int
    kind: Kind
    modes: Modes
    home: Place
    heading: float
    route: tuple[Waypoint, ...]
    performance: Performance
    power: Power
    parked_seconds: float
    begun: float
    lane: float = 0.0
    gate: float = 0.0
    components: tuple[Component, ...] = ()
