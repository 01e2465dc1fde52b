"""A JetStream stream as a Bytewax source.

A stream is one partition: JetStream keeps one total order per stream, and the
last sequence handed out is all that a restart needs. Nothing is acknowledged;
the stream's limits decide how long messages live, Bytewax's recovery store
remembers which were read.

Messages are pushed into a bounded buffer by a pull subscription whose requests
are kept topped up, so ``next_batch`` only takes what is already there.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override

from connectors.meter import SourceMeter
from connectors.pull import BUFFER, Pull, Unread, stream_state
from connectors.session import Server, session

# Under load a flow works through so many at once, and what it says of them all it says once.
MOST_IN_A_BATCH = 4000
AWAKE = timedelta(milliseconds=0.5)  # How soon to look again after a message...
QUIET = timedelta(milliseconds=4)  # ...and how late at most, after a while without;
PROMPT = timedelta(milliseconds=1)  # where somebody waits for what becomes of it.


class Message(msgspec.Struct, frozen=True, gc=False):
    """A stored message. ``lost_before`` counts what the stream discarded unread just before it."""

    stream: str
    subject: str
    data: bytes
    sequence: int
    stored_us: int
    headers: Mapping[str, str] | None = None
    lost_before: int = 0


@dataclass(frozen=True)
class JetStreamSource(FixedPartitionedSource[Message, int]):
    """Read a stream in order from its first message, or on from where we were.

    One partition. Can support exactly-once processing: a restart resumes at the
    sequence after the last one of the recovered epoch.

    Args:
        server: where, and as whom.
        stream: name of the stream; it must exist.
        flow: who reads, for the figures.
        first: the sequence to begin at where nothing was read before.
        until: end the source after this sequence (for measurements), 0 for never.
        gather: how long to let messages gather before they are read, so that a trickle
            does not wake the flow for each; under load there is no wait.
        unread: what of the stream is passed over.
        most: messages that are worked through at once under load.
        only: what its subjects must match; the server sends no others, and what they were
            cannot be missed.
        quiet: how late at most a message is looked for after a while without.
    """

    server: Server
    stream: str
    flow: str
    first: int = 1
    until: int = 0
    gather: timedelta = timedelta(0)
    unread: Unread | None = None
    most: int = MOST_IN_A_BATCH
    only: str = ""
    quiet: timedelta = QUIET

    @override
    def list_parts(self) -> list[str]:
        return [self.stream]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> "_Partition":
        return _Partition(self, resume_state)


@dataclass(frozen=True)
class JetStreamSources(FixedPartitionedSource[Message, int]):
    """Read several streams, a partition each, otherwise as ``JetStreamSource``.

    One source and not several: Bytewax lets a source wait for all others at the end of
    each epoch, and those of several begin theirs ever further apart.

    Args:
        server: where, and as whom.
        streams: names of the streams, and how long to let messages of each gather.
        flow: who reads, for the figures.
        unread: of some streams, what is passed over.
        most: of each, messages that are worked through at once under load.
        after: of some streams, up to which sequence of which other one is read first, where
            the same process reads that.
        only: of some streams, what subjects must match.
        afresh: of some streams, after which sequence to begin, whatever was read before.
        quiet: of some streams, how late at most a message is looked for after a while without.
    """

    server: Server
    streams: Mapping[str, timedelta]
    flow: str
    unread: Mapping[str, Unread] = field(default_factory=dict)
    most: int = MOST_IN_A_BATCH
    after: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    afresh: Mapping[str, int] = field(default_factory=dict)
    quiet: Mapping[str, timedelta] = field(default_factory=dict)
    _parts: dict[str, "_Partition"] = field(default_factory=dict, init=False, compare=False)

    @override
    def list_parts(self) -> list[str]:
        return list(self.streams)

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> "_Partition":
        gather, unread = self.streams[for_part], self.unread.get(for_part)
        source = JetStreamSource(
            self.server, for_part, self.flow, gather=gather, unread=unread, most=self.most,
            only=self.only.get(for_part, ""), quiet=self.quiet.get(for_part, QUIET),
        )  # fmt: skip
        part = self._parts[for_part] = _Partition(source, self.afresh.get(for_part, resume_state))
        if for_part in self.after:
            other, sequence = self.after[for_part]
            part.wait_until(lambda: other not in self._parts or self._parts[other].is_at(sequence))
        return part


class _Partition(StatefulSourcePartition[Message, int]):
    def __init__(self, source: JetStreamSource, resumed_after: int | None) -> None:
        self._stream = source.stream
        self._until = source.until
        self._gather = source.gather
        # Whoever lets messages gather need not look as often whether there is one.
        self._quiet = max(source.quiet, source.gather / 4)
        self._unread = source.unread
        self._most = source.most
        self._last = source.first - 1 if resumed_after is None else resumed_after
        self._meter = SourceMeter(source.flow, source.stream)
        self._log = structlog.get_logger().bind(flow=source.flow, stream=source.stream)
        self._passed_over = 0
        self._pause = AWAKE
        self._awake: datetime | None = None
        self._ready: Callable[[], bool] | None = None
        # After which sequence the stream was asked again for what had not come.
        self._again_after: int | None = None
        with ExitStack() as stack:
            opened = stack.enter_context(session(source.server))
            self._pull = Pull(
                opened,
                source.flow,
                source.stream,
                self._last + 1,
                gather=source.gather,
                unread=source.unread,
                room=max(BUFFER, source.most * 5 // 4),
                only=source.only,
            )
            state = self._pull.open()
            # Where old messages of a subject give way to new ones, gaps are no loss.
            self._contiguous = state.keeps_every_message and not (source.unread or source.only)
            self._known = resumed_after is not None
            self._opened = stack.pop_all()

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Give nothing before that."""
        self._ready = ready

    def is_at(self, sequence: int) -> bool:
        """Whether it has been read up to there, or there is nothing more to read."""
        return self._last >= sequence or self._pull.has_all

    @override
    def next_batch(self) -> list[Message]:
        if self._waits():
            return []
        if self._until and self._last >= self._until:
            raise StopIteration
        raw = self._pull.take(self._most)
        passed_over = self._pull.passed_over - self._passed_over
        self._passed_over += passed_over
        if not raw:
            if self._unread:
                self._last = self._pull.last
            self._pause = min(self._pause * 2, self._quiet)
            self._awake = datetime.now(UTC) + self._pause
            self._meter.read(passed_over, self._pull.pending if passed_over else 0)
            return []
        more = len(raw) == self._most or not self._gather
        self._pause, self._awake = AWAKE, None if more else datetime.now(UTC) + self._gather
        stream, batch, last = self._stream, [], self._last
        for subject, data, headers, sequence, stored_ns in raw:
            gap = sequence - last - 1
            if gap < 0:
                continue  # Whatever has sent it twice, it is read once.
            if gap and self._contiguous and self._known:
                if self._again_after != last:
                    # Nobody acknowledges, so what a broken connection took is not sent again.
                    self._again_after = last
                    self._pull.again(last + 1)
                    break
                self._meter.lost(gap)
                self._log.error("stream_gap", first=last + 1, last=sequence - 1, lost=gap)
            else:
                gap = 0
            self._known = True
            batch.append(Message(stream, subject, data, sequence, stored_ns // 1000, headers, gap))
            last = sequence
        self._last = last
        if not batch:
            return []
        self._meter.read(passed_over + len(batch), self._pull.pending)
        return batch

    def _waits(self) -> bool:
        """Whether something else is to be read first."""
        if self._ready is None:
            return False
        if self._ready():
            self._ready = None
            return False
        self._awake = datetime.now(UTC) + QUIET
        return True

    @override
    def next_awake(self) -> datetime | None:
        return self._awake

    @override
    def snapshot(self) -> int:
        return self._last

    @override
    def close(self) -> None:
        self._opened.close()


def last_sequence(server: Server, stream: str) -> int:
    """The sequence of the newest message of a stream.

    Raises:
        StreamMissing: with the next step.
    """
    with session(server) as opened:
        return opened.call(stream_state, opened.client, stream).last
