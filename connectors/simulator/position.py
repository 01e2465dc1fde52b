"""What a vehicle says of where it is and how it moves.

Each function makes a message of the row, the state and a clock (microseconds since 1970).
Field meanings, units and the values for "unknown" are those of MAVLink's common.xml.
"""

import math

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.area import Place
from connectors.simulator.row import Row
from connectors.simulator.state import State

UNKNOWN_COURSE = 65_535
SLOWEST_COURSE = 0.5  # Metres per second, below which a receiver knows no course.


def gps_raw_int(_row: Row, state: State, clock: int) -> mavlink.MAVLink_message:
    speed, velocity = state.motion.ground_speed, state.motion.velocity
    course = UNKNOWN_COURSE
    if speed >= SLOWEST_COURSE:
        course = _centidegrees(math.atan2(velocity.east, velocity.north))
    return mavlink.MAVLink_gps_raw_int_message(
        clock,
        mavlink.GPS_FIX_TYPE_3D_FIX,
        *_whole(state.gps),
        round(100 * state.dilution),
        round(150 * state.dilution),
        round(100 * speed),
        course,
        state.satellites,
        h_acc=round(900 * state.dilution),
        v_acc=round(1400 * state.dilution),
        vel_acc=200,
    )


def global_position_int(_row: Row, state: State, _clock: int) -> mavlink.MAVLink_message:
    velocity, up = state.motion.velocity, state.motion.point.up
    if state.told is not None:
        up = state.place.altitude - state.told.home.altitude
    return mavlink.MAVLink_global_position_int_message(
        _boot_ms(state),
        *_whole(state.place),
        round(1000 * up),
        round(100 * velocity.north),
        round(100 * velocity.east),
        round(-100 * velocity.up),
        _centidegrees(state.motion.heading),
    )


def attitude(_row: Row, state: State, _clock: int) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_attitude_message(
        _boot_ms(state),
        state.lean.roll,
        state.lean.pitch,
        math.remainder(state.motion.heading, math.tau),
        state.lean_rates.roll,
        state.lean_rates.pitch,
        state.motion.turn_rate,
    )


def vfr_hud(row: Row, state: State, _clock: int) -> mavlink.MAVLink_message:
    power = row.power
    pushed = (state.charge.amps - power.idle) / max(power.lift, power.cruise)
    return mavlink.MAVLink_vfr_hud_message(
        state.airspeed,
        state.motion.ground_speed,
        _centidegrees(state.motion.heading) // 100,
        round(75 * max(pushed, 0.0)),
        state.barometric,
        state.motion.velocity.up,
    )


def home_position(row: Row, state: State, clock: int) -> mavlink.MAVLink_message:
    unturned = (1.0, 0.0, 0.0, 0.0)
    home = row.home if state.told is None else state.told.home
    return mavlink.MAVLink_home_position_message(
        *_whole(home), 0.0, 0.0, 0.0, unturned, 0.0, 0.0, 0.0, clock
    )


def system_time(_row: Row, state: State, clock: int) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_system_time_message(clock, _boot_ms(state))


def _boot_ms(state: State) -> int:
    """Milliseconds since it was switched on; the field runs over after 49 days."""
    return round(1000 * state.seconds) % 2**32


def _centidegrees(heading: float) -> int:
    """0 to 35999, of radians of any turn."""
    return round(100 * math.degrees(heading)) % 36_000


def _whole(place: Place) -> tuple[int, int, int]:
    """Latitude and longitude in degrees times ten million, altitude in millimetres."""
    degrees = 10_000_000
    return (
        round(degrees * place.latitude),
        round(degrees * place.longitude),
        round(1000 * place.altitude),
    )
