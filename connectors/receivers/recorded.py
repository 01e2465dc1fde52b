"""A file of what receivers have heard: what is in it, and when that was.

Tag blocks, Gatehouse lines, rows of SBS and of research logs say when it was heard. Beast
has the ticks of a clock that says how much later each frame came; what tells nothing is
given a steady rate. Such a file ends when it was written.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.receivers.adsb import ESCAPE, AdsbReader
from connectors.receivers.gathered import gathered, reading
from connectors.receivers.heard import Heard, Said, System, Told

BEGINNING_BYTES = 65_536
PIECE_BYTES = 512  # Of a stream without lines.
APART_US = 10_000  # Between what tells no time.
TICKS_A_MICROSECOND = 12
# A clock that leaps further than ten minutes was set, or counts something else.
LONGEST_TICKS = 600_000_000 * TICKS_A_MICROSECOND
_AIS = re.compile(rb"![A-Z]{2}VD[MO],")
_LINES = re.compile(rb"[^\n]*\n|[^\n]+")


class RecordingUnreadable(ValueError):
    """The file holds nothing that a receiver of ships or aircraft has heard, or cannot be read."""


@dataclass(frozen=True)
class Recording:
    """The bytes of a file, what they tell of, and when it was written, microseconds UTC."""

    data: bytes
    system: System
    written_us: int

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.data).hexdigest()[:16]

    def items(self, link: str, run: str = "") -> Iterator[tuple[Heard, int]]:
        """What was heard, each with the offset at which it ends."""
        origin = f"log:{self.fingerprint}" + (f":{run}" if run else "")
        now_us, before_us = self._began_us(), 0
        for offset, told in self._told():
            timed = []
            for each, elapsed_us in told:
                said_us = each.told_us if isinstance(each, Said) else None
                now_us = now_us + elapsed_us - before_us if said_us is None else said_us
                before_us = elapsed_us
                timed.append((each, now_us))
            for heard in gathered(self.system, link, f"{origin}:{offset}", timed):
                yield heard, offset

    def _began_us(self) -> int:
        """When what tells no time began: so long before the first that does, or before the end."""
        last_us = 0
        for _, told in self._told():
            for each, elapsed_us in told:
                if isinstance(each, Said) and each.told_us is not None:
                    return each.told_us - elapsed_us
                last_us = elapsed_us
        return self.written_us - last_us

    def _told(self) -> Iterator[tuple[int, list[tuple[Told, int]]]]:
        """What is told up to an offset, and how long after the beginning that was."""
        reader = reading(self.system)
        offset, stopwatch = 0, _Stopwatch()
        for piece in self._pieces():
            offset += len(piece)
            told = reader.feed(piece, stopwatch.elapsed_us, whole=offset == len(self.data))
            yield offset, [(each, stopwatch.at(each)) for each in told]

    def _pieces(self) -> Iterator[bytes]:
        if ESCAPE in self.data[:BEGINNING_BYTES]:
            for at in range(0, len(self.data), PIECE_BYTES):
                yield self.data[at : at + PIECE_BYTES]
        else:
            for line in _LINES.finditer(self.data):
                yield line[0]


class _Stopwatch:
    """How long something takes that tells the time, or counts ticks, or neither."""

    def __init__(self) -> None:
        self.elapsed_us = 0
        self._said_us: int | None = None
        self._ticks: int | None = None

    def at(self, told: Told) -> int:
        """How long after the beginning this was, microseconds; never less than before."""
        apart_us = APART_US
        if isinstance(told, Said) and told.told_us is not None:
            if self._said_us is not None:
                apart_us = max(told.told_us - self._said_us, 0)
            self._said_us = told.told_us
        elif isinstance(told, Said) and told.ticks is not None:
            if self._ticks is not None and 0 <= told.ticks - self._ticks < LONGEST_TICKS:
                apart_us = (told.ticks - self._ticks) // TICKS_A_MICROSECOND
            self._ticks = told.ticks
        self.elapsed_us += apart_us
        return self.elapsed_us


def read_recording(path: Path) -> Recording:
    """A file of what was heard.

    Raises:
        RecordingUnreadable: missing, or without one message in its beginning.
    """
    try:
        data = path.read_bytes()
        written_us = path.stat().st_mtime_ns // 1000
    except OSError as error:
        raise RecordingUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    beginning = data[:BEGINNING_BYTES]
    if _AIS.search(beginning):
        return Recording(data, "AIS", written_us)
    told = AdsbReader().feed(beginning, written_us, whole=True)
    if not any(isinstance(each, Said) for each in told):
        raise RecordingUnreadable(
            f"{path} holds no messages of ships (NMEA) or aircraft (SBS, AVR, Beast)."
        )
    return Recording(data, "ADSB", written_us)
