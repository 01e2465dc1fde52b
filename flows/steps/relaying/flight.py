"""What autopilots are told for the commands that move a vehicle: a function a kind.

What one is told follows what its firmware does with it, not only what MAVLink says: PX4 takes
heights above the sea whatever the frame, and ArduPilot has a mode for most of it.
"""

import math

from flows.ontology.modes import ARDUPILOT, PX4
from flows.ontology.relayed import Order, Vehicle
from flows.steps.relaying.craft import Craft, autopilot, craft, enter
from flows.steps.relaying.order import GLOBAL, HERE, RELATIVE, Asked, Place, long, placed

Orders = list[Order] | str

ARM_DISARM, FORCE = 400, 21196.0
TAKEOFF, LAND, LAND_START, RETURN, LOITER = 22, 21, 189, 20, 17
REPOSITION, CHANGE_MODE = 192, 1.0  # MAV_DO_REPOSITION_FLAGS_CHANGE_MODE
CONDITION_YAW, CHANGE_SPEED = 115, 178
CHANGE_ALTITUDE, GUIDED_CHANGE_ALTITUDE, ORBIT = 186, 43_001, 34
ONLY_PLACE = 0b0000_1101_1111_1000  # POSITION_TARGET_TYPEMASK: all but where to is ignored.
_SPEEDS = {"air": 0.0, "ground": 1.0, "climb": 2.0, "descent": 3.0}
_DEFAULT = -1.0  # A speed that is left to the vehicle.
_HEIGHT_UNKNOWN = "how high the vehicle is, is not known yet, so its height cannot be said"
# Where an ArduPilot stays, by what it flies: in BRAKE nobody needs to have the sticks.
_STAYS = {
    Craft.COPTER: "BRAKE",
    Craft.PLANE: "LOITER",
    Craft.VTOL: "LOITER",
    Craft.ROVER: "HOLD",
    Craft.BOAT: "LOITER",
    Craft.SUBMARINE: "POSHOLD",
    Craft.AIRSHIP: "LOITER",
}
# What goes on water or land has no height of its own.
_LEVEL = frozenset((Craft.ROVER, Craft.BOAT))


def arm(_asked: Asked) -> Orders:
    return [long(ARM_DISARM, 1.0)]


def disarm(asked: Asked) -> Orders:
    return [long(ARM_DISARM, 0.0, FORCE if asked.params.get("force") else 0.0)]


def set_mode(asked: Asked) -> Orders:
    vehicle, name = asked.vehicle, str(asked.params["mode"])
    if vehicle.autopilot not in (ARDUPILOT, PX4):
        return "the modes of this autopilot are not known"
    return mode(vehicle, name)


def mode(vehicle: Vehicle, name: str) -> Orders:
    """Into a mode of that name."""
    order = enter(vehicle, name)
    if order is None:
        return f"{autopilot(vehicle)} has no mode {name[:64]!r} for such a vehicle"
    return [order]


def takeoff(asked: Asked) -> Orders:
    vehicle, altitude, heading = asked.vehicle, asked.number("altitude"), asked.number("heading")
    kind = craft(vehicle)
    if kind in _LEVEL or kind is Craft.SUBMARINE:
        return "such a vehicle does not take off"
    if vehicle.autopilot == ARDUPILOT:
        if kind is Craft.PLANE:  # As high as its own parameters say.
            return mode(vehicle, "TAKEOFF")
        guided = enter(vehicle, "GUIDED")
        if guided is None:
            return f"{autopilot(vehicle)} does not let such a vehicle take off by command"
        turned = [_turn(heading)] if heading is not None and kind is Craft.COPTER else []
        return [guided, long(TAKEOFF, 0, 0, 0, 0, 0, 0, altitude), *turned]
    if vehicle.autopilot == PX4:
        home = vehicle.home_msl
        if home is None or altitude is None:
            return _HEIGHT_UNKNOWN
        return [long(TAKEOFF, None, 0, 0, heading, None, None, home + altitude)]
    return [placed(TAKEOFF, (0, 0, 0, heading), HERE, altitude, RELATIVE)]


def land(asked: Asked) -> Orders:
    vehicle, kind = asked.vehicle, craft(asked.vehicle)
    if kind in _LEVEL or kind is Craft.SUBMARINE:
        return "such a vehicle does not fly"
    if vehicle.autopilot in (ARDUPILOT, PX4) and asked.has_place:
        return f"{autopilot(vehicle)} lands where it is: send it to the place first"
    if vehicle.autopilot == ARDUPILOT:
        if kind is Craft.VTOL:
            return mode(vehicle, "QLAND")
        if kind is Craft.PLANE:  # To the landing of its mission; it has no other.
            return [long(LAND_START)]
        return [long(LAND)]
    if asked.has_place:
        return [placed(LAND, (0, 0, 0, None), asked.place, 0.0, RELATIVE)]
    return [long(LAND, 0, 0, 0, None, None, None, None)]


def come_home(asked: Asked) -> Orders:
    vehicle = asked.vehicle
    if vehicle.autopilot == ARDUPILOT and craft(vehicle) is Craft.SUBMARINE:
        return "ArduPilot does not let a submarine return"
    return [long(RETURN)]


def hold(asked: Asked) -> Orders:
    vehicle = asked.vehicle
    if vehicle.autopilot == PX4:
        return mode(vehicle, "LOITER")
    stays = _STAYS.get(craft(vehicle)) if vehicle.autopilot == ARDUPILOT else None
    return mode(vehicle, stays) if stays else [long(LOITER, 0, 0, 0, None, None, None, None)]


def goto(asked: Asked) -> Orders:
    height = _height(asked)
    if isinstance(height, str):
        return height
    vehicle, (z, frame) = asked.vehicle, height
    speed, heading = asked.number("speed"), asked.number("heading")
    place = asked.place
    yaw = None if heading is None else math.radians(heading)
    kind, more, instead = craft(vehicle), list[Order](), list[Order]()
    if vehicle.autopilot == ARDUPILOT:
        guided = enter(vehicle, "GUIDED")
        instead = [guided, _target(place, z, frame)] if guided else []
        yaw = 0.0 if kind in (Craft.PLANE, Craft.VTOL) else None
        if speed is not None:
            more.append(long(CHANGE_SPEED, _SPEEDS["ground"], speed, -1.0, needed=False))
        if heading is not None and kind is Craft.COPTER:
            more.append(_turn(heading))
    elif kind in (Craft.PLANE, Craft.VTOL):
        yaw = None  # It would be taken for the direction of the circle there.
    params = (_DEFAULT if speed is None else speed, CHANGE_MODE, 0.0, yaw)
    return [placed(REPOSITION, params, place, z, frame, instead=instead), *more]


def set_speed(asked: Asked) -> Orders:
    which = _SPEEDS[str(asked.params.get("of", "ground"))]
    return [long(CHANGE_SPEED, which, asked.number("speed"), -1.0)]


def change_altitude(asked: Asked) -> Orders:
    height = _height(asked)
    if isinstance(height, str):
        return height
    vehicle, kind, (z, frame) = asked.vehicle, craft(asked.vehicle), height
    if vehicle.autopilot == PX4:
        params = (_DEFAULT, CHANGE_MODE, 0.0, None)
        older = placed(REPOSITION, params, HERE, z, GLOBAL)
        return [long(CHANGE_ALTITUDE, z, 0.0, instead=[older])]
    if vehicle.autopilot != ARDUPILOT:
        return [long(CHANGE_ALTITUDE, z, 3.0 if frame == RELATIVE else 0.0)]
    if kind in (Craft.PLANE, Craft.VTOL):
        guided = enter(vehicle, "GUIDED", needed=False)
        change = placed(GUIDED_CHANGE_ALTITUDE, (0, 0, 0, 0), (0.0, 0.0), z, frame)
        return [guided, change] if guided else [change]
    if vehicle.latitude is None or vehicle.longitude is None:
        return "where the vehicle is, is not known yet"
    place = vehicle.latitude, vehicle.longitude
    guided = enter(vehicle, "GUIDED")
    instead = [guided, _target(place, z, frame)] if guided else []
    params = (_DEFAULT, CHANGE_MODE, 0.0, None)
    return [placed(REPOSITION, params, place, z, frame, instead=instead)]


def orbit(asked: Asked) -> Orders:
    vehicle, kind, height = asked.vehicle, craft(asked.vehicle), _height(asked)
    if isinstance(height, str):
        return height
    (z, frame), speed = height, asked.number("speed")
    place = asked.place
    radius, anticlockwise = asked.number("radius") or 0.0, asked.params["direction"] != "clockwise"
    if vehicle.autopilot == ARDUPILOT:
        if kind not in (Craft.PLANE, Craft.VTOL):
            return "ArduPilot circles by command with aeroplanes only"
        way = 1.0 if anticlockwise else 0.0
        params = (_DEFAULT if speed is None else speed, CHANGE_MODE, radius, way)
        return [placed(REPOSITION, params, place, z, frame)]
    signed = -radius if anticlockwise else radius
    return [placed(ORBIT, (signed, speed, 0.0, 0.0), place, z, frame)]


def _height(asked: Asked) -> tuple[float | None, int] | str:
    """A height and its frame, as the autopilot takes it; what is left out is the present one."""
    vehicle, altitude = asked.vehicle, asked.number("altitude")
    of_sea = asked.params.get("altitude_frame") == "msl"
    if vehicle.autopilot == PX4:
        if altitude is None or of_sea:
            return altitude, GLOBAL
        home = vehicle.home_msl
        return _HEIGHT_UNKNOWN if home is None else (altitude + home, GLOBAL)
    if altitude is not None:
        return altitude, GLOBAL if of_sea else RELATIVE
    if craft(vehicle) in _LEVEL:
        return 0.0, RELATIVE
    if vehicle.autopilot != ARDUPILOT:
        return None, RELATIVE
    known = vehicle.altitude_relative
    return _HEIGHT_UNKNOWN if known is None else (known, RELATIVE)


def _turn(heading: float) -> Order:
    return long(CONDITION_YAW, heading, 0.0, 0.0, 0.0, needed=False)


def _target(place: Place, z: float | None, frame: int) -> Order:
    """Where to, for ArduPilots that cannot be repositioned; it is not acknowledged."""
    names = ("vx", "vy", "vz", "afx", "afy", "afz", "yaw", "yaw_rate")
    there = placed(0, (0, 0, 0, 0), place, z, frame).fields
    fields = {
        "time_boot_ms": 0, "coordinate_frame": frame, "type_mask": ONLY_PLACE,
        "lat_int": there["x"], "lon_int": there["y"], "alt": z, **dict.fromkeys(names, 0.0),
    }  # fmt: skip
    return Order("SET_POSITION_TARGET_GLOBAL_INT", fields, 0)
