"""MAVLink bytes as packets: framing here, checksums and fields by pymavlink.

A frame begins with its protocol's magic byte and says its own length, so
datagrams, byte streams and logs are all cut the same way; what does not check
out is noise, one byte is skipped, and the search goes on. Frames whose message
id no dialect knows cannot be checked: they are passed on with ``known`` false
and the header as it was sent.
"""

import math
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink_frame import V1, V2, frame_length, header

KEPT_NOISE_BYTES = 64
# Some put the bytes of a whole number into its float, where they may be not-a-number.
PARAM_VALUE = 22
# What may follow a frame that cannot be checked: another frame, or nothing yet.
_NEXT = (b"", bytes((V1,)), bytes((V2,)))
_MAGIC = re.compile(rb"[\xfd\xfe]")


class Packet(msgspec.Struct, frozen=True, gc=False):
    """A frame that checked out. ``origin`` is the same however often it is read."""

    link: str
    origin: str
    heard_us: int
    system_id: int
    component_id: int
    sequence: int
    message_id: int
    name: str
    fields: dict[str, Any]
    known: bool = True


class Noise(msgspec.Struct, frozen=True, gc=False):
    """Bytes that are no frame, or with a reason a frame that is not let in. ``data`` is a part."""

    link: str
    origin: str
    heard_us: int
    count: int
    data: bytes
    reason: str = ""


Heard = Packet | Noise
# Whether a frame is let in, at a time in microseconds UTC: None if so, else why not. What is
# not told, since it has been told lately, is an empty reason.
Gate = Callable[[bytes, int], str | None]


class Decoder:
    """Frames to fields. One serves any number of links, since frames are decoded whole."""

    def __init__(self) -> None:
        self._mavlink = dialect.MAVLink(None)

    def decode(self, frame: bytes, link: str, origin: str, heard_us: int) -> Packet | None:
        """The packet in a whole frame; None where its checksum or layout is wrong."""
        system, component, sequence, message_id = header(frame)
        try:
            message = self._mavlink.decode(bytearray(frame))
        except (dialect.MAVError, struct.error, UnicodeDecodeError, ValueError):
            return None
        fields: dict[str, Any]
        if isinstance(message, dialect.MAVLink_unknown):
            name, fields = f"UNKNOWN_{message_id}", {"frame": frame.hex()}
            known = False
        else:
            name, known = message.get_type(), True
            fields = _fields(message)
            if message_id == PARAM_VALUE and fields["param_value"] is None:
                fields["param_value_bits"] = _bits(frame)
        return Packet(
            link, origin, heard_us, system, component, sequence, message_id, name, fields, known
        )


class Framer:
    """Cuts one peer's bytes into packets, keeping an unfinished frame for the next bytes."""

    def __init__(self, decoder: Decoder, link: str, gate: Gate | None = None) -> None:
        self._decoder = decoder
        self._link = link
        self._gate = gate
        self._tail = b""
        self.version = V2  # The magic byte of the packet that was given last.

    def feed(self, data: bytes, heard_us: int, origin: str) -> Iterator[Heard]:
        """The packets and the noise that these bytes complete, in order."""
        data, gate = self._tail + data, self._gate
        at, noise_from = 0, 0
        size = len(data)
        while at < size:
            length = frame_length(data, at)
            if length is None or (length and at + length > size):
                break  # It may go on in the next bytes.
            frame = data[at : at + length]
            name = f"{origin}:{at}"
            packet = self._decoder.decode(frame, self._link, name, heard_us) if frame else None
            in_step = at == noise_from and data[at + len(frame) : at + len(frame) + 1] in _NEXT
            if packet is None or not (packet.known or in_step):
                found = _MAGIC.search(data, at + 1)
                at = found.start() if found else size
                continue
            if noise_from < at:
                yield self._noise(data[noise_from:at], heard_us, f"{origin}:{noise_from}")
            if gate is None or (refused := gate(frame, heard_us)) is None:
                self.version = frame[0]
                yield packet
            elif refused:
                yield self._noise(frame, heard_us, name, refused)
            at += len(frame)
            noise_from = at
        self._tail = data[at:]
        if noise_from < at:
            yield self._noise(data[noise_from:at], heard_us, f"{origin}:{noise_from}")

    def _noise(self, data: bytes, heard_us: int, origin: str, reason: str = "") -> Noise:
        return Noise(self._link, origin, heard_us, len(data), data[:KEPT_NOISE_BYTES], reason)


def _fields(message: dialect.MAVLink_message) -> dict[str, Any]:
    fields = {}
    for field in message.fieldnames:
        value = getattr(message, field)
        if type(value) is str:  # As it was sent, since pymavlink takes it for ASCII.
            value = getattr(message, f"_{field}_raw", value)
        # Most are whole numbers, and nothing has to be done about them.
        fields[field] = value if type(value) is int else _plain(value)
    return fields


def _bits(frame: bytes) -> int:
    """The float that a payload begins with, as the number that its bytes are."""
    at = 10 if frame[0] == V2 else 6
    return int.from_bytes(frame[at : at + 4], "little")


def _plain(value: Any) -> Any:
    """A field as JSON can carry it: text for text, None for not-a-number."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes | bytearray):
        return bytes(value).rstrip(b"\0").decode(errors="replace")
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
