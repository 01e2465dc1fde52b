"""What a recording says, found with pymavlink alone: nothing of ours is asked."""

import math
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil

# MAV_TYPE of what beats but does not fly, and MAV_AUTOPILOT_INVALID.
NOT_VEHICLES = {6, 18, 26, 27, 30, 31, 32, 33, 34, 36, 37, 38, 39, 40, 41, 42, 44}
INVALID = 8


@dataclass
class Vehicle:
    """One system of a recording."""

    messages: Counter = field(default_factory=Counter)
    latitude: float | None = None
    longitude: float | None = None
    highest: float = -math.inf
    battery: int | None = None
    mode: str = ""
    armed: bool = False
    mav_type: int = 0
    # Groundspeed of each window: start (s) to its samples.
    windows: dict = field(default_factory=lambda: defaultdict(list))

    @property
    def total(self) -> int:
        return self.messages.total()


def vehicles(path: Path) -> dict[int, Vehicle]:
    """Every vehicle of a telemetry log, by its system id."""
    found: dict[int, Vehicle] = defaultdict(Vehicle)
    flying = set()
    for message in messages(path):
        system, kind = message.get_srcSystem(), message.get_type()
        vehicle = found[system]
        vehicle.messages[kind] += 1
        if kind == "HEARTBEAT" and _flies(message):
            flying.add(system)
            vehicle.mode = mavutil.mode_string_v10(message)
            vehicle.armed = bool(message.base_mode & mavutil.mavlink.MAV_MODE_FLAG_SAFETY_ARMED)
            vehicle.mav_type = message.type
        if message.get_srcComponent() == 1:
            _note(vehicle, message, kind)
    return {system: vehicle for system, vehicle in found.items() if system in flying}


def _flies(heartbeat: mavutil.mavlink.MAVLink_message) -> bool:
    return heartbeat.type not in NOT_VEHICLES and heartbeat.autopilot != INVALID


def messages(path: Path) -> Iterator[mavutil.mavlink.MAVLink_message]:
    """The messages of a log; what is broken is left out."""
    log = mavutil.mavlink_connection(str(path), dialect="all", robust_parsing=True)
    try:
        while (message := log.recv_msg()) is not None:
            if message.get_type() != "BAD_DATA":
                yield message
    finally:
        log.close()


def _note(vehicle: Vehicle, message: mavutil.mavlink.MAVLink_message, kind: str) -> None:
    match kind:
        case "GLOBAL_POSITION_INT":
            if message.lat or message.lon:
                vehicle.latitude, vehicle.longitude = message.lat / 1e7, message.lon / 1e7
            vehicle.highest = max(vehicle.highest, message.relative_alt / 1000)
        case "SYS_STATUS" if message.battery_remaining != -1:
            vehicle.battery = message.battery_remaining
        case "VFR_HUD":
            stamp = message._timestamp
            vehicle.windows[math.floor(stamp / 10) * 10].append((stamp, message.groundspeed))
