"""MAVLink translated: which field of which message sets which signal, in which unit.

Each row divides a raw field into the signal's unit, unless the field has the
value that MAVLink (common.xml) gives to "unknown". What one field cannot say
alone stands in ``flows.steps.derive``.
"""

from collections.abc import Iterable

import msgspec

from flows.ontology.subjects import folded
from flows.ontology.vehicles import MAV_TYPES

U8, U16 = 2**8 - 1, 2**16 - 1
DEGREES_E7 = 1e7


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One row: ``path = data[field] / divisor``, absent where the field is ``absent``."""

    field: str
    path: str
    divisor: float = 1
    absent: float | None = None


def _same(branch: str, fields: Iterable[str]) -> tuple[Reading, ...]:
    """Fields that are already called and measured as their signals."""
    return tuple(Reading(field, f"{branch}.{field}") for field in fields)


READINGS: dict[str, tuple[Reading, ...]] = {
    "HEARTBEAT": (
        Reading("type", "vehicle_status.vehicle_type"),
        Reading("autopilot", "vehicle_status.autopilot"),
        Reading("base_mode", "vehicle_status.base_mode"),
        Reading("custom_mode", "vehicle_status.custom_mode"),
        Reading("system_status", "vehicle_status.system_status"),
    ),
    "SYS_STATUS": (
        Reading("onboard_control_sensors_present", "vehicle_status.sensors_present"),
        Reading("onboard_control_sensors_enabled", "vehicle_status.sensors_enabled"),
        Reading("onboard_control_sensors_health", "vehicle_status.sensors_health"),
        Reading("load", "vehicle_status.load", 10),
        Reading("voltage_battery", "power.voltage", 1000, U16),
        Reading("current_battery", "power.current", 100, -1),
        Reading("battery_remaining", "power.battery_remaining", 1, -1),
    ),
    "GLOBAL_POSITION_INT": (
        Reading("lat", "position.global.latitude", DEGREES_E7),
        Reading("lon", "position.global.longitude", DEGREES_E7),
        Reading("alt", "position.global.altitude_msl", 1000),
        Reading("relative_alt", "position.global.altitude_relative", 1000),
        Reading("vx", "position.global.vx", 100),
        Reading("vy", "position.global.vy", 100),
        Reading("vz", "position.global.vz", 100),
        Reading("hdg", "position.global.heading", 100, U16),
    ),
    "GPS_RAW_INT": (
        Reading("fix_type", "position.global.fix_type"),
        Reading("satellites_visible", "position.global.satellites_visible", 1, U8),
        Reading("lat", "position.gps.latitude", DEGREES_E7),
        Reading("lon", "position.gps.longitude", DEGREES_E7),
        Reading("alt", "position.gps.altitude_msl", 1000),
        Reading("eph", "position.gps.hdop", 100, U16),
        Reading("epv", "position.gps.vdop", 100, U16),
        Reading("vel", "position.gps.groundspeed", 100, U16),
        Reading("cog", "position.gps.course", 100, U16),
        Reading("h_acc", "position.global.accuracy_h", 1000, 0),
        Reading("v_acc", "position.global.accuracy_v", 1000, 0),
    ),
    "LOCAL_POSITION_NED": _same("position.local", ("x", "y", "z", "vx", "vy", "vz")),
    "HOME_POSITION": (
        Reading("latitude", "position.home.latitude", DEGREES_E7),
        Reading("longitude", "position.home.longitude", DEGREES_E7),
        Reading("altitude", "position.home.altitude_msl", 1000),
    ),
    "ALTITUDE": (
        Reading("altitude_amsl", "position.global.altitude_msl"),
        Reading("altitude_relative", "position.global.altitude_relative"),
    ),
    "ATTITUDE": _same(
        "attitude.euler", ("roll", "pitch", "yaw", "rollspeed", "pitchspeed", "yawspeed")
    ),
    "ATTITUDE_QUATERNION": _same("attitude.quaternion", ("q1", "q2", "q3", "q4")),
    "VFR_HUD": (
        Reading("airspeed", "vfr.airspeed"),
        Reading("groundspeed", "vfr.groundspeed"),
        Reading("heading", "vfr.heading"),
        Reading("throttle", "vfr.throttle"),
        Reading("alt", "vfr.altitude"),
        Reading("climb", "vfr.climb_rate"),
    ),
    "MISSION_CURRENT": (Reading("seq", "mission.current_waypoint"),),
    "MISSION_ITEM_REACHED": (Reading("seq", "mission.reached_waypoint"),),
    "MISSION_COUNT": (Reading("count", "mission.total_waypoints"),),
    "EXTENDED_SYS_STATE": (
        Reading("landed_state", "vehicle_status.landed_state"),
        Reading("vtol_state", "vehicle_status.vtol_state"),
    ),
    "RC_CHANNELS": (Reading("rssi", "radio.rssi", 2.54, U8),),
    "SCALED_PRESSURE": (
        Reading("press_abs", "environment.pressure_abs"),
        Reading("press_diff", "environment.pressure_diff"),
        Reading("temperature", "environment.temperature", 100),
    ),
    "WIND": (
        Reading("direction", "environment.wind_direction"),
        Reading("speed", "environment.wind_speed"),
    ),
    "VIBRATION": tuple(Reading(f"vibration_{axis}", f"vibration.{axis}") for axis in "xyz"),
    "BATTERY_STATUS": (),
    "SERVO_OUTPUT_RAW": (),
    "STATUSTEXT": (),
}

# Folded names as edge programs spell them, to MAVLink's own.
MESSAGE_NAMES: dict[str, str] = {folded(name): name for name in READINGS} | {
    "systemstatus": "SYS_STATUS",
    "missionitemreached": "MISSION_ITEM_REACHED",
}

# Messages in which exactly zero for both stands for "no position yet": receivers send
# it before their first fix. Zero for one of them is a place on the equator or meridian.
PLACES: dict[str, tuple[str, str]] = {
    "GLOBAL_POSITION_INT": ("lat", "lon"),
    "GPS_RAW_INT": ("lat", "lon"),
    "HOME_POSITION": ("latitude", "longitude"),
}

# Fields that edge programs spell differently.
ALIASES: dict[str, dict[str, str]] = {
    "GLOBAL_POSITION_INT": {
        "latitude": "lat", "longitude": "lon", "altitude": "alt", "heading": "hdg",
    },
    "GPS_RAW_INT": {"latitude": "lat", "longitude": "lon", "altitude": "alt"},
    "ATTITUDE": {
        "roll_speed": "rollspeed", "pitch_speed": "pitchspeed", "yaw_speed": "yawspeed",
    },
    "VFR_HUD": {"ground_speed": "groundspeed", "climb_rate": "climb", "altitude": "alt"},
}  # fmt: skip

# Fields that edge programs fill with the names of MAVLink's numbers.
ENUMERATIONS: dict[str, dict[str, dict[str, int]]] = {"HEARTBEAT": {"type": MAV_TYPES}}
