"""How it is turned and shaken: attitude, inertial sensors, and what the filters make of them."""

from flows.steps.mavlink.message import NOT_SENT, Instance, Message, Reading, Valid, same

RATES = ("rollspeed", "pitchspeed", "yawspeed")
# Thousandths of the acceleration by which standard gravity is defined, in m/s2.
MILLI_G = 1000 / 9.80665
_AXES = ("xacc", "yacc", "zacc", "xgyro", "ygyro", "zgyro", "xmag", "ymag", "zmag")


def _imu(number: int) -> Message:
    """Of sensors in thousandths: acceleration, rate and magnetic field."""
    divisors = dict(zip(("acc", "gyro", "mag"), (MILLI_G, 1000, 1000), strict=True))
    return Message(
        (
            *(Reading(axis, f"imu.{{n}}.{axis}", divisors[axis[1:]]) for axis in _AXES),
            Reading("temperature", "imu.{n}.temperature", 100, NOT_SENT),
        ),
        instance=Instance("imu.{n}", always=number),
    )


MESSAGES: dict[str, Message] = {
    "ATTITUDE": Message(same("attitude.euler", ("roll", "pitch", "yaw", *RATES))),
    "ATTITUDE_QUATERNION": Message(
        same("attitude.quaternion", ("q1", "q2", "q3", "q4", *RATES)),
    ),
    "SCALED_IMU": _imu(1),
    "SCALED_IMU2": _imu(2),
    "SCALED_IMU3": _imu(3),
    "HIGHRES_IMU": Message(
        (
            *same("imu.{n}", _AXES),
            Reading("abs_pressure", "imu.{n}.pressure_abs"),
            Reading("diff_pressure", "imu.{n}.pressure_diff"),
            Reading("pressure_alt", "imu.{n}.pressure_altitude"),
            Reading("temperature", "imu.{n}.temperature"),
        ),
        # Its first sensor is number 0; that of SCALED_IMU is the same one, and number 1.
        instance=Instance("imu.{n}", "id", plus=1),
        valid=Valid(
            "fields_updated",
            tuple(
                (1 << bit, (field,))
                for bit, field in enumerate(
                    (*_AXES, "abs_pressure", "diff_pressure", "pressure_alt", "temperature")
                )
            ),
        ),
    ),
    "VIBRATION": Message(
        (
            *(Reading(f"vibration_{axis}", f"vibration.{axis}") for axis in "xyz"),
            *(Reading(f"clipping_{n}", f"vibration.clipping_{n}") for n in range(3)),
        )
    ),
    "EKF_STATUS_REPORT": Message(
        (
            Reading("flags", "ekf.flags"),
            Reading("velocity_variance", "ekf.velocity"),
            Reading("pos_horiz_variance", "ekf.position_horizontal"),
            Reading("pos_vert_variance", "ekf.position_vertical"),
            Reading("compass_variance", "ekf.compass"),
            Reading("terrain_alt_variance", "ekf.terrain"),
            Reading("airspeed_variance", "ekf.airspeed", 1, NOT_SENT),
        )
    ),
    "ESTIMATOR_STATUS": Message(
        (
            Reading("flags", "estimator.flags"),
            Reading("vel_ratio", "estimator.velocity"),
            Reading("pos_horiz_ratio", "estimator.position_horizontal"),
            Reading("pos_vert_ratio", "estimator.position_vertical"),
            Reading("mag_ratio", "estimator.compass"),
            Reading("hagl_ratio", "estimator.terrain"),
            Reading("tas_ratio", "estimator.airspeed"),
            Reading("pos_horiz_accuracy", "estimator.accuracy_h"),
            Reading("pos_vert_accuracy", "estimator.accuracy_v"),
        )
    ),
}
