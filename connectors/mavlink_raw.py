"""A raw MAVLink byte stream as it was recorded, with the times that its messages tell.

The bytes have no times of their own. What advances is the vehicles' clocks: the farthest
that any kind of message has come since it was first heard. Where no clock is heard, a
message counts for ten milliseconds. The day is that of the first SYSTEM_TIME which knows
it, else the stream ended when its file was written last.
"""

from collections.abc import Iterator
from itertools import takewhile

import msgspec

from connectors.log_stamp import FIRST_US, is_time
from connectors.mavlink import Decoder, Framer, Heard, Noise, Packet
from connectors.mavlink_frame import LONGEST_FRAME, frame_length
from connectors.mavlink_records import BEGINNING, Played

STEADY_US = 10_000
UNCLOCKED = 100  # After so many messages without a clock each of them counts.
LONGEST_STEP_US = 60_000_000  # What is more is a clock that was set, or garbage.
MOST_CLOCKS = 4096
SCANNED_BYTES = 1_048_576
NOTHING = (0, 0)


class StreamClock:
    """What time it is in a stream, from what its messages say."""

    def __init__(self, began_us: int) -> None:
        self.now_us = began_us
        # By system, component and message: when it was heard first, its own time then and last.
        self._clocks: dict[tuple[int, int, str], tuple[int, int, int]] = {}
        self._unclocked = 0

    def heard(self, packet: Packet) -> int:
        """The time at which a packet was heard; never before that of the one before it."""
        own = _own_us(packet)
        if own is None or not self._advanced(packet, own):
            self._unclocked += 1
            if self._unclocked > UNCLOCKED:
                self.now_us += STEADY_US
        return self.now_us

    def _advanced(self, packet: Packet, own: int) -> bool:
        key = (packet.system_id, packet.component_id, packet.name)
        first_us, first, last = self._clocks.get(key, (self.now_us, own, own))
        if not 0 <= own - last <= LONGEST_STEP_US:
            first_us, first = self.now_us, own
        if len(self._clocks) >= MOST_CLOCKS:
            self._clocks.clear()
        self._clocks[key] = first_us, first, own
        self.now_us = max(self.now_us, first_us + own - first)
        if own == last:
            return False
        self._unclocked = 0
        return True


def raw_records(
    data: bytes, link: str, origin: str, began_us: int, after: Played = BEGINNING
) -> Iterator[tuple[Heard, int]]:
    """Packets and noise after what was played, each with the offset at which it ends."""
    clock = StreamClock(began_us)
    for heard, end in _framed(data, link, origin):
        # What was played already is read again, since the clock goes by all of it.
        now_us = clock.heard(heard) if isinstance(heard, Packet) else clock.now_us
        if end > after.offset:
            yield msgspec.structs.replace(heard, heard_us=now_us), end


def began_us(data: bytes, written_us: int) -> int:
    """When a stream began, microseconds UTC, as its beginning tells it.

    Args:
        data: the stream.
        written_us: when its file was written last.
    """
    clock = StreamClock(0)
    beginning = data[:SCANNED_BYTES]
    for heard, _ in _framed(beginning, "", ""):
        if isinstance(heard, Packet):
            elapsed_us = clock.heard(heard)
            told = heard.fields.get("time_unix_usec")
            if heard.name == "SYSTEM_TIME" and isinstance(told, int) and is_time(told):
                return max(told - elapsed_us, FIRST_US)
    whole_us = clock.now_us * len(data) // max(len(beginning), 1)
    return max(written_us - whole_us, FIRST_US)


def is_raw(beginning: bytes, recorded: Iterator[Heard]) -> bool | None:
    """Whether bytes are a raw stream rather than the records of a log; None where neither.

    Args:
        beginning: the first bytes of a file.
        recorded: what they hold as records. A stream read so has noise before each frame.
    """
    framed = _in_step(heard for heard, _ in _framed(beginning, "", ""))
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


def _framed(data: bytes, link: str, origin: str) -> Iterator[tuple[Heard, int]]:
    """What the bytes hold, without times, each with the offset at which it ends."""
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


def _start(heard: Heard) -> int:
    return int(heard.origin.rpartition(":")[2])


def _own_us(packet: Packet) -> int | None:
    """The time that a message tells by its sender's clock, in microseconds since whenever."""
    for field, unit in (("time_boot_ms", 1000), ("time_usec", 1)):
        told = packet.fields.get(field)
        if isinstance(told, int) and told > 0:
            return told * unit
    return None
