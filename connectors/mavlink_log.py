"""A recorded ``.tlog`` as a Bytewax source, with the timing that it was recorded with.

A telemetry log is a sequence of records: eight bytes of microseconds since 1970,
big-endian, then one MAVLink frame. Logs are cut off, overwritten and spliced in
real life: a record that does not check out is searched past byte by byte, and a
time stamp that no clock of this century gives is replaced by the one before it.
"""

import hashlib
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override

from connectors.mavlink import KEPT_NOISE_BYTES, Decoder, Heard, Noise, Packet
from connectors.mavlink_frame import V1, V2, frame_length
from connectors.meter import SourceMeter

STAMP = struct.Struct(">Q")
FIRST_US = 631_152_000_000_000  # 1990-01-01: before this no such log was written...
LAST_US = 4_102_444_800_000_000  # ...and 2100-01-01, after which none will be read here.
LONGEST_PAUSE_SECONDS = 5.0
MOST_IN_A_BATCH = 500


class LogUnreadable(ValueError):
    """The file is no telemetry log, or cannot be read."""


class Played(NamedTuple):
    """How far a log has been played: the byte after the last record, and that record's time."""

    offset: int
    heard_us: int


BEGINNING = Played(0, FIRST_US)


@dataclass(frozen=True)
class MavlinkLogSource(FixedPartitionedSource[Heard, Played]):
    """Play a telemetry log.

    One partition. Can support exactly-once processing: resumes at the byte where the
    recovered epoch ended.

    Args:
        path: the log.
        flow: who reads, for the figures.
        speed: how many times faster than it was recorded; 0 for as fast as it goes.
        run: tells this playing from others: what it plays has origins of its own.
        progress: called with bytes played, bytes in all, and packets so far.
    """

    path: Path
    flow: str
    speed: float = 1.0
    run: str = ""
    progress: Callable[[int, int, int], None] = lambda _done, _total, _packets: None

    @property
    def recording(self) -> str:
        """What the log is called among recordings: the same for the same bytes."""
        return fingerprint(read_log(self.path))

    @property
    def link(self) -> str:
        """What its packets say they came by."""
        return log_link(self.path)

    @override
    def list_parts(self) -> list[str]:
        return [self.path.name]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: Played | None) -> "_Partition":
        return _Partition(self, resume_state or BEGINNING)


class _Partition(StatefulSourcePartition[Heard, Played]):
    def __init__(self, source: MavlinkLogSource, after: Played) -> None:
        self._data = read_log(source.path)
        origin = f"{fingerprint(self._data)}:{source.run}" if source.run else None
        self._records = records(self._data, source.link, after, origin)
        self._progress = source.progress
        self._pace = _Pace(source.speed)
        self._meter = SourceMeter(source.flow, f"log:{source.path.name}")
        self._next: tuple[Heard, int] | None = None
        self._played = after
        self._packets = 0
        self._awake: datetime | None = None

    @override
    def next_batch(self) -> list[Heard]:
        batch: list[Heard] = []
        wait = 0.0
        while len(batch) < MOST_IN_A_BATCH:
            self._next = self._next or next(self._records, None)
            if self._next is None:
                break
            heard, end = self._next
            wait = self._pace.wait(heard.heard_us)
            if wait > 0:
                break
            batch.append(heard)
            self._next, self._played = None, Played(end, heard.heard_us)
        self._packets += len(batch)
        self._meter.read(len(batch), 0)
        self._progress(self._played.offset, len(self._data), self._packets)
        if not batch and self._next is None:
            raise StopIteration
        self._awake = datetime.now(UTC) + timedelta(seconds=wait) if wait > 0 else None
        return batch

    @override
    def next_awake(self) -> datetime | None:
        return self._awake

    @override
    def snapshot(self) -> Played:
        return self._played


class _Pace:
    """When the next record is due, at a speed; long pauses of the recording are cut short."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._due: float | None = None
        self._last_us = 0

    def wait(self, heard_us: int) -> float:
        """Seconds until a record of that time is due; zero or less when it is."""
        if not self._speed:
            return 0.0
        now = time.monotonic()
        due = now
        if self._due is not None:
            apart = (heard_us - self._last_us) / 1e6 / self._speed
            due = self._due + min(max(apart, 0.0), LONGEST_PAUSE_SECONDS)
        if due <= now:
            # What was late stays due when it was, so that the whole keeps its speed.
            self._due, self._last_us = due, heard_us
        return due - now


def read_log(path: Path) -> bytes:
    """The bytes of a log.

    Raises:
        LogUnreadable: missing, empty, or without one frame in its beginning.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LogUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    beginning = (heard for heard, _ in records(data[:65_536], "check"))
    if not any(isinstance(heard, Packet) and heard.known for heard in beginning):
        raise LogUnreadable(f"{path} holds no MAVLink telemetry log (.tlog).")
    return data


def fingerprint(data: bytes) -> str:
    """The same for the same bytes, and for no others."""
    return hashlib.sha256(data).hexdigest()[:16]


def log_link(path: Path) -> str:
    """The name of a log as a link."""
    return f"log:{path.name[:64]}"


def records(
    data: bytes, link: str, after: Played | None = None, origin: str | None = None
) -> Iterator[tuple[Heard, int]]:
    """Packets and noise after what was played, each with the offset at which it ends.

    Their origins begin with ``origin``, else with what tells these bytes from others.
    """
    decoder = Decoder()
    origin = f"log:{origin or fingerprint(data)}"
    at, last_us = after or BEGINNING
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
    return stamp if FIRST_US <= stamp <= LAST_US else last_us
