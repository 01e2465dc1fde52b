"""A state bucket as a Bytewax sink, whose values never go backwards.

Each put says, in a header, which stream sequences went into it. What a replay
puts again, and is not newer in every stream, is dropped: a reader of the bucket
never sees an older state after a newer one.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import msgspec
import nats.errors
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from typing_extensions import override

from connectors.hpub import HEADER_LINE
from connectors.meter import SinkMeter
from connectors.publish import Publication, Publisher
from connectors.pull import Unread
from connectors.session import Server, Session, session

WRITER = "Overwatch-Writer"
VERSION = "Overwatch-Version"
READ_SECONDS = 10.0


def own_puts(writer: str, after: int) -> Unread:
    """The puts of a writer, after a sequence of the bucket's stream: they need not be read."""
    return Unread(f"{HEADER_LINE}{WRITER}: {writer}\r\n{VERSION}: ".encode(), after)


class Version(msgspec.Struct, frozen=True):
    """The last sequence of each stream that went into a state, and a rank among its equals."""

    sequences: Mapping[str, int]
    rank: int = 0

    def follows(self, other: "Version") -> bool:
        """Whether this is newer: behind in no stream, and ahead in one or in rank."""
        mine, theirs = self.sequences, other.sequences
        # Plain loops: every put goes through here, and most have one stream.
        for name, last in theirs.items():
            if mine.get(name, 0) < last:
                return False
        for name, last in mine.items():
            if last > theirs.get(name, 0):
                return True
        return self.rank > other.rank

    def header(self) -> str:
        return msgspec.json.encode(self).decode()


class Put(msgspec.Struct, frozen=True):
    """A value for a key, and how new it is."""

    key: str
    value: bytes
    version: Version


class Purge(msgspec.Struct, frozen=True):
    """That a key is no more, nor what it had; and how long that is to be known, seconds.

    A stream of a bucket that has no ends of messages refuses one with ``remembered``.
    """

    key: str
    version: Version
    remembered: int = 0


def version_of(headers: Mapping[str, str] | None) -> Version | None:
    """The version that one of our puts carries; None for anybody else's."""
    text = (headers or {}).get(VERSION)
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=Version)
    except msgspec.MsgspecError:
        return None


def versions(session: Session, bucket: str) -> dict[str, Version]:
    """Of each key the version of our newest put, as far back as the bucket's history goes.

    Raises:
        TimeoutError: the server stopped answering half way.
    """
    return session.call(_versions, session, bucket)


async def _versions(session: Session, bucket: str) -> dict[str, Version]:
    stream, prefix = f"KV_{bucket}", f"$KV.{bucket}."
    config = ConsumerConfig(
        # Not the last of each key alone, for that may be what another program put after ours.
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.NONE,
        headers_only=True,
        mem_storage=True,
    )
    inbox = session.client.new_inbox()
    consumer = inbox.rpartition(".")[2]
    js = session.client.jetstream()
    info = await js.add_consumer(stream, config, name=consumer, filter_subject=f"{prefix}>")
    subscription = await session.client.subscribe(
        inbox, pending_msgs_limit=-1, pending_bytes_limit=-1
    )
    found: dict[str, Version] = {}
    left = info.num_pending or 0
    await session.client.publish(
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
        msgspec.json.encode({"batch": left, "no_wait": True}),
        reply=inbox,
    )
    try:
        while left:
            msg = await subscription.next_msg(READ_SECONDS)
            if not msg.reply:  # The bucket has fewer puts by now.
                break
            left -= 1
            version = version_of(msg.headers)
            if version is not None:
                found[msg.subject.removeprefix(prefix)] = version
    except nats.errors.TimeoutError as error:
        raise TimeoutError(f"Reading bucket {bucket} stopped with {left} puts to go.") from error
    finally:
        await subscription.unsubscribe()
    return found


@dataclass(frozen=True)
class KvSink(FixedPartitionedSink[Put | Purge, None]):
    """Put each key's newest state into a bucket. Can support exactly-once processing.

    A purge takes its place among the puts: nothing that is older comes after it.
    """

    server: Server
    bucket: str
    flow: str

    @override
    def list_parts(self) -> list[str]:
        return [self.bucket]

    @override
    def part_fn(self, item_key: str) -> int:
        return 0

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "KvPartition":
        return KvPartition(self)


class KvPartition(StatefulSinkPartition[Put | Purge, None]):
    def __init__(self, sink: KvSink) -> None:
        self._prefix = f"$KV.{sink.bucket}."
        self._meter = SinkMeter(sink.flow)
        with ExitStack() as stack:
            opened = stack.enter_context(session(sink.server))
            self._newest = versions(opened, sink.bucket)
            self._publisher = Publisher(opened, latest_only=True)
            self._writer = sink.server.part
            self._opened = stack.pop_all()

    @override
    def write_batch(self, values: list[Put | Purge]) -> None:
        newest, puts = self._newest, []
        for put in values:
            known = newest.get(put.key)
            if known is not None and not put.version.follows(known):
                continue
            newest[put.key] = put.version
            headers = {WRITER: self._writer, VERSION: put.version.header()}
            if isinstance(put, Put):
                value = put.value
            else:
                value = b""
                headers |= _purge(put)
            puts.append(Publication(self._prefix + put.key, value, headers=headers))
        self._publisher.publish(puts)
        self._meter.published(len(puts))

    def is_behind(self, key: str, version: Version) -> bool:
        """Whether the bucket knows something of a key that did not go into this yet."""
        known = self._newest.get(key)
        return known is not None and any(
            version.sequences.get(name, 0) < last for name, last in known.sequences.items()
        )

    def forget(self, key: str) -> None:
        """A key that was purged so long ago that nothing older can come is as if it were new."""
        self._newest.pop(key, None)

    @override
    def snapshot(self) -> None:
        self._publisher.flush()

    @override
    def close(self) -> None:
        self._publisher.flush()
        self._opened.close()


def _purge(purge: Purge) -> dict[str, str]:
    """The headers that take away what a key had, as every client of a bucket writes them."""
    headers = {"KV-Operation": "PURGE", "Nats-Rollup": "sub"}
    return headers | {"Nats-TTL": f"{purge.remembered}s"} if purge.remembered else headers
