"""Signals that take more than one field, or more than arithmetic."""

from collections.abc import Callable, Mapping
from typing import Any

from flows.ontology.modes import SAFETY_ARMED, mode
from flows.ontology.signals import Value
from flows.ontology.vehicles import is_vehicle

Derivation = Callable[[Mapping[str, Any], dict[str, Value]], None]

U16, I16 = 2**16 - 1, 2**15 - 1
# No field of MAVLink is larger, and JSON may have integers that no float can be.
LARGEST = 2**64
CELLS, EXTENDED_CELLS = 10, 4
TERRAIN_KNOWN_ABOVE = -1000


def _whole(data: Mapping[str, Any], field: str) -> int | None:
    value = data.get(field)
    return value if type(value) is int and -LARGEST < value < LARGEST else None


def _heartbeat(data: Mapping[str, Any], values: dict[str, Value]) -> None:
    """Armed and the flight mode; nothing at all where it is not a vehicle that beats."""
    mav_type = _whole(data, "type")
    if mav_type is not None and not is_vehicle(mav_type, data.get("autopilot")):
        values.clear()
        return
    base_mode, custom_mode = _whole(data, "base_mode"), _whole(data, "custom_mode")
    if base_mode is None:
        return
    values["vehicle_status.armed"] = bool(base_mode & SAFETY_ARMED)
    if custom_mode is not None and mav_type is not None:
        autopilot = _whole(data, "autopilot") or 0
        values["vehicle_status.mode"] = mode(autopilot, mav_type, base_mode, custom_mode)


def _battery(data: Mapping[str, Any], values: dict[str, Value]) -> None:
    """The first battery's charge, cells and temperature; others are kept in the history."""
    if data.get("id", 0) != 0:
        return
    current, remaining = _whole(data, "current_battery"), _whole(data, "battery_remaining")
    consumed, energy = _whole(data, "current_consumed"), _whole(data, "energy_consumed")
    temperature = _whole(data, "temperature")
    if current is not None and current != -1:
        values["power.current"] = current / 100
    if remaining is not None and remaining != -1:
        values["power.battery_remaining"] = remaining
    if consumed is not None and consumed != -1:
        values["power.consumed"] = consumed
    if energy is not None and energy != -1:
        values["power.energy_consumed"] = energy * 100
    if temperature is not None and temperature != I16:
        values["power.temperature"] = temperature / 100
    cells = [cell / 1000 for cell in _pulses(data.get("voltages"), CELLS) if cell != U16]
    cells += [cell / 1000 for cell in _pulses(data.get("voltages_ext"), EXTENDED_CELLS) if cell]
    if cells:
        values["power.cells"] = cells
        values["power.voltage"] = round(sum(cells), 3)


def _pulses(value: object, most: int) -> list[int]:
    """The whole numbers of a list that may hold anything."""
    many = value[:most] if isinstance(value, list) else []
    return [each for each in many if type(each) is int and -LARGEST < each < LARGEST]


def _servos(data: Mapping[str, Any], values: dict[str, Value]) -> None:
    """Sixteen outputs of the first port."""
    if data.get("port", 0) != 0:
        return
    outputs = [_whole(data, f"servo{number}_raw") for number in range(1, 17)]
    while outputs and not outputs[-1]:
        outputs.pop()
    if outputs:
        values["actuators.servos"] = [float(each or 0) for each in outputs]


def _channels(data: Mapping[str, Any], values: dict[str, Value]) -> None:
    """As many received channels as the radio says there are."""
    count = min(_whole(data, "chancount") or 0, 18)
    channels = [_whole(data, f"chan{number}_raw") for number in range(1, count + 1)]
    if channels:
        values["radio.channels"] = [float(each or 0) if each != U16 else 0.0 for each in channels]


def _mission(data: Mapping[str, Any], values: dict[str, Value]) -> None:
    """How many waypoints there are, unless the autopilot cannot tell or has no mission."""
    total = _whole(data, "total")
    if total and total != U16:
        values["mission.total_waypoints"] = total


def _altitude(data: Mapping[str, Any], values: dict[str, Value]) -> None:
    """The height above terrain; what is far below it stands for unknown."""
    terrain: Any = data.get("altitude_terrain")
    if type(terrain) in (int, float) and terrain >= TERRAIN_KNOWN_ABOVE:
        values["position.global.altitude_terrain"] = terrain


def _status_text(data: Mapping[str, Any], values: dict[str, Value]) -> None:
    text, severity = data.get("text"), _whole(data, "severity")
    if isinstance(text, str) and text:
        values["vehicle_status.message"] = text[:256]
        if severity is not None:
            values["vehicle_status.message_severity"] = severity


DERIVATIONS: dict[str, Derivation] = {
    "HEARTBEAT": _heartbeat,
    "BATTERY_STATUS": _battery,
    "SERVO_OUTPUT_RAW": _servos,
    "RC_CHANNELS": _channels,
    "MISSION_CURRENT": _mission,
    "ALTITUDE": _altitude,
    "STATUSTEXT": _status_text,
}

# Fields that a derivation has used up, so that the history does not keep them twice.
USED: dict[str, frozenset[str]] = {
    "MISSION_CURRENT": frozenset(("total",)),
    "ALTITUDE": frozenset(("altitude_terrain",)),
    "STATUSTEXT": frozenset(("text", "severity")),
}
