"""What autopilots are told for missions, home, cameras, gimbals and the rest: a function a kind."""

from flows.ontology.modes import ARDUPILOT, PX4, mode
from flows.ontology.relayed import Order, Vehicle
from flows.steps.relaying import flight
from flows.steps.relaying.craft import Craft, craft
from flows.steps.relaying.flight import Orders
from flows.steps.relaying.mission_items import spare
from flows.steps.relaying.order import GLOBAL, Asked, long, placed

MISSION_START, SET_MISSION_CURRENT, PAUSE_CONTINUE = 300, 224, 193
SET_HOME, REBOOT = 179, 246
START_CAPTURE, DIGICAM, ZOOM = 2000, 203, 531
START_VIDEO, STOP_VIDEO = 2500, 2501
GIMBAL_PITCH_YAW, GIMBAL_CONFIGURE, MOUNT, ROI = 1000, 1001, 205, 195
OLD_ROI, ROI_LOCATION = 201, 3.0  # MAV_CMD_DO_SET_ROI, MAV_ROI_LOCATION
ZOOM_RANGE = 2.0  # ZOOM_TYPE_RANGE, in percent.
MAVLINK_TARGETING = 2.0  # MAV_MOUNT_MODE
# Pitch and roll by the horizon, yaw by the vehicle's nose (GIMBAL_MANAGER_FLAGS).
LEVEL_FOLLOWING = 4.0 + 8.0 + 32.0
# MAV_COMP_ID_CAMERA to MAV_COMP_ID_CAMERA6.
CAMERAS = range(100, 106)


def start_mission(asked: Asked) -> Orders:
    first = int(asked.params.get("first", 0))
    if asked.vehicle.autopilot != ARDUPILOT:
        return [long(MISSION_START, float(first))]
    # ArduPilot goes on where it was, and takes no first item with the start.
    number = _number(asked, first) if first else 0
    begin = long(SET_MISSION_CURRENT, float(number), needed=first > 0)
    return [begin, long(MISSION_START)]


def set_mission_item(asked: Asked) -> Orders:
    number = _number(asked, int(asked.params["item"]))
    older = Order("MISSION_SET_CURRENT", {"seq": number}, 0)
    return [long(SET_MISSION_CURRENT, float(number), instead=[older])]


def _number(asked: Asked, item: int) -> int:
    """An item's number as the vehicle counts; an ArduPilot's item 0 is home."""
    return min(item + spare(asked.vehicle, 0), 65_535)


def pause_mission(asked: Asked) -> Orders:
    vehicle = asked.vehicle
    if vehicle.autopilot != ARDUPILOT or craft(vehicle) not in (Craft.COPTER, Craft.ROVER):
        return flight.hold(asked)
    stay = flight.hold(asked)
    return stay if isinstance(stay, str) else [long(PAUSE_CONTINUE, 0.0, instead=stay)]


def resume_mission(asked: Asked) -> Orders:
    vehicle = asked.vehicle
    if vehicle.autopilot == PX4:
        return flight.mode(vehicle, "MISSION")
    if vehicle.autopilot != ARDUPILOT or _is_paused(vehicle):
        return [long(PAUSE_CONTINUE, 1.0)]
    return flight.mode(vehicle, "AUTO")


def _is_paused(vehicle: Vehicle) -> bool:
    """Whether it may be: an ArduPilot stays in AUTO then."""
    now = mode(vehicle.autopilot, vehicle.mav_type, vehicle.base_mode, vehicle.custom_mode)
    return now == "AUTO" and craft(vehicle) in (Craft.COPTER, Craft.ROVER)


def set_home(asked: Asked) -> Orders:
    if not asked.has_place:
        return [long(SET_HOME, 1.0)]
    altitude = asked.number("altitude")
    if altitude is None:
        altitude = asked.vehicle.home_msl
    if altitude is None:
        return "how high its home is, is not known yet: say its altitude"
    return [placed(SET_HOME, (0, 0, 0, 0), asked.place, altitude, GLOBAL)]


def reboot(_asked: Asked) -> Orders:
    return [long(REBOOT, 1.0)]


def camera_trigger(asked: Asked) -> Orders:
    count, interval = asked.params["count"], asked.number("interval")
    sequence = 1.0 if count == 1 else 0.0  # Several have no number.
    older = [long(DIGICAM, 0, 0, 0, 0, 1.0)] if count == 1 else []
    return [
        long(
            START_CAPTURE, number, interval, count, sequence,
            component_id=component, instead=() if component else older,
        )
        for component, number in _cameras(asked)
    ]  # fmt: skip


def camera_record(asked: Asked) -> Orders:
    starts = asked.params["action"] == "start"
    return [
        long(START_VIDEO, 0, 0, number, component_id=component)
        if starts
        else long(STOP_VIDEO, 0, number, component_id=component)
        for component, number in _cameras(asked)
    ]


def camera_zoom(asked: Asked) -> Orders:
    zoom = asked.number("zoom")
    return [
        long(ZOOM, ZOOM_RANGE, zoom, number, component_id=component)
        for component, number in _cameras(asked)
    ]


def _cameras(asked: Asked) -> list[tuple[int, float]]:
    """Components, and the number of the camera there, 0 for all.

    Those that are heard are spoken to themselves; others are the autopilot's.
    """
    wanted = int(asked.params.get("camera", 0))
    heard = [each for each in CAMERAS if each in asked.vehicle.links]
    if not wanted:
        return [(each, 0.0) for each in heard] or [(0, 0.0)]
    component = CAMERAS[wanted - 1]
    return [(component, 0.0)] if component in heard else [(0, float(wanted))]


def gimbal_point(asked: Asked) -> Orders:
    if asked.has_place:
        altitude = asked.number("altitude")
        older = long(OLD_ROI, ROI_LOCATION, 0, 0, 0, *asked.place, altitude)
        look = placed(ROI, (0, 0, 0, 0), asked.place, altitude, GLOBAL, instead=[older])
        return [*_take_gimbal(asked), look]
    pitch, yaw = asked.number("pitch"), asked.number("yaw")
    older = long(MOUNT, pitch, 0, yaw, 0, 0, 0, MAVLINK_TARGETING)
    point = long(GIMBAL_PITCH_YAW, pitch, yaw, None, None, LEVEL_FOLLOWING, instead=[older])
    return [*_take_gimbal(asked), point]


def _take_gimbal(asked: Asked) -> list[Order]:
    """PX4 lets nobody turn a gimbal who has not taken it."""
    if asked.vehicle.autopilot != PX4:
        return []
    ours = float(asked.station.system_id), float(asked.station.component_id)
    return [long(GIMBAL_CONFIGURE, *ours, -1.0, -1.0, needed=False)]


def raw(asked: Asked) -> Orders:
    params = [asked.number(f"param{n}") for n in range(1, 8)]
    command, component = int(asked.params["command"]), int(asked.params.get("component", 0))
    if asked.params["message"] == "COMMAND_LONG":
        return [long(command, *params, component_id=component)]
    x, y = (max(-(2**31), min(2**31 - 1, round(each or 0.0))) for each in params[4:6])
    fields = {f"param{n}": value for n, value in enumerate(params[:4], 1)}
    whole = {"x": x, "y": y, "z": params[6], "frame": int(asked.params["frame"])}
    more = {**whole, "current": 0, "autocontinue": 0}
    return [Order("COMMAND_INT", {"command": command, **fields, **more}, command, component)]
