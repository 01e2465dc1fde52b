"""A raw MAVLink byte stream as it was recorded: one frame after the other, and no times."""

from collections.abc import Iterator
from itertools import takewhile

from connectors.mavlink import Decoder, Framer, Heard, Noise, Packet
from connectors.mavlink_frame import LONGEST_FRAME, frame_length

NOTHING = (0, 0)


def frames(data: bytes, link: str = "", origin: str = "") -> Iterator[tuple[Heard, int]]:
    """Packets and noise, each with the offset at which it ends; their times are 0."""
    size = len(data)
    # At its end nothing goes on: what is no whole frame there is noise.
    whole = Framer(Decoder(), link).feed(data + bytes(LONGEST_FRAME), 0, origin)
    for heard in takewhile(lambda each: _start(each) < size, whole):
        start = _start(heard)
        if isinstance(heard, Packet):
            yield heard, start + (frame_length(data, start) or 0)
        else:
            count = min(heard.count, size - start)
            yield Noise(link, heard.origin, 0, count, heard.data[:count]), start + count


def is_raw(beginning: bytes, recorded: Iterator[Heard]) -> bool | None:
    """Whether bytes are a raw stream rather than the records of a log; None where neither.

    Args:
        beginning: the first bytes of a file.
        recorded: what they hold as records. A stream read so has noise before each frame.
    """
    framed = _in_step(heard for heard, _ in frames(beginning))
    stamped = _in_step(recorded)
    return framed > stamped if framed != NOTHING or stamped != NOTHING else None


def _in_step(found: Iterator[Heard]) -> tuple[int, int]:
    """How many known messages follow each other without noise between them, and how many do not."""
    counts, in_step = [0, 0], True
    for each in found:
        if isinstance(each, Packet) and each.known:
            counts[0 if in_step else 1] += 1
        in_step = isinstance(each, Packet)
    return counts[0], counts[1]


def _start(heard: Heard) -> int:
    return int(heard.origin.rpartition(":")[2])
