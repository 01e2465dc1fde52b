"""Where it is: messages of position, height and way."""

from flows.steps.mavlink.message import (
    DEGREES_E7,
    NOT_SENT,
    U8,
    U16,
    Instance,
    Message,
    Reading,
    Word,
    same,
)
from flows.steps.mavlink.words import at_least

TERRAIN_KNOWN_ABOVE = -1000


def _receiver(place: str, quality: str) -> tuple[Reading, ...]:
    """What a satellite receiver says: of itself, and how good it is."""
    return (
        Reading("fix_type", f"{quality}.fix_type"),
        Reading("satellites_visible", f"{quality}.satellites_visible", 1, U8),
        Reading("lat", f"{place}.latitude", DEGREES_E7),
        Reading("lon", f"{place}.longitude", DEGREES_E7),
        Reading("alt", f"{place}.altitude_msl", 1000),
        Reading("eph", f"{place}.hdop", 100, U16),
        Reading("epv", f"{place}.vdop", 100, U16),
        Reading("vel", f"{place}.groundspeed", 100, U16),
        Reading("cog", f"{place}.course", 100, U16),
        Reading("yaw", f"{place}.yaw", 100, (NOT_SENT, U16)),
        Reading("alt_ellipsoid", f"{place}.altitude_ellipsoid", 1000, NOT_SENT),
        Reading("h_acc", f"{quality}.accuracy_h", 1000, NOT_SENT),
        Reading("v_acc", f"{quality}.accuracy_v", 1000, NOT_SENT),
        Reading("vel_acc", f"{place}.accuracy_speed", 1000, NOT_SENT),
        Reading("hdg_acc", f"{place}.accuracy_course", 1e5, NOT_SENT),
    )


MESSAGES: dict[str, Message] = {
    "GLOBAL_POSITION_INT": Message(
        (
            Reading("lat", "position.global.latitude", DEGREES_E7),
            Reading("lon", "position.global.longitude", DEGREES_E7),
            Reading("alt", "position.global.altitude_msl", 1000),
            Reading("relative_alt", "position.global.altitude_relative", 1000),
            Reading("vx", "position.global.vx", 100),
            Reading("vy", "position.global.vy", 100),
            Reading("vz", "position.global.vz", 100),
            Reading("hdg", "position.global.heading", 100, U16),
        ),
        place=("lat", "lon"),
    ),
    "GPS_RAW_INT": Message(_receiver("position.gps", "position.global"), place=("lat", "lon")),
    "GPS2_RAW": Message(
        _receiver("position.receivers.{n}", "position.receivers.{n}"),
        instance=Instance("position.receivers.{n}", always=2),
        place=("lat", "lon"),
    ),
    "LOCAL_POSITION_NED": Message(same("position.local", ("x", "y", "z", "vx", "vy", "vz"))),
    "HOME_POSITION": Message(
        (
            Reading("latitude", "position.home.latitude", DEGREES_E7),
            Reading("longitude", "position.home.longitude", DEGREES_E7),
            Reading("altitude", "position.home.altitude_msl", 1000),
        ),
        place=("latitude", "longitude"),
    ),
    "ALTITUDE": Message(
        (
            Reading("altitude_amsl", "position.global.altitude_msl"),
            Reading("altitude_relative", "position.global.altitude_relative"),
            Reading("altitude_monotonic", "position.altitude.monotonic"),
            Reading("altitude_local", "position.altitude.local"),
        ),
        (
            Word(
                "altitude_terrain",
                "position.global.altitude_terrain",
                at_least(TERRAIN_KNOWN_ABOVE),
            ),
            Word("bottom_clearance", "position.altitude.clearance", at_least(0)),
        ),
    ),
    "VFR_HUD": Message(
        (
            Reading("airspeed", "vfr.airspeed"),
            Reading("groundspeed", "vfr.groundspeed"),
            Reading("heading", "vfr.heading"),
            Reading("throttle", "vfr.throttle"),
            Reading("alt", "vfr.altitude"),
            Reading("climb", "vfr.climb_rate"),
        )
    ),
    # Its airspeed error stays raw: ArduPlane sends a hundredfold of what MAVLink defines.
    "NAV_CONTROLLER_OUTPUT": Message(
        (
            Reading("nav_roll", "navigation.roll"),
            Reading("nav_pitch", "navigation.pitch"),
            Reading("nav_bearing", "navigation.bearing"),
            Reading("target_bearing", "navigation.target_bearing"),
            Reading("wp_dist", "navigation.distance"),
            Reading("alt_error", "navigation.altitude_error"),
            Reading("xtrack_error", "navigation.crosstrack_error"),
        )
    ),
}
