"""States, rows and the mark: whoever sees the mark sees all that it is of."""

import time
from collections.abc import Iterator

import pytest
from message_server import ANYONE, FREE, Running, message_server, on
from nats.js.client import JetStreamContext
from nats.js.errors import KeyDeletedError, KeyNotFoundError

from connectors.kv import KvSink, Purge, Put, Version
from connectors.projection import (
    PROJECTIONS,
    Awaited,
    Done,
    Forget,
    ProjectionSink,
    Record,
    Removal,
)
from connectors.sqlite import SqliteTable, prepare, read_rows
from connectors.streams import Limits, declared_fields
from flows.ontology.streams import BUCKET as STATES

BUCKET, STREAM = "CONSTELLATION_GLOBAL_STATE", "EVENTS"
THINGS = SqliteTable("things", {"id": str, "name": str}, key="id")


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Running]:
    """A server with the bucket as it is declared, and a stream of events."""
    with message_server(tmp_path_factory.mktemp("projection"), users=FREE) as running:

        async def make(js: JetStreamContext) -> None:
            fields = declared_fields(STATES, Limits(2**30, 2**20))
            await js.add_stream(name=STATES.name, **fields)
            await js.add_stream(name=STREAM, subjects=["events"])

        on(running, make)
        yield running


@pytest.fixture
def running(shared: Running) -> Running:
    """That server, with nothing in its bucket and nine events."""

    async def empty(js: JetStreamContext) -> None:
        await js.purge_stream(STATES.name)
        while (await js.stream_info(STREAM)).state.last_seq < 9:
            await js.publish("events", b"")

    on(shared, empty)
    return shared


@pytest.fixture
def sink(running: Running, tmp_path) -> ProjectionSink:
    bucket = KvSink(running.server(ANYONE), BUCKET, "test")
    return ProjectionSink(bucket, tmp_path / "db" / "things.db", (THINGS,), "test", STREAM)


def opened(sink: ProjectionSink):
    return sink.build_part("out", BUCKET, None)


def version(*, e: int, t: int = 1) -> Version:
    return Version({"t": t, "e": e})


def row(name: str, *, e: int, t: int = 1) -> Record:
    return Record("things", {"id": "v1", "name": name}, "v1", version(e=e, t=t))


def put(value: bytes, *, e: int, t: int = 1) -> Put:
    return Put("v1", value, version(e=e, t=t))


def gone(*, e: int, t: int = 1, remembered: int = 3600) -> list:
    known = version(e=e, t=t)
    return [Purge("v1", known, remembered), Removal("things", "v1", known)]


def things(sink: ProjectionSink) -> list[str]:
    return [each["name"] for each in read_rows(sink.path, "SELECT * FROM things")]


def mark(sink: ProjectionSink) -> int | None:
    rows = read_rows(sink.path, "SELECT * FROM projections WHERE projection = 'test'")
    return rows[0]["sequence"] if rows else None


def value(running: Running) -> bytes | None:
    async def read(js: JetStreamContext) -> bytes | None:
        try:
            return (await (await js.key_value(BUCKET)).get("v1")).value
        except (KeyNotFoundError, KeyDeletedError):
            return None

    return on(running, read)


def test_what_is_marked_is_in_the_bucket_and_in_the_database(running, sink) -> None:
    """When ``write_batch`` returns, and not at the end of an epoch."""
    part = opened(sink)
    part.write_batch([Awaited((1, 2)), put(b"a", e=1), row("a", e=1), Done(1)])
    assert (mark(sink), things(sink), value(running)) == (1, ["a"], b"a")
    part.write_batch([put(b"b", e=2), row("b", e=2), Done(2)])
    assert (mark(sink), things(sink), value(running)) == (2, ["b"], b"b")
    part.close()


def test_what_is_done_before_others_is_not_marked_before_them(running, sink) -> None:
    """Keys are worked on in any order."""
    part = opened(sink)
    part.write_batch([Done(2), Awaited((1, 2, 4))])
    assert mark(sink) is None
    part.write_batch([Done(1)])
    assert mark(sink) == 3
    part.write_batch([Done(4)])
    assert mark(sink) == 4
    part.close()


def test_what_was_purged_leaves_nothing_and_is_not_brought_back(running, sink) -> None:
    """By nothing older, be it a state or a row, in this process or in one that comes after it."""
    part = opened(sink)
    part.write_batch([put(b"a", e=1), row("a", e=1), *gone(e=2), Awaited((2,)), Done(2)])
    assert (mark(sink), things(sink), value(running)) == (2, [], None)
    part.write_batch([put(b"a", e=1), row("a", e=1), put(b"x", e=0, t=9), row("x", e=0, t=9)])
    part.close()
    part = opened(sink)
    part.write_batch([put(b"a", e=1), row("a", e=1), put(b"x", e=0, t=9), row("x", e=0, t=9)])
    part.snapshot()
    assert (things(sink), value(running)) == ([], None)
    part.write_batch([put(b"c", e=2, t=2), row("c", e=2, t=2)])
    part.snapshot()
    assert (things(sink), value(running)) == (["c"], b"c")
    part.close()


def test_a_purge_that_is_told_again_takes_nothing_newer_away(running, sink) -> None:
    """As after a crash between the two."""
    part = opened(sink)
    part.write_batch([*gone(e=2), put(b"c", e=3), row("c", e=3)])
    part.write_batch(gone(e=2))
    part.snapshot()
    assert (things(sink), value(running)) == (["c"], b"c")
    part.close()


def test_a_crash_between_bucket_and_database_is_made_good(running, sink) -> None:
    """The bucket comes first, so what is told again is written where it is missing."""
    prepare(sink.path, THINGS, PROJECTIONS)
    states = sink.bucket.build_part("out", BUCKET, None)
    states.write_batch([put(b"a", e=1)])
    states.close()
    part = opened(sink)
    part.write_batch([put(b"a", e=1), row("a", e=1), Awaited((1,)), Done(1)])
    part.write_batch([row("old", e=0)])
    part.close()

    assert (mark(sink), things(sink), value(running)) == (1, ["a"], b"a")


def test_a_purge_is_remembered_for_as_long_as_it_says(running, sink) -> None:
    """Then the bucket has nothing of the key, not even that."""
    part = opened(sink)
    part.write_batch([put(b"a", e=1), *gone(e=2, remembered=1)])
    part.close()

    async def messages(js: JetStreamContext) -> int:
        return (await js.stream_info(STATES.name)).state.messages

    deadline = time.monotonic() + 30
    while on(running, messages):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_is_forgotten_is_as_if_it_were_new(running, sink) -> None:
    """A key that was purged long ago may begin again with other streams."""
    part = opened(sink)
    part.write_batch(gone(e=2))
    part.write_batch([put(b"a", e=0), row("a", e=0)])
    part.write_batch([Forget("v1")])
    part.write_batch([put(b"b", e=0), row("b", e=0)])
    part.snapshot()
    assert (things(sink), value(running)) == (["b"], b"b")
    part.close()


def test_a_mark_never_goes_back_unless_its_stream_has(running, sink) -> None:
    """A replay tells again what is long done; a stream that was made anew has nothing of it."""
    part = opened(sink)
    part.write_batch([Awaited((8, 9)), Done(8), Done(9)])
    part.close()
    part = opened(sink)
    part.write_batch([Awaited((3,)), Done(3)])
    assert mark(sink) == 9
    part.close()

    async def anew(js: JetStreamContext) -> None:
        await js.delete_stream(STREAM)
        await js.add_stream(name=STREAM, subjects=["events"])
        await js.publish("events", b"")

    on(running, anew)
    part = opened(sink)
    assert mark(sink) is None
    part.write_batch([Awaited((1,)), Done(1)])
    assert mark(sink) == 1
    part.close()
