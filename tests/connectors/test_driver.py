"""No message keeps a reader from those that follow it, whatever its bytes are."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from message_server import ANYONE, DEADLINE, FREE, Running, message_server
from nats.aio.msg import Msg
from nats.js.api import StreamConfig

from connectors.driver import Client, _Parser
from connectors.hpub import publication
from connectors.jetstream import JetStreamSource, Message
from connectors.session import connect

STREAM = "HOSTILE"


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    with message_server(tmp_path_factory.mktemp("nats"), users=FREE) as running:
        yield running


def store(running: Running, said: list[bytes]) -> None:
    """Put what is said on the wire as it is: no driver would send it."""

    async def run() -> None:
        async with running.client(ANYONE) as (client, _):
            js = client.jetstream()
            await js.delete_stream(STREAM) if await exists(js) else None
            await js.add_stream(StreamConfig(name=STREAM, subjects=["h.>"]))
            for each in said:
                await client._send_command(each)
            deadline = time.monotonic() + DEADLINE
            while (await js.stream_info(STREAM)).state.messages < len(said):
                assert time.monotonic() < deadline

    async def exists(js) -> bool:
        return STREAM in [info.config.name for info in await js.streams_info()]

    asyncio.run(run())


def read(running: Running, count: int) -> list[Message]:
    part = JetStreamSource(running.server(ANYONE), STREAM, "test").build_part("in", STREAM, None)
    found: list[Message] = []
    deadline = time.monotonic() + DEADLINE
    while len(found) < count:
        assert time.monotonic() < deadline, f"deaf after {len(found)} messages"
        found.extend(part.next_batch())
    part.close()
    return found


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        (b"PUB h.\xff 1\r\n2\r\n", "h.\ufffd"),
        (b"PUB h.a\x0bb 1\r\n2\r\n", "h.a?b"),
        (b"PUB h.a\x0cb 1\r\n2\r\n", "h.a?b"),
        (b"PUB h.\xc3\xa9 1\r\n2\r\n", "h.é"),
        (b"HPUB h.h 4 5\r\n\r\n\r\n2\r\n", "h.h"),
        (b"HPUB h.h 14 15\r\nNATS/1.0 \xff\r\n\r\n2\r\n", "h.h"),
        (b"HPUB h.\x0bh 4 5\r\n\r\n\r\n2\r\n", "h.?h"),
    ],
)
def test_a_message_of_any_bytes_is_read_and_so_are_those_after_it(
    running, said: bytes, subject: str
) -> None:
    """Of its subject stands there what can be read."""
    store(running, [b"PUB h.a 1\r\n1\r\n", said, b"PUB h.b 1\r\n3\r\n"])
    assert [(each.subject, each.data) for each in read(running, 3)] == [
        ("h.a", b"1"),
        (subject, b"2"),
        ("h.b", b"3"),
    ]


def test_many_of_them_among_many_others_are_read(running) -> None:
    """More at once than the driver looks through for a line's end."""
    store(running, [b"PUB h.\x0b\xff%d 9\r\n123456789\r\n" % number for number in range(1000)])
    found = read(running, 1000)
    assert [each.subject for each in found] == [f"h.?\ufffd{number}" for number in range(1000)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_are_mended_however_they_are_cut(size: int) -> None:
    """A connection brings its bytes in pieces of any size."""
    heard: list[tuple[bytes, bytes]] = []

    class Listening(Client):
        async def _process_msg(self, _sid, subject, _reply, data, _headers) -> None:
            heard.append((subject, data))

    wire = b"MSG h.a 1 3\r\n\x0b\r\n\r\nMSG h.\x0ba 1 1\r\n2\r\n"
    wire += b"HMSG h.\x0ca 1 r 4 5\r\n\r\n\r\n3\r\n"
    parser = _Parser(Listening())

    async def feed() -> None:
        for start in range(0, len(wire), size):
            await parser.parse(wire[start : start + size])

    asyncio.run(feed())
    assert heard == [(b"h.a", b"\x0b\r\n"), (b"h.?a", b"2"), (b"h.?a", b"3")]


def test_a_taker_is_given_what_comes_as_it_is(running) -> None:
    """Subject, data and headers in their bytes; others are served as ever."""

    async def talk() -> tuple[list[tuple[bytes, bytes, bytes | None]], bytes]:
        given: list[tuple[bytes, bytes, bytes | None]] = []
        other: asyncio.Queue[bytes] = asyncio.Queue()

        async def hear(msg: Msg) -> None:
            other.put_nowait(msg.data)

        client = await connect(running.server(ANYONE))
        await client.give("a.*", lambda *message: given.append(message))
        await client.subscribe("b", cb=hear)
        assert await client.write([publication("a.1", "", b"one", {}), b"PUB b  3\r\ntwo\r\n"])
        await client.publish("a.2", b"", headers={"k": "v"})
        await client.flush()
        heard = await other.get()
        await client.close()
        assert not await client.write([b"PUB a.3  0\r\n\r\n"])
        return given, heard

    given, heard = asyncio.run(asyncio.wait_for(talk(), DEADLINE))

    assert given == [(b"a.1", b"one", None), (b"a.2", b"", b"NATS/1.0\r\nk: v\r\n\r\n")]
    assert heard == b"two"


def test_who_hangs_up_on_a_server_that_is_gone_is_told_nothing_of_it(tmp_path) -> None:
    """Though something waits to be said: the web stopped for it, and so did flows."""

    async def run() -> None:
        lost, closed = asyncio.Event(), asyncio.Event()

        async def on_lost() -> None:
            lost.set()

        async def on_closed() -> None:
            closed.set()

        client = Client()
        with message_server(tmp_path, users=FREE) as gone:
            seed = gone.server(ANYONE).seed_file
            await client.connect(
                gone.url,
                nkeys_seed=seed,
                disconnected_cb=on_lost,
                closed_cb=on_closed,
                reconnect_time_wait=0.01,
            )
        await asyncio.wait_for(lost.wait(), DEADLINE)
        await client.publish("a", b"to nobody")
        await client.close()
        await asyncio.wait_for(closed.wait(), DEADLINE)

    asyncio.run(run())
