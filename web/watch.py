"""Follows the state bucket: every key's last value, then every change, for as long as it takes.

When reading is interrupted it goes on after the last sequence. When the bucket is not
the one that was read before, all of it is read again.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import nats.errors
import nats.js.errors
import structlog
from nats.aio.msg import Msg
from nats.js.api import DeliverPolicy, StreamInfo

from connectors.driver import Client
from connectors.session import NatsUnreachable, Server, connect
from flows.ontology.subjects import BUCKET_STREAM, BUCKET_SUBJECT
from web.consumer import ANSWER_SECONDS, Consumer, Interrupted

RECONCILE_SECONDS = 30.0
RETRY_SECONDS = 0.25

_PREFIX = f"{BUCKET_SUBJECT}."
_ALL = f"{BUCKET_SUBJECT}.>"


class Follower(Protocol):
    """What is told of the bucket."""

    def put(self, key: str, data: bytes, sequence: int, stored_us: int) -> None: ...
    def delete(self, key: str) -> None: ...
    def retain(self, keys: set[str]) -> None: ...
    def found(self) -> None: ...
    def lost(self, trouble: str) -> None: ...


class Watch:
    """Tells ``follower`` what the bucket holds. ``pending`` changes are still to be told of."""

    def __init__(self, server: Server, follower: Follower) -> None:
        self._server = server
        self._follower = follower
        self._log = structlog.get_logger().bind(part=server.part)
        self._made: object = None  # When the bucket that was read last was made.
        self._last = 0
        self._seen: set[str] | None = None  # Keys met so far while all is being read.
        self.client: Client | None = None
        self.pending = 0

    @property
    def place(self) -> tuple[int, int]:
        """When the bucket was made, in microseconds since 1970, and the last sequence told of."""
        made = self._made
        return int(made.timestamp() * 1e6) if isinstance(made, datetime) else 0, self._last

    async def run(self) -> None:
        """Follow the bucket until cancelled, whatever becomes of the server."""
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
                await self._read(client)
            except nats.js.errors.NotFoundError:
                self._lose("The state bucket does not exist yet: run `overwatch up`.")
            except TimeoutError:  # The client's own says no more than that.
                self._lose("The message server does not answer.")
            except (Interrupted, OSError, nats.errors.Error) as error:
                self._lose(str(error) or "The message server does not answer.")
            await asyncio.sleep(RETRY_SECONDS)

    async def _read(self, client: Client) -> None:
        """One consumer, from when it is made until it can be read no further."""
        info = await client.jetstream(timeout=ANSWER_SECONDS).stream_info(BUCKET_STREAM)
        consumer = Consumer(client, BUCKET_STREAM, self._take)
        try:
            if not await consumer.open(_ALL, *self._place(info)):
                self._caught_up()
            reconcile_at = time.monotonic() + RECONCILE_SECONDS
            while True:
                await consumer.wait()
                if time.monotonic() >= reconcile_at:
                    await self._reconcile(client)
                    reconcile_at = time.monotonic() + RECONCILE_SECONDS
        finally:
            await consumer.close()

    def _place(self, info: StreamInfo) -> tuple[DeliverPolicy, int | None]:
        """Where to read from: after the last sequence, or all if this is another bucket."""
        same = info.created == self._made and self._last <= info.state.last_seq
        if same and self._last and self._seen is None:
            return DeliverPolicy.BY_START_SEQUENCE, self._last + 1
        self._made, self._last, self._seen = info.created, 0, set()
        return DeliverPolicy.LAST_PER_SUBJECT, None

    def _take(self, msg: Msg) -> None:
        place = msg.metadata
        key = msg.subject.removeprefix(_PREFIX)
        self._last = place.sequence.stream
        self.pending = place.num_pending
        if _is_delete(msg.headers or {}):
            self._follower.delete(key)
        else:
            stored_us = int(place.timestamp.timestamp() * 1e6)
            self._follower.put(key, msg.data, self._last, stored_us)
            if self._seen is not None:
                self._seen.add(key)
        if not self.pending:
            self._caught_up()

    def _caught_up(self) -> None:
        """All that the bucket held when reading began has been told of."""
        if self._seen is not None:
            self._follower.retain(self._seen)
            self._seen = None
        self._follower.found()

    async def _reconcile(self, client: Client) -> None:
        """Let go of keys that the bucket has lost without saying so, as a purge does."""
        js = client.jetstream(timeout=ANSWER_SECONDS)
        info = await js.stream_info(BUCKET_STREAM, subjects_filter=_ALL)
        if info.created != self._made or info.state.last_seq < self._last:
            raise Interrupted("The state bucket is another one.")
        if info.state.last_seq == self._last:
            subjects = info.state.subjects or {}
            self._follower.retain({subject.removeprefix(_PREFIX) for subject in subjects})

    def _lose(self, trouble: str) -> None:
        self._log.info("bucket_lost", reason=trouble)
        self._follower.lost(trouble)


def _is_delete(headers: Mapping[str, str]) -> bool:
    return "KV-Operation" in headers or "Nats-Marker-Reason" in headers
