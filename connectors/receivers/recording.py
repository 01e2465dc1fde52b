"""A file of what receivers have heard as a Bytewax source, with the timing that it tells."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override

from connectors.meter import SourceMeter
from connectors.pace import Pace
from connectors.receivers.heard import Heard, Skipped
from connectors.receivers.recorded import read_recording

MOST_IN_A_BATCH = 500
LONGEST_SLEEP_SECONDS = 60.0


@dataclass(frozen=True)
class RecordingSource(FixedPartitionedSource[Heard, int]):
    """Play a file.

    One partition. Can support exactly-once processing: resumes at the item after the
    last that a recovered epoch had.

    Args:
        path: NMEA (AIVDM), SBS, AVR, Beast, or a log of dated frames; its bytes say which.
        flow: who reads, for the figures.
        speed: how many times faster than it was recorded; 0 for as fast as it goes.
        run: tells this playing from others: what it plays has origins of its own.
        progress: called with bytes played, bytes in all, and messages so far.
    """

    path: Path
    flow: str
    speed: float = 1.0
    run: str = ""
    progress: Callable[[int, int, int], None] = lambda _done, _total, _messages: None

    @property
    def recording(self) -> str:
        """What it is called among recordings: the same for the same bytes."""
        return read_recording(self.path).fingerprint

    @override
    def list_parts(self) -> list[str]:
        return [self.path.name]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> "_Partition":
        return _Partition(self, resume_state or 0)


class _Partition(StatefulSourcePartition[Heard, int]):
    def __init__(self, source: RecordingSource, after: int) -> None:
        recording = read_recording(source.path)
        link = f"log:{source.path.name[:64]}"
        self._size = len(recording.data)
        self._items = recording.items(link, source.run)
        for _ in range(after):
            next(self._items, None)
        self._progress = source.progress
        self._pace = Pace(source.speed)
        self._meter = SourceMeter(source.flow, link)
        self._next: tuple[Heard, int] | None = None
        self._played = after
        self._offset = 0
        self._awake: datetime | None = None

    @override
    def next_batch(self) -> list[Heard]:
        batch: list[Heard] = []
        wait = 0.0
        while len(batch) < MOST_IN_A_BATCH:
            self._next = self._next or next(self._items, None)
            if self._next is None:
                self._offset = self._size
                break
            heard, offset = self._next
            wait = 0.0 if isinstance(heard, Skipped) else self._pace.wait(heard.heard_us)
            if wait > 0:
                break
            batch.append(heard)
            self._next, self._offset = None, offset
        self._played += len(batch)
        self._meter.read(len(batch), 0)
        self._progress(self._offset, self._size, self._played)
        if not batch and self._next is None:
            raise StopIteration
        wait = min(wait, LONGEST_SLEEP_SECONDS)
        self._awake = datetime.now(UTC) + timedelta(seconds=wait) if wait > 0 else None
        return batch

    @override
    def next_awake(self) -> datetime | None:
        return self._awake

    @override
    def snapshot(self) -> int:
        return self._played
