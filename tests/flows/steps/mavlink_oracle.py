"""What vehicles of a recording said last, by pymavlink alone: nothing of ours is asked.

Written from the definitions of MAVLink's messages, field by field, and not from our table.
"""

import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil

Said = dict[str, Any]
NO16, NO8 = 65_535, 255
# MAV_TYPE of what beats but does not fly, and MAV_AUTOPILOT_INVALID.
NOT_VEHICLES = {6, 18, 26, 27, 30, 31, 32, 33, 34, 36, 37, 38, 39, 40, 41, 42, 44}
INVALID = 8
GRAVITY = 9.80665


@dataclass
class Flown:
    """A vehicle: what it said last by path, which component flies, and parts of a text."""

    said: Said = field(default_factory=dict)
    component: int = -1
    frames: list[tuple[float, bytes]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def messages(path: Path) -> Iterator[Any]:
    """The messages of a log or of raw bytes; what is broken is left out."""
    log = mavutil.mavlink_connection(
        str(path), dialect="all", robust_parsing=True, notimestamps=path.suffix == ".raw"
    )
    try:
        while (message := log.recv_msg()) is not None:
            if message.get_type() != "BAD_DATA":
                yield message
    finally:
        log.close()


def source(message: Any) -> tuple[int, int]:
    """System and component by the header: of messages that it does not know, pymavlink says 0."""
    frame = message.get_msgbuf()
    return (frame[5], frame[6]) if frame[0] == 0xFD else (frame[3], frame[4])


def vehicles(path: Path, believed: Callable[[str, Any], bool]) -> dict[int, Flown]:
    """Every vehicle of a recording, by its system id, and what of it can be believed."""
    found: dict[int, Flown] = defaultdict(Flown)
    everything = list(messages(path))
    for message in everything:
        system, component = source(message)
        vehicle = found[system]
        vehicle.frames.append((message._timestamp, bytes(message.get_msgbuf())))
        flies = message.get_type() == "HEARTBEAT" and (
            message.type not in NOT_VEHICLES and message.autopilot != INVALID
        )
        if flies and (vehicle.component < 0 or component == 1):
            vehicle.component = component
    for message in everything:
        system, component = source(message)
        if component == found[system].component:
            _note(found[system], message, believed)
    return {system: vehicle for system, vehicle in found.items() if vehicle.component >= 0}


def _note(vehicle: Flown, message: Any, believed: Callable[[str, Any], bool]) -> None:
    read = TABLE.get(message.get_type())
    if message.get_type() == "STATUSTEXT":
        _text(vehicle, message)
    elif read:
        for path, value in read(message).items():
            known = value if isinstance(value, list) else [value]
            if any(each is None or each != each for each in known):  # noqa: PLR0124 - NaN.
                continue
            if believed(path, value):
                vehicle.said[path] = value


def _text(vehicle: Flown, message: Any) -> None:
    sent = message._text_raw.rstrip(b"\0")
    if message.id:
        vehicle.parts.append(sent.decode())
        if len(sent) == 50:
            return
        sent = "".join(vehicle.parts).encode()
        vehicle.parts = []
    if sent:
        vehicle.said["vehicle_status.message"] = sent.decode(errors="replace")
        vehicle.said["vehicle_status.message_severity"] = message.severity


def _unless(value: Any, *absent: Any) -> Any:
    return None if value in absent else value


def _by(value: float | None, divisor: float) -> float | None:
    return None if value is None else value / divisor


def _heartbeat(m: Any) -> Said:
    name = mavutil.mode_string_v10(m)
    known = m.autopilot in (3, 12) and not name.startswith("Mode(")
    return {
        "vehicle_status.vehicle_type": m.type,
        "vehicle_status.autopilot": m.autopilot,
        "vehicle_status.base_mode": m.base_mode,
        "vehicle_status.custom_mode": m.custom_mode,
        "vehicle_status.system_status": m.system_status,
        "vehicle_status.armed": bool(m.base_mode & 128),
        "vehicle_status.mode": name if known else None,
    }


def _sys_status(m: Any) -> Said:
    return {
        "vehicle_status.sensors_present": m.onboard_control_sensors_present,
        "vehicle_status.sensors_enabled": m.onboard_control_sensors_enabled,
        "vehicle_status.sensors_health": m.onboard_control_sensors_health,
        "vehicle_status.load": m.load / 10,
        "vehicle_status.drop_rate": m.drop_rate_comm / 100,
        "vehicle_status.errors_comm": m.errors_comm,
        "power.voltage": _by(_unless(m.voltage_battery, NO16), 1000),
        "power.current": _by(_unless(m.current_battery, -1), 100),
        "power.battery_remaining": _unless(m.battery_remaining, -1),
    }


def _place(m: Any, lat: int, lon: int, branch: str) -> Said:
    if lat == 0 and lon == 0:
        return {}
    return {f"{branch}.latitude": lat / 1e7, f"{branch}.longitude": lon / 1e7}


def _global(m: Any) -> Said:
    return {
        **_place(m, m.lat, m.lon, "position.global"),
        "position.global.altitude_msl": m.alt / 1000,
        "position.global.altitude_relative": m.relative_alt / 1000,
        "position.global.vx": m.vx / 100,
        "position.global.vy": m.vy / 100,
        "position.global.vz": m.vz / 100,
        "position.global.heading": _by(_unless(m.hdg, NO16), 100),
    }


def _gps(m: Any) -> Said:
    return {
        **_place(m, m.lat, m.lon, "position.gps"),
        "position.global.fix_type": m.fix_type,
        "position.global.satellites_visible": _unless(m.satellites_visible, NO8),
        "position.gps.altitude_msl": m.alt / 1000,
        "position.gps.hdop": _by(_unless(m.eph, NO16), 100),
        "position.gps.vdop": _by(_unless(m.epv, NO16), 100),
        "position.gps.groundspeed": _by(_unless(m.vel, NO16), 100),
        "position.gps.course": _by(_unless(m.cog, NO16), 100),
        "position.gps.yaw": _by(_unless(m.yaw, 0, NO16), 100),
        "position.gps.altitude_ellipsoid": _by(_unless(m.alt_ellipsoid, 0), 1000),
        "position.global.accuracy_h": _by(_unless(m.h_acc, 0), 1000),
        "position.global.accuracy_v": _by(_unless(m.v_acc, 0), 1000),
        "position.gps.accuracy_speed": _by(_unless(m.vel_acc, 0), 1000),
        "position.gps.accuracy_course": _by(_unless(m.hdg_acc, 0), 100_000),
    }


def _altitude(m: Any) -> Said:
    return {
        "position.global.altitude_msl": m.altitude_amsl,
        "position.global.altitude_relative": m.altitude_relative,
        "position.altitude.monotonic": m.altitude_monotonic,
        "position.altitude.local": m.altitude_local,
        "position.global.altitude_terrain": None
        if m.altitude_terrain < -1000
        else m.altitude_terrain,
        "position.altitude.clearance": None if m.bottom_clearance < 0 else m.bottom_clearance,
    }


def _battery(m: Any) -> Said:
    branch = "power" if m.id == 0 else f"power.batteries.{m.id}"
    cells = [v / 1000 for v in m.voltages if v != NO16] + [v / 1000 for v in m.voltages_ext if v]
    return {
        f"{branch}.current": _by(_unless(m.current_battery, -1), 100),
        f"{branch}.battery_remaining": _unless(m.battery_remaining, -1),
        f"{branch}.consumed": _unless(m.current_consumed, -1),
        f"{branch}.energy_consumed": None if m.energy_consumed == -1 else m.energy_consumed * 100,
        f"{branch}.temperature": _by(_unless(m.temperature, 32_767), 100),
        f"{branch}.cells": cells or None,
        f"{branch}.voltage": sum(cells) if cells else None,
        f"{branch}.time_remaining": _unless(m.time_remaining, 0),
        f"{branch}.charge_state": _unless(m.charge_state, 0),
        f"{branch}.function": _unless(m.battery_function, 0),
        f"{branch}.chemistry": _unless(m.type, 0),
        f"{branch}.faults": m.fault_bitmask if m.charge_state else None,
    }


def _servos(m: Any) -> Said:
    path = "actuators.servos" if m.port == 0 else f"actuators.ports.{m.port}.servos"
    outputs = [getattr(m, f"servo{n}_raw") for n in range(1, 17)]
    while outputs and outputs[-1] == 0:
        outputs.pop()
    return {path: outputs or None}


def _channels(m: Any) -> Said:
    channels = [getattr(m, f"chan{n}_raw") for n in range(1, min(m.chancount, 18) + 1)]
    return {
        "radio.channels": [0 if each == NO16 else each for each in channels] or None,
        "radio.rssi": None if m.rssi == NO8 else m.rssi / 254 * 100,
    }


def _mission(m: Any) -> Said:
    return {
        "mission.current_waypoint": m.seq,
        "mission.total_waypoints": None if m.total == 0 else 0 if m.total == NO16 else m.total,
        "mission.state": _unless(m.mission_state, 0),
        "mission.mode": _unless(m.mission_mode, 0),
    }


def _count(m: Any) -> Said:
    kinds = {0: "total_waypoints", 1: "fence_points", 2: "rally_points"}
    return {f"mission.{kinds[m.mission_type]}": m.count} if m.mission_type in kinds else {}


def _pressure(m: Any) -> Said:
    number = m.get_type().removeprefix("SCALED_PRESSURE")
    branch = f"environment.barometers.{number}" if number else "environment"
    return {
        f"{branch}.pressure_abs": m.press_abs,
        f"{branch}.pressure_diff": m.press_diff,
        f"{branch}.temperature": m.temperature / 100,
        f"{branch}.temperature_diff": _by(_unless(m.temperature_press_diff, 0), 100),
    }


def _imu(m: Any) -> Said:
    branch = f"imu.{m.get_type().removeprefix('SCALED_IMU') or 1}"
    said: Said = {f"{branch}.temperature": _by(_unless(m.temperature, 0), 100)}
    for axis in "xyz":
        said[f"{branch}.{axis}acc"] = getattr(m, f"{axis}acc") / 1000 * GRAVITY
        said[f"{branch}.{axis}gyro"] = getattr(m, f"{axis}gyro") / 1000
        said[f"{branch}.{axis}mag"] = getattr(m, f"{axis}mag") / 1000
    return said


def _distance(m: Any) -> Said:
    branch = f"distance.{m.id}"
    return {
        f"{branch}.distance": None if m.signal_quality == 1 else m.current_distance / 100,
        f"{branch}.least": m.min_distance / 100,
        f"{branch}.most": m.max_distance / 100,
        f"{branch}.type": m.type,
        f"{branch}.orientation": m.orientation,
        f"{branch}.variance": _unless(m.covariance, NO8),
        f"{branch}.quality": _unless(m.signal_quality, 0, 1),
        f"{branch}.fov_horizontal": _unless(m.horizontal_fov, 0),
        f"{branch}.fov_vertical": _unless(m.vertical_fov, 0),
    }


def _navigation(m: Any) -> Said:
    return {
        "navigation.roll": m.nav_roll,
        "navigation.pitch": m.nav_pitch,
        "navigation.bearing": m.nav_bearing,
        "navigation.target_bearing": m.target_bearing,
        "navigation.distance": m.wp_dist,
        "navigation.altitude_error": m.alt_error,
        "navigation.crosstrack_error": m.xtrack_error,
    }


def _ekf(m: Any) -> Said:
    return {
        "ekf.flags": m.flags,
        "ekf.velocity": m.velocity_variance,
        "ekf.position_horizontal": m.pos_horiz_variance,
        "ekf.position_vertical": m.pos_vert_variance,
        "ekf.compass": m.compass_variance,
        "ekf.terrain": m.terrain_alt_variance,
        "ekf.airspeed": _unless(m.airspeed_variance, 0),
    }


def _estimator(m: Any) -> Said:
    return {
        "estimator.flags": m.flags,
        "estimator.velocity": m.vel_ratio,
        "estimator.position_horizontal": m.pos_horiz_ratio,
        "estimator.position_vertical": m.pos_vert_ratio,
        "estimator.compass": m.mag_ratio,
        "estimator.terrain": m.hagl_ratio,
        "estimator.airspeed": m.tas_ratio,
        "estimator.accuracy_h": m.pos_horiz_accuracy,
        "estimator.accuracy_v": m.pos_vert_accuracy,
    }


def _version(m: Any) -> Said:
    kinds = {0: "dev", 64: "alpha", 128: "beta", 192: "rc", 255: "official"}

    def firmware(number: int) -> str | None:
        kind = kinds[max(each for each in kinds if each <= (number & 255))]
        parts = f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}-{kind}"
        return parts if number else None

    uid = bytes(m.uid2).hex() if any(m.uid2) else str(m.uid) if m.uid else None
    return {
        "firmware.flight": firmware(m.flight_sw_version),
        "firmware.middleware": firmware(m.middleware_sw_version),
        "firmware.os": firmware(m.os_sw_version),
        "firmware.git": bytes(m.flight_custom_version).hex()
        if any(m.flight_custom_version)
        else None,
        "firmware.board": _unless(m.board_version, 0),
        "firmware.vendor": _unless(m.vendor_id, 0),
        "firmware.product": _unless(m.product_id, 0),
        "firmware.capabilities": str(m.capabilities) if m.capabilities else None,
        "firmware.uid": uid,
    }


def _mount(m: Any) -> Said:
    branch = f"gimbals.{source(m)[1]}"
    return {
        f"{branch}.pitch": math.radians(m.pointing_a / 100),
        f"{branch}.roll": math.radians(m.pointing_b / 100),
        f"{branch}.yaw": math.radians(m.pointing_c / 100),
    }


def _same(branch: str, *fields: str) -> Callable[[Any], Said]:
    return lambda m: {f"{branch}.{name}": getattr(m, name) for name in fields}


def _system_time(m: Any) -> Said:
    return {
        "clock.utc": m.time_unix_usec / 1e6 if m.time_unix_usec else None,
        "clock.uptime": m.time_boot_ms / 1000,
    }


TABLE: dict[str, Callable[[Any], Said]] = {
    "HEARTBEAT": _heartbeat,
    "SYS_STATUS": _sys_status,
    "GLOBAL_POSITION_INT": _global,
    "GPS_RAW_INT": _gps,
    "LOCAL_POSITION_NED": _same("position.local", "x", "y", "z", "vx", "vy", "vz"),
    "HOME_POSITION": lambda m: {
        **_place(m, m.latitude, m.longitude, "position.home"),
        "position.home.altitude_msl": m.altitude / 1000,
    },
    "ALTITUDE": _altitude,
    "ATTITUDE": _same(
        "attitude.euler", "roll", "pitch", "yaw", "rollspeed", "pitchspeed", "yawspeed"
    ),
    "ATTITUDE_QUATERNION": _same(
        "attitude.quaternion", "q1", "q2", "q3", "q4", "rollspeed", "pitchspeed", "yawspeed"
    ),
    "VFR_HUD": lambda m: {
        "vfr.airspeed": m.airspeed,
        "vfr.groundspeed": m.groundspeed,
        "vfr.heading": m.heading,
        "vfr.throttle": m.throttle,
        "vfr.altitude": m.alt,
        "vfr.climb_rate": m.climb,
    },
    "BATTERY_STATUS": _battery,
    "SERVO_OUTPUT_RAW": _servos,
    "RC_CHANNELS": _channels,
    "MISSION_CURRENT": _mission,
    "MISSION_COUNT": _count,
    "MISSION_ITEM_REACHED": lambda m: {"mission.reached_waypoint": m.seq},
    "SCALED_PRESSURE": _pressure,
    "SCALED_PRESSURE2": _pressure,
    "SCALED_PRESSURE3": _pressure,
    "SCALED_IMU": _imu,
    "SCALED_IMU2": _imu,
    "SCALED_IMU3": _imu,
    "WIND": lambda m: {
        "environment.wind_direction": m.direction,
        "environment.wind_speed": m.speed,
        "environment.wind_vertical": m.speed_z,
    },
    "VIBRATION": lambda m: {
        **{f"vibration.{axis}": getattr(m, f"vibration_{axis}") for axis in "xyz"},
        **{f"vibration.clipping_{n}": getattr(m, f"clipping_{n}") for n in range(3)},
    },
    "EKF_STATUS_REPORT": _ekf,
    "ESTIMATOR_STATUS": _estimator,
    "EXTENDED_SYS_STATE": lambda m: {
        "vehicle_status.landed_state": m.landed_state,
        "vehicle_status.vtol_state": m.vtol_state,
    },
    "NAV_CONTROLLER_OUTPUT": _navigation,
    "DISTANCE_SENSOR": _distance,
    "AUTOPILOT_VERSION": _version,
    "SYSTEM_TIME": _system_time,
    "MOUNT_STATUS": _mount,
}
