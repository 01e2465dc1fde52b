"""MAVLink's names of its numbers (common.xml), for programs that write names in their place.

No name stands for two numbers, so a value alone tells what it means. Of a mask, programs
write the names of its bits with ``|`` between them.
"""

from collections.abc import Iterable

from flows.ontology.vehicles import MAV_TYPES


def _counted(prefix: str, names: str) -> dict[str, int]:
    return {f"{prefix}_{name}": number for number, name in enumerate(names.split())}


def _bits(names: Iterable[str]) -> dict[str, int]:
    return {name: 1 << bit for bit, name in enumerate(names)}


_SENSORS = """
SENSOR_3D_GYRO SENSOR_3D_ACCEL SENSOR_3D_MAG SENSOR_ABSOLUTE_PRESSURE SENSOR_DIFFERENTIAL_PRESSURE
SENSOR_GPS SENSOR_OPTICAL_FLOW SENSOR_VISION_POSITION SENSOR_LASER_POSITION
SENSOR_EXTERNAL_GROUND_TRUTH SENSOR_ANGULAR_RATE_CONTROL SENSOR_ATTITUDE_STABILIZATION
SENSOR_YAW_POSITION SENSOR_Z_ALTITUDE_CONTROL SENSOR_XY_POSITION_CONTROL SENSOR_MOTOR_OUTPUTS
SENSOR_RC_RECEIVER SENSOR_3D_GYRO2 SENSOR_3D_ACCEL2 SENSOR_3D_MAG2 GEOFENCE AHRS TERRAIN
REVERSE_MOTOR LOGGING SENSOR_BATTERY SENSOR_PROXIMITY SENSOR_SATCOM PREARM_CHECK
OBSTACLE_AVOIDANCE SENSOR_PROPULSION EXTENSION_USED
"""

NUMBERS: dict[str, int] = {
    **MAV_TYPES,
    **_counted(
        "MAV_AUTOPILOT",
        "GENERIC RESERVED SLUGS ARDUPILOTMEGA OPENPILOT GENERIC_WAYPOINTS_ONLY "
        "GENERIC_WAYPOINTS_AND_SIMPLE_NAVIGATION_ONLY GENERIC_MISSION_FULL INVALID PPZ UDB FP PX4 "
        "SMACCMPILOT AUTOQUAD ARMAZILA AEROB ASLUAV SMARTAP AIRRAILS REFLEX",
    ),
    **_counted(
        "MAV_STATE",
        "UNINIT BOOT CALIBRATING STANDBY ACTIVE CRITICAL EMERGENCY POWEROFF FLIGHT_TERMINATION",
    ),
    **_counted(
        "GPS_FIX_TYPE", "NO_GPS NO_FIX 2D_FIX 3D_FIX DGPS RTK_FLOAT RTK_FIXED STATIC PPP"
    ),
    **_counted("MAV_LANDED_STATE", "UNDEFINED ON_GROUND IN_AIR TAKEOFF LANDING"),
    **_counted("MAV_VTOL_STATE", "UNDEFINED TRANSITION_TO_FW TRANSITION_TO_MC MC FW"),
    **_counted("MAV_SEVERITY", "EMERGENCY ALERT CRITICAL ERROR WARNING NOTICE INFO DEBUG"),
    **_bits(
        f"MAV_MODE_FLAG_{name}"
        for name in (
            "CUSTOM_MODE_ENABLED", "TEST_ENABLED", "AUTO_ENABLED", "GUIDED_ENABLED",
            "STABILIZE_ENABLED", "HIL_ENABLED", "MANUAL_INPUT_ENABLED", "SAFETY_ARMED",
        )
    ),
    **_bits(f"MAV_SYS_STATUS_{name}" for name in _SENSORS.split()),
}  # fmt: skip


def number_named(text: str) -> int | None:
    """The number that a name stands for, or the mask of several; None for any other text."""
    total = 0
    for name in text.split("|"):
        number = NUMBERS.get(name.strip())
        if number is None:
            return None
        total |= number
    return total
