"""How it is: modes, health, texts, versions and clocks."""

from collections.abc import Mapping
from typing import Any

from flows.ontology.modes import SAFETY_ARMED, mode
from flows.ontology.signals import Value
from flows.ontology.vehicles import is_vehicle
from flows.steps.mavlink.message import NOT_SENT, U16, Derived, Message, Reading, Word, whole
from flows.steps.mavlink.words import MOST_LETTERS, digits, firmware, hexadecimal


def _heartbeat(data: Mapping[str, Any], values: dict[str, Value], _: str) -> None:
    """Armed and the flight mode; nothing at all where it is not a vehicle that beats."""
    mav_type = whole(data, "type")
    if mav_type is not None and not is_vehicle(mav_type, data.get("autopilot")):
        values.clear()
        return
    base_mode, custom_mode = whole(data, "base_mode"), whole(data, "custom_mode")
    if base_mode is None:
        return
    values["vehicle_status.armed"] = bool(base_mode & SAFETY_ARMED)
    if custom_mode is not None and mav_type is not None:
        autopilot = whole(data, "autopilot") or 0
        values["vehicle_status.mode"] = mode(autopilot, mav_type, base_mode, custom_mode)


def _text(data: Mapping[str, Any], values: dict[str, Value], _: str) -> None:
    """A text that is whole; the parts of a longer one are put together where states are."""
    text, severity = data.get("text"), whole(data, "severity")
    if isinstance(text, str) and text and not whole(data, "id"):
        values["vehicle_status.message"] = text[:MOST_LETTERS]
        if severity is not None:
            values["vehicle_status.message_severity"] = severity


def _uid(data: Mapping[str, Any], values: dict[str, Value], _: str) -> None:
    """The number of the board: the longer one, where there is one."""
    uid = hexadecimal(data.get("uid2")) or digits(data.get("uid"))
    if uid is not None:
        values["firmware.uid"] = uid


MESSAGES: dict[str, Message] = {
    "HEARTBEAT": Message(
        (
            Reading("type", "vehicle_status.vehicle_type"),
            Reading("autopilot", "vehicle_status.autopilot"),
            Reading("base_mode", "vehicle_status.base_mode"),
            Reading("custom_mode", "vehicle_status.custom_mode"),
            Reading("system_status", "vehicle_status.system_status"),
        ),
        derived=Derived((), ("vehicle_status.armed", "vehicle_status.mode"), _heartbeat),
    ),
    "SYS_STATUS": Message(
        (
            Reading("onboard_control_sensors_present", "vehicle_status.sensors_present"),
            Reading("onboard_control_sensors_enabled", "vehicle_status.sensors_enabled"),
            Reading("onboard_control_sensors_health", "vehicle_status.sensors_health"),
            Reading("load", "vehicle_status.load", 10),
            Reading("drop_rate_comm", "vehicle_status.drop_rate", 100),
            Reading("errors_comm", "vehicle_status.errors_comm"),
            Reading("voltage_battery", "power.voltage", 1000, U16),
            Reading("current_battery", "power.current", 100, -1),
            Reading("battery_remaining", "power.battery_remaining", 1, -1),
        )
    ),
    "EXTENDED_SYS_STATE": Message(
        (
            Reading("landed_state", "vehicle_status.landed_state"),
            Reading("vtol_state", "vehicle_status.vtol_state"),
        )
    ),
    "STATUSTEXT": Message(
        derived=Derived(
            ("text", "severity"),
            ("vehicle_status.message", "vehicle_status.message_severity"),
            _text,
        )
    ),
    "AUTOPILOT_VERSION": Message(
        (
            Reading("board_version", "firmware.board", 1, 0),
            Reading("vendor_id", "firmware.vendor", 1, 0),
            Reading("product_id", "firmware.product", 1, 0),
        ),
        (
            Word("capabilities", "firmware.capabilities", digits),
            Word("flight_sw_version", "firmware.flight", firmware),
            Word("middleware_sw_version", "firmware.middleware", firmware),
            Word("os_sw_version", "firmware.os", firmware),
            Word("flight_custom_version", "firmware.git", hexadecimal),
        ),
        Derived(("uid", "uid2"), ("firmware.uid",), _uid),
    ),
    # When an autopilot counts from its start, the relay tells its clock by these, too.
    "SYSTEM_TIME": Message(
        (
            Reading("time_unix_usec", "clock.utc", 1e6, NOT_SENT),
            Reading("time_boot_ms", "clock.uptime", 1000),
        )
    ),
}
