"""The flat document that Aero Arc puts under ``{entity}.mavlink``: raw units, one level."""

from collections.abc import Mapping
from typing import Any

from flows.ontology.signals import Value, find
from flows.ontology.vehicles import MAV_TYPES
from flows.steps.believe import NOWHERE, believed

U16 = 2**16 - 1
# Field, path, divisor, and what stands for unknown.
ROWS: tuple[tuple[str, str, float, float | None], ...] = (
    ("latitude", "position.global.latitude", 1e7, None),
    ("longitude", "position.global.longitude", 1e7, None),
    ("altitude", "position.global.altitude_msl", 1000, None),
    ("relative_alt", "position.global.altitude_relative", 1000, None),
    ("heading", "position.global.heading", 100, U16),
    ("vx", "position.global.vx", 100, None),
    ("vy", "position.global.vy", 100, None),
    ("vz", "position.global.vz", 100, None),
    ("roll", "attitude.euler.roll", 1, None),
    ("pitch", "attitude.euler.pitch", 1, None),
    ("yaw", "attitude.euler.yaw", 1, None),
    ("roll_speed", "attitude.euler.rollspeed", 1, None),
    ("pitch_speed", "attitude.euler.pitchspeed", 1, None),
    ("yaw_speed", "attitude.euler.yawspeed", 1, None),
    ("battery_remaining", "power.battery_remaining", 1, -1),
    ("voltage_battery", "power.voltage", 1000, U16),
    ("load", "vehicle_status.load", 10, None),
    ("airspeed", "vfr.airspeed", 1, None),
    ("ground_speed", "vfr.groundspeed", 1, None),
    ("throttle", "vfr.throttle", 1, None),
    ("climb_rate", "vfr.climb_rate", 1, None),
)
_PLACE = NOWHERE[0]


def signals(flat: Mapping[str, Any]) -> dict[str, Value]:
    """The signals of the tree that such a document says."""
    values: dict[str, Value] = {}
    for field, path, divisor, unknown in ROWS:
        raw, signal = flat.get(field), find(path)
        if signal is None or isinstance(raw, bool) or not isinstance(raw, int | float):
            continue
        value = raw / divisor if raw != unknown and abs(raw) < 2**64 else None
        # Divided here, so it cannot be in the other unit.
        if value is not None and signal.holds(value):
            values[path] = value
    if all(values.get(path) == 0 for path in _PLACE):
        for path in _PLACE:
            del values[path]
    kind = flat.get("vehicle_type")
    number = MAV_TYPES.get(kind) if isinstance(kind, str) else kind
    signal = find("vehicle_status.vehicle_type")
    if signal is not None and (read := believed(signal, number)) is not None:
        values[signal.path] = read
    return values
