"""What a MAV_TYPE is to us: an entity type of the registry, and a word for people.

Numbers are MAVLink's ``MAV_TYPE`` (common.xml). Types that are not in the table
(ground stations, gimbals, cameras, companions, transponders) are not vehicles:
their heartbeats never make an entity.
"""

import msgspec

AUTOPILOT_INVALID = 8  # MAV_AUTOPILOT_INVALID: not a flight controller.


class VehicleType(msgspec.Struct, frozen=True):
    """An entity type of the registry, and what people call it."""

    entity_type: str
    word: str


_PLANE = VehicleType("aircraft_fixed_wing", "Plane")
_COPTER = VehicleType("aircraft_multirotor", "Copter")
_HELICOPTER = VehicleType("aircraft_helicopter", "Helicopter")
_VTOL = VehicleType("aircraft_vtol", "VTOL")
_AIRSHIP = VehicleType("aircraft_airship", "Airship")
_ROVER = VehicleType("ground_vehicle_wheeled", "Rover")
_BOAT = VehicleType("surface_vessel_usv", "Boat")
_SUBMARINE = VehicleType("underwater_vehicle", "Submarine")
_SENSOR = VehicleType("sensor_platform", "Sensor")

UNKNOWN = VehicleType("sensor_platform", "Vehicle")

VEHICLES: dict[int, VehicleType] = {
    0: UNKNOWN,
    1: _PLANE,
    2: _COPTER,
    3: _HELICOPTER,
    4: _HELICOPTER,
    5: _SENSOR,
    7: _AIRSHIP,
    8: _AIRSHIP,
    9: _PLANE,
    10: _ROVER,
    11: _BOAT,
    12: _SUBMARINE,
    13: _COPTER,
    14: _COPTER,
    15: _COPTER,
    16: _PLANE,
    17: _PLANE,
    **dict.fromkeys(range(19, 26), _VTOL),
    28: _PLANE,
    29: _COPTER,
    35: _COPTER,
    43: _COPTER,
    45: _SENSOR,
    46: _ROVER,
    47: _VTOL,
}


# MAVLink's names of those numbers, for programs that say them in place of the numbers.
MAV_TYPES: dict[str, int] = {
    f"MAV_TYPE_{name}": number
    for number, name in enumerate(
        (
            "GENERIC", "FIXED_WING", "QUADROTOR", "COAXIAL", "HELICOPTER", "ANTENNA_TRACKER",
            "GCS", "AIRSHIP", "FREE_BALLOON", "ROCKET", "GROUND_ROVER", "SURFACE_BOAT",
            "SUBMARINE", "HEXAROTOR", "OCTOROTOR", "TRICOPTER", "FLAPPING_WING", "KITE",
            "ONBOARD_CONTROLLER", "VTOL_DUOROTOR", "VTOL_QUADROTOR", "VTOL_TILTROTOR",
            "VTOL_RESERVED2", "VTOL_RESERVED3", "VTOL_RESERVED4", "VTOL_RESERVED5", "GIMBAL",
            "ADSB", "PARAFOIL", "DODECAROTOR", "CAMERA", "CHARGING_STATION", "FLARM", "SERVO",
            "ODID", "DECAROTOR", "BATTERY", "PARACHUTE", "LOG", "OSD", "IMU", "GPS", "WINCH",
            "GENERIC_MULTIROTOR", "ILLUMINATOR", "SPACECRAFT_ORBITER", "GROUND_QUADRUPED",
            "VTOL_GYRODYNE", "GRIPPER",
        )
    )
}  # fmt: skip


def is_vehicle(mav_type: object, autopilot: object) -> bool:
    """Whether a heartbeat of this type and autopilot is a vehicle's own."""
    return mav_type in VEHICLES and autopilot != AUTOPILOT_INVALID
