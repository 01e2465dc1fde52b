"""Where gimbals point, each under its number; one that has none is called by its component."""

import math
from collections.abc import Mapping
from typing import Any

from flows.ontology.signals import Value
from flows.steps.mavlink.message import NOT_SENT, Derived, Instance, Message, Reading

GIMBAL = "gimbals.{n}"
_ANGLES = ("roll", "pitch", "yaw")
CENTIDEGREES = 18_000 / math.pi  # In a radian.
DEGREES = 180 / math.pi
VERTICAL = 1e-4  # The cosine of a pitch that is as good as straight down.


def _attitude(data: Mapping[str, Any], values: dict[str, Value], branch: str) -> None:
    """The quaternion as it was sent, and as the angles that people think in."""
    sent = data.get("q")
    if not isinstance(sent, list) or len(sent) != 4:
        return
    if not all(type(each) in (int, float) and -1.01 <= each <= 1.01 for each in sent):
        return
    if any(sent):
        values[f"{branch}.quaternion"] = [float(each) for each in sent]
        values.update(zip((f"{branch}.{each}" for each in _ANGLES), _angles(*sent), strict=True))


def _angles(w: float, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Roll, pitch and yaw. Straight down or up, roll cannot be told from yaw and is none."""
    ahead, aside = 1 - 2 * (y * y + z * z), 2 * (w * z + x * y)
    level = math.hypot(ahead, aside)
    pitch = math.atan2(2 * (w * y - z * x), level)
    if level < VERTICAL:
        return 0.0, pitch, math.atan2(2 * (w * z - x * y), 1 - 2 * (x * x + z * z))
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    return roll, pitch, math.atan2(aside, ahead)


MESSAGES: dict[str, Message] = {
    "GIMBAL_DEVICE_ATTITUDE_STATUS": Message(
        (
            Reading("flags", f"{GIMBAL}.flags"),
            Reading("failure_flags", f"{GIMBAL}.failures"),
            Reading("angular_velocity_x", f"{GIMBAL}.rollspeed"),
            Reading("angular_velocity_y", f"{GIMBAL}.pitchspeed"),
            Reading("angular_velocity_z", f"{GIMBAL}.yawspeed"),
            Reading("delta_yaw", f"{GIMBAL}.vehicle_yaw", 1, NOT_SENT),
            Reading("delta_yaw_velocity", f"{GIMBAL}.vehicle_yawspeed", 1, NOT_SENT),
        ),
        derived=Derived(
            ("q",), (f"{GIMBAL}.quaternion", *(f"{GIMBAL}.{each}" for each in _ANGLES)), _attitude
        ),
        instance=Instance(GIMBAL, "gimbal_device_id", component=True),
        peripheral=True,
    ),
    "MOUNT_STATUS": Message(
        (
            Reading("pointing_a", f"{GIMBAL}.pitch", CENTIDEGREES),
            Reading("pointing_b", f"{GIMBAL}.roll", CENTIDEGREES),
            Reading("pointing_c", f"{GIMBAL}.yaw", CENTIDEGREES),
        ),
        instance=Instance(GIMBAL, component=True),
        peripheral=True,
    ),
    "MOUNT_ORIENTATION": Message(
        (
            *(Reading(angle, f"{GIMBAL}.{angle}", DEGREES) for angle in _ANGLES),
            Reading("yaw_absolute", f"{GIMBAL}.yaw_absolute", DEGREES, NOT_SENT),
        ),
        instance=Instance(GIMBAL, component=True),
        peripheral=True,
    ),
    "GIMBAL_MANAGER_STATUS": Message(
        (
            Reading("flags", f"{GIMBAL}.manager_flags"),
            Reading("primary_control_sysid", f"{GIMBAL}.primary_system"),
            Reading("primary_control_compid", f"{GIMBAL}.primary_component"),
            Reading("secondary_control_sysid", f"{GIMBAL}.secondary_system"),
            Reading("secondary_control_compid", f"{GIMBAL}.secondary_component"),
        ),
        instance=Instance(GIMBAL, "gimbal_device_id", component=True),
        peripheral=True,
    ),
}
