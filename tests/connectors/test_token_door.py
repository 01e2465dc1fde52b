"""The door for a token: in front of a real server, with clients as older programs have them."""

import asyncio
import json
import signal
import subprocess
import sys
from contextlib import suppress

import ordinary
import pytest
from free import free_port
from hypothesis import given
from hypothesis import strategies as st
from message_server import (
    ADMIN,
    DEADLINE,
    heard_out,
    message_server,
    until_listening,
    with_streams,
)

from connectors.nats_server import Guests, Password
from connectors.token_door import Nonsense, as_user
from flows import grants
from flows.ontology.credentials import LEGACY

TOKEN = "a token that is long enough"


class Doors:
    def __init__(self, running, port):
        self.running, self.port = running, port


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    allowed = grants.shared("default", ("uav-1",))
    account = grants.account("default", {}, allowed, first=True)
    older = Password(LEGACY, TOKEN.encode(), allowed)
    guests = Guests({"default": account._replace(by_password=(older,))})
    with message_server(tmp_path_factory.mktemp("nats"), guests=guests) as running:
        with_streams(running)
        port = free_port()
        arguments = (
            f"--listen=127.0.0.1:{port}", f"--server=127.0.0.1:{running.port}", f"--user={LEGACY}",
        )  # fmt: skip
        with subprocess.Popen(
            [sys.executable, "-m", "connectors.token_door", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                until_listening(port, process)
                yield Doors(running, port)
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(DEADLINE) == 0


async def told(port, words):
    """What is answered to somebody who introduces themselves so."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(DEADLINE):
            assert (await reader.readline()).startswith(b"INFO ")
            writer.write(words)
            return await reader.read(4096)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def connect(**said):
    return b"CONNECT " + json.dumps({"verbose": False, **said}).encode() + b"\r\nPING\r\n"


def test_older_programs_say_what_they_have_to_say(doors):
    """By URL, as they do: telemetry in their shapes, events, video, and the document of a key."""

    async def say():
        complaints = []

        async def complain(error):
            complaints.append(str(error))

        client = await ordinary.connect(
            f"nats://127.0.0.1:{doors.port}", token=TOKEN, error_cb=complain, allow_reconnect=False
        )
        js = client.jetstream(timeout=DEADLINE)
        for subject in (
            "constellation.telemetry.drone",
            "constellation.telemetry.uav-1",
            "constellation.telemetry.uav-1.heartbeat",
            "constellation.telemetry.default.uav-2",
            "constellation.events.isr.default.uav-1",
            "constellation.events.isr.default.uav-1.detection.7",
            "constellation.video.uav-1",
        ):
            assert (await js.publish(subject, b"{}")).seq > 0, subject
        bucket = await js.key_value("CONSTELLATION_GLOBAL_STATE")
        await bucket.put("uav-1", b"{}")
        state = (await bucket.get("uav-1")).value
        big = b"x" * 1_000_000  # Far more than is passed on in one piece.
        await js.publish("constellation.video.uav-1", big)
        said = list(complaints)
        await client.close()
        return state, said

    assert asyncio.run(say()) == (b"{}", [])


REFUSED = (
    "constellation.telemetry.south.uav-1",
    "constellation.telemetry.uav-9.heartbeat",
    "constellation.events.alarm.south.uav-1",
    "constellation.video.uav-9",
    "constellation.commands.default.uav-1",
    "constellation.commands.default.uav-1.ack",
    "constellation.entities.default.created",
    "$KV.CONSTELLATION_GLOBAL_STATE.uav-9",
    "$JS.API.STREAM.DELETE.CONSTELLATION_TELEMETRY",
    "$JS.API.STREAM.PURGE.CONSTELLATION_TELEMETRY",
    "$JS.API.STREAM.UPDATE.KV_CONSTELLATION_GLOBAL_STATE",
    "$JS.API.STREAM.CREATE.MAVLINK_TELEMETRY",
    "$JS.API.CONSUMER.CREATE.CONSTELLATION_TELEMETRY",
    "$JS.API.CONSUMER.DURABLE.CREATE.CONSTELLATION_TELEMETRY.mine",
    "$JS.API.STREAM.MSG.GET.CONSTELLATION_TELEMETRY",
    "$JS.API.DIRECT.GET.KV_CONSTELLATION_GLOBAL_STATE",
)
DEAF = ("constellation.>", "constellation.commands.>", "$KV.>", ">", "$JS.>", "_INBOX_web.>")


def test_and_nothing_else(doors):
    """No commands, no other organisation's, no management, and they hear nobody."""

    async def refused():
        complaints = []

        async def complain(error):
            complaints.append(str(error))

        client = await ordinary.connect(
            f"nats://127.0.0.1:{doors.port}", token=TOKEN, error_cb=complain, allow_reconnect=False
        )
        for subject in REFUSED:
            await client.publish(subject, b"{}")
        for subject in DEAF:
            await client.subscribe(subject)
        await heard_out(client)
        said = "\n".join(complaints)
        await client.close()
        return {each for each in REFUSED + DEAF if f'"{each.lower()}"' in said}

    assert asyncio.run(refused()) == set(REFUSED + DEAF)


def test_the_token_is_all_that_opens(doors):
    """A wrong one, none, a user of the server's own and a key are all refused by the server."""

    async def answers():
        return [
            await told(doors.port, connect(**said))
            for said in (
                {"auth_token": "wrong"},
                {"auth_token": ""},
                {"auth_token": 7},
                {},
                {"user": LEGACY, "pass": TOKEN},
                {"user": "admin", "pass": "admin"},
                {"nkey": "U" + "A" * 55, "sig": "x"},
            )
        ]

    assert asyncio.run(answers()) == [b"-ERR 'Authorization Violation'\r\n"] * 7


def test_whoever_knows_the_token_is_nobody_else(doors):
    """A key beside it is not heard of: what may be said is what the token lets one say."""

    async def answer():
        words = connect(auth_token=TOKEN, nkey="UADMIN", user=ADMIN, jwt="x")
        purge = b"PUB $JS.API.STREAM.PURGE.CONSTELLATION_EVENTS 0\r\n\r\nPING\r\n"
        return await told(doors.port, words + purge)

    assert asyncio.run(answer()).startswith(b"PONG\r\n")


@pytest.mark.parametrize(
    "words",
    [
        b"\r\n",
        b"PING\r\n",
        b"CONNECT\r\n",
        b"CONNECT []\r\n",
        b"CONNECT {\r\n",
        b"CONNECT " + b"[" * 10_000 + b"\r\n",
        b"x" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\n",
    ],
    ids=lambda words: repr(words[:16]),
)
def test_who_does_not_introduce_themselves_is_turned_away(doors, words):
    """Without an answer; and the next comes in as ever."""

    async def both():
        try:
            refused = await told(doors.port, words)
        except ConnectionError:
            refused = b""
        return refused, await told(doors.port, connect(auth_token=TOKEN))

    assert asyncio.run(both()) == (b"", b"PONG\r\n")


def test_the_server_takes_no_token_itself(doors):
    """At its own port nobody comes in with it."""
    words = connect(auth_token=TOKEN)

    assert asyncio.run(told(doors.running.port, words)).startswith(b"-ERR 'Authorization")


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda more: b"CONNECT " + more))
def test_no_words_are_too_strange(line):
    """What comes first is an introduction, or nonsense; and nobody is introduced as another."""
    try:
        made = as_user(line, LEGACY)
    except Nonsense:
        return
    assert json.loads(made.removeprefix(b"CONNECT "))["user"] == LEGACY


@given(
    st.dictionaries(
        st.sampled_from(["auth_token", "user", "pass", "nkey", "sig", "jwt", "lang", "verbose"]),
        st.text(max_size=20) | st.none() | st.integers() | st.booleans(),
    )
)
def test_an_introduction_is_the_same_but_for_who_it_is(said):
    """What a client can and wants is passed on as it is."""
    made = json.loads(as_user(b"CONNECT " + json.dumps(said).encode(), LEGACY)[8:])
    token = said.get("auth_token")

    assert made.pop("user") == LEGACY
    assert made.pop("pass") == (token if isinstance(token, str) else "")
    assert made == {name: said[name] for name in ("lang", "verbose") if name in said}
