"""What time it is in a recording that has no times, by what its messages tell.

What advances is the vehicles' clocks: the farthest that any kind of message has come
since it was first heard. Where no clock is heard, a message counts for ten milliseconds.
The day is that of the first SYSTEM_TIME which knows it, else the recording ended when
its file was written last.
"""

from collections.abc import Iterator

import msgspec

from connectors.log_stamp import FIRST_US, is_time
from connectors.mavlink import Heard, Packet
from connectors.mavlink_records import BEGINNING, Played

STEADY_US = 10_000
UNCLOCKED = 100  # After so many messages without a clock each of them counts.
LONGEST_STEP_US = 60_000_000  # What is more is a clock that was set, or garbage.
MOST_CLOCKS = 4096


class StreamClock:
    """The time in a recording; it never goes back."""

    def __init__(self, began_us: int) -> None:
        self.now_us = began_us
        # By system, component and message: when it was heard first, its own time then and last.
        self._clocks: dict[tuple[int, int, str], tuple[int, int, int]] = {}
        self._unclocked = 0

    def heard(self, packet: Packet) -> int:
        """The time at which a packet was heard."""
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


def timed(
    found: Iterator[tuple[Heard, int]], began_us: int, after: Played = BEGINNING
) -> Iterator[tuple[Heard, int]]:
    """What was found in a recording, with times, from where it was played to."""
    clock = StreamClock(began_us)
    for heard, end in found:
        # What was played already is read again, since the clock goes by all of it.
        now_us = clock.heard(heard) if isinstance(heard, Packet) else clock.now_us
        if end > after.offset:
            yield msgspec.structs.replace(heard, heard_us=now_us), end


def began_us(beginning: Iterator[tuple[Heard, int]], share: float, written_us: int) -> int:
    """When a recording began, microseconds UTC, as its beginning tells it.

    Args:
        beginning: what is found there.
        share: how much of the whole that is.
        written_us: when its file was written last.
    """
    clock = StreamClock(0)
    for heard, _ in beginning:
        if isinstance(heard, Packet):
            elapsed_us = clock.heard(heard)
            told = heard.fields.get("time_unix_usec")
            if heard.name == "SYSTEM_TIME" and isinstance(told, int) and is_time(told):
                return max(told - elapsed_us, FIRST_US)
    return max(written_us - round(clock.now_us / share), FIRST_US)


def _own_us(packet: Packet) -> int | None:
    """The time that a message tells by its sender's clock, in microseconds since whenever."""
    for field, unit in (("time_boot_ms", 1000), ("time_usec", 1)):
        told = packet.fields.get(field)
        if isinstance(told, int) and told > 0:
            return told * unit
    return None
