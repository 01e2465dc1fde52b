"""What a vehicle under command does next: a row of a table for each thing to be about."""

import math
from collections.abc import Callable

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.area import Place
from connectors.simulator.command import steering, ways
from connectors.simulator.command.helm import Aim, Helm, Item, point_of
from connectors.simulator.command.ways import Doing, is_px4
from connectors.simulator.kinds import AIRBORNE
from connectors.simulator.motion import STILL, Point
from connectors.simulator.row import Kind

STEP_SECONDS = 0.05
LONGEST_SECONDS = 60.0  # What is longer is not made up for.
NEAR_METRES = 1.0
LOITER_METRES = 60.0
RETURN_METRES = 30.0  # Height of the way home, where the vehicle is lower.
FLARE_METRES = 12.0
HIGHEST_METRES = 20_000.0  # Of a mission's item, whatever that says.
ABOVE_SEA = frozenset((mavlink.MAV_FRAME_GLOBAL, mavlink.MAV_FRAME_GLOBAL_INT))
LOITERS = frozenset(
    (mavlink.MAV_CMD_NAV_LOITER_UNLIM, mavlink.MAV_CMD_NAV_LOITER_TURNS,
     mavlink.MAV_CMD_NAV_LOITER_TIME)
)  # fmt: skip
GOES_THERE = LOITERS | {mavlink.MAV_CMD_NAV_WAYPOINT, mavlink.MAV_CMD_NAV_SPLINE_WAYPOINT}


def fly(helm: Helm, seconds: float) -> None:
    """Let so much time pass."""
    left = min(seconds, LONGEST_SECONDS)
    while left > 1e-9:
        step = min(left, STEP_SECONDS)
        _step(helm, step)
        left -= step


def _step(helm: Helm, seconds: float) -> None:
    power = helm.row.power
    if not helm.armed:
        helm.velocity, helm.turn_rate, helm.acceleration = STILL, 0.0, 0.0
        helm.point = Point(helm.point.east, helm.point.north, 0.0)
        helm.used = max(helm.used - power.amp_hours * seconds / 600, 0.0)  # It is charged.
        return
    amps = power.idle
    if helm.flying or helm.motion.ground_speed > NEAR_METRES:
        amps = power.lift if helm.velocity.up > 0.5 else power.cruise
    helm.used = min(helm.used + amps * seconds / 3600, power.amp_hours)
    _DOING[helm.way.doing](helm, seconds)


def _to(helm: Helm, aim: Aim, seconds: float) -> None:
    glides = helm.row.kind is Kind.PLANE
    (steering.glide if glides else steering.hover)(helm, aim, seconds)


def _stay(helm: Helm, seconds: float) -> None:
    """Where it is, or where it was when that was asked for; on the ground, at rest."""
    if helm.aim is None:
        run = 0.5 * helm.motion.ground_speed**2 / helm.row.performance.acceleration
        course = math.atan2(helm.velocity.east, helm.velocity.north)
        east, north, up = helm.point
        if helm.row.kind is not Kind.PLANE:
            east, north = east + run * math.sin(course), north + run * math.cos(course)
        helm.aim = Aim(Point(east, north, up), heading=helm.heading)
    if helm.flying or helm.row.kind not in AIRBORNE or helm.velocity != STILL:
        _to(helm, helm.aim, seconds)


def _guided(helm: Helm, seconds: float) -> None:
    if helm.height is not None:
        _rise(helm, seconds)
    elif helm.flying or helm.row.kind not in AIRBORNE:
        _stay(helm, seconds)


def _rise(helm: Helm, seconds: float) -> bool:
    """Up to the height, straight where the vehicle can; whether it is there."""
    height = helm.takeoff if helm.height is None else helm.height
    here = helm.point
    if helm.row.kind is Kind.PLANE:
        helm.aim = helm.aim or Aim(Point(here.east, here.north, height))
        steering.glide(helm, helm.aim, seconds, straight=here.up < height / 2)
    else:
        helm.aim = helm.aim or Aim(Point(here.east, here.north, height), heading=helm.heading)
        steering.hover(helm, helm.aim, seconds)
    there = helm.point.up > height - NEAR_METRES
    if there:
        helm.height = None
    return there


def _takeoff(helm: Helm, seconds: float) -> None:
    """Up, and then stay there, in the mode for that."""
    if helm.height is None:
        if helm.point.up > helm.takeoff - 2 * NEAR_METRES:
            return _arrived(helm, seconds)
        helm.height = helm.takeoff
    if _rise(helm, seconds):
        _arrived(helm, seconds)
    return None


def _arrived(helm: Helm, seconds: float) -> None:
    aim, way = helm.aim, ways.doing(helm.row, Doing.HOLD)
    if way is not None and is_px4(helm.row):
        helm.enter(way)
        helm.aim = aim
    _stay(helm, seconds)


def _return(helm: Helm, seconds: float) -> None:
    home = helm.home_point
    if helm.row.kind in AIRBORNE and not helm.flying and helm.velocity == STILL:
        return _landed(helm)
    if helm.height is None:
        helm.height = max(helm.point.up, RETURN_METRES + home.up)
    airborne = helm.row.kind in AIRBORNE
    aim = Aim(Point(home.east, home.north, helm.height if airborne else 0.0))
    away = math.dist(helm.point[:2], home[:2])
    if helm.row.kind is Kind.PLANE:
        if away < 2 * helm.row.performance.radius and helm.lands:
            return _land(helm, seconds)
    elif away < 2 * NEAR_METRES and airborne:
        return _land(helm, seconds)
    return _to(helm, aim, seconds)


def _land(helm: Helm, seconds: float) -> None:
    """Straight down; what glides comes down in circles, levels out, touches and rolls."""
    if not helm.flying and math.hypot(*helm.velocity[:2]) < 0.1:
        return _landed(helm)
    if helm.row.kind is Kind.PLANE:
        if helm.point.up < FLARE_METRES:
            return steering.roll_out(helm, seconds)
        middle = helm.home_point if helm.way.doing is Doing.RETURN else helm.point
        helm.aim = helm.aim or Aim(Point(middle.east, middle.north, 0.0))
        return steering.glide(helm, helm.aim, seconds)
    if helm.aim is None or helm.aim.point.up > 0:
        place = helm.aim.point if helm.aim is not None else helm.point
        helm.aim = Aim(Point(place.east, place.north, -3.0), heading=helm.heading)
    away = math.dist(helm.point[:2], helm.aim.point[:2])
    up = -3.0 if away < 3 * NEAR_METRES or helm.velocity.up < -0.5 else helm.point.up
    return _to(helm, helm.aim._replace(point=helm.aim.point._replace(up=up)), seconds)


def _landed(helm: Helm) -> None:
    helm.armed, helm.velocity, helm.aim, helm.height = False, STILL, None, None
    helm.tell("Landed")
    helm.tell("Disarmed")


def _mission(helm: Helm, seconds: float) -> None:
    """The items one after the other; what is no place to go to is passed over at once."""
    if helm.paused or helm.finished or not helm.has_mission:
        return _stay(helm, seconds)
    if helm.current >= len(helm.mission):
        return _finish(helm)
    item = helm.mission[helm.current]
    if item.command == mavlink.MAV_CMD_NAV_TAKEOFF:
        helm.height = helm.height or max(_height(helm, item), helm.point.up)
        return _next(helm) if helm.row.kind not in AIRBORNE or _rise(helm, seconds) else None
    if item.command == mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH:
        return _come_home(helm, seconds)
    if item.command in {mavlink.MAV_CMD_NAV_LAND, mavlink.MAV_CMD_NAV_VTOL_LAND}:
        helm.aim = helm.aim or Aim(_place(helm, item))
        _land(helm, seconds)
        return None if helm.armed else _finish(helm, reached=True)
    if item.command not in GOES_THERE or (helm.current == 0 and not is_px4(helm.row)):
        if item.command == mavlink.MAV_CMD_DO_CHANGE_SPEED and item.params[1] > 0:
            helm.speed = item.params[1]
        return _next(helm, reached=item.command != mavlink.MAV_CMD_NAV_WAYPOINT)
    if helm.row.kind in AIRBORNE and not helm.flying and helm.aim is None:
        helm.height = max(_height(helm, item), 2.0)
    if helm.height is not None and not _rise(helm, seconds):
        return None
    return _pass(helm, item, seconds)


def _come_home(helm: Helm, seconds: float) -> None:
    """ArduPilot's copters do so within the mission, and are done with it there."""
    if helm.row.kind is Kind.COPTER and not is_px4(helm.row):
        _return(helm, seconds)
        return None if helm.armed else _finish(helm, reached=True)
    way = ways.doing(helm.row, Doing.RETURN)
    return helm.enter(way) if way is not None else _next(helm)


def _pass(helm: Helm, item: Item, seconds: float) -> None:
    """To a waypoint, and wait there as long as it says."""
    point = _place(helm, item)
    helm.aim = Aim(point)
    _to(helm, helm.aim, seconds)
    near = 2 * NEAR_METRES
    if helm.row.kind is Kind.PLANE:
        near = 1.5 * helm.row.performance.radius
    if helm.since is None and math.dist(helm.point[:2], point[:2]) < near:
        helm.since = 0.0
        helm.reached.append(helm.current)
        helm.tell(f"Reached waypoint {helm.current}")
    if helm.since is not None:
        helm.since += seconds
        waits = item.params[0] if item.command != mavlink.MAV_CMD_NAV_LOITER_UNLIM else math.inf
        if helm.since > (waits if math.isfinite(waits) or waits > 0 else 0.0):
            _next(helm, reached=False)


def _next(helm: Helm, *, reached: bool = True) -> None:
    if reached:
        helm.reached.append(helm.current)
    helm.since, helm.aim, helm.height = None, None, None
    if helm.current + 1 >= len(helm.mission):
        return _finish(helm)
    helm.current += 1
    return None


def _finish(helm: Helm, *, reached: bool = False) -> None:
    if reached:
        helm.reached.append(helm.current)
    helm.finished = True
    helm.tell("Mission complete")
    if is_px4(helm.row):
        way = ways.doing(helm.row, Doing.HOLD)
        if way is not None:
            helm.enter(way)


def _height(helm: Helm, item: Item) -> float:
    """Metres above where the row is parked."""
    if not math.isfinite(item.z):
        return helm.point.up
    z = max(-HIGHEST_METRES, min(item.z, HIGHEST_METRES))
    return z - helm.row.home.altitude if item.frame in ABOVE_SEA else z + helm.home_point.up


def _place(helm: Helm, item: Item) -> Point:
    if not item.x and not item.y:
        return Point(helm.point.east, helm.point.north, _height(helm, item))
    place = Place(item.x / 1e7, item.y / 1e7, helm.row.home.altitude + _height(helm, item))
    return point_of(helm.row, place)


def _orbit(helm: Helm, seconds: float) -> None:
    if helm.aim is None:
        helm.aim = Aim(helm.point, LOITER_METRES)
    _to(helm, helm.aim, seconds)


_DOING: dict[Doing, Callable[[Helm, float], None]] = {
    Doing.BY_HAND: _stay,
    Doing.HOLD: _stay,
    Doing.GUIDED: _guided,
    Doing.TAKEOFF: _takeoff,
    Doing.MISSION: _mission,
    Doing.RETURN: _return,
    Doing.LAND: _land,
    Doing.ORBIT: _orbit,
}
