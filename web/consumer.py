"""A pull consumer that is forgotten by the server when we are gone, and that never fails quietly.

It beats while the stream is quiet. When the beat stops, when a message is missing in
the consumer's count, or when the connection has been another one, it is at its end.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

BATCH = 1000
EXPIRES = timedelta(seconds=10)
HEARTBEAT = timedelta(seconds=1)
SILENCE_SECONDS = 3.0
ANSWER_SECONDS = 2.0
FORGET_CONSUMER_AFTER = timedelta(seconds=30)

_REQUEST = msgspec.json.encode(
    {
        "batch": BATCH,
        "expires": int(EXPIRES.total_seconds() * 1e9),
        "idle_heartbeat": int(HEARTBEAT.total_seconds() * 1e9),
    }
)


class Interrupted(RuntimeError):
    """The consumer can be read no further; the message says why."""


class Consumer:
    """Hands messages to ``take`` in their order, for as long as ``wait`` is called."""

    def __init__(self, client: Client, stream: str, take: Callable[[Msg], None]) -> None:
        self._client = client
        self._stream = stream
        self._take = take
        self._reconnects = client.stats["reconnects"]
        self._inbox = client.new_inbox()
        self._name = self._inbox.rpartition(".")[2]
        self._subscription: Subscription | None = None
        self._asked = 0
        self._expected = 1
        self._heard = time.monotonic()
        self._news = asyncio.Event()
        self._trouble = ""

    async def open(self, subject: str, policy: DeliverPolicy, start: int | None) -> int:
        """Make the consumer; how many messages are waiting for it."""
        self._subscription = await self._client.subscribe(self._inbox, cb=self._on_message)
        config = ConsumerConfig(
            deliver_policy=policy,
            opt_start_seq=start,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=FORGET_CONSUMER_AFTER.total_seconds(),
            mem_storage=True,
        )
        made = await self._client.jetstream(timeout=ANSWER_SECONDS).add_consumer(
            self._stream, config, name=self._name, filter_subject=subject
        )
        return made.num_pending or 0

    async def close(self) -> None:
        if self._subscription is not None and not self._client.is_closed:
            await self._subscription.unsubscribe()

    async def wait(self) -> None:
        """Keep asking for messages; returns now and then, at least with every beat.

        Raises:
            Interrupted: there will be no more.
        """
        if not self._asked:
            self._asked = BATCH
            ask = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._name}"
            await self._client.publish(ask, _REQUEST, reply=self._inbox)
        self._news.clear()
        try:
            await asyncio.wait_for(self._news.wait(), HEARTBEAT.total_seconds())
        except TimeoutError:
            if time.monotonic() - self._heard > SILENCE_SECONDS:
                self._trouble = "The message server has fallen silent."
        if self._client.stats["reconnects"] != self._reconnects or not self._client.is_connected:
            self._trouble = "The connection to the message server was lost."
        if self._trouble:
            raise Interrupted(self._trouble)

    async def _on_message(self, msg: Msg) -> None:
        self._heard = time.monotonic()
        status = (msg.headers or {}).get("Status")
        if status == "100":
            return
        if status:
            if status not in ("404", "408"):  # Not the mere end of a request.
                self._trouble = f"The consumer has ended ({status})."
            self._asked = 0
            self._news.set()
        elif not self._trouble:
            self._deliver(msg)

    def _deliver(self, msg: Msg) -> None:
        if msg.metadata.sequence.consumer != self._expected:
            self._trouble = "A message of the bucket is missing."
            self._news.set()
            return
        self._expected += 1
        self._take(msg)
        self._asked -= 1
        if not self._asked:
            self._news.set()
