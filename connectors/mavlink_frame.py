"""How a MAVLink frame begins and how long it is, by its own bytes and without any dialect."""

import struct

V1, V2 = 0xFE, 0xFD
SIGNED, SIGNATURE_BYTES = 0x01, 13
CHECKSUM_BYTES = 2
LONGEST_FRAME = 10 + 255 + CHECKSUM_BYTES + SIGNATURE_BYTES

_V1_HEADER = struct.Struct("<BBBBBB")  # magic, length, sequence, system, component, message
_V2_HEADER = struct.Struct("<BBBBBBBHB")  # ..., flags, flags, sequence, system, component, id


def header(frame: bytes) -> tuple[int, int, int, int]:
    """System, component, sequence and message id, as the frame's own bytes say."""
    if frame[0] == V1:
        _, _, sequence, system, component, message_id = _V1_HEADER.unpack_from(frame)
        return system, component, sequence, message_id
    _, _, _, _, sequence, system, component, low, high = _V2_HEADER.unpack_from(frame)
    return system, component, sequence, low | high << 16


def frame_length(data: bytes, at: int) -> int | None:
    """How long the frame at ``at`` is: 0 where none begins, None where too few bytes are there."""
    magic = data[at]
    left = len(data) - at
    if magic == V1:
        return None if left < 2 else 6 + data[at + 1] + CHECKSUM_BYTES
    if magic == V2:
        if left < 3:
            return None
        flags = data[at + 2]
        if flags & ~SIGNED:  # A frame of a later protocol, which is to be ignored.
            return 0
        return 10 + data[at + 1] + CHECKSUM_BYTES + (SIGNATURE_BYTES if flags & SIGNED else 0)
    return 0


def is_signed(frame: bytes) -> bool:
    """Whether a frame ends with a signature."""
    return frame[0] == V2 and bool(frame[2] & SIGNED)
