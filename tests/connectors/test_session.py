"""Connections that say clearly why there is none, and show nobody a password."""

import asyncio
from pathlib import Path

import pytest
from free import free_port
from message_server import ANYONE, FREE, message_server

from connectors import session as sessions
from connectors.nats_server import seed
from connectors.session import NatsUnreachable, Server, connect, session


@pytest.fixture(autouse=True)
def hurried(monkeypatch) -> None:
    """A server that has not answered in half a second is not there."""
    monkeypatch.setattr(sessions, "CONNECT_SECONDS", 0.5)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with message_server(tmp_path_factory.mktemp("nats"), users=FREE) as running:
        yield running


def test_a_session_calls_and_is_closed_with_its_block(running) -> None:
    """Coroutines run on its own thread, and so do plain functions."""

    async def double(number: int) -> int:
        return 2 * number

    with session(running.server(ANYONE)) as opened:
        heard: list[int] = []
        assert opened.call(double, 21) == 42
        opened.soon(heard.append, 1)
        opened.call(opened.client.flush)
        assert heard == [1]
        assert opened.client.is_connected
    assert opened.client.is_closed
    assert opened.loop.is_closed()


def test_errors_of_what_is_called_are_the_callers(running) -> None:
    """And the session goes on."""

    async def fail() -> None:
        raise ValueError("mine")

    with session(running.server(ANYONE)) as opened:
        with pytest.raises(ValueError, match="mine"):
            opened.call(fail)
        assert opened.client.is_connected


def test_a_part_has_a_name_and_an_inbox_of_its_own(running) -> None:
    """By which the server tells what it may hear."""
    with session(running.server(ANYONE)) as opened:
        assert opened.client.new_inbox().startswith(f"_INBOX_{ANYONE}.")


def test_where_no_server_is_that_is_said(tmp_path: Path) -> None:
    """Which one, who asked, and what to look at."""
    port = free_port()
    with (
        pytest.raises(NatsUnreachable, match=rf"127.0.0.1:{port} cannot be .* Connection refused"),
        session(Server(f"nats://127.0.0.1:{port}", "relay")),
    ):
        pass


def test_who_is_not_let_in_is_told(running, tmp_path: Path) -> None:
    """Without a key, or with a stranger's; a server may hang up before that is heard."""
    url = running.server(ANYONE).url
    stranger = str(seed(tmp_path, "stranger"))

    for key in ("", stranger):
        with pytest.raises(NatsUnreachable, match=r"(Authorization Violation'|reset by peer)\. Is"):
            asyncio.run(connect(Server(url, "relay", key)))


def test_a_key_that_is_not_there_is_named(running, tmp_path: Path) -> None:
    """Before anything is tried."""
    file = tmp_path / "none.nk"
    with pytest.raises(NatsUnreachable, match=rf"seed file {file} does not exist: run `overwatch"):
        asyncio.run(connect(Server(running.server(ANYONE).url, "relay", str(file))))


def test_a_file_that_is_no_key_is_told(running, tmp_path: Path) -> None:
    """Its content is not."""
    file = tmp_path / "some.nk"
    file.write_text("hunter2")
    with pytest.raises(NatsUnreachable) as error:
        asyncio.run(connect(Server(running.server(ANYONE).url, "relay", str(file))))
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("url", ["127.0.0.1", "nats://", "nats://127.0.0.1:0", "nats://[::1"])
def test_what_is_no_address_of_a_server_is_said(url: str) -> None:
    """Whatever the driver makes of it."""
    with pytest.raises(NatsUnreachable, match="cannot be used by relay"):
        asyncio.run(connect(Server(url, "relay")))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
        ("tls://user:secret@nats.example:4222", "tls://nats.example:4222"),
        ("nats://secret@nats.example", "nats://nats.example"),
        ("nats://user:sec@ret@nats.example", "nats://nats.example"),
    ],
)
def test_no_password_is_shown(url: str, shown: str) -> None:
    """Neither in logs nor in errors."""
    assert Server(url, "relay").shown == shown


def test_an_error_shows_no_password() -> None:
    """Though the URL that cannot be used has one."""
    url = f"nats://user:hunter2@127.0.0.1:{free_port()}"
    with pytest.raises(NatsUnreachable) as error:
        asyncio.run(connect(Server(url, "relay")))
    assert "hunter2" not in str(error.value)
