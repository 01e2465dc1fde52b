"""All that fits into one message of a link by satellite, in units of its own.

Its climb rate is a magnitude with some autopilots and stays raw.
"""

from collections.abc import Mapping
from typing import Any

from flows.ontology.modes import ARDUPILOT, CUSTOM_MODE_ENABLED, PX4, SAFETY_ARMED, mode
from flows.ontology.signals import Value
from flows.ontology.vehicles import is_vehicle
from flows.steps.mavlink.message import DEGREES_E7, U8, U16, Derived, Message, Reading, whole


def _status(data: Mapping[str, Any], values: dict[str, Value], _: str) -> None:
    """The mode, by the half of its number that is sent, and whether it is armed."""
    mav_type, autopilot = whole(data, "type"), whole(data, "autopilot")
    if mav_type is None or autopilot is None or not is_vehicle(mav_type, autopilot):
        values.clear()
        return
    custom_mode = whole(data, "custom_mode")
    if custom_mode is not None:
        # Of PX4's number, the half that has the main mode and the sub mode.
        number = custom_mode << 16 if autopilot == PX4 else custom_mode
        values["vehicle_status.custom_mode"] = number
        values["vehicle_status.mode"] = mode(autopilot, mav_type, CUSTOM_MODE_ENABLED, number)
    flags = whole(data, "custom0")
    if autopilot == ARDUPILOT and flags is not None:  # There it is the base mode.
        values["vehicle_status.base_mode"] = flags & U8
        values["vehicle_status.armed"] = bool(flags & SAFETY_ARMED)


def _wind(data: Mapping[str, Any], values: dict[str, Value]) -> None:
    """Where the wind comes from; PX4 says where it blows to."""
    steps = whole(data, "wind_heading")
    if steps is None or not 0 <= steps <= 180 or not data.get("windspeed"):
        return
    turned = 180 if data.get("autopilot") == PX4 else 0
    values["environment.wind_direction"] = float((steps * 2 + turned) % 360)


def _derive(data: Mapping[str, Any], values: dict[str, Value], branch: str) -> None:
    _wind(data, values)
    _status(data, values, branch)


MESSAGES: dict[str, Message] = {
    "HIGH_LATENCY2": Message(
        (
            Reading("type", "vehicle_status.vehicle_type"),
            Reading("autopilot", "vehicle_status.autopilot"),
            Reading("failure_flags", "vehicle_status.failure_flags"),
            Reading("latitude", "position.global.latitude", DEGREES_E7),
            Reading("longitude", "position.global.longitude", DEGREES_E7),
            Reading("altitude", "position.global.altitude_msl"),
            Reading("heading", "position.global.heading", 0.5, U8),
            Reading("eph", "position.global.accuracy_h", 10, (0, U8)),
            Reading("epv", "position.global.accuracy_v", 10, (0, U8)),
            Reading("target_altitude", "navigation.target_altitude"),
            Reading("target_heading", "navigation.bearing", 0.5, U8),
            Reading("target_distance", "navigation.distance", 0.1),
            Reading("airspeed_sp", "navigation.target_airspeed", 5),
            Reading("throttle", "vfr.throttle", 1, U8),
            Reading("airspeed", "vfr.airspeed", 5, U8),
            Reading("groundspeed", "vfr.groundspeed", 5, U8),
            Reading("windspeed", "environment.wind_speed", 5, U8),
            Reading("temperature_air", "environment.temperature_air", 1, -128),
            Reading("battery", "power.battery_remaining", 1, -1),
            Reading("wp_num", "mission.current_waypoint", 1, U16),
        ),
        derived=Derived(
            ("custom_mode", "wind_heading"),
            (
                "vehicle_status.mode",
                "vehicle_status.custom_mode",
                "vehicle_status.base_mode",
                "vehicle_status.armed",
                "environment.wind_direction",
            ),
            _derive,
        ),
        place=("latitude", "longitude"),
    ),
}
