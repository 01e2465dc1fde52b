"""Recordings cut by their own bytes, and played as streams by the clocks of their vehicles."""

import struct
from functools import cache
from pathlib import Path

from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink_frame import V1
from connectors.mavlink_raw import frames
from connectors.mavlink_records import BEGINNING, Played
from connectors.stream_clock import timed

SECOND = 1_000_000
NOON_US = 1_790_000_000 * SECOND


def recorded(path: Path) -> list[tuple[int, bytes]]:
    """Time and frame of each record of a sound log, cut by its own bytes."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        (stamp,) = struct.unpack_from(">Q", data, at)
        head = data[at + 8 : at + 11]
        size = head[1] + (8 if head[0] == V1 else 12) + (13 if head[0] != V1 and head[2] else 0)
        found.append((stamp, data[at + 8 : at + 8 + size]))
        at += 8 + size
    return found


@cache
def stream(path: Path) -> bytes:
    return b"".join(frame for _, frame in recorded(path))


def played(data: bytes, after: Played = BEGINNING) -> list:
    return list(timed(frames(data, "log:x", "o"), NOON_US, after))


def heard(data: bytes) -> list:
    return [each for each, _ in played(data)]


def vehicle() -> dialect.MAVLink:
    return dialect.MAVLink(None, 1, 1)


def packed(mavlink: dialect.MAVLink, message: dialect.MAVLink_message) -> bytes:
    mavlink.seq = (mavlink.seq + 1) % 256
    return bytes(message.pack(mavlink))


def beats(count: int) -> bytes:
    mavlink = vehicle()
    return b"".join(packed(mavlink, mavlink.heartbeat_encode(2, 3, 81, 4, 4)) for _ in range(count))
