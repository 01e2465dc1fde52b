"""A bucket's values never go backwards, whatever is played again."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from message_server import ANYONE, FREE, Running, message_server, on
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from connectors.kv import VERSION, WRITER, KvSink, Put, Version, version_of, versions
from connectors.session import session

BUCKET = "STATES"


@pytest.fixture
def running(running: Running) -> Running:
    """A server with an empty bucket."""
    on(running, lambda js: js.create_key_value(bucket=BUCKET, history=10))
    return running


@pytest.fixture(scope="module")
def bucket(tmp_path_factory) -> Iterator[Running]:
    """A server with a bucket for many examples."""
    with message_server(tmp_path_factory.mktemp("bucket"), users=FREE) as running:
        on(running, lambda js: js.create_key_value(bucket=BUCKET, history=10))
        yield running


def opened(running: Running):
    return KvSink(running.server(ANYONE), BUCKET, "test").build_part("out", BUCKET, None)


def put(key: str, value: int, rank: int = 0, **sequences: int) -> Put:
    return Put(key, b"%d" % value, Version(sequences or {"t": value}, rank))


def known(running: Running) -> dict[str, Version]:
    with session(running.server(ANYONE)) as connected:
        return versions(connected, BUCKET)


def history(running: Running, key: str) -> list[bytes]:
    """Every value that a key has had, in order."""

    async def look(js: JetStreamContext) -> list[bytes]:
        stream = f"KV_{BUCKET}"
        state = (await js.stream_info(stream)).state
        found = []
        for sequence in range(state.first_seq, state.last_seq + 1):
            with suppress(NotFoundError):  # Older than the history that is kept.
                found.append(await js.get_msg(stream, sequence))
        return [each.data or b"" for each in found if each.subject == f"$KV.{BUCKET}.{key}"]

    return on(running, look)


def test_a_state_is_put_with_who_wrote_it_and_how_new_it_is(running) -> None:
    """By which it is told from what others put."""
    part = opened(running)
    part.write_batch([put("v1", 1, rank=2, t=7, b=3)])
    part.snapshot()
    part.close()

    async def look(js: JetStreamContext) -> Any:
        return await js.get_last_msg(f"KV_{BUCKET}", f"$KV.{BUCKET}.v1")

    message = on(running, look)
    assert message.data == b"1"
    assert message.headers[WRITER] == ANYONE
    assert version_of(message.headers) == Version({"t": 7, "b": 3}, 2)


def test_a_replay_puts_nothing_older_and_nothing_twice(running) -> None:
    """Neither within a process nor after it was started again."""
    part = opened(running)
    part.write_batch([put("v1", value) for value in (1, 2, 5)])
    part.write_batch([put("v1", value) for value in (3, 5, 6)])
    part.close()
    again = opened(running)
    again.write_batch([put("v1", value) for value in range(1, 9)])
    again.write_batch([put("v2", 1)])
    again.close()

    assert history(running, "v1") == [b"1", b"2", b"5", b"6", b"7", b"8"]
    assert history(running, "v2") == [b"1"]


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20), st.integers(0, 2)), max_size=40)
)
def test_any_replay_leaves_the_newest_of_each_key(bucket, said) -> None:
    """And no reader sees an older one after it."""

    async def clear(js: JetStreamContext) -> None:
        await js.purge_stream(f"KV_{BUCKET}")

    on(bucket, clear)
    part = opened(bucket)
    for start in range(0, len(said), 7):
        part.write_batch(
            [put(key, 100 * at + rank, rank, t=at) for key, at, rank in said[start : start + 7]]
        )
    part.close()
    newest: dict[str, int] = {}
    for key, at, rank in said:
        newest[key] = max(newest.get(key, 0), 100 * at + rank)

    for key in "ab":
        values = [int(value) for value in history(bucket, key)]
        assert values == sorted(set(values))
        assert values[-1:] == ([newest[key]] if key in newest else [])


def test_what_another_program_put_gives_way_to_the_first_state_of_ours(running) -> None:
    """It has no version; its content has gone into ours by then."""

    async def theirs(js: JetStreamContext) -> None:
        await (await js.key_value(BUCKET)).put("v1", b"theirs")

    on(running, theirs)
    part = opened(running)
    part.write_batch([put("v1", 1)])
    part.close()
    assert history(running, "v1") == [b"theirs", b"1"]


def test_what_another_program_put_hides_no_state_of_ours(running) -> None:
    """A replay is as old as it was, whoever has put something or deleted it since."""
    part = opened(running)
    part.write_batch([put("v1", 5), put("v2", 5)])
    part.close()

    async def others(js: JetStreamContext) -> None:
        kv = await js.key_value(BUCKET)
        await kv.put("v1", b"theirs")
        await kv.delete("v2")

    on(running, others)
    again = opened(running)
    again.write_batch([put(key, value) for value in (3, 4, 5, 6) for key in ("v1", "v2")])
    again.close()

    assert history(running, "v1") == [b"5", b"theirs", b"6"]
    assert history(running, "v2") == [b"5", b"", b"6"]


def test_the_newest_version_of_every_key_is_known(running) -> None:
    """Of many keys, with many puts, and not of what others put."""
    part = opened(running)
    for value in range(1, 4):
        part.write_batch([put(f"v{number}", value * number) for number in range(1, 1501)])
    part.close()
    on(running, lambda js: others_put(js, "theirs.mavlink"))

    assert known(running) == {f"v{number}": Version({"t": 3 * number}) for number in range(1, 1501)}


async def others_put(js: JetStreamContext, key: str) -> None:
    await (await js.key_value(BUCKET)).put(key, b"{}")


def test_of_an_empty_bucket_nothing_is_known(running) -> None:
    """And that at once."""
    assert known(running) == {}


SEQUENCES = st.dictionaries(st.sampled_from("abc"), st.integers(0, 5))
VERSIONS = st.builds(Version, SEQUENCES, st.integers(0, 2))


@given(VERSIONS, VERSIONS, VERSIONS)
def test_following_is_an_order(one: Version, two: Version, three: Version) -> None:
    """Nothing follows itself, no two follow each other, and what follows a follower follows."""
    assert not one.follows(one)
    assert not (one.follows(two) and two.follows(one))
    if one.follows(two) and two.follows(three):
        assert one.follows(three)


@pytest.mark.parametrize(
    ("newer", "older", "follows"),
    [
        (Version({"t": 2}), Version({"t": 1}), True),
        (Version({"t": 2}), Version({"t": 2}), False),
        (Version({"t": 2}, 1), Version({"t": 2}), True),
        (Version({"t": 2}, 0), Version({"t": 1}, 2), True),
        (Version({"t": 2}), Version({"t": 1, "b": 1}), False),
        (Version({"t": 2, "b": 1}), Version({"t": 2}), True),
        (Version({}), Version({}), False),
    ],
)
def test_a_version_follows_one_that_it_is_behind_in_nothing(newer, older, follows) -> None:
    """And ahead of in something: a stream, or a rank among equals."""
    assert newer.follows(older) is follows


@given(VERSIONS)
def test_a_version_travels_in_a_header(version: Version) -> None:
    """And is none of ours where it is anything else."""
    assert version_of({VERSION: version.header()}) == version


@pytest.mark.parametrize(
    "headers", [None, {}, {VERSION: ""}, {VERSION: "7"}, {VERSION: '{"a": 1}'}]
)
def test_what_is_no_version_is_somebody_elses(headers: dict[str, str] | None) -> None:
    """No header, or one that is not as we write it."""
    assert version_of(headers) is None
