"""Streams are read whole, in order and once, whatever happens to the server meanwhile."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from free import free_port
from message_server import ANYONE, DEADLINE, FREE, Running, message_server, on
from nats.js.api import StreamConfig
from nats.js.client import JetStreamContext

from connectors import pull
from connectors.jetstream import JetStreamSource, Message, last_sequence
from connectors.metrics import counter
from connectors.pull import Pull, StreamMissing, StreamReplaced, Unread, place
from connectors.session import Server, session

STREAM = "NUMBERS"
# As each message comes, and those together that come within a while.
BOTH = pytest.mark.parametrize("gather", [timedelta(0), timedelta(milliseconds=30)], ids=str)


def make(running: Running, **config: Any) -> None:
    config = {"name": STREAM, "subjects": ["n.>"], **config}
    on(running, lambda js: js.add_stream(StreamConfig(**config)))


def say(running: Running, first: int, last: int, headers: dict[str, str] | None = None) -> None:
    async def publish(js: JetStreamContext) -> None:
        acks = [
            await js.publish_async(f"n.{number % 3}", str(number).encode(), headers=headers)
            for number in range(first, last + 1)
        ]
        await asyncio.wait_for(asyncio.gather(*acks), DEADLINE)

    on(running, publish)


def source(running: Running, **more: Any) -> JetStreamSource:
    return JetStreamSource(running.server(ANYONE), STREAM, "test", **more)


def opened(running: Running, after: int | None = None, **more: Any):
    return source(running, **more).build_part("in", STREAM, after)


def read(part: Any, until: int, seconds: float = DEADLINE) -> list[Message]:
    """What comes up to a sequence."""
    messages: list[Message] = []
    deadline = time.monotonic() + seconds
    while not messages or messages[-1].sequence < until:
        assert time.monotonic() < deadline, f"nothing after {len(messages)} messages"
        messages.extend(part.next_batch())
    return messages


def numbers(messages: list[Message]) -> list[int]:
    return [int(message.data) for message in messages]


def read_so_far() -> float:
    return counter("overwatch_messages_total", "test", STREAM)._value.get()


def read_up_to(part: Any, sequence: int) -> None:
    """Read until a restart would begin after a sequence."""
    deadline = time.monotonic() + DEADLINE
    while part.snapshot() < sequence:
        assert time.monotonic() < deadline, f"read up to {part.snapshot()}"
        part.next_batch()


def lost() -> float:
    return counter("overwatch_lost_messages_total", "test", STREAM)._value.get()


def test_a_stream_is_read_in_order_with_all_that_was_said(running) -> None:
    """Subject, data, headers, sequence and time of every message."""
    make(running)
    before = time.time_ns() // 1000 - 1_000_000
    say(running, 1, 2)
    say(running, 3, 3, {"entity_id": "v1"})
    part = opened(running)
    messages = read(part, 3)
    part.close()

    assert [(each.stream, each.subject, each.data, each.sequence) for each in messages] == [
        (STREAM, "n.1", b"1", 1),
        (STREAM, "n.2", b"2", 2),
        (STREAM, "n.0", b"3", 3),
    ]
    assert messages[2].headers["entity_id"] == "v1"
    assert messages[0].headers is None
    stored = [each.stored_us for each in messages]
    assert before < stored[0] <= stored[1] <= stored[2] < before + 60_000_000


@BOTH
def test_more_than_the_buffer_holds_comes_whole(running, gather: timedelta) -> None:
    """Asked for again and again, without a gap and without a repetition."""
    make(running)
    say(running, 1, 3 * pull.BUFFER)
    part = opened(running, gather=gather)
    messages = read(part, 3 * pull.BUFFER)
    part.close()

    assert numbers(messages) == list(range(1, 3 * pull.BUFFER + 1))


def test_no_more_is_held_than_was_asked_for(running) -> None:
    """A flow that is slow does not fill the memory."""
    make(running)
    say(running, 1, 3 * pull.BUFFER)
    with session(running.server(ANYONE)) as connected:
        reader = Pull(connected, "test", STREAM, 1)
        reader.open()
        deadline = time.monotonic() + DEADLINE
        while len(reader._buffer) < pull.BUFFER:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        connected.call(connected.client.flush)
        assert len(reader._buffer) == pull.BUFFER
        assert reader.pending == 2 * pull.BUFFER


@pytest.mark.parametrize("after", [0, 1, 50, 99, 100])
def test_reading_goes_on_after_what_was_read(running, after: int) -> None:
    """Not with it, and not behind it."""
    make(running)
    say(running, 1, 100)
    part = opened(running, after)
    say(running, 101, 101)
    messages = read(part, 101)

    assert numbers(messages) == list(range(after + 1, 102))
    assert part.snapshot() == 101
    part.close()


def test_where_nothing_was_read_reading_begins_where_it_is_told(running) -> None:
    """And ends where it is told."""
    make(running)
    say(running, 1, 100)
    part = opened(running, first=40, until=100)
    messages = read(part, 100)
    with pytest.raises(StopIteration):
        part.next_batch()
    part.close()

    assert numbers(messages) == list(range(40, 101))
    assert last_sequence(running.server(ANYONE), STREAM) == 100


def test_a_quiet_stream_is_looked_at_seldom(running) -> None:
    """Empty batches, ever later up to a few milliseconds, and at once after a message."""
    make(running)
    part = opened(running)
    for _ in range(10):
        assert part.next_batch() == []
    assert part.next_awake() is not None
    say(running, 1, 1)
    read(part, 1)
    assert part.next_awake() is None
    part.close()


@BOTH
def test_what_a_broken_connection_took_is_read_on(running, gather: timedelta) -> None:
    """The server lives and has its consumer still; nothing tells it what did not arrive."""
    make(running, max_msgs_per_subject=1_000_000)  # Gaps of such a stream say nothing.
    say(running, 1, 50)
    part = opened(running, gather=gather)
    messages = read(part, 50)
    reader = part._pull

    async def breaks() -> None:
        reader._client._transport._io_writer.transport.abort()

    reader._session.call(breaks)
    say(running, 51, 100)
    messages += read(part, 100, 2 * DEADLINE)
    part.close()

    assert numbers(messages) == list(range(1, 101))


@BOTH
def test_what_did_not_arrive_is_asked_for_again(running, gather: timedelta) -> None:
    """A connection that breaks takes messages with it that the stream still has: no loss."""
    make(running)
    say(running, 1, 50)
    part = opened(running, gather=gather)
    messages = read(part, 50)
    before = lost()
    take = part._pull.take
    part._pull.take = lambda most: take(most)[3:]  # What came first is gone.
    say(running, 51, 100)
    deadline = time.monotonic() + DEADLINE
    while part._again_after is None:
        assert time.monotonic() < deadline
        messages += part.next_batch()
    part._pull.take = take
    messages += read(part, 100)
    part.close()

    assert numbers(messages) == list(range(1, 101))
    assert lost() == before


def test_what_comes_twice_is_read_once(running) -> None:
    """However often it is sent."""
    make(running)
    say(running, 1, 50)
    part = opened(running)
    take = part._pull.take
    part._pull.take = lambda most: [each for each in take(most) for _ in range(2)]
    messages = read(part, 50)
    part.close()

    assert numbers(messages) == list(range(1, 51))


def test_what_a_stream_has_discarded_unread_is_loss(running) -> None:
    """It is counted, and told with the message that follows."""
    make(running, max_msgs=10)
    say(running, 1, 5)
    part = opened(running)
    read(part, 5)
    part.close()
    say(running, 6, 30)
    before = lost()
    part = opened(running, 5)
    messages = read(part, 30)
    part.close()

    assert numbers(messages) == list(range(21, 31))
    assert [each.lost_before for each in messages] == [15, *[0] * 9]
    assert lost() - before == 15


def test_all_of_it_gone_is_loss_once_something_follows(running) -> None:
    """A purged stream keeps counting."""
    make(running)
    say(running, 1, 20)
    part = opened(running, 5)
    part.close()
    on(running, lambda js: js.purge_stream(STREAM))
    before = lost()
    part = opened(running, 5)
    say(running, 21, 21)
    (message,) = read(part, 21)
    part.close()

    assert (message.sequence, message.lost_before) == (21, 15)
    assert lost() - before == 15


def test_what_a_stream_discarded_before_it_was_first_read_is_no_loss(running) -> None:
    """A new flow has missed nothing."""
    make(running, max_msgs=10)
    say(running, 1, 30)
    before = lost()
    part = opened(running)
    messages = read(part, 30)
    part.close()

    assert numbers(messages) == list(range(21, 31))
    assert {each.lost_before for each in messages} == {0}
    assert lost() == before


def test_older_values_of_a_subject_are_no_loss(running) -> None:
    """Where a stream keeps only the last of each, as a bucket does."""
    make(running, max_msgs_per_subject=1)
    say(running, 1, 30)
    before = lost()
    part = opened(running, 5)
    messages = read(part, 30)
    part.close()

    assert numbers(messages) == [28, 29, 30]
    assert {each.lost_before for each in messages} == {0}
    assert lost() == before


def test_a_missing_stream_is_named_with_what_to_do(running) -> None:
    """Before the flow begins."""
    with pytest.raises(StreamMissing, match=f"no stream {STREAM}: run `overwatch streams apply`"):
        opened(running)
    with pytest.raises(StreamMissing):
        last_sequence(running.server(ANYONE), STREAM)


def test_another_stream_of_the_same_name_is_refused(running) -> None:
    """One that ends before what was read of it cannot be the same."""
    make(running)
    say(running, 1, 5)
    opened(running, 5).close()

    with pytest.raises(StreamReplaced, match=r"ends at 5, but test had read it up to 6"):
        opened(running, 6)


@BOTH
def test_what_comes_in_bursts_comes_whole(running, gather: timedelta) -> None:
    """Of one, of a few, and of more than were asked for at once."""
    make(running)
    part = opened(running, gather=gather)
    messages: list[Message] = []
    for last in (1, 2, 5, 305, 306, pull.BUFFER + 400, pull.BUFFER + 401):
        say(running, len(messages) + 1, last)
        messages += read(part, last)
    part.close()

    assert numbers(messages) == list(range(1, len(messages) + 1))


@BOTH
def test_a_consumer_that_was_deleted_is_made_again(running, gather: timedelta) -> None:
    """Reading goes on without a gap and without a repetition."""
    make(running)
    say(running, 1, 50)
    part = opened(running, gather=gather)
    messages = read(part, 50)

    async def delete(js: JetStreamContext) -> None:
        for info in await js.consumers_info(STREAM):
            await js.delete_consumer(STREAM, info.name)

    on(running, delete)
    say(running, 51, 100)
    messages += read(part, 100)
    part.close()

    assert numbers(messages) == list(range(1, 101))


def fails(part: Any, error: type[Exception]) -> str:
    """What a part says when it fails, which takes it a moment to notice."""
    with pytest.raises(error) as raised:
        read(part, 10**9)
    return str(raised.value)


def test_a_stream_that_is_deleted_under_a_reader_stops_it(running) -> None:
    """Nothing else would ever come."""
    make(running)
    part = opened(running)
    on(running, lambda js: js.delete_stream(STREAM))

    assert f"no stream {STREAM}" in fails(part, StreamMissing)
    part.close()


def test_a_stream_that_is_made_anew_under_a_reader_is_noticed(running) -> None:
    """Its messages are others, though their numbers have been read."""
    make(running)
    say(running, 1, 50)
    part = opened(running)
    read(part, 50)

    async def replace(js: JetStreamContext) -> None:
        await js.delete_stream(STREAM)
        await js.add_stream(StreamConfig(name=STREAM, subjects=["n.>"]))

    on(running, replace)
    say(running, 1, 3)
    assert "ends at 3, but test had read it up to 50" in fails(part, StreamReplaced)
    part.close()


@BOTH
def test_a_server_that_comes_back_is_read_on(tmp_path: Path, gather: timedelta) -> None:
    """With what was said before and after, once."""
    port = free_port()
    with message_server(tmp_path, users=FREE, port=port) as running:
        make(running)
        say(running, 1, 50)
        part = opened(running, gather=gather)
        messages = read(part, 50)
    for _ in range(3):  # While there is none, nothing comes and nothing fails.
        assert part.next_batch() == []
    with message_server(tmp_path, users=FREE, port=port) as running:
        say(running, 51, 100)
        messages += read(part, 100, 2 * DEADLINE)
        part.close()

    assert numbers(messages) == list(range(1, 101))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("$JS.ACK.S.c.1.10.9.1700000000123456789.5", (10, 1_700_000_000_123_456_789, 5)),
        ("$JS.ACK.hub.acc.S.c.1.10.9.1700000000123456789.0", (10, 1_700_000_000_123_456_789, 0)),
        (
            "$JS.ACK.hub.acc.S.c.1.10.9.1700000000123456789.0.tok",
            (10, 1_700_000_000_123_456_789, 0),
        ),
    ],
)
def test_a_reply_says_where_a_message_stands(reply: str, expected: tuple[int, int, int]) -> None:
    """In each of the forms that servers use."""
    assert place(reply) == expected


def test_a_flow_has_one_partition_a_stream() -> None:
    """A stream has one order."""
    server = Server("nats://127.0.0.1:1", "test")
    assert JetStreamSource(server, STREAM, "test").list_parts() == [STREAM]


OURS = {"Said-By": "us", "Number": "1"}
UNREAD = Unread(b"NATS/1.0\r\nSaid-By: us\r\n", after=40)


@BOTH
def test_what_is_left_unread_is_passed_over_and_counted(running, gather: timedelta) -> None:
    """Messages whose headers begin so, after a sequence; all others come, and so do later ones."""
    make(running)
    before = read_so_far()
    say(running, 1, 50, OURS)
    say(running, 51, 60)
    say(running, 61, 10_000, OURS)  # More than are asked for at once.
    say(running, 10_001, 10_001, {**OURS, "Said-By": "use"})
    say(running, 10_002, 10_003, {"Number": "1", "Said-By": "us"})
    part = opened(running, gather=gather, unread=UNREAD)
    messages = read(part, 10_003)
    say(running, 10_004, 10_100, OURS)
    read_up_to(part, 10_100)
    say(running, 10_101, 10_101)
    messages += read(part, 10_101)
    part.close()

    expected = [*range(1, 41), *range(51, 61), 10_001, 10_002, 10_003, 10_101]
    assert numbers(messages) == expected
    assert read_so_far() - before == 10_101


def test_reading_goes_on_after_what_was_passed_over(running) -> None:
    """Nobody looks at it again."""
    make(running)
    say(running, 1, 100, OURS)
    part = opened(running, unread=UNREAD)
    read_up_to(part, 100)
    part.close()
    before = read_so_far()
    again = opened(running, after=100, unread=UNREAD)
    say(running, 101, 101)
    messages = read(again, 101)
    again.close()

    assert numbers(messages) == [101]
    assert read_so_far() - before == 1


def test_of_a_stream_only_some_subjects_may_be_read(running) -> None:
    """The others are nobody's loss, before and after a restart."""
    make(running)
    say(running, 1, 30)
    before, part = lost(), opened(running, only="n.2")
    assert numbers(read(part, 29)) == [*range(2, 30, 3)]
    part.close()
    part = opened(running, 11, only="n.2")
    assert numbers(read(part, 29)) == [*range(14, 30, 3)]
    say(running, 31, 40)
    assert numbers(read(part, 38)) == [32, 35, 38]
    part.close()
    assert lost() == before
