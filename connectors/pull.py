"""A pull consumer whose requests are kept topped up, so that messages come as if pushed.

Pull requests are credit: the server sends no more than was asked for, so the
buffer is bounded without flow control. The protocol is JetStream's
``$JS.API.CONSUMER.MSG.NEXT`` (ADR-13); each request ends after ``EXPIRES`` and
beats every ``HEARTBEAT`` while the stream is quiet. When the beat stops, the
consumer or its server is gone, and a new one is made from the next sequence.

A message that is delivered by itself costs the server some five times as much as one
among others. A reader with time to ``gather`` asks for one message, and once that is
there, after a while, for all that came behind it. And what it knows already, as what it has
said there itself, is left ``unread``: it costs a look at how its headers begin.
"""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import msgspec
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from connectors.session import Session

BUFFER = 8192  # Messages asked for and not yet taken, at most.
EXPIRES = timedelta(seconds=30)
HEARTBEAT = timedelta(seconds=2)
SILENCE_SECONDS = 5.0
WORTH_ASKING = timedelta(milliseconds=20)
FORGET_CONSUMER_AFTER = timedelta(minutes=5)

# subject, data, headers, stream sequence, stored at (nanoseconds)
Raw = tuple[str, bytes, Mapping[str, str] | None, int, int]


class StreamMissing(RuntimeError):
    """There is no such stream."""


class StreamReplaced(RuntimeError):
    """The stream ends before what was already read of it: it is not the same stream."""


@dataclass(frozen=True)
class StreamState:
    """What is told of a stream when it is opened."""

    first: int
    last: int
    keeps_every_message: bool


class Unread(NamedTuple):
    """Messages that need not be read: after a sequence, those whose headers begin like this."""

    headers: bytes
    after: int = 0


class Pull:
    """Reads a stream from ``next_sequence`` on. Made and used by one worker thread.

    Args:
        session: the connection.
        reader: who reads, for logs.
        stream: name of the stream.
        next_sequence: where to begin.
        gather: how long after a message to ask for those behind it; zero to be given
            each as it comes.
        unread: what of the stream is passed over.
        room: for so many messages that were asked for and not yet taken.
        only: what subjects must match; empty for all.
        newest: where nothing was read before, only the newest message of each subject is.
    """

    def __init__(
        self,
        session: Session,
        reader: str,
        stream: str,
        next_sequence: int,
        *,
        gather: timedelta = timedelta(0),
        unread: Unread | None = None,
        room: int = BUFFER,
        only: str = "",
        newest: bool = False,
    ) -> None:
        # Asking anew for each few messages would cost more than it saves.
        self._gather = gather.total_seconds() if gather >= WORTH_ASKING else 0.0
        self._all = False  # Whether the request that stands is for all that is there.
        self._more = False  # Whether the last such was filled, so that there is more.
        self._reader = reader
        self._session = session
        self._client = session.client
        self._js = session.client.jetstream()
        self._stream = stream
        self._next = next_sequence
        self._buffer: deque[Raw] = deque()
        self._asked = 0
        self._consumer = self._inbox = ""
        self._subscription: Subscription | None = None
        self._heard = 0.0
        self._topping_up = False
        self._unread = unread
        self._room = room
        self._only = only
        self._newest = newest
        self._reading_all = unread is not None  # Until the sequence after which it is not.
        self._passed = self._placed = b""  # The reply of what was passed over last.
        self.passed_over = 0
        self._reconnects = session.client.stats["reconnects"]
        self._log = structlog.get_logger().bind(stream=stream)
        self.pending = 0

    def open(self) -> StreamState:
        """Make the consumer and ask for the first messages.

        Raises:
            StreamMissing: with the next step.
            StreamReplaced: likewise.
        """
        return self._session.call(self._restart)

    def take(self, most: int) -> list[Raw]:
        """What has come, in order, at most ``most``; empty when the stream is quiet.

        Raises:
            StreamMissing: it has been deleted.
            StreamReplaced: it has been deleted and made anew.
        """
        buffer, passed = self._buffer, self._passed
        if self._client.stats["reconnects"] != self._reconnects and self._client.is_connected:
            # Nobody acknowledges, so what was on its way then is not sent again.
            self._begin_again()
        count = min(len(buffer), most)
        if not count:
            # What had come before that was passed over has been taken.
            if passed is not self._placed:
                self._placed = passed
                last, _, self.pending = place(passed.decode())
                self._next = last + 1
            self._look_after()
            return []
        batch = [buffer.popleft() for _ in range(count)]
        self._next = batch[-1][3] + 1
        if not self._topping_up and self._wants_more():
            self._topping_up = True
            self._session.soon(self._top_up)
        return batch

    def again(self, next_sequence: int) -> None:
        """Read on from a sequence with a new consumer: what was on its way to us may be gone.

        Raises:
            StreamMissing: it has been deleted.
            StreamReplaced: it has been deleted and made anew.
        """
        self._next = next_sequence
        self._session.call(self._restart)

    @property
    def has_all(self) -> bool:
        """Whether all that the stream has was taken."""
        return not self.pending and not self._buffer

    @property
    def last(self) -> int:
        """Up to which sequence everything has been taken or passed over."""
        return self._next - 1

    def _wants_more(self) -> bool:
        waiting = len(self._buffer)
        if self._gather:
            return self._more and waiting < self._room // 2
        return self._asked + waiting < self._room // 2

    def _look_after(self) -> None:
        if time.monotonic() - self._heard < SILENCE_SECONDS or not self._client.is_connected:
            return
        self._log.warning("consumer_silent", next=self._next)
        self._begin_again()

    def _begin_again(self) -> None:
        reconnects = self._client.stats["reconnects"]
        try:
            self._session.call(self._restart)
            self._reconnects = reconnects
        except (nats.errors.Error, OSError) as error:
            # The server is coming back or not: the connection knows, and so does /health.
            self._heard = time.monotonic()
            self._log.warning("consumer_not_restarted", error=str(error) or type(error).__name__)

    async def _restart(self) -> StreamState:
        state = await stream_state(self._client, self._stream)
        if self._next > state.last + 1:
            raise StreamReplaced(
                f"Stream {self._stream} ends at {state.last}, but {self._reader} had read it "
                f"up to {self._next - 1}: it was replaced. Restore the stream, or remove the "
                "recovery folder, the lake and the state bucket to begin again."
            )
        if self._subscription:
            await self._subscription.unsubscribe()
        self._buffer.clear()
        self._passed = self._placed
        newest = self._newest and self._next <= 1
        config = ConsumerConfig(
            deliver_policy=(
                DeliverPolicy.LAST_PER_SUBJECT if newest else DeliverPolicy.BY_START_SEQUENCE
            ),
            opt_start_seq=None if newest else max(self._next, 1),
            ack_policy=AckPolicy.NONE,
            inactive_threshold=FORGET_CONSUMER_AFTER.total_seconds(),
            mem_storage=True,
            # The newest of each is asked of a pattern.
            filter_subject=self._only or (">" if newest else None),
        )
        inbox = self._client.new_inbox()
        self._inbox = inbox
        on_message = partial(self._on_message, inbox)
        if self._unread:
            sieve = partial(self._passes_over, inbox, self._unread)
            self._subscription = await self._client.sift(inbox, sieve, on_message)
        else:
            self._subscription = await self._client.subscribe(
                inbox, cb=on_message, pending_msgs_limit=-1, pending_bytes_limit=-1
            )
        self._consumer = f"{self._reader}-{inbox.rpartition('.')[2]}"
        info = await self._js.add_consumer(self._stream, config, name=self._consumer)
        self.pending = info.num_pending or 0
        self._asked, self._more = 0, False
        self._heard = time.monotonic()
        await self._ask()
        return state

    def _top_up(self) -> None:
        self._session.loop.create_task(self._ask())

    async def _ask(self) -> None:
        self._topping_up = False
        if self._gather and self._asked:
            return  # Two may have seen that it is time.
        if self._gather and not self._more:
            await self._request(1)
        else:
            room = self._room - self._asked - len(self._buffer)
            await self._request(room, waits=not self._gather)

    async def _request(self, batch: int, *, waits: bool = True) -> None:
        if batch <= 0:
            return
        self._asked += batch
        self._all, self._more = not waits, False
        request: dict[str, int | bool] = {"batch": batch, "no_wait": True}
        if waits:
            request = {
                "batch": batch,
                "expires": int(EXPIRES.total_seconds() * 1e9),
                "idle_heartbeat": int(HEARTBEAT.total_seconds() * 1e9),
            }
        await self._client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}",
            msgspec.json.encode(request),
            reply=self._inbox,
        )

    async def _on_message(self, inbox: str, msg: Msg) -> None:
        if inbox != self._inbox:  # Said to a consumer that has been replaced.
            return
        headers = msg.headers
        if headers is not None and not msg.reply and "Status" in headers:
            await self._on_status(headers)
            return
        sequence, stored_ns, pending = place(msg.reply)
        self._buffer.append((msg.subject, msg.data, headers, sequence, stored_ns))
        self.pending = pending
        self._count(inbox)

    def _passes_over(self, inbox: str, unread: Unread, reply: bytes, headers: bytes | None) -> bool:
        """Whether a message need not be read: then it is only counted."""
        if not headers or not headers.startswith(unread.headers) or inbox != self._inbox:
            return False
        if self._reading_all:
            self._reading_all = place(reply.decode())[0] <= unread.after
            if self._reading_all:
                return False
        self._passed = reply
        self.passed_over += 1
        self._count(inbox)
        if not self._topping_up and self._wants_more():
            self._topping_up = True
            self._top_up()
        return True

    def _count(self, inbox: str) -> None:
        """One of the messages that were asked for has come."""
        self._asked -= 1
        self._heard = time.monotonic()
        if self._gather and not self._asked:
            if not self._all:
                self._session.loop.call_later(self._gather, self._gathered, inbox)
            else:  # Filled to the last: ``take`` asks again when there is room.
                self._more = True

    def _gathered(self, inbox: str) -> None:
        if inbox == self._inbox:
            self._more = True
            self._top_up()

    async def _on_status(self, headers: Mapping[str, str]) -> None:
        status = headers["Status"]
        self._heard = time.monotonic()
        match status:
            case "100":  # A beat: quiet, and well.
                return
            case "404" | "408":  # A request has ended, with so much of it unused.
                unused = int(headers.get("Nats-Pending-Messages", "0"))
                # A reader that gathers has one request at a time.
                self._asked = 0 if self._gather else max(0, self._asked - unused)
                await self._ask()
            case _:  # The consumer is gone, or nobody answers: the silence starts now.
                self._log.info("consumer_status", status=status, text=headers.get("Description"))
                self._heard = time.monotonic() - SILENCE_SECONDS


def place(reply: str) -> tuple[int, int, int]:
    """Stream sequence, time stored (ns) and messages still to come, out of a reply subject.

    The reply of a delivered message is
    ``$JS.ACK.[domain.account.]stream.consumer.deliveries.sequence.consumed.time.pending[.token]``
    (ADR-15): nine tokens, or eleven or twelve with the domain.
    """
    tokens = reply.split(".")
    at = 5 if len(tokens) == 9 else 7
    return int(tokens[at]), int(tokens[at + 2]), int(tokens[at + 3])


async def stream_state(client: Client, stream: str) -> StreamState:
    """What a stream holds.

    Raises:
        StreamMissing: with the next step.
    """
    try:
        info = await client.jetstream().stream_info(stream)
    except nats.js.errors.NotFoundError as error:
        raise StreamMissing(
            f"There is no stream {stream}: run `overwatch streams apply`."
        ) from error
    per_subject = info.config.max_msgs_per_subject
    return StreamState(
        info.state.first_seq,
        info.state.last_seq,
        keeps_every_message=per_subject is None or per_subject <= 0,
    )
