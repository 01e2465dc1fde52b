"""Frames that pymavlink packs become signals: every message of the table, exactly."""

import math

import pytest
from mavlink_said import flown, said

from flows.ontology.signals import find
from flows.steps.mavlink import MESSAGES

GONE = 65_535
NAN = math.nan
G = 9.80665


def bytes_of(text: str, length: int) -> list[int]:
    return list(text.encode().ljust(length, b"\0"))


def imu(number: int) -> dict[str, float]:
    return {
        f"imu.{number}.xacc": round(-25 * G / 1000, 9),
        f"imu.{number}.yacc": 0,
        f"imu.{number}.zacc": -G,
        f"imu.{number}.xgyro": 0.012,
        f"imu.{number}.ygyro": -0.001,
        f"imu.{number}.zgyro": 0,
        f"imu.{number}.xmag": 0.234,
        f"imu.{number}.ymag": 0.005,
        f"imu.{number}.zmag": -0.53,
    }


IMU = {
    "xacc": -25, "zacc": -1000, "xgyro": 12, "ygyro": -1, "xmag": 234, "ymag": 5, "zmag": -530,
}  # fmt: skip
RECEIVED = {
    "fix_type": 6, "lat": -353_632_621, "lon": 1_491_652_374, "alt": 584_090, "eph": 71, "epv": 120,
    "vel": 1234, "cog": 35_999, "satellites_visible": 21, "yaw": 36_000, "alt_ellipsoid": 603_120,
    "h_acc": 1400, "v_acc": 2100, "vel_acc": 90, "hdg_acc": 150_000,
}  # fmt: skip
OFF = dict.fromkeys((f"chan{number}_raw" for number in range(1, 19)), GONE)
QUARTER = math.sqrt(0.5)
STILL = dict.fromkeys(
    (f"gimbals.2.{each}" for each in ("flags", "failures", "rollspeed", "pitchspeed", "yawspeed")),
    0,
)

# Message, the fields that are not zero, and the signals; for some, who speaks.
CASES = [
    ("HEARTBEAT", {"type": 2, "autopilot": 3, "base_mode": 209, "custom_mode": 4}, {
        "vehicle_status.vehicle_type": 2, "vehicle_status.autopilot": 3,
        "vehicle_status.base_mode": 209, "vehicle_status.custom_mode": 4,
        "vehicle_status.system_status": 0, "vehicle_status.armed": True,
        "vehicle_status.mode": "GUIDED",
    }),
    ("SYS_STATUS", {
        "voltage_battery": 16_200, "current_battery": -1, "battery_remaining": -1, "load": 234,
        "drop_rate_comm": 125, "errors_comm": 3,
    }, {
        "vehicle_status.sensors_present": 0, "vehicle_status.sensors_enabled": 0,
        "vehicle_status.sensors_health": 0, "vehicle_status.load": 23.4,
        "vehicle_status.drop_rate": 1.25, "vehicle_status.errors_comm": 3, "power.voltage": 16.2,
    }),
    ("SYS_STATUS", {"voltage_battery": GONE, "current_battery": 1520, "battery_remaining": 0}, {
        "vehicle_status.sensors_present": 0, "vehicle_status.sensors_enabled": 0,
        "vehicle_status.sensors_health": 0, "vehicle_status.load": 0,
        "vehicle_status.drop_rate": 0, "vehicle_status.errors_comm": 0, "power.current": 15.2,
        "power.battery_remaining": 0,
    }),
    ("EXTENDED_SYS_STATE", {"landed_state": 2, "vtol_state": 4}, {
        "vehicle_status.landed_state": 2, "vehicle_status.vtol_state": 4,
    }),
    ("STATUSTEXT", {"severity": 3, "text": b"Crash: Disarming"}, {
        "vehicle_status.message": "Crash: Disarming", "vehicle_status.message_severity": 3,
    }),
    ("STATUSTEXT", {"severity": 3, "text": b"half of it", "id": 7}, {}),
    ("AUTOPILOT_VERSION", {
        "capabilities": 2**63 + 1, "flight_sw_version": 0x040507FF,
        "middleware_sw_version": 0x01020300,
        "os_sw_version": 0x0B0002C0, "board_version": 9, "vendor_id": 4617, "product_id": 17,
        "flight_custom_version": bytes_of("1a2b3c4d", 8), "uid": 2**63 + 5, "uid2": [0] * 18,
    }, {
        "firmware.capabilities": "9223372036854775809", "firmware.flight": "4.5.7-official",
        "firmware.middleware": "1.2.3-dev",
        "firmware.os": "11.0.2-rc", "firmware.board": 9, "firmware.vendor": 4617,
        "firmware.product": 17, "firmware.git": "3161326233633464",
        "firmware.uid": "9223372036854775813",
    }),
    ("AUTOPILOT_VERSION", {"uid": 5, "uid2": [0xAB, *[0] * 16, 1]}, {
        "firmware.uid": "ab" + "00" * 16 + "01",
    }),
    ("AUTOPILOT_VERSION", {}, {}),
    ("SYSTEM_TIME", {"time_unix_usec": 1_700_000_000_500_000, "time_boot_ms": 61_500}, {
        "clock.utc": 1_700_000_000.5, "clock.uptime": 61.5,
    }),
    ("SYSTEM_TIME", {"time_boot_ms": 61_500}, {"clock.uptime": 61.5}),
    ("GLOBAL_POSITION_INT", {"lat": 473_977_418, "lon": -85_456_000, "alt": 488_100, "vy": -150,
                             "hdg": GONE}, {
        "position.global.latitude": 47.3977418, "position.global.longitude": -8.5456,
        "position.global.altitude_msl": 488.1, "position.global.altitude_relative": 0,
        "position.global.vx": 0, "position.global.vy": -1.5, "position.global.vz": 0,
    }),
    ("GLOBAL_POSITION_INT", {"lon": 70_000_000, "hdg": 9000, "relative_alt": -2000}, {
        "position.global.latitude": 0, "position.global.longitude": 7,
        "position.global.altitude_msl": 0, "position.global.altitude_relative": -2,
        "position.global.vx": 0, "position.global.vy": 0, "position.global.vz": 0,
        "position.global.heading": 90,
    }),
    ("GPS_RAW_INT", RECEIVED, {
        "position.global.fix_type": 6, "position.global.satellites_visible": 21,
        "position.gps.latitude": -35.3632621, "position.gps.longitude": 149.1652374,
        "position.gps.altitude_msl": 584.09, "position.gps.hdop": 0.71, "position.gps.vdop": 1.2,
        "position.gps.groundspeed": 12.34, "position.gps.course": 359.99, "position.gps.yaw": 360,
        "position.gps.altitude_ellipsoid": 603.12, "position.global.accuracy_h": 1.4,
        "position.global.accuracy_v": 2.1, "position.gps.accuracy_speed": 0.09,
        "position.gps.accuracy_course": 1.5,
    }),
    ("GPS_RAW_INT", {"eph": GONE, "epv": GONE, "vel": GONE, "cog": GONE, "yaw": GONE,
                     "satellites_visible": 255}, {
        "position.global.fix_type": 0, "position.gps.altitude_msl": 0,
    }),
    ("GPS2_RAW", RECEIVED, {
        "position.receivers.2.fix_type": 6, "position.receivers.2.satellites_visible": 21,
        "position.receivers.2.latitude": -35.3632621, "position.receivers.2.longitude": 149.1652374,
        "position.receivers.2.altitude_msl": 584.09, "position.receivers.2.hdop": 0.71,
        "position.receivers.2.vdop": 1.2, "position.receivers.2.groundspeed": 12.34,
        "position.receivers.2.course": 359.99, "position.receivers.2.yaw": 360,
        "position.receivers.2.altitude_ellipsoid": 603.12, "position.receivers.2.accuracy_h": 1.4,
        "position.receivers.2.accuracy_v": 2.1, "position.receivers.2.accuracy_speed": 0.09,
        "position.receivers.2.accuracy_course": 1.5,
    }),
    ("LOCAL_POSITION_NED", {"x": 1.5, "y": -2.5, "z": -10, "vx": 0.5, "vz": -1}, {
        "position.local.x": 1.5, "position.local.y": -2.5, "position.local.z": -10,
        "position.local.vx": 0.5, "position.local.vy": 0, "position.local.vz": -1,
    }),
    ("HOME_POSITION", {"latitude": 10_000_000, "longitude": -20_000_000, "altitude": -1500}, {
        "position.home.latitude": 1, "position.home.longitude": -2,
        "position.home.altitude_msl": -1.5,
    }),
    ("HOME_POSITION", {"altitude": 5}, {"position.home.altitude_msl": 0.005}),
    ("ALTITUDE", {"altitude_monotonic": 3, "altitude_amsl": NAN, "altitude_local": 7.5,
                  "altitude_relative": 5, "altitude_terrain": -999.5, "bottom_clearance": 2.5}, {
        "position.altitude.monotonic": 3, "position.altitude.local": 7.5,
        "position.global.altitude_relative": 5, "position.global.altitude_terrain": -999.5,
        "position.altitude.clearance": 2.5,
    }),
    ("ALTITUDE", {"altitude_terrain": -1000.5, "bottom_clearance": -1, "altitude_relative": NAN,
                  "altitude_monotonic": NAN, "altitude_local": NAN}, {
        "position.global.altitude_msl": 0,
    }),
    ("VFR_HUD", {"airspeed": 15.5, "groundspeed": 14, "heading": 270, "throttle": 45, "alt": 100.5,
                 "climb": -2.25}, {
        "vfr.airspeed": 15.5, "vfr.groundspeed": 14, "vfr.heading": 270, "vfr.throttle": 45,
        "vfr.altitude": 100.5, "vfr.climb_rate": -2.25,
    }),
    ("NAV_CONTROLLER_OUTPUT", {"nav_roll": -12.5, "nav_pitch": 3.5, "nav_bearing": -90,
                               "target_bearing": 180, "wp_dist": 1200, "alt_error": -7.5,
                               "aspd_error": 0.5, "xtrack_error": -31.25}, {
        "navigation.roll": -12.5, "navigation.pitch": 3.5, "navigation.bearing": -90,
        "navigation.target_bearing": 180, "navigation.distance": 1200,
        "navigation.altitude_error": -7.5, "navigation.crosstrack_error": -31.25,
    }),
    ("ATTITUDE", {"roll": 0.5, "pitch": -0.25, "yaw": 3, "yawspeed": -0.125}, {
        "attitude.euler.roll": 0.5, "attitude.euler.pitch": -0.25, "attitude.euler.yaw": 3,
        "attitude.euler.rollspeed": 0, "attitude.euler.pitchspeed": 0,
        "attitude.euler.yawspeed": -0.125,
    }),
    ("ATTITUDE_QUATERNION", {"q1": 0.5, "q2": -0.5, "q3": 0.5, "q4": -0.5, "rollspeed": 0.25}, {
        "attitude.quaternion.q1": 0.5, "attitude.quaternion.q2": -0.5,
        "attitude.quaternion.q3": 0.5, "attitude.quaternion.q4": -0.5,
        "attitude.quaternion.rollspeed": 0.25, "attitude.quaternion.pitchspeed": 0,
        "attitude.quaternion.yawspeed": 0,
    }),
    ("SCALED_IMU", IMU | {"temperature": -550}, imu(1) | {"imu.1.temperature": -5.5}),
    ("SCALED_IMU2", IMU | {"temperature": 4512}, imu(2) | {"imu.2.temperature": 45.12}),
    ("SCALED_IMU3", IMU | {"temperature": 1}, imu(3) | {"imu.3.temperature": 0.01}),
    ("HIGHRES_IMU", {"xacc": 0.5, "zacc": -9.75, "zgyro": 0.25, "xmag": 0.125, "temperature": 40,
                     "abs_pressure": 1000.5, "diff_pressure": -0.5, "pressure_alt": 106.5,
                     "fields_updated": 0b1_1111_1111_1111, "id": 0}, {
        "imu.1.xacc": 0.5, "imu.1.yacc": 0, "imu.1.zacc": -9.75, "imu.1.xgyro": 0, "imu.1.ygyro": 0,
        "imu.1.zgyro": 0.25, "imu.1.xmag": 0.125, "imu.1.ymag": 0, "imu.1.zmag": 0,
        "imu.1.temperature": 40, "imu.1.pressure_abs": 1000.5, "imu.1.pressure_diff": -0.5,
        "imu.1.pressure_altitude": 106.5,
    }),
    ("HIGHRES_IMU", {"xacc": 0.5, "zacc": -9.75, "temperature": 40, "id": 2,
                     "fields_updated": 0b100}, {"imu.3.zacc": -9.75}),
    ("VIBRATION", {"vibration_x": 0.5, "vibration_z": 32, "clipping_0": 7,
                   "clipping_2": 2**32 - 1}, {
        "vibration.x": 0.5, "vibration.y": 0, "vibration.z": 32, "vibration.clipping_0": 7,
        "vibration.clipping_1": 0, "vibration.clipping_2": 2**32 - 1,
    }),
    ("EKF_STATUS_REPORT", {"flags": 831, "velocity_variance": 0.125, "pos_horiz_variance": 0.25,
                           "pos_vert_variance": 0.5, "compass_variance": 1.5,
                           "airspeed_variance": 2.5}, {
        "ekf.flags": 831, "ekf.velocity": 0.125, "ekf.position_horizontal": 0.25,
        "ekf.position_vertical": 0.5, "ekf.compass": 1.5, "ekf.terrain": 0,
        "ekf.airspeed": 2.5,
    }),
    ("ESTIMATOR_STATUS", {"flags": 0x33F, "vel_ratio": 0.5, "pos_horiz_ratio": 0.25,
                          "pos_vert_ratio": 0.125, "mag_ratio": 2, "hagl_ratio": 0.75,
                          "tas_ratio": 1.5, "pos_horiz_accuracy": 0.75,
                          "pos_vert_accuracy": 1.25}, {
        "estimator.flags": 0x33F, "estimator.velocity": 0.5, "estimator.position_horizontal": 0.25,
        "estimator.position_vertical": 0.125, "estimator.compass": 2, "estimator.terrain": 0.75,
        "estimator.airspeed": 1.5,
        "estimator.accuracy_h": 0.75, "estimator.accuracy_v": 1.25,
    }),
    ("BATTERY_STATUS", {
        "id": 0, "type": 1, "battery_function": 2, "temperature": -550,
        "voltages": [4100, 4050, 0, *[GONE] * 7], "current_battery": -12, "current_consumed": 900,
        "energy_consumed": 36, "battery_remaining": 55, "time_remaining": 3600, "charge_state": 6,
        "voltages_ext": [0] * 4, "fault_bitmask": 16,
    }, {
        "power.chemistry": 1, "power.function": 2, "power.temperature": -5.5,
        "power.cells": [4.1, 4.05, 0], "power.voltage": 8.15, "power.current": -0.12,
        "power.consumed": 900, "power.energy_consumed": 3600, "power.battery_remaining": 55,
        "power.time_remaining": 3600, "power.charge_state": 6, "power.faults": 16,
    }),
    ("BATTERY_STATUS", {
        "id": 1, "temperature": 32_767, "voltages": [4000] * 10, "voltages_ext": [3900, 3800, 0, 0],
        "current_battery": 250, "current_consumed": -1, "energy_consumed": -1,
        "battery_remaining": 10,
    }, {
        "power.batteries.1.cells": [4.0] * 10 + [3.9, 3.8], "power.batteries.1.voltage": 47.7,
        "power.batteries.1.current": 2.5, "power.batteries.1.battery_remaining": 10,
    }),
    ("BATTERY_STATUS", {
        "id": 0, "temperature": 32_767, "voltages": [65_534, 1466, *[GONE] * 8],
        "current_battery": -1, "current_consumed": -1, "energy_consumed": -1,
        "battery_remaining": -1,
    }, {"power.cells": [65.534, 1.466], "power.voltage": 67}),
    ("BATTERY_STATUS", {
        "id": 0, "temperature": 32_767, "voltages": [24_500, *[GONE] * 9], "current_battery": -1,
        "current_consumed": -1, "energy_consumed": -1, "battery_remaining": 80,
    }, {
        "power.batteries.0.cells": [24.5], "power.batteries.0.voltage": 24.5,
        "power.batteries.0.battery_remaining": 80,
    }, {"role": "peripheral", "component_id": 180}),
    ("BATTERY2", {"voltage": 11_100, "current_battery": 350}, {
        "power.batteries.1.voltage": 11.1, "power.batteries.1.current": 3.5,
    }),
    ("MISSION_CURRENT", {"seq": 3, "total": 5, "mission_state": 3, "mission_mode": 1}, {
        "mission.current_waypoint": 3, "mission.total_waypoints": 5, "mission.state": 3,
        "mission.mode": 1,
    }),
    ("MISSION_CURRENT", {"total": 0}, {"mission.current_waypoint": 0}),
    ("MISSION_CURRENT", {"total": GONE}, {
        "mission.current_waypoint": 0, "mission.total_waypoints": 0,
    }),
    ("MISSION_ITEM_REACHED", {"seq": 2}, {"mission.reached_waypoint": 2}),
    ("MISSION_COUNT", {"count": 6}, {"mission.total_waypoints": 6}),
    ("MISSION_COUNT", {"count": 4, "mission_type": 1}, {"mission.fence_points": 4}),
    ("MISSION_COUNT", {"count": 0, "mission_type": 2}, {"mission.rally_points": 0}),
    ("MISSION_COUNT", {"count": 9, "mission_type": 255}, {}),
    ("SERVO_OUTPUT_RAW", {"port": 0, "servo1_raw": 1500, "servo3_raw": 1100, "servo16_raw": 1900}, {
        "actuators.servos": [1500, 0, 1100, *[0] * 12, 1900],
    }),
    ("SERVO_OUTPUT_RAW", {"port": 1, "servo1_raw": 1000, "servo2_raw": 2000}, {
        "actuators.ports.1.servos": [1000, 2000],
    }),
    ("SERVO_OUTPUT_RAW", {"port": 0}, {}),
    ("RC_CHANNELS", OFF | {"chancount": 3, "chan1_raw": 1500, "chan3_raw": 1000, "rssi": 254}, {
        "radio.channels": [1500, 0, 1000], "radio.rssi": 100,
    }),
    ("RC_CHANNELS", OFF | {"chancount": 0, "rssi": 255}, {}),
    ("RADIO_STATUS", {"rssi": 180, "remrssi": 255, "txbuf": 95, "noise": 60, "remnoise": 58,
                      "rxerrors": 12, "fixed": 3}, {
        "radio.link.rssi": 180, "radio.link.buffer": 95, "radio.link.noise": 60,
        "radio.link.remote_noise": 58, "radio.link.errors": 12, "radio.link.corrected": 3,
    }, {"role": "peripheral", "component_id": 68}),
    ("RADIO_STATUS", {"rssi": 255, "remrssi": 170, "noise": 255, "remnoise": 255}, {
        "radio.link.remote_rssi": 170, "radio.link.buffer": 0, "radio.link.errors": 0,
        "radio.link.corrected": 0,
    }),
    ("RADIO", {"rssi": 180, "remrssi": 170, "txbuf": 100}, {
        "radio.link.rssi": 180, "radio.link.remote_rssi": 170, "radio.link.buffer": 100,
        "radio.link.noise": 0, "radio.link.remote_noise": 0, "radio.link.errors": 0,
        "radio.link.corrected": 0,
    }),
    ("SCALED_PRESSURE", {"press_abs": 1013.25, "press_diff": -0.5, "temperature": -1250,
                         "temperature_press_diff": 1850}, {
        "environment.pressure_abs": 1013.25, "environment.pressure_diff": -0.5,
        "environment.temperature": -12.5, "environment.temperature_diff": 18.5,
    }),
    ("SCALED_PRESSURE2", {"press_abs": 900.5, "temperature": 2500, "temperature_press_diff": 1}, {
        "environment.barometers.2.pressure_abs": 900.5,
        "environment.barometers.2.pressure_diff": 0, "environment.barometers.2.temperature": 25,
        "environment.barometers.2.temperature_diff": 0.01,
    }),
    ("SCALED_PRESSURE3", {"press_abs": 1500.25, "temperature_press_diff": 100}, {
        "environment.barometers.3.pressure_abs": 1500.25,
        "environment.barometers.3.pressure_diff": 0, "environment.barometers.3.temperature": 0,
        "environment.barometers.3.temperature_diff": 1,
    }),
    ("WIND", {"direction": -170.5, "speed": 5.5, "speed_z": -0.5}, {
        "environment.wind_direction": -170.5, "environment.wind_speed": 5.5,
        "environment.wind_vertical": -0.5,
    }),
    # It blows to the south and to the west: it comes from the north-east.
    ("WIND_COV", {"wind_x": -3, "wind_y": -3, "wind_z": NAN, "horiz_accuracy": 0.5}, {
        "environment.wind_direction": 45, "environment.wind_speed": round(3 * math.sqrt(2), 9),
        "environment.wind_accuracy": 0.5,
    }),
    ("WIND_COV", {"wind_x": 0, "wind_y": 4}, {
        "environment.wind_direction": 270, "environment.wind_speed": 4,
        "environment.wind_vertical": 0,
    }),
    ("WIND_COV", {"wind_x": NAN, "wind_y": 4, "wind_z": NAN}, {}),
    ("DISTANCE_SENSOR", {"min_distance": 20, "max_distance": 700, "current_distance": 234,
                         "type": 0, "id": 3, "orientation": 25, "covariance": 255,
                         "horizontal_fov": 0.5, "vertical_fov": 0.25,
                         "signal_quality": 100}, {
        "distance.3.distance": 2.34, "distance.3.least": 0.2, "distance.3.most": 7,
        "distance.3.type": 0, "distance.3.orientation": 25, "distance.3.fov_horizontal": 0.5,
        "distance.3.fov_vertical": 0.25,
        "distance.3.quality": 100,
    }),
    ("DISTANCE_SENSOR", {"min_distance": 20, "max_distance": 700, "current_distance": 900,
                         "covariance": 4, "signal_quality": 1}, {
        "distance.0.least": 0.2, "distance.0.most": 7, "distance.0.type": 0,
        "distance.0.orientation": 0, "distance.0.variance": 4,
    }),
    # A quarter turn to the right; then straight down.
    ("GIMBAL_DEVICE_ATTITUDE_STATUS", {"q": [QUARTER, 0, 0, QUARTER], "flags": 12,
                                       "angular_velocity_x": 0.25, "angular_velocity_y": NAN,
                                       "angular_velocity_z": -0.5, "failure_flags": 2,
                                       "delta_yaw": 1.5, "delta_yaw_velocity": 0.75,
                                       "gimbal_device_id": 0}, {
        "gimbals.154.roll": 0, "gimbals.154.pitch": 0, "gimbals.154.yaw": math.pi / 2,
        "gimbals.154.quaternion": [QUARTER, 0, 0, QUARTER], "gimbals.154.flags": 12,
        "gimbals.154.rollspeed": 0.25, "gimbals.154.yawspeed": -0.5, "gimbals.154.failures": 2,
        "gimbals.154.vehicle_yaw": 1.5, "gimbals.154.vehicle_yawspeed": 0.75,
    }, {"role": "peripheral", "component_id": 154}),
    ("GIMBAL_DEVICE_ATTITUDE_STATUS", {"q": [QUARTER, 0, -QUARTER, 0], "gimbal_device_id": 2}, {
        "gimbals.2.roll": 0, "gimbals.2.pitch": -math.pi / 2, "gimbals.2.yaw": 0,
        "gimbals.2.quaternion": [QUARTER, 0, -QUARTER, 0], **STILL,
    }, {"component_id": 1}),
    # Straight down and then a quarter turn to the right; and a roll of 60 degrees.
    ("GIMBAL_DEVICE_ATTITUDE_STATUS", {"q": [0.5, 0.5, -0.5, 0.5], "gimbal_device_id": 2}, {
        "gimbals.2.roll": 0, "gimbals.2.pitch": -math.pi / 2, "gimbals.2.yaw": math.pi / 2,
        "gimbals.2.quaternion": [0.5, 0.5, -0.5, 0.5], **STILL,
    }),
    ("GIMBAL_DEVICE_ATTITUDE_STATUS", {"q": [math.sqrt(0.75), 0.5, 0, 0], "gimbal_device_id": 2}, {
        "gimbals.2.roll": math.pi / 3, "gimbals.2.pitch": 0, "gimbals.2.yaw": 0,
        "gimbals.2.quaternion": [math.sqrt(0.75), 0.5, 0, 0], **STILL,
    }),
    ("GIMBAL_DEVICE_ATTITUDE_STATUS", {"q": [NAN] * 4, "angular_velocity_x": NAN,
                                       "angular_velocity_y": NAN, "angular_velocity_z": NAN}, {
        "gimbals.1.flags": 0, "gimbals.1.failures": 0,
    }, {"component_id": 1}),
    ("MOUNT_STATUS", {"pointing_a": -9000, "pointing_b": 0, "pointing_c": 18_000}, {
        "gimbals.1.pitch": -math.pi / 2, "gimbals.1.roll": 0, "gimbals.1.yaw": math.pi,
    }, {"component_id": 1}),
    ("MOUNT_ORIENTATION", {"roll": 0, "pitch": -45, "yaw": 90, "yaw_absolute": NAN}, {
        "gimbals.154.roll": 0, "gimbals.154.pitch": -math.pi / 4, "gimbals.154.yaw": math.pi / 2,
    }, {"role": "peripheral", "component_id": 154}),
    ("MOUNT_ORIENTATION", {"roll": NAN, "pitch": NAN, "yaw": NAN, "yaw_absolute": 180}, {
        "gimbals.1.yaw_absolute": math.pi,
    }, {"component_id": 1}),
    ("GIMBAL_MANAGER_STATUS", {"flags": 48, "gimbal_device_id": 1, "primary_control_sysid": 255,
                               "primary_control_compid": 190}, {
        "gimbals.1.manager_flags": 48, "gimbals.1.primary_system": 255,
        "gimbals.1.primary_component": 190, "gimbals.1.secondary_system": 0,
        "gimbals.1.secondary_component": 0,
    }),
    ("CAMERA_INFORMATION", {
        "vendor_name": bytes_of("Tern", 32), "model_name": bytes_of("Öko 4", 32),
        "firmware_version": 0x04030201, "focal_length": NAN, "sensor_size_h": 6.5,
        "sensor_size_v": 4.75, "resolution_h": 4000, "resolution_v": 3000, "lens_id": 0,
        "flags": 3, "cam_definition_uri": b"mavlinkftp://c.xml.xz", "gimbal_device_id": 154,
    }, {
        "cameras.100.vendor": "Tern", "cameras.100.model": "Öko 4",
        "cameras.100.firmware": "1.2.3.4", "cameras.100.sensor_width": 6.5,
        "cameras.100.sensor_height": 4.75, "cameras.100.resolution_width": 4000,
        "cameras.100.resolution_height": 3000, "cameras.100.capabilities": 3,
        "cameras.100.definition": "mavlinkftp://c.xml.xz", "cameras.100.gimbal": 154,
    }, {"role": "peripheral", "component_id": 100}),
    ("CAMERA_INFORMATION", {"focal_length": 3.5, "sensor_size_h": NAN, "sensor_size_v": NAN,
                            "lens_id": 2, "camera_device_id": 1}, {
        "cameras.1.focal_length": 3.5, "cameras.1.lens": 2, "cameras.1.capabilities": 0,
    }),
    ("CAMERA_SETTINGS", {"zoomLevel": NAN, "focusLevel": 100, "camera_device_id": 3}, {
        "cameras.3.mode": 0, "cameras.3.focus": 100,
    }),
    ("CAMERA_SETTINGS", {"mode_id": 1, "zoomLevel": 12.5, "focusLevel": NAN,
                         "camera_device_id": 3}, {
        "cameras.3.mode": 1, "cameras.3.zoom": 12.5,
    }, {"component_id": 1}),
    ("CAMERA_CAPTURE_STATUS", {"image_status": 2, "video_status": 1, "image_interval": 0.5,
                               "recording_time_ms": 61_500, "available_capacity": 1024.5,
                               "image_count": 17}, {
        "cameras.101.image_status": 2, "cameras.101.video_status": 1,
        "cameras.101.image_interval": 0.5, "cameras.101.recording_time": 61.5,
        "cameras.101.capacity": 1024.5, "cameras.101.images": 17,
    }, {"role": "peripheral", "component_id": 101}),
    ("CAMERA_IMAGE_CAPTURED", {"time_utc": 1_700_000_000_000_000, "camera_id": 0,
                               "lat": 473_977_418, "lon": 0, "alt": 488_000,
                               "relative_alt": -1500, "image_index": 16, "capture_result": 1,
                               "file_url": b"http://cam/16.jpg"}, {
        "cameras.100.image.utc": 1.7e9, "cameras.100.image.latitude": 47.3977418,
        "cameras.100.image.longitude": 0, "cameras.100.image.altitude_msl": 488,
        "cameras.100.image.altitude_relative": -1.5, "cameras.100.image.index": 16,
        "cameras.100.image.captured": 1, "cameras.100.image.url": "http://cam/16.jpg",
    }, {"role": "peripheral", "component_id": 100}),
    ("CAMERA_FOV_STATUS", {"lat_camera": 10_000_000, "lon_camera": 20_000_000,
                           "alt_camera": 2**31 - 1, "lat_image": -(2**31), "lon_image": -(2**31),
                           "alt_image": -(2**31), "hfov": 63.5, "vfov": NAN,
                           "camera_device_id": 1}, {
        "cameras.1.place.latitude": 1, "cameras.1.place.longitude": 2,
        "cameras.1.fov_horizontal": 63.5,
    }),
    ("CAMERA_FOV_STATUS", {"lat_camera": 2**31 - 1, "lon_camera": 2**31 - 1, "alt_camera": 5000,
                           "lat_image": 30_000_000, "lon_image": 0, "alt_image": -1000,
                           "hfov": NAN, "vfov": 40.5, "camera_device_id": 1}, {
        "cameras.1.place.altitude_msl": 5, "cameras.1.target.latitude": 3,
        "cameras.1.target.longitude": 0, "cameras.1.target.altitude_msl": -1,
        "cameras.1.fov_vertical": 40.5,
    }),
    ("ADSB_VEHICLE", {"ICAO_address": 0x406B90, "lat": 511_484_000, "lon": 72_279_000,
                      "altitude_type": 0, "altitude": 10_972_800, "heading": 9000,
                      "hor_velocity": 23_150, "ver_velocity": -512, "callsign": b"BAW123  ",
                      "emitter_type": 3, "tslc": 2, "flags": 0xBF, "squawk": 1200}, {
        "position.global.latitude": 51.1484, "position.global.longitude": 7.2279,
        "adsb.altitude.pressure": 10_972.8, "position.gps.course": 90,
        "position.gps.groundspeed": 231.5, "vfr.climb_rate": -5.12, "adsb.icao": "406b90",
        "adsb.callsign": "BAW123", "adsb.category": "A3", "adsb.squawk": "1200",
    }),
    ("ADSB_VEHICLE", {"ICAO_address": 0xA1, "lat": 511_484_000, "lon": 72_279_000, "altitude": 1,
                      "heading": 1, "hor_velocity": 1, "ver_velocity": 1, "callsign": b"X",
                      "squawk": 7700, "emitter_type": 14}, {
        "adsb.icao": "0000a1", "adsb.category": "B6",
    }),
    ("ADSB_VEHICLE", {"ICAO_address": 0xA1, "altitude": -1500, "altitude_type": 1, "flags": 2}, {
        "adsb.icao": "0000a1", "adsb.altitude.geometric": -1.5,
    }),
    ("ADSB_VEHICLE", {"ICAO_address": 0, "lat": 511_484_000, "lon": 72_279_000, "flags": 1}, {}),
    ("AIS_VESSEL", {"MMSI": 211_123_456, "lat": 540_000_000, "lon": 100_000_000, "COG": 35_990,
                    "heading": 51_100, "velocity": 617, "turn_rate": -5, "navigational_status": 0,
                    "type": 70, "dimension_bow": 100, "dimension_stern": 20, "dimension_port": 9,
                    "dimension_starboard": 11, "callsign": b"DABC", "name": b"TERN",
                    "flags": 2 | 4 | 16 | 64 | 2048 | 4096}, {
        "position.global.latitude": 54, "position.global.longitude": 10,
        "position.gps.course": 359.9, "position.gps.groundspeed": 6.17, "ais.mmsi": "211123456",
        "ais.navigation_status": "under way using engine", "ais.vessel.ship_type": 70,
        "ais.vessel.length": 120, "ais.vessel.beam": 20, "ais.vessel.callsign": "DABC",
        "ais.rate_of_turn": -30,
    }),
    ("AIS_VESSEL", {"MMSI": 1, "COG": 5, "heading": 9000, "velocity": 5, "turn_rate": 5,
                    "navigational_status": 15, "dimension_bow": 511, "dimension_stern": 20,
                    "dimension_port": 9, "dimension_starboard": 11, "name": b"X", "callsign": b"Y",
                    "flags": 16 | 32 | 64 | 128}, {
        "ais.mmsi": "000000001", "position.global.heading": 90, "ais.vessel.beam": 20,
    }),
    ("AIS_VESSEL", {"MMSI": 0, "lat": 540_000_000}, {}),
    ("HIGH_LATENCY2", {"type": 2, "autopilot": 3, "custom_mode": 5, "latitude": 473_977_418,
                       "longitude": 85_456_000, "altitude": 488, "target_altitude": -5,
                       "heading": 179, "target_heading": 45, "target_distance": 33, "throttle": 40,
                       "airspeed": 77, "airspeed_sp": 80, "groundspeed": 76, "windspeed": 26,
                       "wind_heading": 45, "eph": 12, "epv": 254, "temperature_air": -12,
                       "climb_rate": 5, "battery": 71, "wp_num": 4, "failure_flags": 257,
                       "custom0": -47}, {
        "vehicle_status.vehicle_type": 2, "vehicle_status.autopilot": 3,
        "vehicle_status.custom_mode": 5, "vehicle_status.mode": "LOITER",
        "vehicle_status.base_mode": 209, "vehicle_status.armed": True,
        "vehicle_status.failure_flags": 257, "position.global.latitude": 47.3977418,
        "position.global.longitude": 8.5456, "position.global.altitude_msl": 488,
        "position.global.heading": 358, "position.global.accuracy_h": 1.2,
        "position.global.accuracy_v": 25.4,
        "navigation.target_altitude": -5, "navigation.bearing": 90, "navigation.distance": 330,
        "navigation.target_airspeed": 16, "vfr.throttle": 40, "vfr.airspeed": 15.4,
        "vfr.groundspeed": 15.2, "environment.wind_speed": 5.2, "environment.wind_direction": 90,
        "environment.temperature_air": -12, "power.battery_remaining": 71,
        "mission.current_waypoint": 4,
    }),
    # PX4 sends the half of its mode that has a meaning, and where the wind blows to.
    ("HIGH_LATENCY2", {"type": 1, "autopilot": 12, "custom_mode": 4 | 3 << 8, "latitude": 0,
                       "longitude": 0, "heading": 255, "target_heading": 255, "throttle": 255,
                       "airspeed": 255, "airspeed_sp": 1, "groundspeed": 255, "windspeed": 10,
                       "wind_heading": 100, "eph": 255, "epv": 255, "temperature_air": -128,
                       "battery": -1, "wp_num": GONE, "custom0": -1}, {
        "vehicle_status.vehicle_type": 1, "vehicle_status.autopilot": 12,
        "vehicle_status.custom_mode": 4 << 16 | 3 << 24, "vehicle_status.mode": "LOITER",
        "vehicle_status.failure_flags": 0, "position.global.altitude_msl": 0,
        "navigation.target_altitude": 0, "navigation.distance": 0,
        "navigation.target_airspeed": 0.2, "environment.wind_speed": 2,
        "environment.wind_direction": 20,
    }),
    ("HIGH_LATENCY2", {"type": 6, "autopilot": 8, "altitude": 5}, {}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_a_message_sets_exactly_its_signals(case) -> None:
    """Zero is a value, unknown is none, and numbers that are whole stay whole."""
    name, fields, expected, *who = case
    understood, refused = said(name, flown(name, **fields), **(who[0] if who else {}))

    assert understood.values.keys() == expected.keys()
    for path, value in understood.values.items():
        # Numbers go over the wire as floats of four bytes.
        near = isinstance(value, float | list)
        assert value == (
            pytest.approx(expected[path], rel=1e-6, abs=1e-7) if near else expected[path]
        )
        assert not find(path).whole or type(value) is int
    assert refused is None


def test_every_message_and_every_signal_of_the_table_is_flown_here() -> None:
    """So that no row of it goes unread."""
    flown_here: dict[str, set[str]] = {name: set() for name in MESSAGES}
    for name, _, expected, *_ in CASES:
        flown_here[name] |= {find(path).path for path in expected}

    for name, message in MESSAGES.items():
        first = message.instance.first if message.instance else ""
        missing = {
            path
            for path in set(message.paths) - flown_here[name]
            if not first or path.replace(message.instance.branch, first) not in flown_here[name]
        }
        assert (name, missing) == (name, set())
