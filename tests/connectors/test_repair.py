"""Streams that somebody has changed are put right, and no message is lost by it."""

import asyncio

import nats.errors
import nats.js.errors
import pytest
from message_server import ALL, LIMITS, message_server, with_streams
from nats.js.api import DiscardPolicy, KeyValueConfig, RetentionPolicy, StorageType, StreamConfig

from connectors import repair as repairing
from connectors.nats_server import Permissions
from connectors.repair import COSTS, MOVES_NONE, NOT_ALLOWED, Left, repair
from connectors.streams import Difference, drift
from flows.ontology.streams import BUCKET
from flows.permissions import ADMIN, CLIENT, TABLE

TELEMETRY = "CONSTELLATION_TELEMETRY"
EVENTS = "CONSTELLATION_EVENTS"
SUBJECT = "constellation.telemetry.org.uav"
DAY = 86_400.0
# What edge programs would make of a stream and the bucket, if they were let.
PULSAR = {"max_age": DAY, "max_bytes": -1, "max_msg_size": -1, "duplicate_window": 2.0}
PULSAR_BUCKET = {"max_age": 3600.0, "max_msgs_per_subject": 1, "max_bytes": -1}


@pytest.fixture
def running(tmp_path):
    with message_server(tmp_path) as running:
        with_streams(running)
        yield running


def as_admin(running, work):
    async def run():
        async with running.client(ADMIN) as (client, _):
            return await work(client, client.jetstream())

    return asyncio.run(run())


def say(running, subject=SUBJECT, *bodies):
    async def run():
        async with running.client(CLIENT) as (client, _):
            for body in bodies:
                await client.jetstream().publish(subject, body)

    asyncio.run(run())


async def change(js, stream, **fields):
    config = (await js.stream_info(stream)).config
    await js.update_stream(config.evolve(**fields))


@pytest.mark.parametrize(("stream", "changed"), [(TELEMETRY, PULSAR), (BUCKET.name, PULSAR_BUCKET)])
def test_what_an_edge_program_would_make_of_it_is_undone(running, stream, changed):
    """Each field is told with what it was and is, and what is kept stays kept."""
    say(running, SUBJECT, b"1", b"2")

    async def work(client, js):
        await change(js, stream, **changed)
        done = await repair(client, ALL, LIMITS)
        return done, await drift(client, ALL, LIMITS), (await js.stream_info(TELEMETRY)).state

    done, after, state = as_admin(running, work)
    assert {each.field for each in done.changed} == changed.keys()
    assert {each.stream for each in done.changed} == {stream}
    assert {each.found for each in done.changed} == set(changed.values())
    assert (done.left, after, state.messages) == ([], [], 2)


def test_a_stream_that_somebody_deleted_is_made_again(running):
    """Empty, and told of as one that did not exist."""

    async def work(client, js):
        await js.delete_stream(EVENTS)
        done = await repair(client, ALL, LIMITS)
        return done, await drift(client, ALL, LIMITS)

    done, after = as_admin(running, work)
    assert (done.changed, done.left, after) == ([Difference(EVENTS)], [], [])


def test_nothing_is_changed_where_nothing_differs(running):
    """Not even a field that is not declared."""

    async def work(client, js):
        await change(js, TELEMETRY, metadata={"owner": "us"}, max_msgs=5_000_000)
        return await repair(client, ALL, LIMITS)

    assert as_admin(running, work) == ([], [])


@pytest.mark.parametrize(
    ("stream", "field", "loose", "bodies"),
    [
        (TELEMETRY, "max_bytes", 500_000_000, [b"x" * 400_000] * 3),
        (BUCKET.name, "max_msgs_per_subject", 64, [b"x"] * 11),
    ],
)
def test_a_limit_is_not_drawn_tighter_than_what_is_kept(running, stream, field, loose, bodies):
    """Not of itself: whoever wants that says so. What costs nothing is put right all the same."""
    small = LIMITS._replace(file_bytes=2_000_000)
    limits = LIMITS if stream == BUCKET.name else small
    subject = SUBJECT if stream == TELEMETRY else "$KV.CONSTELLATION_GLOBAL_STATE.uav"

    async def loosen(client, js):
        await change(js, stream, **{field: loose})

    async def work(client, js):
        await change(js, stream, description="another")
        before = (await js.stream_info(stream)).state.messages
        done = await repair(client, ALL, limits)
        return done, before, (await js.stream_info(stream)).state.messages

    as_admin(running, loosen)
    say(running, subject, *bodies)
    done, before, after = as_admin(running, work)
    mine = [each for each in done.left if each.difference.stream == stream]
    assert [(each.difference.field, each.reason) for each in mine] == [(field, COSTS)]
    assert str(mine[0]).startswith(f"{stream}: {field} is {loose}, declared ")
    assert "description" in {each.field for each in done.changed if each.stream == stream}
    assert before == after == len(bodies)


def test_a_limit_is_drawn_tighter_where_nothing_is_kept_beyond_it(running):
    """A store without end is one that fills the disk one day."""
    say(running, SUBJECT, b"1")
    say(running, "$KV.CONSTELLATION_GLOBAL_STATE.uav", b"1", b"2")

    async def work(client, js):
        await change(js, TELEMETRY, max_bytes=-1, max_age=0.0)
        await change(js, BUCKET.name, max_msgs_per_subject=64)
        return await repair(client, ALL, LIMITS), await drift(client, ALL, LIMITS)

    done, after = as_admin(running, work)
    assert {each.field for each in done.changed} == {"max_bytes", "max_age", "max_msgs_per_subject"}
    assert (done.left, after) == ([], [])


def test_what_no_server_changes_is_named(running):
    """The storage, and what eats the messages that are acknowledged."""

    async def work(client, js):
        for stream in (TELEMETRY, EVENTS):
            await js.delete_stream(stream)
        await js.add_stream(
            StreamConfig(
                name=TELEMETRY, subjects=["constellation.telemetry.>"], storage=StorageType.MEMORY
            )
        )
        await js.add_stream(
            StreamConfig(
                name=EVENTS,
                subjects=["constellation.events.>"],
                retention=RetentionPolicy.WORK_QUEUE,
                discard=DiscardPolicy.OLD,
            )
        )
        return await repair(client, ALL, LIMITS), await drift(client, ALL, LIMITS)

    done, after = as_admin(running, work)
    assert Left(Difference(TELEMETRY, "storage", "file", "memory"), MOVES_NONE) in done.left
    retention = next(each for each in done.left if each.difference.field == "retention")
    assert "retention policy" in retention.reason
    assert {(each.stream, each.field) for each in after} == {
        (each.difference.stream, each.difference.field) for each in done.left
    }


def test_one_that_may_only_look_only_reports(tmp_path, monkeypatch):
    """As on a server that is somebody else's: what differs is told, and stays."""
    monkeypatch.setattr(repairing, "ANSWER_SECONDS", 1.0)
    looker = Permissions(("$JS.API.STREAM.INFO.*",), ("_INBOX_looker.>",))
    with message_server(tmp_path, users=TABLE | {"looker": looker}) as running:
        with_streams(running)

        async def work():
            async with running.client(ADMIN) as (client, _):
                await change(client.jetstream(), TELEMETRY, max_age=DAY)
                await change(client.jetstream(), EVENTS, description="another")
            async with running.client("looker") as (client, _):
                return await repair(client, ALL, LIMITS)

        done = asyncio.run(work())
    age, description = done.left
    assert done.changed == []
    assert age == Left(Difference(TELEMETRY, "max_age", 7 * DAY, DAY), NOT_ALLOWED)
    assert (description.difference.stream, description.reason) == (EVENTS, NOT_ALLOWED)


@pytest.mark.parametrize("user", [CLIENT, "relay", "entities", "web"])
def test_edge_programs_cannot_rewrite_what_is_kept(running, user):
    """Pulsar's updates, its bucket of an hour and a stream that overlaps are all refused."""

    async def work():
        async with running.client(user) as (client, complaints):
            js = client.jetstream(timeout=0.2)
            bucket = KeyValueConfig(bucket="CONSTELLATION_GLOBAL_STATE", history=1, ttl=3600)
            overlapping = StreamConfig(
                name="MAVLINK_TELEMETRY", subjects=["constellation.telemetry.>"]
            )
            config = StreamConfig(name=TELEMETRY, subjects=["constellation.telemetry.>"], **PULSAR)
            for refused in (
                js.update_stream(config),
                js.add_stream(config),
                js.create_key_value(bucket),
                js.add_stream(overlapping),
                js.delete_stream(TELEMETRY),
                js.purge_stream(TELEMETRY),
            ):
                with pytest.raises(nats.errors.TimeoutError):
                    await refused
            return complaints

    async def look(client, js):
        return await drift(client, ALL, LIMITS), await js.account_info()

    complaints = asyncio.run(work())
    assert len(complaints) >= 5
    assert all("permissions violation" in each for each in complaints)
    left, account = as_admin(running, look)
    assert (left, account.streams) == ([], len(ALL))


def test_not_even_an_admin_makes_a_stream_that_overlaps(running):
    """Aero Arc's would take telemetry away from nobody, and get none."""

    async def work(_, js):
        overlapping = StreamConfig(name="MAVLINK_TELEMETRY", subjects=["constellation.telemetry.>"])
        with pytest.raises(nats.js.errors.BadRequestError, match="subjects overlap"):
            await js.add_stream(overlapping)

    as_admin(running, work)


def test_an_edge_program_still_learns_how_things_are(running):
    """It asks for a stream and the bucket before it goes on, and is answered."""

    async def work():
        async with running.client(CLIENT) as (client, complaints):
            js = client.jetstream()
            stream = await js.stream_info(TELEMETRY)
            bucket = await js.key_value("CONSTELLATION_GLOBAL_STATE")
            await bucket.put("uav", b"{}")
            return stream.config, await bucket.status(), complaints

    config, status, complaints = asyncio.run(work())
    assert config.max_age == 7 * DAY
    assert (status.history, status.ttl, status.values) == (BUCKET.per_subject, 0, 1)
    assert complaints == []
