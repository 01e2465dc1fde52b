"""What is not done in time ends, even where it was told so at a bad moment."""

import asyncio
import random

import pytest

from connectors import session
from connectors.in_time import in_time
from connectors.session import NatsUnreachable, Server, connect

INFO = b'INFO {"server_id":"x","version":"2.10.0","proto":1,"max_payload":1024,"headers":true}\r\n'
TRIES = 60


class Deaf:
    """Goes on until it was told to stop for the third time."""

    def __init__(self) -> None:
        self.told = 0

    async def work(self) -> None:
        while self.told < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.told += 1
        raise asyncio.CancelledError


async def fail() -> None:
    raise ValueError("so")


def test_what_is_done_in_time_is_returned():
    assert asyncio.run(in_time(asyncio.sleep(0, "done"), 10)) == "done"


def test_what_fails_in_time_says_how():
    with pytest.raises(ValueError, match="so"):
        asyncio.run(in_time(fail(), 10))


def test_who_does_not_hear_that_it_is_over_is_told_again():
    """As often as it takes."""
    deaf = Deaf()
    with pytest.raises(TimeoutError):
        asyncio.run(in_time(deaf.work(), 0.01))
    assert deaf.told == 3


def test_what_is_taken_back_from_outside_ends_too():
    deaf = Deaf()

    async def take_back() -> None:
        task = asyncio.create_task(in_time(deaf.work(), 60))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(take_back())
    assert deaf.told == 3


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(INFO)
    await reader.readline()
    writer.write(b"-ERR 'Authorization Violation'\r\n")
    writer.close()


def test_who_is_refused_is_told_so_whenever_the_time_is_up(monkeypatch):
    """The driver tries again at once here, so that it is told to stop at every moment of a try.

    Of those that were told once, one of five did not end at all.
    """
    chance = random.Random(5)
    monkeypatch.setattr(session, "RECONNECT_SECONDS", 0.001)

    async def try_all() -> None:
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as refusing:
            port = refusing.sockets[0].getsockname()[1]
            server = Server(f"nats://127.0.0.1:{port}", "guest")
            for _ in range(TRIES):
                monkeypatch.setattr(session, "CONNECT_SECONDS", chance.uniform(0.002, 0.012))
                with pytest.raises(NatsUnreachable, match="cannot be used by guest"):
                    await asyncio.wait_for(connect(server), 20)

    asyncio.run(try_all())
