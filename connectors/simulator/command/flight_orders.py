"""The MAV_CMDs that move a vehicle: a row of a table each, as its firmware takes them.

ArduPilot answers FAILED to what it cannot do as it is, PX4 TEMPORARILY_REJECTED.
"""

import math
from collections.abc import Callable

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.command import ways
from connectors.simulator.command.helm import Aim, Helm
from connectors.simulator.command.order import (
    ACCEPTED,
    DENIED,
    FAILED,
    MOST_METRES,
    REJECTED,
    UNSUPPORTED,
    Order,
    Outcome,
    height,
    not_now,
    place,
)
from connectors.simulator.command.ways import Doing, is_px4
from connectors.simulator.kinds import AIRBORNE
from connectors.simulator.motion import Point
from connectors.simulator.row import Kind

FORCE = 21196  # Of MAV_CMD_COMPONENT_ARM_DISARM: also where it is not safe.
LEAST_CHARGE = 0.15  # Of a battery, below which motors are not started.
GUIDED_CHANGE_ALTITUDE = 43_001  # Of ArduPilot's own dialect.
MOST_OVER_CRUISE = 2.0
CHANGE_MODE = 1  # MAV_DO_REPOSITION_FLAGS_CHANGE_MODE

Handler = Callable[[Helm, Order], Outcome]


def arm(helm: Helm, order: Order) -> Outcome:
    wanted, forced = order.params[0], order.whole(2) == FORCE
    if wanted not in {0.0, 1.0}:
        return UNSUPPORTED
    if wanted:
        why = "" if forced or helm.armed else _unfit(helm)
        if why:
            helm.tell(why, mavlink.MAV_SEVERITY_CRITICAL)
            return not_now(helm)
        if not helm.armed:
            helm.tell("Armed")
        helm.armed = True
        return ACCEPTED
    if helm.flying and not forced:
        return not_now(helm)
    if helm.armed:
        helm.tell("Disarmed")
    helm.armed, helm.aim, helm.height = False, None, None
    return ACCEPTED


def _unfit(helm: Helm) -> str:
    """Why motors are not started, or nothing."""
    begins = "Arming denied: " if is_px4(helm.row) else "PreArm: "
    if helm.used > (1 - LEAST_CHARGE) * helm.row.power.amp_hours:
        return begins + "Battery low"
    if not helm.way.armable:
        return begins + "mode not armable"
    return ""


def takeoff(helm: Helm, order: Order) -> Outcome:
    row = helm.row
    if row.kind not in AIRBORNE:
        return UNSUPPORTED
    if is_px4(row) or row.kind is Kind.PLANE:
        way = ways.doing(row, Doing.TAKEOFF)
        if way is None or helm.flying or not (helm.armed or is_px4(row)):
            return not_now(helm)
        helm.enter(way)
    elif helm.flying or not helm.armed or helm.way.doing is not Doing.GUIDED:
        return FAILED
    up = order.params[6]
    wanted = height(helm, order, up) if math.isfinite(up) else helm.takeoff
    if not helm.point.up < wanted < MOST_METRES:
        if not is_px4(row):
            return FAILED
        wanted = helm.takeoff
    helm.aim, helm.height = None, wanted
    helm.tell("Takeoff")
    return ACCEPTED


def land(helm: Helm, order: Order) -> Outcome:
    if helm.row.kind not in AIRBORNE:
        return UNSUPPORTED
    if not is_px4(helm.row) and helm.row.kind is not Kind.COPTER:
        return UNSUPPORTED
    outcome = _enter(helm, Doing.LAND)
    there = place(helm, order)
    if outcome is ACCEPTED and there is not None and order.params[4] and order.params[5]:
        helm.aim = Aim(there)
    return outcome


def come_home(helm: Helm, _order: Order) -> Outcome:
    return _enter(helm, Doing.RETURN)


def loiter(helm: Helm, _order: Order) -> Outcome:
    if helm.row.kind not in AIRBORNE and not is_px4(helm.row):
        return UNSUPPORTED
    return _enter(helm, Doing.HOLD)


def reposition(helm: Helm, order: Order) -> Outcome:
    there, doing = place(helm, order), Doing.HOLD if is_px4(helm.row) else Doing.GUIDED
    if there is None:
        return DENIED
    if helm.way.doing is not doing:
        way = ways.doing(helm.row, doing)
        if way is None or not order.whole(2) & CHANGE_MODE:
            return DENIED
        helm.enter(way)
    if order.params[0] > 0:
        helm.speed = _speed(helm, order.params[0])
    # PX4 takes radians, as MAVLink has it since 2025; ArduPilot's copters turn by CONDITION_YAW.
    yaw = order.params[3]
    turned = is_px4(helm.row) and math.isfinite(yaw) and helm.row.kind is Kind.COPTER
    helm.height, helm.aim = None, Aim(there, heading=yaw if turned else None)
    return ACCEPTED


def change_speed(helm: Helm, order: Order) -> Outcome:
    if math.isnan(order.params[1]) or order.params[1] == 0:
        return DENIED
    if order.params[1] > 0:  # What is below leaves it as it is.
        helm.speed = _speed(helm, order.params[1])
    return ACCEPTED


def _speed(helm: Helm, wanted: float) -> float:
    least = 0.7 * helm.row.performance.speed if helm.row.kind is Kind.PLANE else 0.1
    return max(least, min(wanted, MOST_OVER_CRUISE * helm.row.performance.speed))


def change_altitude(helm: Helm, order: Order) -> Outcome:
    if not is_px4(helm.row):
        return UNSUPPORTED
    frame = order.whole(2)
    return _aim_up(helm, height(helm, order._replace(frame=frame), order.params[0]), Doing.HOLD)


def guided_altitude(helm: Helm, order: Order) -> Outcome:
    if is_px4(helm.row) or helm.row.kind not in {Kind.PLANE, Kind.VTOL}:
        return UNSUPPORTED
    if helm.way.doing is not Doing.GUIDED:
        return FAILED
    return _aim_up(helm, height(helm, order, order.params[6]), Doing.GUIDED)


def _aim_up(helm: Helm, up: float, doing: Doing) -> Outcome:
    if not helm.flying or not abs(up) < MOST_METRES:
        return not_now(helm)
    aim = helm.aim or Aim(helm.point)
    way = ways.doing(helm.row, doing)
    if way is not None and helm.way is not way:
        helm.enter(way)
        aim = Aim(helm.point)
    helm.aim = aim._replace(point=Point(aim.point.east, aim.point.north, max(up, 1.0)))
    return ACCEPTED


def orbit(helm: Helm, order: Order) -> Outcome:
    if not is_px4(helm.row) or helm.row.kind not in AIRBORNE:
        return UNSUPPORTED
    way, middle, radius = ways.doing(helm.row, Doing.ORBIT), place(helm, order), order.params[0]
    if not helm.flying or way is None:
        return REJECTED
    if middle is None or not 1 <= abs(radius if math.isfinite(radius) else 20.0) <= 1000:
        return DENIED
    helm.enter(way)
    helm.aim = Aim(middle, radius if math.isfinite(radius) else 20.0)
    if order.params[1] > 0:
        helm.speed = _speed(helm, order.params[1])
    return ACCEPTED


def mission_start(helm: Helm, order: Order) -> Outcome:
    first, last = max(order.whole(1), 0), order.whole(2)
    if not helm.has_mission or first >= len(helm.mission) or (last and last < first):
        return DENIED if is_px4(helm.row) else FAILED
    if is_px4(helm.row) and not helm.armed:
        why = _unfit(helm)
        if why:
            helm.tell(why, mavlink.MAV_SEVERITY_CRITICAL)
            return REJECTED
        helm.armed = True
    outcome = _enter(helm, Doing.MISSION)
    if outcome is ACCEPTED:
        helm.current, helm.finished = first, False
    return outcome


def pause(helm: Helm, order: Order) -> Outcome:
    wanted = order.params[0]
    if wanted not in {0.0, 1.0}:
        return DENIED
    if is_px4(helm.row):
        return _enter(helm, Doing.MISSION if wanted else Doing.HOLD)
    if helm.way.doing not in {Doing.MISSION, Doing.GUIDED}:
        return FAILED
    helm.paused, helm.aim, helm.height = not wanted, None, None
    return ACCEPTED


def set_mode(helm: Helm, order: Order) -> Outcome:
    if not order.whole(1) & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
        return DENIED if not is_px4(helm.row) else UNSUPPORTED
    number = order.whole(2)
    if is_px4(helm.row):
        number = (number & 0xFF) << 16 | (order.whole(3) & 0xFF) << 24
    return enter_number(helm, number)


def enter_number(helm: Helm, number: int) -> Outcome:
    """Change over to the mode of that custom_mode, where the vehicle has it."""
    way = ways.numbered(helm.row, number)
    if way is None:
        return not_now(helm)
    return _change(helm, way.doing, way)


def _enter(helm: Helm, doing: Doing) -> Outcome:
    way = ways.doing(helm.row, doing)
    return UNSUPPORTED if way is None else _change(helm, doing, way)


def _change(helm: Helm, doing: Doing, way: ways.Way) -> Outcome:
    if doing is Doing.MISSION and not helm.has_mission:
        helm.tell("Mode change failed: no mission", mavlink.MAV_SEVERITY_WARNING)
        return not_now(helm)
    if way.number == ways.OFFBOARD and is_px4(helm.row) and helm.aim is None:
        return REJECTED  # PX4 wants to be told where to, first.
    if helm.way is not way:
        helm.enter(way)
        if doing is Doing.MISSION and helm.finished:
            helm.current, helm.finished = 0, False
    return ACCEPTED


FLIGHT_ORDERS: dict[int, Handler] = {
    mavlink.MAV_CMD_COMPONENT_ARM_DISARM: arm,
    mavlink.MAV_CMD_NAV_TAKEOFF: takeoff,
    mavlink.MAV_CMD_NAV_LAND: land,
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: come_home,
    mavlink.MAV_CMD_NAV_LOITER_UNLIM: loiter,
    mavlink.MAV_CMD_DO_REPOSITION: reposition,
    mavlink.MAV_CMD_DO_CHANGE_SPEED: change_speed,
    mavlink.MAV_CMD_DO_CHANGE_ALTITUDE: change_altitude,
    GUIDED_CHANGE_ALTITUDE: guided_altitude,
    mavlink.MAV_CMD_DO_ORBIT: orbit,
    mavlink.MAV_CMD_MISSION_START: mission_start,
    mavlink.MAV_CMD_DO_PAUSE_CONTINUE: pause,
    mavlink.MAV_CMD_DO_SET_MODE: set_mode,
}
