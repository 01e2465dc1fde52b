"""Declared streams, against a real server: made, compared, repaired, and what is refused."""

import asyncio

import nats.js.errors
import pytest
from message_server import ALL, LIMITS, message_server
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

from connectors.nats_server import ServerOptions, configure
from connectors.streams import Difference, StreamRefused, apply, drift
from flows.ontology.streams import BUCKET
from flows.permissions import ADMIN, TABLE

TELEMETRY = "CONSTELLATION_TELEMETRY"
VIDEO = "CONSTELLATION_VIDEO_FRAMES"


@pytest.fixture
def running(tmp_path):
    with message_server(tmp_path) as running:
        yield running


def as_admin(running, work):
    async def run():
        async with running.client(ADMIN) as (client, _):
            return await work(client)

    return asyncio.run(run())


def test_a_new_server_gets_every_stream_and_then_nothing_differs(running):
    """Missing streams are told of as such, made, and are as declared in every field."""

    async def work(client):
        before = await drift(client, ALL, LIMITS)
        made = await apply(client, ALL, LIMITS)
        again = await apply(client, ALL, LIMITS)
        return before, made, again, await drift(client, ALL, LIMITS)

    before, made, again, after = as_admin(running, work)
    assert before == made == [Difference(stream.name) for stream in ALL]
    assert again == after == []
    assert str(before[0]) == f"{TELEMETRY} does not exist"


def test_what_streams_may_take_is_their_share_of_their_store(running):
    """Streams on disk share the file store, those in memory the memory."""

    async def work(client):
        await apply(client, ALL, LIMITS)
        js = client.jetstream()
        return [(await js.stream_info(stream.name)).config for stream in ALL]

    configs = as_admin(running, work)
    for stream, config in zip(ALL, configs, strict=True):
        store = LIMITS.memory_bytes if stream.storage == "memory" else LIMITS.file_bytes
        assert config.max_bytes == int(stream.share * store)
        assert config.storage == stream.storage
    on_disk = [config.max_bytes for config in configs if config.storage == "file"]
    assert sum(on_disk) <= LIMITS.file_bytes


def test_the_bucket_is_what_a_client_would_have_made(running):
    """The same configuration as the driver's own create_key_value, but for sizes and windows."""

    async def work(client):
        js = client.jetstream()
        await js.create_key_value(bucket="REFERENCE", history=BUCKET.per_subject)
        theirs = (await js.stream_info("KV_REFERENCE")).config
        await apply(client, ALL, LIMITS)
        ours = (await js.stream_info(BUCKET.name)).config
        return ours, theirs, await js.key_value("CONSTELLATION_GLOBAL_STATE")

    ours, theirs, bucket = as_admin(running, work)
    own = {"name", "subjects", "description", "max_bytes", "max_msg_size", "duplicate_window"}
    differing = {
        field
        for field in theirs.as_dict() | ours.as_dict()
        if getattr(ours, field) != getattr(theirs, field)
    }
    assert differing <= own | {"allow_direct"}
    assert ours.allow_direct
    assert bucket is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_age", 3600.0),
        ("max_bytes", 1000),
        ("max_msg_size", 10),
        ("max_msgs_per_subject", 1),
        ("duplicate_window", 1.0),
        ("discard", DiscardPolicy.NEW),
        ("subjects", ["constellation.telemetry.>", "elsewhere.>"]),
        ("description", "another"),
    ],
)
def test_what_somebody_changed_is_found_and_put_right(running, field, value):
    """The difference names the field and both values; one field is one difference."""

    async def work(client):
        js = client.jetstream()
        await apply(client, ALL, LIMITS)
        config = (await js.stream_info(TELEMETRY)).config
        await js.update_stream(config.evolve(**{field: value}))
        found = await drift(client, ALL, LIMITS)
        repaired = await apply(client, ALL, LIMITS)
        return found, repaired, await drift(client, ALL, LIMITS)

    found, repaired, after = as_admin(running, work)
    assert [(each.stream, each.field) for each in found] == [(TELEMETRY, field)]
    assert field in str(found[0])
    assert str(getattr(value, "value", value)) in str(found[0])
    assert repaired == found
    assert after == []


def test_what_is_not_declared_stays(running):
    """A deployment's own choices, such as metadata and consumer limits, are not drift."""

    async def work(client):
        js = client.jetstream()
        await apply(client, ALL, LIMITS)
        config = (await js.stream_info(TELEMETRY)).config
        own = config.evolve(metadata={"owner": "us"}, max_msgs=5_000_000, max_age=3600.0)
        await js.update_stream(own)
        await apply(client, ALL, LIMITS)
        return (await js.stream_info(TELEMETRY)).config

    config = as_admin(running, work)
    assert config.metadata["owner"] == "us"
    assert config.max_msgs == 5_000_000
    assert config.max_age == 7 * 86_400


def test_storage_that_cannot_be_moved_is_said_and_the_rest_is_put_right(running):
    """JetStream moves no stream between disk and memory; its other fields are repaired."""

    async def work(client):
        js = client.jetstream()
        wrong = StreamConfig(
            name=TELEMETRY, subjects=["constellation.telemetry.>"], storage=StorageType.MEMORY
        )
        await js.add_stream(wrong)
        with pytest.raises(StreamRefused) as refused:
            await apply(client, ALL, LIMITS)
        return str(refused.value), await drift(client, ALL, LIMITS)

    sentence, left = as_admin(running, work)
    assert sentence.startswith(f"Stream {TELEMETRY} stays in memory storage, although file")
    assert "overwatch streams apply" in sentence
    assert left == [Difference(TELEMETRY, "storage", "file", "memory")]


def test_a_stream_that_is_refused_keeps_no_other_from_being_made(running):
    """One that eats what is acknowledged cannot be changed; all others are made nevertheless."""

    async def work(client):
        js = client.jetstream()
        queue = StreamConfig(
            name=TELEMETRY,
            subjects=["constellation.telemetry.>"],
            retention=RetentionPolicy.WORK_QUEUE,
            max_bytes=1000,
        )
        await js.add_stream(queue)
        with pytest.raises(StreamRefused) as refused:
            await apply(client, ALL, LIMITS)
        return str(refused.value), {each.stream for each in await drift(client, ALL, LIMITS)}

    sentence, left = as_admin(running, work)
    assert sentence.startswith(f"Stream {TELEMETRY} stays as it is: ")
    assert "retention" in sentence
    assert left == {TELEMETRY}


def test_streams_shrink_with_their_store_and_keep_what_fits(tmp_path):
    """A server whose file store was made smaller takes the smaller streams, with their messages."""

    async def fill(client):
        await apply(client, ALL, LIMITS)

    async def say(client):
        ack = await client.jetstream().publish("constellation.telemetry.org.uav", b"kept")
        return ack.seq

    smaller = LIMITS._replace(file_bytes=LIMITS.file_bytes // 8)

    async def shrink(client):
        with pytest.raises(nats.js.errors.NotFoundError):  # What was in memory has gone.
            await client.jetstream().stream_info(VIDEO)
        await apply(client, ALL, smaller)
        message = await client.jetstream().get_msg(TELEMETRY, 1)
        return message.data, await drift(client, ALL, smaller)

    async def run(running):
        async with running.client("client") as (client, _):
            return await say(client)

    with message_server(tmp_path) as running:
        as_admin(running, fill)
        assert asyncio.run(run(running)) == 1
    with message_server(tmp_path, smaller.file_bytes) as running:
        assert as_admin(running, shrink) == (b"kept", [])
    options = ServerOptions("127.0.0.1", 4222, 2**20, 2**20, smaller.file_bytes, "1s")
    assert str(LIMITS.file_bytes) in configure(tmp_path, options, TABLE).read_text()
