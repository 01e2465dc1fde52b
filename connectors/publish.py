"""Publications to JetStream, many in flight, none forgotten.

Each publication carries its reply subject, and the answers are counted. What is
not answered is said again: with a message id the stream drops what it already
has. A newer publication on a subject may stand for an older one there
(``latest_only``), since it is newer that a state bucket must end with.
"""

import itertools
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import msgspec
import structlog
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from connectors.hpub import BadSubject, publication
from connectors.meter import SinkMeter
from connectors.publication import Publication
from connectors.session import Server, Session, session

__all__ = ["JetStreamSink", "Publication", "PublishRefused", "Publisher"]

MOST_IN_FLIGHT = 4096
SAY_AGAIN_SECONDS = 2.0
GIVE_UP_SECONDS = 60.0
LOOK_SECONDS = 0.02
NOBODY = b"NATS/1.0 503"


class PublishRefused(RuntimeError):
    """The stream will not take a publication: the message says why and what to look at."""


class Publisher:
    """Publishes from a worker thread; ``flush`` returns once everything is on record."""

    def __init__(self, session: Session, *, latest_only: bool = False) -> None:
        self._session = session
        self._client = session.client
        self._latest_only = latest_only
        self._numbers = itertools.count(1)
        self._inbox = session.client.new_inbox()
        self._unanswered: dict[int, Publication] = {}
        # Of subjects of which older ones may be unanswered, the last that was answered.
        self._newest: dict[str, int] = {}
        self._refusal: str | None = None
        # Set with every answer after which no more are unanswered than somebody waits for.
        self._few, self._news = 0, threading.Event()
        self._answered = time.monotonic()
        self._log = structlog.get_logger()
        session.call(session.client.give, f"{self._inbox}.*", self._on_answer)

    def publish(self, publications: Sequence[Publication]) -> None:
        """Hand over publications; waits only while too many are unanswered.

        Raises:
            PublishRefused: the stream refused one, or answers none for a minute.
        """
        for start in range(0, len(publications), MOST_IN_FLIGHT):
            part = publications[start : start + MOST_IN_FLIGHT]
            self._wait_until(MOST_IN_FLIGHT - len(part))
            numbered = [(next(self._numbers), each) for each in part]
            self._unanswered.update(numbered)
            self._session.soon(self._send_soon, numbered)

    def flush(self) -> None:
        """Wait until every publication is answered. Raises as ``publish`` does."""
        self._wait_until(0)

    def _send_soon(self, numbered: Sequence[tuple[int, Publication]]) -> None:
        self._session.loop.create_task(self._send(numbered))

    async def _send(self, numbered: Sequence[tuple[int, Publication]]) -> None:
        """All at once, and in order: what is said first must be stored first.

        While the server is away nothing is sent; it is said again when that is back.
        """
        commands: list[bytes] = []
        most = self._client.max_payload
        for number, each in numbered:
            if len(each.data) > most:
                self._refusal = f"{each.subject}: {len(each.data)} bytes are too many"
                continue
            headers = each.headers
            if each.message_id:
                headers = {**headers, "Nats-Msg-Id": each.message_id}
            try:
                commands.append(
                    publication(each.subject, f"{self._inbox}.{number}", each.data, headers)
                )
            except BadSubject as error:
                self._refusal = str(error)
        await self._client.write(commands)

    def _on_answer(self, subject: bytes, data: bytes, headers: bytes | None) -> None:
        if headers and headers.startswith(NOBODY):
            return  # Nobody keeps this subject just now: it is said again, or given up.
        number = int(subject[subject.rindex(b".") + 1 :])
        self._answered = time.monotonic()
        if b'"error"' in data:
            error = msgspec.json.decode(data)["error"]
            refused = self._unanswered.get(number)
            place = refused.subject if refused else "?"
            self._refusal = f"{place}: {error.get('description')} ({error.get('err_code')})"
        answered = self._unanswered.pop(number, None)
        if len(self._unanswered) <= self._few:
            self._news.set()
        if answered and self._latest_only:
            if self._unanswered:
                self._newest[answered.subject] = number
            else:
                self._newest.clear()

    def _wait_until(self, unanswered: int) -> None:
        started = said = time.monotonic()
        while len(self._unanswered) > unanswered:
            self._check(started)
            now = time.monotonic()
            if now - max(said, self._answered) > SAY_AGAIN_SECONDS and self._client.is_connected:
                said = now
                self._session.call(self._say_again)
            self._few = unanswered
            self._news.clear()
            if len(self._unanswered) > unanswered:
                self._news.wait(LOOK_SECONDS)
        self._check(time.monotonic())

    def _check(self, started: float) -> None:
        if self._refusal:
            raise PublishRefused(f"JetStream refused a publication on {self._refusal}")
        if time.monotonic() - max(started, self._answered) > GIVE_UP_SECONDS:
            raise PublishRefused(
                f"JetStream has not answered {len(self._unanswered)} publications for "
                f"{GIVE_UP_SECONDS:.0f} s: is the server well, and are the streams there?"
            )

    async def _say_again(self) -> None:
        waiting = list(self._unanswered.items())
        if self._latest_only:
            newest = dict(self._newest)
            for number, each in waiting:
                newest[each.subject] = max(number, newest.get(each.subject, 0))
            for number, each in waiting:
                if newest[each.subject] != number:
                    self._unanswered.pop(number, None)
            waiting = [(number, each) for number, each in waiting if newest[each.subject] == number]
        self._log.warning("publishing_again", publications=len(waiting))
        self._send_soon(waiting)


@dataclass(frozen=True)
class JetStreamSink(FixedPartitionedSink[Publication, None]):
    """Publish, and let no epoch end before JetStream has taken what it said.

    Can support effectively-once processing: a replay says the same message ids again,
    and the stream drops those it has while it remembers them.
    """

    server: Server
    flow: str

    @override
    def list_parts(self) -> list[str]:
        return ["publications"]

    @override
    def part_fn(self, item_key: str) -> int:
        return 0

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Partition":
        return _Partition(self)


class _Partition(StatefulSinkPartition[Publication, None]):
    def __init__(self, sink: JetStreamSink) -> None:
        self._meter = SinkMeter(sink.flow)
        with ExitStack() as stack:
            self._publisher = Publisher(stack.enter_context(session(sink.server)))
            self._opened = stack.pop_all()

    @override
    def write_batch(self, values: list[Publication]) -> None:
        self._publisher.publish(values)
        self._meter.published(len(values))

    @override
    def snapshot(self) -> None:
        self._publisher.flush()

    @override
    def close(self) -> None:
        self._publisher.flush()
        self._opened.close()
