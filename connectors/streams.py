"""Declared streams and what JetStream has: told apart field by field, and made the same.

What is not declared (replicas, placement, mirrors) is the deployment's own and left as it is.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

import nats.js.errors
from nats.aio.client import Client
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

BUCKET_PREFIX = "KV_"
ANSWER_SECONDS = 10.0  # A stream of gigabytes is not changed in a moment.


class Declared(Protocol):
    """A stream as it should be. ``share`` is its part of the store that it is kept in."""

    @property
    def name(self) -> str: ...
    @property
    def subjects(self) -> tuple[str, ...]: ...
    @property
    def share(self) -> float: ...
    @property
    def max_age(self) -> timedelta: ...
    @property
    def max_message_bytes(self) -> int: ...
    @property
    def discard(self) -> str: ...
    @property
    def storage(self) -> str: ...
    @property
    def remembers(self) -> timedelta: ...
    @property
    def per_subject(self) -> int: ...
    @property
    def keeps(self) -> str: ...


class Limits(NamedTuple):
    """What all streams may take together: on disk and in memory, bytes."""

    file_bytes: int
    memory_bytes: int


class Difference(NamedTuple):
    """A field of a stream that is not as declared; an empty field where the stream is missing."""

    stream: str
    field: str = ""
    declared: object = None
    found: object = None

    def __str__(self) -> str:
        if not self.field:
            return f"{self.stream} does not exist"
        return f"{self.stream}: {self.field} is {self.found}, declared {self.declared}"


class StreamRefused(RuntimeError):
    """JetStream will not make a stream what it is declared to be: the message says why."""


def declared_fields(stream: Declared, limits: Limits, kept_in: object = None) -> dict[str, Any]:
    """The fields of a stream's configuration that are declared, by their names in JetStream.

    ``kept_in`` is the storage that it has, where that is another: its share is of that one.
    """
    memory = (kept_in or stream.storage) == "memory"
    store = limits.memory_bytes if memory else limits.file_bytes
    fields: dict[str, Any] = {
        "subjects": list(stream.subjects),
        "description": stream.keeps,
        "retention": RetentionPolicy.LIMITS,
        "storage": StorageType(stream.storage),
        "discard": DiscardPolicy(stream.discard),
        "max_bytes": int(stream.share * store),
        "max_age": stream.max_age.total_seconds(),
        "max_msg_size": stream.max_message_bytes,
        "max_msgs_per_subject": stream.per_subject,
        "duplicate_window": stream.remembers.total_seconds(),
        "allow_direct": True,
    }
    if stream.name.startswith(BUCKET_PREFIX):
        # As every client makes a bucket (ADR-8): full, it refuses; and its keys can be purged.
        fields |= {
            "discard": DiscardPolicy.NEW,
            "allow_rollup_hdrs": True,
            "allow_msg_ttl": True,
            "deny_delete": True,
        }
    return fields


async def drift(client: Client, streams: Sequence[Declared], limits: Limits) -> list[Difference]:
    """What is not as declared; nothing is changed.

    Raises:
        nats.errors.Error: the server does not answer, or does not let us look.
    """
    found: list[Difference] = []
    for stream in streams:
        config = await _config(client, stream.name)
        found += differences(stream, limits, config)
    return found


async def apply(client: Client, streams: Sequence[Declared], limits: Limits) -> list[Difference]:
    """Make the streams that are missing, and change those that differ. Returns what was changed.

    Every stream is tried, so that one that is refused does not keep others from being made.

    Raises:
        StreamRefused: with a line for every stream that stays as it is.
        nats.errors.Error: as ``drift`` does.
    """
    changed: list[Difference] = []
    refused: list[str] = []
    for stream in streams:
        config = await _config(client, stream.name)
        found = differences(stream, limits, config)
        try:
            await _repair(client, stream, limits, config, found)
        except nats.js.errors.APIError as error:
            refused.append(f"Stream {stream.name} stays as it is: {error.description}.")
            continue
        kept = [each for each in found if each.field == "storage"]
        refused += [
            f"Stream {each.stream} stays in {each.found} storage, although {each.declared} is "
            "declared: JetStream moves none. Back it up, delete it, and run "
            "`overwatch streams apply`."
            for each in kept
        ]
        changed += [each for each in found if each not in kept]
    if refused:
        raise StreamRefused("\n".join(refused))
    return changed


async def _config(client: Client, name: str) -> StreamConfig | None:
    try:
        return (await client.jetstream(timeout=ANSWER_SECONDS).stream_info(name)).config
    except nats.js.errors.NotFoundError:
        return None


async def _repair(
    client: Client,
    stream: Declared,
    limits: Limits,
    config: StreamConfig | None,
    found: list[Difference],
) -> None:
    js = client.jetstream(timeout=ANSWER_SECONDS)
    if config is None:
        await js.add_stream(StreamConfig(name=stream.name, **declared_fields(stream, limits)))
    elif any(each.field != "storage" for each in found):
        fields = declared_fields(stream, limits, plain(config.storage))
        fields["storage"] = config.storage
        await js.update_stream(config.evolve(**fields))


def differences(stream: Declared, limits: Limits, config: StreamConfig | None) -> list[Difference]:
    """How a stream's configuration differs from what is declared; None for no stream at all."""
    if config is None:
        return [Difference(stream.name)]
    return [
        Difference(stream.name, field, plain(declared), plain(getattr(config, field)))
        for field, declared in declared_fields(stream, limits, plain(config.storage)).items()
        if plain(declared) != plain(getattr(config, field))
    ]


def plain(value: object) -> object:
    """A value that compares and prints as itself, whichever form the driver gives it."""
    if isinstance(value, RetentionPolicy | StorageType | DiscardPolicy):
        return value.value
    return sorted(value) if isinstance(value, list) else value
