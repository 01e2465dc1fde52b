"""What cameras are, do and see, each under its number or, without one, its component's."""

from flows.steps.mavlink.message import DEGREES_E7, I32, Instance, Message, Reading, Word
from flows.steps.mavlink.words import camera_firmware, letters, text

CAMERA = "cameras.{n}"
NO_HORIZON = -(2**31)  # What is looked at lies in the sky.


def _instance(field: str = "camera_device_id") -> Instance:
    return Instance(CAMERA, field, component=True)


MESSAGES: dict[str, Message] = {
    "CAMERA_INFORMATION": Message(
        (
            Reading("focal_length", f"{CAMERA}.focal_length"),
            Reading("sensor_size_h", f"{CAMERA}.sensor_width"),
            Reading("sensor_size_v", f"{CAMERA}.sensor_height"),
            Reading("resolution_h", f"{CAMERA}.resolution_width", 1, 0),
            Reading("resolution_v", f"{CAMERA}.resolution_height", 1, 0),
            Reading("lens_id", f"{CAMERA}.lens", 1, 0),
            Reading("flags", f"{CAMERA}.capabilities"),
            Reading("gimbal_device_id", f"{CAMERA}.gimbal", 1, 0),
        ),
        (
            Word("vendor_name", f"{CAMERA}.vendor", letters),
            Word("model_name", f"{CAMERA}.model", letters),
            Word("firmware_version", f"{CAMERA}.firmware", camera_firmware),
            Word("cam_definition_uri", f"{CAMERA}.definition", text),
        ),
        instance=_instance(),
        peripheral=True,
    ),
    "CAMERA_SETTINGS": Message(
        (
            Reading("mode_id", f"{CAMERA}.mode"),
            Reading("zoomLevel", f"{CAMERA}.zoom"),
            Reading("focusLevel", f"{CAMERA}.focus"),
        ),
        instance=_instance(),
        peripheral=True,
    ),
    "CAMERA_CAPTURE_STATUS": Message(
        (
            Reading("image_status", f"{CAMERA}.image_status"),
            Reading("video_status", f"{CAMERA}.video_status"),
            Reading("image_interval", f"{CAMERA}.image_interval"),
            Reading("recording_time_ms", f"{CAMERA}.recording_time", 1000, 0),
            Reading("available_capacity", f"{CAMERA}.capacity"),
            Reading("image_count", f"{CAMERA}.images", 1, 0),
        ),
        instance=_instance(),
        peripheral=True,
    ),
    "CAMERA_IMAGE_CAPTURED": Message(
        (
            Reading("time_utc", f"{CAMERA}.image.utc", 1e6, 0),
            Reading("lat", f"{CAMERA}.image.latitude", DEGREES_E7),
            Reading("lon", f"{CAMERA}.image.longitude", DEGREES_E7),
            Reading("alt", f"{CAMERA}.image.altitude_msl", 1000),
            Reading("relative_alt", f"{CAMERA}.image.altitude_relative", 1000),
            Reading("image_index", f"{CAMERA}.image.index"),
            Reading("capture_result", f"{CAMERA}.image.captured"),
        ),
        (Word("file_url", f"{CAMERA}.image.url", text),),
        instance=_instance("camera_id"),
        place=("lat", "lon"),
        peripheral=True,
    ),
    "CAMERA_FOV_STATUS": Message(
        (
            Reading("lat_camera", f"{CAMERA}.place.latitude", DEGREES_E7, I32),
            Reading("lon_camera", f"{CAMERA}.place.longitude", DEGREES_E7, I32),
            Reading("alt_camera", f"{CAMERA}.place.altitude_msl", 1000, I32),
            Reading("lat_image", f"{CAMERA}.target.latitude", DEGREES_E7, (I32, NO_HORIZON)),
            Reading("lon_image", f"{CAMERA}.target.longitude", DEGREES_E7, (I32, NO_HORIZON)),
            Reading("alt_image", f"{CAMERA}.target.altitude_msl", 1000, (I32, NO_HORIZON)),
            Reading("hfov", f"{CAMERA}.fov_horizontal"),
            Reading("vfov", f"{CAMERA}.fov_vertical"),
        ),
        instance=_instance(),
        peripheral=True,
    ),
}
