"""What is published is on record when an epoch ends, once and in order; or it is said why not."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from free import free_port
from message_server import ANYONE, DEADLINE, FREE, Running, message_server, on
from nats.aio.msg import Msg
from nats.js.api import DiscardPolicy, StreamConfig
from nats.js.client import JetStreamContext

from connectors import publish
from connectors.publish import JetStreamSink, Publication, Publisher, PublishRefused
from connectors.session import session

STREAM = "SAID"


def make(running: Running, **config: Any) -> None:
    config = {"name": STREAM, "subjects": ["s.>"], **config}
    on(running, lambda js: js.add_stream(StreamConfig(**config)))


def stored(running: Running) -> list[tuple[str, bytes, dict[str, str] | None]]:
    """Everything that the stream holds."""

    async def look(js: JetStreamContext) -> list[tuple[str, bytes, dict[str, str] | None]]:
        state = (await js.stream_info(STREAM)).state
        if not state.messages:
            return []
        reader = await js.subscribe("s.>", ordered_consumer=True)
        found = [await reader.next_msg(DEADLINE) for _ in range(state.messages)]
        return [(each.subject, each.data, each.headers) for each in found]

    return on(running, look)


def said(numbers: range, subject: str = "s.a", data: bytes = b"") -> list[Publication]:
    return [Publication(subject, b"%d " % each + data, f"id-{each}") for each in numbers]


def numbers(running: Running) -> list[int]:
    return [int(data.split()[0]) for _, data, _ in stored(running)]


def test_a_sink_has_said_everything_when_its_epoch_ends(running) -> None:
    """Subject, data, headers and message id; in the order in which it was handed over."""
    make(running)
    part = JetStreamSink(running.server(ANYONE), "test").build_part("out", "publications", None)
    part.write_batch([Publication("s.a", b"1", "one", {"kind": "first"}), Publication("s.b", b"2")])
    part.write_batch(said(range(3, 10_000)))
    part.snapshot()
    found = stored(running)
    part.close()

    assert found[0] == ("s.a", b"1", {"kind": "first", "Nats-Msg-Id": "one"})
    assert found[1] == ("s.b", b"2", None)
    assert [int(data) for _, data, _ in found] == list(range(1, 10_000))


def test_a_replay_says_nothing_twice(running) -> None:
    """Message ids are the same, and the stream remembers them."""
    make(running)
    for last in (50, 80):
        part = JetStreamSink(running.server(ANYONE), "test").build_part("out", "", None)
        part.write_batch(said(range(last)))
        part.close()

    assert numbers(running) == list(range(80))


def say(speaker: Publisher, publications: list[Publication]) -> None:
    speaker.publish(publications)
    speaker.flush()


def test_what_nobody_answers_is_said_again(running, monkeypatch) -> None:
    """A stream that comes a little later gets all of it, in order and once."""
    monkeypatch.setattr(publish, "SAY_AGAIN_SECONDS", 0.2)
    with session(running.server(ANYONE)) as opened:
        speaker = Publisher(opened)
        speaker.publish(said(range(100)))
        opened.call(opened.client.flush)
        make(running)
        speaker.flush()

    assert numbers(running) == list(range(100))


def test_only_the_newest_of_a_subject_is_said_again_to_a_bucket(running, monkeypatch) -> None:
    """What is older there would only be overwritten, and might come last."""
    monkeypatch.setattr(publish, "SAY_AGAIN_SECONDS", 0.2)
    with session(running.server(ANYONE)) as opened:
        speaker = Publisher(opened, latest_only=True)
        speaker.publish([Publication(f"s.{each % 3}", b"%d" % each) for each in range(100)])
        opened.call(opened.client.flush)
        make(running)
        speaker.flush()

    assert sorted(numbers(running)) == [97, 98, 99]


def test_what_is_never_answered_ends_the_flow(running, monkeypatch) -> None:
    """With what to look at."""
    monkeypatch.setattr(publish, "GIVE_UP_SECONDS", 0.5)
    monkeypatch.setattr(publish, "SAY_AGAIN_SECONDS", 0.1)
    with session(running.server(ANYONE)) as opened:
        speaker = Publisher(opened)
        speaker.publish(said(range(3)))
        with pytest.raises(PublishRefused, match=r"not answered 3 publications .* are the streams"):
            speaker.flush()


def test_a_slow_stream_is_waited_for_as_long_as_it_answers(running, monkeypatch) -> None:
    """As one on a small card that syncs every message; all together may take its time."""
    monkeypatch.setattr(publish, "GIVE_UP_SECONDS", 1.5)
    slow = 0.15  # Seconds an answer.

    async def answer(msg: Msg) -> None:
        await asyncio.sleep(slow)
        await msg.respond(b'{"stream": "SAID", "seq": 1}')

    with session(running.server(ANYONE)) as opened:
        opened.call(opened.client.subscribe, "slow.>", cb=answer)
        speaker = Publisher(opened)
        started = time.monotonic()
        say(speaker, said(range(12), "slow.a"))

    assert time.monotonic() - started > publish.GIVE_UP_SECONDS


@pytest.mark.parametrize(
    ("config", "data", "reason"),
    [
        ({"max_msg_size": 100}, b"x" * 200, r"s\.a: message size exceeds maximum allowed"),
        ({"max_msgs": 1, "discard": DiscardPolicy.NEW}, b"", r"s\.a: maximum messages exceeded"),
        ({}, b"x" * 2**21, r"s\.a: 2097156 bytes are too many"),
    ],
    ids=["larger than the stream takes", "full", "larger than the server takes"],
)
def test_what_is_refused_ends_the_flow(running, config, data, reason) -> None:
    """With the stream's own reason."""
    make(running, **config)
    with session(running.server(ANYONE)) as opened:
        speaker = Publisher(opened)
        with pytest.raises(PublishRefused, match=f"refused a publication on {reason}"):
            say(speaker, said(range(100, 103), data=data))


def test_no_more_is_under_way_than_can_be_remembered(running) -> None:
    """Whoever says more waits for answers."""
    make(running)
    with session(running.server(ANYONE)) as opened:
        speaker = Publisher(opened)
        seen = 0
        for first in range(0, 12_000, 1000):
            speaker.publish(said(range(first, first + 1000)))
            seen = max(seen, len(speaker._unanswered))
        speaker.flush()

    assert seen <= publish.MOST_IN_FLIGHT
    assert numbers(running) == list(range(12_000))


def test_what_is_said_while_the_server_is_away_is_on_record_when_it_is_back(
    tmp_path: Path, monkeypatch
) -> None:
    """More than the driver can hold back, all of it once and in order."""
    monkeypatch.setattr(publish, "SAY_AGAIN_SECONDS", 0.3)
    port = free_port()
    with message_server(tmp_path, users=FREE, port=port) as running:
        make(running)
        opening = session(running.server(ANYONE))
        opened = opening.__enter__()
        speaker = Publisher(opened)
        speaker.publish(said(range(100)))
        speaker.flush()
    deadline = time.monotonic() + DEADLINE
    while opened.client.is_connected:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    many = said(range(100, 4000), data=b"x" * 1500)
    speaking = threading.Thread(target=say, args=[speaker, many])
    speaking.start()
    with message_server(tmp_path, users=FREE, port=port) as running:
        speaking.join(2 * DEADLINE)
        assert not speaking.is_alive()
        found = numbers(running)
        opening.__exit__(None, None, None)

    assert found == list(range(4000))
