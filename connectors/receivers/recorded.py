"""A file of what receivers have heard: what is in it, and when that was.

Tag blocks, Gatehouse lines, rows of SBS and of research logs say when it was heard. What
tells no time is given a steady rate, from when the file was written.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.receivers.adsb import ESCAPE, AdsbReader
from connectors.receivers.gathered import gathered, reading
from connectors.receivers.heard import Heard, Said, System

BEGINNING_BYTES = 65_536
PIECE_BYTES = 512  # Of a stream without lines.
APART_US = 10_000  # Between what tells no time.
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
        reader = reading(self.system)
        origin = f"log:{self.fingerprint}" + (f":{run}" if run else "")
        now_us, offset = self.written_us, 0
        for piece in self._pieces():
            offset += len(piece)
            told = reader.feed(piece, now_us, whole=offset == len(self.data))
            timed = []
            for each in told:
                said_us = each.told_us if isinstance(each, Said) else None
                now_us = now_us + APART_US if said_us is None else said_us
                timed.append((each, now_us))
            for heard in gathered(self.system, link, f"{origin}:{offset}", timed):
                yield heard, offset

    def _pieces(self) -> Iterator[bytes]:
        if ESCAPE in self.data[:BEGINNING_BYTES]:
            for at in range(0, len(self.data), PIECE_BYTES):
                yield self.data[at : at + PIECE_BYTES]
        else:
            for line in _LINES.finditer(self.data):
                yield line[0]


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
