"""A recording of MAVLink as a Bytewax source, with the timing that it was recorded with.

It is a telemetry log (``.tlog``) or a raw byte stream: which, its bytes say, not its name.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override

from connectors.log_stamp import BEGINNING_BYTES, FIRST_US
from connectors.mavlink import Heard
from connectors.mavlink_raw import frames, is_raw
from connectors.mavlink_records import BEGINNING, Played, records
from connectors.meter import SourceMeter
from connectors.pace import Pace
from connectors.stream_clock import began_us, timed

MOST_IN_A_BATCH = 500
LONGEST_SLEEP_SECONDS = 60.0
# Of a recording without times: so much of its beginning is read to tell when it was made.
SCANNED_BYTES = 1_048_576


class LogUnreadable(ValueError):
    """The file is no recording of MAVLink, or cannot be read."""


@dataclass(frozen=True)
class MavlinkLogSource(FixedPartitionedSource[Heard, Played]):
    """Play a recording.

    One partition. Can support exactly-once processing: resumes at the byte where the
    recovered epoch ended.

    Args:
        path: the recording.
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
        """What it is called among recordings: the same for the same bytes."""
        return fingerprint(read_log(self.path).data)

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
        log = read_log(source.path)
        self._size = len(log.data)
        self._records = log.records(source.link, source.run, after)
        self._progress = source.progress
        self._pace = Pace(source.speed)
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
        self._progress(self._played.offset, self._size, self._packets)
        if not batch and self._next is None:
            raise StopIteration
        wait = min(wait, LONGEST_SLEEP_SECONDS)
        self._awake = datetime.now(UTC) + timedelta(seconds=wait) if wait > 0 else None
        return batch

    @override
    def next_awake(self) -> datetime | None:
        return self._awake

    @override
    def snapshot(self) -> Played:
        return self._played


@dataclass(frozen=True)
class Log:
    """The bytes of a recording. ``began_us`` is when it began, if its records do not say."""

    data: bytes
    raw: bool = False
    began_us: int | None = None

    def records(
        self, link: str, run: str = "", after: Played = BEGINNING
    ) -> Iterator[tuple[Heard, int]]:
        """Packets and noise after what was played, each with the offset at which it ends.

        Their origins begin with what tells these bytes, and this run, from others.
        """
        origin = f"log:{fingerprint(self.data)}" + (f":{run}" if run else "")
        if self.began_us is None:
            return records(self.data, link, origin, after)
        read = frames if self.raw else records
        return timed(read(self.data, link, origin), self.began_us, after)


def read_log(path: Path) -> Log:
    """A recording.

    Raises:
        LogUnreadable: missing, empty, or without one frame in its beginning.
    """
    try:
        data = path.read_bytes()
        written_us = path.stat().st_mtime_ns // 1000
    except OSError as error:
        raise LogUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    beginning = data[:BEGINNING_BYTES]
    recorded = [heard for heard, _ in records(beginning, "")]
    raw = is_raw(beginning, iter(recorded))
    if raw is None:
        raise LogUnreadable(
            f"{path} holds no MAVLink, neither as a telemetry log (.tlog) nor as a raw stream."
        )
    if not raw and any(heard.heard_us != FIRST_US for heard in recorded):
        return Log(data)
    scanned = data[:SCANNED_BYTES]
    found = frames(scanned) if raw else records(scanned, "")
    return Log(data, raw, began_us(found, len(scanned) / len(data), written_us))


def fingerprint(data: bytes) -> str:
    """The same for the same bytes, and for no others."""
    return hashlib.sha256(data).hexdigest()[:16]


def log_link(path: Path) -> str:
    """The name of a recording as a link."""
    return f"log:{path.name[:64]}"
