"""What goes in and out: received channels, outputs, and the radio of the link."""

from collections.abc import Mapping
from typing import Any

from flows.ontology.signals import Value
from flows.steps.mavlink.message import U8, U16, Derived, Instance, Message, Reading, whole

CHANNELS, OUTPUTS = 18, 16
_PORT = "actuators.ports.{n}"
_CHANNELS = tuple(f"chan{number}_raw" for number in range(1, CHANNELS + 1))
_OUTPUTS = tuple(f"servo{number}_raw" for number in range(1, OUTPUTS + 1))


def _servos(data: Mapping[str, Any], values: dict[str, Value], branch: str) -> None:
    """The outputs of a port, without those at its end that are not driven."""
    outputs = [whole(data, field) for field in _OUTPUTS]
    while outputs and not outputs[-1]:
        outputs.pop()
    if outputs:
        values[f"{branch}.servos"] = [float(each or 0) for each in outputs]


def _channels(data: Mapping[str, Any], values: dict[str, Value], _: str) -> None:
    """As many received channels as the radio says there are."""
    count = min(whole(data, "chancount") or 0, CHANNELS)
    channels = [whole(data, field) for field in _CHANNELS[: max(count, 0)]]
    if channels:
        values["radio.channels"] = [float(each or 0) if each != U16 else 0.0 for each in channels]


_RADIO = Message(
    (
        Reading("rssi", "radio.link.rssi", 1, U8),
        Reading("remrssi", "radio.link.remote_rssi", 1, U8),
        Reading("txbuf", "radio.link.buffer"),
        Reading("noise", "radio.link.noise", 1, U8),
        Reading("remnoise", "radio.link.remote_noise", 1, U8),
        Reading("rxerrors", "radio.link.errors"),
        Reading("fixed", "radio.link.corrected"),
    ),
    peripheral=True,
)

MESSAGES: dict[str, Message] = {
    "SERVO_OUTPUT_RAW": Message(
        derived=Derived(_OUTPUTS, (f"{_PORT}.servos",), _servos),
        instance=Instance(_PORT, "port", "actuators"),
    ),
    "RC_CHANNELS": Message(
        (Reading("rssi", "radio.rssi", 2.54, U8),),
        derived=Derived(("chancount", *_CHANNELS), ("radio.channels",), _channels),
    ),
    "RADIO_STATUS": _RADIO,
    "RADIO": _RADIO,
}
