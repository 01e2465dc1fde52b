"""A vehicle under command as its instruments see it."""

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.command.helm import Helm
from connectors.simulator.command.ways import Doing, is_px4
from connectors.simulator.kinds import AIRBORNE
from connectors.simulator.motion import Stay
from connectors.simulator.row import Kind
from connectors.simulator.stages import Instant, Phase, Stage, Wings
from connectors.simulator.state import State, Told, Vehicle

# Of its cruise speed, from which on wings carry what has them beside rotors.
ON_WINGS, OFF_ROTORS = 0.8, 0.3
_PHASES = {
    Doing.BY_HAND: Phase.READY,
    Doing.HOLD: Phase.HOLD,
    Doing.GUIDED: Phase.MISSION,
    Doing.TAKEOFF: Phase.TAKEOFF,
    Doing.MISSION: Phase.MISSION,
    Doing.RETURN: Phase.RETURN,
    Doing.LAND: Phase.LANDING,
    Doing.ORBIT: Phase.HOLD,
}


def view(vehicle: Vehicle, helm: Helm, age: float) -> State:
    """The state of the vehicle, so many seconds after it was switched on."""
    phase = _PHASES[helm.way.doing] if helm.armed else Phase.PARKED
    power, amps = helm.row.power, helm.row.power.idle
    if helm.armed and (helm.flying or helm.motion.ground_speed > 1):
        amps = power.lift if helm.velocity.up > 1 else power.cruise
    path = Stay(helm.point, helm.heading, 1.0)
    instant = Instant(
        Stage(phase, path, amps, helm.current, wings=_wings(helm)), helm.motion, helm.used
    )
    told = Told(
        helm.armed,
        helm.way.number,
        helm.way.doing is Doing.BY_HAND,
        _landed(helm),
        helm.home,
        (min(helm.current, 65_535), _items(helm), _mission(helm)),
    )
    return vehicle.seen(age, instant, instant)._replace(told=told)


def _wings(helm: Helm) -> Wings:
    if helm.row.kind is Kind.PLANE:
        return Wings.WINGS
    part = helm.motion.ground_speed / helm.row.performance.speed
    if helm.row.kind is not Kind.VTOL or not helm.flying or part < OFF_ROTORS:
        return Wings.ROTORS
    if part > ON_WINGS:
        return Wings.WINGS
    return Wings.TO_WINGS if helm.acceleration >= 0 else Wings.TO_ROTORS


def _landed(helm: Helm) -> int:
    if helm.row.kind not in AIRBORNE or not helm.flying:
        return int(mavlink.MAV_LANDED_STATE_ON_GROUND)
    if helm.height is not None and helm.way.doing is not Doing.RETURN:
        return int(mavlink.MAV_LANDED_STATE_TAKEOFF)
    if helm.way.doing in {Doing.LAND, Doing.RETURN} and helm.velocity.up < -0.3:
        return int(mavlink.MAV_LANDED_STATE_LANDING)
    return int(mavlink.MAV_LANDED_STATE_IN_AIR)


def _items(helm: Helm) -> int:
    """How many items there are: home, which ArduPilot keeps as the first, is not counted."""
    return len(helm.mission) - (bool(helm.mission) and not is_px4(helm.row))


def _mission(helm: Helm) -> int:
    if not helm.mission:
        return int(mavlink.MISSION_STATE_NO_MISSION)
    if helm.finished:
        return int(mavlink.MISSION_STATE_COMPLETE)
    if helm.way.doing is not Doing.MISSION:
        return int(mavlink.MISSION_STATE_NOT_STARTED)
    return int(mavlink.MISSION_STATE_PAUSED if helm.paused else mavlink.MISSION_STATE_ACTIVE)
