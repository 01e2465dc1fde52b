"""What a vehicle's cameras and gimbal say of themselves."""

import math

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.command.other_orders import Payload
from connectors.simulator.row import Row
from connectors.simulator.state import State


def capture_status(_row: Row, state: State, payload: Payload) -> mavlink.MAVLink_message:
    going = (1 if payload.interval == 0 else 3) if payload.left else 0
    return mavlink.MAVLink_camera_capture_status_message(
        _boot_ms(state), going, int(payload.recorded is not None), payload.interval,
        round(1000 * (payload.recorded or 0.0)), 24_000.0, payload.taken,
    )  # fmt: skip


def camera_settings(_row: Row, state: State, payload: Payload) -> mavlink.MAVLink_message:
    mode = mavlink.CAMERA_MODE_VIDEO if payload.recorded is not None else mavlink.CAMERA_MODE_IMAGE
    return mavlink.MAVLink_camera_settings_message(_boot_ms(state), mode, payload.zoom, math.nan)


def mount_orientation(_row: Row, state: State, payload: Payload) -> mavlink.MAVLink_message:
    absolute = math.remainder(math.degrees(state.motion.heading) + payload.yaw, 360)
    return mavlink.MAVLink_mount_orientation_message(
        _boot_ms(state), 0.0, payload.pitch, payload.yaw, absolute
    )


def image_captured(state: State, clock: int, number: int) -> mavlink.MAVLink_message:
    """A picture that was just taken, of which the first has number 0."""
    place = state.place
    return mavlink.MAVLink_camera_image_captured_message(
        _boot_ms(state), clock, 0, round(1e7 * place.latitude), round(1e7 * place.longitude),
        round(1000 * place.altitude), round(1000 * state.motion.point.up),
        (1.0, 0.0, 0.0, 0.0), number, 1, b"",
    )  # fmt: skip


def _boot_ms(state: State) -> int:
    return round(1000 * state.seconds) % 2**32
