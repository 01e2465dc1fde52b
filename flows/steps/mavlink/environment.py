"""What is around it: air, wind, and how far away things are."""

import math
from collections.abc import Mapping
from typing import Any

from flows.ontology.signals import Value
from flows.steps.mavlink.message import (
    NOT_SENT,
    U8,
    Derived,
    Instance,
    Message,
    Reading,
    finite,
    whole,
)

_DISTANCE = "distance.{n}"
NO_SIGNAL = 1  # A signal quality that says that what was measured is not to be used.


def _pressure(branch: str) -> tuple[Reading, ...]:
    return (
        Reading("press_abs", f"{branch}.pressure_abs"),
        Reading("press_diff", f"{branch}.pressure_diff"),
        Reading("temperature", f"{branch}.temperature", 100),
        Reading("temperature_press_diff", f"{branch}.temperature_diff", 100, NOT_SENT),
    )


def _barometer(number: int) -> Message:
    branch = "environment.barometers.{n}"
    return Message(_pressure(branch), instance=Instance(branch, always=number))


def _wind(data: Mapping[str, Any], values: dict[str, Value], _: str) -> None:
    """Speed, and where it comes from, of how fast it blows to the north and to the east."""
    north, east = finite(data, "wind_x"), finite(data, "wind_y")
    if north is None or east is None:
        return
    values["environment.wind_speed"] = math.hypot(north, east)
    if north or east:
        values["environment.wind_direction"] = math.degrees(math.atan2(-east, -north)) % 360


def _distance(data: Mapping[str, Any], values: dict[str, Value], branch: str) -> None:
    centimetres = whole(data, "current_distance")
    if centimetres is not None and data.get("signal_quality") != NO_SIGNAL:
        values[f"{branch}.distance"] = centimetres / 100


MESSAGES: dict[str, Message] = {
    "SCALED_PRESSURE": Message(_pressure("environment")),
    "SCALED_PRESSURE2": _barometer(2),
    "SCALED_PRESSURE3": _barometer(3),
    "WIND": Message(
        (
            Reading("direction", "environment.wind_direction"),
            Reading("speed", "environment.wind_speed"),
            Reading("speed_z", "environment.wind_vertical"),
        )
    ),
    "WIND_COV": Message(
        (
            Reading("wind_z", "environment.wind_vertical"),
            Reading("horiz_accuracy", "environment.wind_accuracy", 1, 0),
        ),
        derived=Derived(
            ("wind_x", "wind_y"),
            ("environment.wind_direction", "environment.wind_speed"),
            _wind,
        ),
    ),
    "DISTANCE_SENSOR": Message(
        (
            Reading("min_distance", f"{_DISTANCE}.least", 100),
            Reading("max_distance", f"{_DISTANCE}.most", 100),
            Reading("type", f"{_DISTANCE}.type"),
            Reading("orientation", f"{_DISTANCE}.orientation"),
            Reading("covariance", f"{_DISTANCE}.variance", 1, U8),
            Reading("signal_quality", f"{_DISTANCE}.quality", 1, (NOT_SENT, NO_SIGNAL)),
            Reading("horizontal_fov", f"{_DISTANCE}.fov_horizontal", 1, NOT_SENT),
            Reading("vertical_fov", f"{_DISTANCE}.fov_vertical", 1, NOT_SENT),
        ),
        derived=Derived(("current_distance",), (f"{_DISTANCE}.distance",), _distance),
        instance=Instance(_DISTANCE, "id"),
        peripheral=True,
    ),
}
