"""Follows the state bucket: every key's last value, then every change, for as long as it takes.

A pull consumer that is forgotten by the server when we are gone. It beats while the
bucket is quiet; when the beat stops, or a message is missing in its count, a new
one goes on after the last sequence. When the bucket is not the one that was read
before, all of it is read again.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import msgspec
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamInfo

from connectors.session import NatsUnreachable, Server, connect
from flows.ontology.subjects import BUCKET_STREAM, BUCKET_SUBJECT

BATCH = 1000
EXPIRES = timedelta(seconds=10)
HEARTBEAT = timedelta(seconds=1)
SILENCE_SECONDS = 3.0
FORGET_CONSUMER_AFTER = timedelta(seconds=30)
RECONCILE_SECONDS = 30.0
RETRY_SECONDS = 0.25
ANSWER_SECONDS = 2.0

_PREFIX = f"{BUCKET_SUBJECT}."
_REQUEST = msgspec.json.encode(
    {
        "batch": BATCH,
        "expires": int(EXPIRES.total_seconds() * 1e9),
        "idle_heartbeat": int(HEARTBEAT.total_seconds() * 1e9),
    }
)


class Follower(Protocol):
    """What is told of the bucket."""

    def put(self, key: str, data: bytes, sequence: int, stored_us: int) -> None: ...
    def delete(self, key: str) -> None: ...
    def retain(self, keys: set[str]) -> None: ...
    def found(self) -> None: ...
    def lost(self, trouble: str) -> None: ...


class Interrupted(RuntimeError):
    """The consumer can be read no further; the message says why."""


class Watch:
    """Tells ``follower`` what the bucket holds. ``run`` never ends by itself."""

    def __init__(self, server: Server, follower: Follower) -> None:
        self._server = server
        self._follower = follower
        self._log = structlog.get_logger().bind(part=server.part)
        self._bucket_made: object = None
        self._last = 0
        self._full: set[str] | None = None
        self.client: Client | None = None
        self.pending = 0

    async def run(self) -> None:
        while True:
            try:
                self.client = await connect(self._server)
            except NatsUnreachable as error:
                self._lose(str(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            try:
                await self._follow(self.client)
            finally:
                await self.client.close()

    async def _follow(self, client: Client) -> None:
        while not client.is_closed:
            try:
                await _Reading(self, client).read()
            except nats.js.errors.NotFoundError:
                self._lose("The state bucket does not exist yet: run `overwatch up`.")
            except (Interrupted, nats.errors.Error, TimeoutError) as error:
                self._lose(str(error) or "The message server does not answer.")
            await asyncio.sleep(RETRY_SECONDS)

    def _lose(self, trouble: str) -> None:
        self._log.info("bucket_lost", reason=trouble)
        self._follower.lost(trouble)

    def begin(self, info: StreamInfo) -> ConsumerConfig:
        """Where to read from: after the last sequence, or all if this is another bucket."""
        resume = info.created == self._bucket_made and self._last <= info.state.last_seq
        if resume and self._full is None and self._last:
            return _config(DeliverPolicy.BY_START_SEQUENCE, self._last + 1)
        self._bucket_made, self._last, self._full = info.created, 0, set()
        return _config(DeliverPolicy.LAST_PER_SUBJECT, None)

    def take(self, msg: Msg) -> None:
        """Tell of one message of the bucket's stream."""
        place = msg.metadata
        key = msg.subject.removeprefix(_PREFIX)
        self._last = place.sequence.stream
        self.pending = place.num_pending
        if _is_delete(msg.headers):
            self._follower.delete(key)
        else:
            stored_us = int(place.timestamp.timestamp() * 1e6)
            self._follower.put(key, msg.data, self._last, stored_us)
            if self._full is not None:
                self._full.add(key)
        if not self.pending:
            self.caught_up()

    def caught_up(self) -> None:
        """All that the bucket held when reading began has been told of."""
        if self._full is not None:
            self._follower.retain(self._full)
            self._full = None
        self._follower.found()

    async def reconcile(self, client: Client) -> None:
        """Let go of keys that the bucket has lost without saying so, as a purge does."""
        info = await client.jetstream().stream_info(BUCKET_STREAM, subjects_filter=f"{_PREFIX}>")
        if info.created != self._bucket_made or info.state.last_seq < self._last:
            raise Interrupted("The state bucket is another one.")
        subjects = info.state.subjects or {}
        if info.state.last_seq == self._last:
            self._follower.retain({subject.removeprefix(_PREFIX) for subject in subjects})


class _Reading:
    """One consumer, from when it is made until it can be read no further."""

    def __init__(self, watch: Watch, client: Client) -> None:
        self._watch = watch
        self._client = client
        self._asked = 0
        self._expected = 1
        self._heard = time.monotonic()
        self._news = asyncio.Event()
        self._trouble = ""

    async def read(self) -> None:
        client = self._client
        js = client.jetstream(timeout=ANSWER_SECONDS)
        reconnects = client.stats["reconnects"]
        info = await js.stream_info(BUCKET_STREAM)
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox, cb=self._on_message)
        try:
            config = self._watch.begin(info)
            name = f"{inbox.rpartition('.')[2]}"
            consumer = await js.add_consumer(
                BUCKET_STREAM, config, name=name, filter_subject=f"{_PREFIX}>"
            )
            if not consumer.num_pending:
                self._watch.caught_up()
            ask = f"$JS.API.CONSUMER.MSG.NEXT.{BUCKET_STREAM}.{name}"
            reconcile_at = time.monotonic() + RECONCILE_SECONDS
            while True:
                if not self._asked:
                    self._asked = BATCH
                    await client.publish(ask, _REQUEST, reply=inbox)
                self._news.clear()
                await self._wait()
                if client.stats["reconnects"] != reconnects or not client.is_connected:
                    raise Interrupted("The connection to the message server was lost.")
                if time.monotonic() >= reconcile_at:
                    await self._watch.reconcile(client)
                    reconcile_at = time.monotonic() + RECONCILE_SECONDS
        finally:
            if not client.is_closed:
                await subscription.unsubscribe()

    async def _wait(self) -> None:
        """Until there is something to do, at most a heartbeat."""
        try:
            await asyncio.wait_for(self._news.wait(), HEARTBEAT.total_seconds())
        except TimeoutError:
            if time.monotonic() - self._heard > SILENCE_SECONDS:
                raise Interrupted("The message server has fallen silent.") from None
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
            return
        if msg.metadata.sequence.consumer != self._expected:
            self._trouble = "A message of the bucket is missing."
            self._news.set()
            return
        if self._trouble:
            return
        self._expected += 1
        self._watch.take(msg)
        self._asked -= 1
        if not self._asked:
            self._news.set()


def _config(policy: DeliverPolicy, start: int | None) -> ConsumerConfig:
    return ConsumerConfig(
        deliver_policy=policy,
        opt_start_seq=start,
        ack_policy=AckPolicy.NONE,
        inactive_threshold=FORGET_CONSUMER_AFTER.total_seconds(),
        mem_storage=True,
    )


def _is_delete(headers: Mapping[str, str] | None) -> bool:
    return bool(headers) and ("KV-Operation" in headers or "Nats-Marker-Reason" in headers)  # type: ignore[operator]
