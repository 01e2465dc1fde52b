"""When a telemetry log begins, by its first record that can be one: no message is decoded."""

import struct
from pathlib import Path

from connectors.mavlink_frame import V1, V2, frame_length

STAMP = struct.Struct(">Q")
FIRST_US = 631_152_000_000_000  # 1990-01-01: before this no such log was written...
LAST_US = 4_102_444_800_000_000  # ...and 2100-01-01, after which none will be read here.
BEGINNING_BYTES = 65_536


def is_time(stamp: int) -> bool:
    """Whether a clock could have given that time, microseconds since 1970."""
    return FIRST_US <= stamp <= LAST_US


def first_stamp(path: Path) -> int | None:
    """The time of a log's first record, microseconds UTC; None where there is none.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as opened:
        data = opened.read(BEGINNING_BYTES)
    for at in range(len(data) - STAMP.size):
        start = at + STAMP.size
        if data[start] not in (V1, V2):
            continue
        stamp = int(STAMP.unpack_from(data, at)[0])
        length = frame_length(data, start)
        if is_time(stamp) and length and _goes_on(data, start + length):
            return stamp
    return None


def _goes_on(data: bytes, end: int) -> bool:
    """Whether the next record begins there, or the file ends."""
    return end == len(data) or data[end + STAMP.size : end + STAMP.size + 1] in (
        bytes((V1,)),
        bytes((V2,)),
    )
