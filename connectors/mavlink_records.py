"""The records of a telemetry log (``.tlog``): eight bytes of time, then one MAVLink frame.

The time is microseconds since 1970, big-endian. Logs are cut off, overwritten and spliced
in real life: a record that does not check out is searched past byte by byte, and a time
that no clock of this century gives is replaced by the one before it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from connectors.log_stamp import FIRST_US, STAMP, is_time
from connectors.mavlink import KEPT_NOISE_BYTES, Decoder, Heard, Noise
from connectors.mavlink_frame import V1, V2, frame_length


class Played(NamedTuple):
    """How far a log has been played: the byte after the last record, and that record's time."""

    offset: int
    heard_us: int


BEGINNING = Played(0, FIRST_US)


def records(
    data: bytes, link: str, origin: str = "", after: Played = BEGINNING
) -> Iterator[tuple[Heard, int]]:
    """Packets and noise after what was played, each with the offset at which it ends."""
    decoder = Decoder()
    at, last_us = after
    noise_from = at

    def noise(start: int, end: int, heard_us: int) -> Noise:
        kept = data[start : min(end, start + KEPT_NOISE_BYTES)]
        return Noise(link, f"{origin}:{start}", heard_us, end - start, kept)

    size = len(data)
    while at + STAMP.size < size:
        start = at + STAMP.size
        packet = None
        if data[start] in (V1, V2):
            length = frame_length(data, start)
            if length and start + length <= size:
                stamp = _stamp(data, at, last_us)
                frame = data[start : start + length]
                packet = decoder.decode(frame, link, f"{origin}:{at}", stamp)
        if packet is None or not (packet.known or at == noise_from):
            at += 1
            continue
        if noise_from < at:
            yield noise(noise_from, at, last_us), at
        last_us = packet.heard_us
        at = noise_from = start + len(frame)
        yield packet, at
    if noise_from < size:
        yield noise(noise_from, size, last_us), size


def _stamp(data: bytes, at: int, last_us: int) -> int:
    stamp: int = STAMP.unpack_from(data, at)[0]
    return stamp if is_time(stamp) else last_us
