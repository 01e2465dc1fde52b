"""What devices call what they measure: names of their own to signals of the catalogue.

A row has branches, leaves, the signal, and what a value is multiplied by to be in its unit.
Only names are here that mean one thing: ``temperature`` is the air's, ``engine.temperature``
stays what it is; ``yaw`` may be of degrees or radians and stays, ``yaw_deg`` does not.
"""

import math
from typing import NamedTuple

GLOBAL, GPS = "position.global", "position.gps"
DEGREES_E7 = 1e-7
KNOTS, KILOMETRES_PER_HOUR, FEET = 1852 / 3600, 1 / 3.6, 0.3048


class Spelling(NamedTuple):
    """The signal that a name stands for, and how its value becomes the signal's."""

    signal: str
    factor: float = 1
    offset: float = 0
    # Whether it is an angle of a full turn: what lies below zero is counted on from 360.
    turns: bool = False

    @property
    def converts(self) -> bool:
        """Whether the name says a unit that is not the signal's."""
        return self.factor != 1 or self.offset != 0


# Branches that only say where a leaf stands; they are no part of what it means.
NEUTRAL = ("sensors", "sensor", "environment", "env", "state", "status", "vehicle", "metrics")
_ANYWHERE = ("",)
_PLACES = (
    "", "position", "pos", "location", "loc", "gps", "gnss", "coordinates", "coords", "coordinate",
    "geo", "geolocation", "navigation", "nav", "fix",
)  # fmt: skip
_FACING = (*_PLACES, "velocity", "motion")
_MOVING = (*_FACING, "speed", "vfr")
_BATTERY = ("battery", "batt")

ROWS: tuple[tuple[tuple[str, ...], str, Spelling], ...] = (
    (_PLACES, "lat latitude lat_deg latitude_deg", Spelling(f"{GLOBAL}.latitude")),
    (_PLACES, "lon lng long longitude lon_deg longitude_deg", Spelling(f"{GLOBAL}.longitude")),
    (_PLACES, "lat_e7 latitude_e7", Spelling(f"{GLOBAL}.latitude", DEGREES_E7)),
    (_PLACES, "lon_e7 lng_e7 longitude_e7", Spelling(f"{GLOBAL}.longitude", DEGREES_E7)),
    (
        _PLACES,
        "alt altitude alt_m altitude_m elevation alt_msl altitude_msl msl amsl altitude_amsl",
        Spelling(f"{GLOBAL}.altitude_msl"),
    ),
    (_PLACES, "alt_ft altitude_ft", Spelling(f"{GLOBAL}.altitude_msl", FEET)),
    (_PLACES, "alt_mm altitude_mm", Spelling(f"{GLOBAL}.altitude_msl", 1e-3)),
    (
        _PLACES,
        (
            "relative_altitude altitude_relative relative_alt rel_alt altitude_rel alt_rel agl "
            "alt_agl altitude_agl height_above_ground height_agl"
        ),
        Spelling(f"{GLOBAL}.altitude_relative"),
    ),
    (
        _FACING,
        "heading heading_deg hdg hdg_deg true_heading compass_heading",
        Spelling(f"{GLOBAL}.heading", turns=True),
    ),
    (_FACING, "yaw_deg", Spelling(f"{GLOBAL}.heading", turns=True)),
    (
        _FACING,
        "course course_deg cog course_over_ground track_deg",
        Spelling(f"{GPS}.course", turns=True),
    ),
    (
        _PLACES,
        "horizontal_accuracy accuracy_h h_acc hacc accuracy_m eph_m",
        Spelling(f"{GLOBAL}.accuracy_h"),
    ),
    (("position", "location", "gps", "gnss"), "accuracy", Spelling(f"{GLOBAL}.accuracy_h")),
    (_PLACES, "vertical_accuracy accuracy_v v_acc vacc", Spelling(f"{GLOBAL}.accuracy_v")),
    (
        _PLACES,
        (
            "satellites sats num_sats satellites_visible gps_satellites gps_sats satellite_count "
            "num_satellites sat_count"
        ),
        Spelling(f"{GLOBAL}.satellites_visible"),
    ),
    (_PLACES, "fix_type gps_fix_type gps_fix", Spelling(f"{GLOBAL}.fix_type")),
    (_PLACES, "hdop", Spelling(f"{GPS}.hdop")),
    (_PLACES, "vdop", Spelling(f"{GPS}.vdop")),
    (("velocity", "vel"), "north n vn", Spelling(f"{GLOBAL}.vx")),
    (("velocity", "vel"), "east e ve", Spelling(f"{GLOBAL}.vy")),
    (("velocity", "vel"), "down d vd", Spelling(f"{GLOBAL}.vz")),
    (_ANYWHERE, "velocity_north vel_north", Spelling(f"{GLOBAL}.vx")),
    (_ANYWHERE, "velocity_east vel_east", Spelling(f"{GLOBAL}.vy")),
    (_ANYWHERE, "velocity_down vel_down", Spelling(f"{GLOBAL}.vz")),
    (
        _MOVING,
        "speed groundspeed ground_speed speed_mps speed_ms speed_over_ground speed_m_s",
        Spelling("vfr.groundspeed"),
    ),
    (("velocity", "twist"), "linear", Spelling("vfr.groundspeed")),
    (
        _MOVING,
        "speed_kmh speed_kph speed_km_h kmh kph",
        Spelling("vfr.groundspeed", KILOMETRES_PER_HOUR),
    ),
    (
        _MOVING,
        "speed_knots speed_kn speed_kt speed_kts sog_knots sog_kn knots",
        Spelling("vfr.groundspeed", KNOTS),
    ),
    (_MOVING, "airspeed air_speed airspeed_mps", Spelling("vfr.airspeed")),
    (
        _MOVING,
        "climb_rate climbrate climb vertical_speed vspeed vertical_velocity rate_of_climb",
        Spelling("vfr.climb_rate"),
    ),
    (("", "vfr"), "throttle throttle_percent throttle_pct", Spelling("vfr.throttle")),
    (("", "attitude", "orientation"), "roll_deg", Spelling("attitude.euler.roll", math.pi / 180)),
    (("", "attitude", "orientation"), "pitch_deg", Spelling("attitude.euler.pitch", math.pi / 180)),
    (("attitude", "orientation"), "yaw_deg", Spelling("attitude.euler.yaw", math.pi / 180)),
    (("", "attitude", "orientation"), "roll_rad", Spelling("attitude.euler.roll")),
    (("", "attitude", "orientation"), "pitch_rad", Spelling("attitude.euler.pitch")),
    (("", "attitude", "orientation"), "yaw_rad", Spelling("attitude.euler.yaw")),
    (
        _ANYWHERE,
        (
            "battery battery_level battery_percent battery_percentage battery_pct "
            "battery_remaining battery_soc batt batt_percent batt_pct batt_level bat_level soc "
            "state_of_charge"
        ),
        Spelling("power.battery_remaining"),
    ),
    (
        _BATTERY,
        (
            "level percent percentage pct remaining remaining_percent soc state_of_charge "
            "charge_percent"
        ),
        Spelling("power.battery_remaining"),
    ),
    (
        ("power",),
        "battery battery_level battery_percent battery_percentage",
        Spelling("power.battery_remaining"),
    ),
    (
        _ANYWHERE,
        "battery_voltage battery_v battery_volts batt_voltage batt_v bat_v vbat vbatt",
        Spelling("power.voltage"),
    ),
    (_BATTERY, "voltage volts v voltage_v battery_voltage", Spelling("power.voltage")),
    (_ANYWHERE, "battery_mv battery_voltage_mv vbat_mv batt_mv", Spelling("power.voltage", 1e-3)),
    (_BATTERY, "voltage_mv mv", Spelling("power.voltage", 1e-3)),
    (
        _ANYWHERE,
        "battery_current battery_a battery_amps battery_current_a",
        Spelling("power.current"),
    ),
    (_BATTERY, "current amps a current_a amperage", Spelling("power.current")),
    (_ANYWHERE, "battery_current_ma battery_ma", Spelling("power.current", 1e-3)),
    (_BATTERY, "current_ma ma", Spelling("power.current", 1e-3)),
    (_ANYWHERE, "battery_temperature battery_temp", Spelling("power.temperature")),
    (_BATTERY, "temperature temp temperature_c temp_c", Spelling("power.temperature")),
    (_BATTERY, "consumed_mah consumed used_mah", Spelling("power.consumed")),
    (_BATTERY, "cells cell_voltages", Spelling("power.cells")),
    (
        _ANYWHERE,
        (
            "temperature temp temperature_c temp_c temperature_celsius ambient_temperature "
            "air_temperature outside_temperature"
        ),
        Spelling("environment.temperature"),
    ),
    (
        _ANYWHERE,
        "temperature_f temp_f temperature_fahrenheit",
        Spelling("environment.temperature", 1 / 1.8, -32 / 1.8),
    ),
    (
        _ANYWHERE,
        "temperature_k temp_k temperature_kelvin",
        Spelling("environment.temperature", 1, -273.15),
    ),
    (
        _ANYWHERE,
        "humidity relative_humidity humidity_percent humidity_pct rh",
        Spelling("environment.humidity"),
    ),
    (
        _ANYWHERE,
        (
            "pressure pressure_hpa pressure_mbar barometric_pressure air_pressure "
            "atmospheric_pressure barometer"
        ),
        Spelling("environment.pressure_abs"),
    ),
    (_ANYWHERE, "pressure_pa", Spelling("environment.pressure_abs", 1e-2)),
    (_ANYWHERE, "pressure_kpa", Spelling("environment.pressure_abs", 10)),
    (_ANYWHERE, "wind_speed wind_speed_mps", Spelling("environment.wind_speed")),
    (_ANYWHERE, "wind_speed_kmh", Spelling("environment.wind_speed", KILOMETRES_PER_HOUR)),
    (_ANYWHERE, "wind_direction wind_direction_deg", Spelling("environment.wind_direction")),
    (("wind",), "speed speed_mps", Spelling("environment.wind_speed")),
    (("wind",), "direction direction_deg", Spelling("environment.wind_direction")),
    (_ANYWHERE, "armed is_armed", Spelling("vehicle_status.armed")),
    (("", "flight"), "mode flight_mode flightmode", Spelling("vehicle_status.mode")),
    (
        ("", "mission"),
        "current_waypoint waypoint_index current_waypoint_index",
        Spelling("mission.current_waypoint"),
    ),
    (("", "mission"), "total_waypoints waypoint_count", Spelling("mission.total_waypoints")),
)

SPELLINGS: dict[str, Spelling] = {
    f"{branch}.{leaf}" if branch else leaf: spelling
    for branches, leaves, spelling in ROWS
    for branch in branches
    for leaf in leaves.split()
}


def meant(path: str) -> Spelling | None:
    """What a path in our spelling stands for; None for a device's own signal."""
    found = SPELLINGS.get(path)
    if found is None:
        branch, _, rest = path.partition(".")
        found = SPELLINGS.get(rest) if branch in NEUTRAL else None
    return found
