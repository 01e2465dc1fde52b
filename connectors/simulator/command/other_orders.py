"""The MAV_CMDs that move no vehicle: home, cameras, gimbals, calibration, starting anew."""

import math
from dataclasses import dataclass

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.area import Place, moved
from connectors.simulator.command.helm import Helm
from connectors.simulator.command.order import (
    ACCEPTED,
    DENIED,
    FAILED,
    REJECTED,
    Order,
    Outcome,
    place,
)
from connectors.simulator.command.ways import is_px4

CALIBRATION_SECONDS = 4.0
MOST_PITCH = 180.0


@dataclass(slots=True)
class Payload:
    """What a vehicle carries, as it stands: cameras and a gimbal.

    Attributes:
        taken: pictures since it was switched on.
        left: pictures still to take; -1 is without end.
        interval: seconds between two of them.
        wait: seconds until the next.
        recorded: seconds of the video that runs, or None.
        zoom: per cent of the camera's range.
        pitch: degrees of the gimbal, up; yaw to the right.
    """

    taken: int = 0
    left: int = 0
    interval: float = 0.0
    wait: float = 0.0
    recorded: float | None = None
    zoom: float = 0.0
    pitch: float = 0.0
    yaw: float = 0.0

    def pass_time(self, seconds: float) -> int:
        """Let time pass; how many pictures were taken meanwhile."""
        if self.recorded is not None:
            self.recorded += seconds
        before = self.taken
        self.wait -= seconds
        while self.left and self.wait <= 0:
            self.taken += 1
            self.left -= 1 if self.left > 0 else 0
            self.wait += max(self.interval, 0.1)
        return self.taken - before


def set_home(helm: Helm, order: Order) -> Outcome:
    if order.params[0] == 1:
        helm.home = helm.place
        return ACCEPTED
    latitude, longitude, altitude = order.params[4:]
    above_sea = order._replace(frame=order.frame or mavlink.MAV_FRAME_GLOBAL)
    there = place(helm, above_sea)
    if there is None or not all(map(math.isfinite, (latitude, longitude, altitude))):
        return DENIED
    if not latitude and not longitude:
        return DENIED if is_px4(helm.row) else FAILED
    helm.home = Place(latitude, longitude, moved(helm.row.home, *there).altitude)
    return ACCEPTED


def calibrate(helm: Helm, _order: Order) -> Outcome:
    """Takes its time, and tells how far it is."""
    if helm.armed:
        return REJECTED
    return Outcome(mavlink.MAV_RESULT_IN_PROGRESS, CALIBRATION_SECONDS)


def reboot(helm: Helm, order: Order) -> Outcome:
    if order.whole(1) not in {1, 3}:
        return DENIED
    if helm.armed or helm.flying:
        return REJECTED if is_px4(helm.row) else FAILED
    return ACCEPTED


def take_pictures(payload: Payload, order: Order) -> Outcome:
    interval, count = order.params[1], order.whole(3)
    if count < 0 or not (math.isfinite(interval) and interval >= 0):
        return DENIED
    payload.interval, payload.left, payload.wait = interval, count or -1, 0.0
    return ACCEPTED


def stop_pictures(payload: Payload, _order: Order) -> Outcome:
    payload.left = 0
    return ACCEPTED


def record(payload: Payload, _order: Order) -> Outcome:
    if payload.recorded is not None:
        return REJECTED
    payload.recorded = 0.0
    return ACCEPTED


def stop_recording(payload: Payload, _order: Order) -> Outcome:
    if payload.recorded is None:
        return REJECTED
    payload.recorded = None
    return ACCEPTED


def zoom(payload: Payload, order: Order) -> Outcome:
    kind, value = order.whole(1), order.params[1]
    if not math.isfinite(value):
        return DENIED
    if kind == mavlink.ZOOM_TYPE_RANGE and 0 <= value <= 100:
        payload.zoom = value
    elif kind == mavlink.ZOOM_TYPE_STEP:
        payload.zoom = max(0.0, min(100.0, payload.zoom + 10 * value))
    else:
        return DENIED
    return ACCEPTED


def mount(payload: Payload, order: Order) -> Outcome:
    return _point(payload, order.params[0], order.params[2])


def pitch_yaw(payload: Payload, order: Order) -> Outcome:
    return _point(payload, order.params[0], order.params[1])


def _point(payload: Payload, pitch: float, yaw: float) -> Outcome:
    for angle in (pitch, yaw):
        if math.isfinite(angle) and abs(angle) > MOST_PITCH:
            return DENIED
    payload.pitch = pitch if math.isfinite(pitch) else payload.pitch
    payload.yaw = yaw if math.isfinite(yaw) else payload.yaw
    return ACCEPTED


HELM_ORDERS = {
    mavlink.MAV_CMD_DO_SET_HOME: set_home,
}
# Asked of the helm, which they leave as it is.
GROUND_ORDERS = {
    mavlink.MAV_CMD_PREFLIGHT_CALIBRATION: calibrate,
    mavlink.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN: reboot,
}
PAYLOAD_ORDERS = {
    mavlink.MAV_CMD_IMAGE_START_CAPTURE: take_pictures,
    mavlink.MAV_CMD_IMAGE_STOP_CAPTURE: stop_pictures,
    mavlink.MAV_CMD_VIDEO_START_CAPTURE: record,
    mavlink.MAV_CMD_VIDEO_STOP_CAPTURE: stop_recording,
    mavlink.MAV_CMD_SET_CAMERA_ZOOM: zoom,
    mavlink.MAV_CMD_DO_MOUNT_CONTROL: mount,
    mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW: pitch_yaw,
}
