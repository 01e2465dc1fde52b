"""Telemetry by WebSocket: frames that are answered when they are stored, and who may send them."""

import asyncio
import base64
import json
import socket as plain
import subprocess
import sys
from contextlib import asynccontextmanager

import httpx
import pytest
import websockets
from serving import DEADLINE, environment_of, until
from test_running import answers, deployed

from web import device_socket
from web.device_socket import PROTOCOL
from web.security import MOST_BODY_BYTES

pytestmark = pytest.mark.anyio

SCOPE = "telemetry:write"

PATH = "/api/v1/telemetry/ws"
STREAM = "CONSTELLATION_TELEMETRY"


def socket(address: str, *protocols: str, origin: str | None = None, **headers: str):
    return websockets.connect(
        address.replace("http://", "ws://") + PATH,
        additional_headers=headers,
        subprotocols=protocols or None,
        origin=origin,
        max_size=None,
        ping_interval=None,
        open_timeout=DEADLINE,
    )


@asynccontextmanager
async def device(web, *scopes: str):
    key = web.key("north", *(scopes or ("telemetry:write",)))
    async with socket(web.address, **{"X-API-Key": key}) as opened:
        yield opened


async def told(opened, frame: object) -> dict:
    """What is answered to a frame."""
    await opened.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))
    return json.loads(await asyncio.wait_for(opened.recv(), DEADLINE))


async def ended(opened) -> tuple[int, str]:
    """How the connection ends."""
    await asyncio.wait_for(opened.wait_closed(), DEADLINE)
    return opened.close_code, opened.close_reason


async def refused(connecting) -> websockets.Response:
    with pytest.raises(websockets.InvalidStatus) as status:
        async with connecting:
            pass
    return status.value.response


async def stored(bucket) -> list[tuple[str, bytes]]:
    js = bucket.client.jetstream()
    last = (await js.stream_info(STREAM)).state.last_seq
    found = [await js.get_msg(STREAM, number) for number in range(1, last + 1)]
    return [(each.subject, each.data) for each in found]


async def test_a_frame_is_answered_when_it_is_stored(web, bucket):
    """One message or an array, in order, under the key's organisation."""
    async with device(web) as opened:
        one = await told(opened, '{"entity_id": "rover",  "x": 1.50}')
        assert one == {"seq": 1, "accepted": 1, "duplicates": 0, "rejected": []}
        assert len(await stored(bucket)) == 1
        two = await told(opened, [{"entity_id": "rover"}, {"entity_id": "mast"}])
        assert (two["seq"], two["accepted"]) == (2, 2)
        by_id = await told(opened, {"entity_id": "rover", "id": "m-3"})
        assert by_id == {"seq": 3, "id": "m-3", "accepted": 1, "duplicates": 0, "rejected": []}
        again = await told(opened, {"entity_id": "rover", "id": "m-3"})
        assert (again["accepted"], again["duplicates"]) == (1, 1)

    subjects = [
        subject.removeprefix("constellation.telemetry.") for subject, _ in await stored(bucket)
    ]
    assert subjects == ["north.rover", "north.rover", "north.mast", "north.rover"]
    assert (await stored(bucket))[0][1] == b'{"entity_id": "rover",  "x": 1.50}'


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("nonsense", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"entity_id": "a", "x": NaN}', "no JSON"),
        ("{}", "it names no entity"),
        ("[3]", "no JSON object"),
        ('{"entity_id": "a", "org_id": "south"}', "the key is of north"),
        ('{"entity_id": "a b"}', "no entity can be called"),
    ],
)
async def test_what_cannot_be_taken_is_told_and_the_connection_goes_on(web, bucket, frame, reason):
    """A device with one bad message is not cut off."""
    async with device(web) as opened:
        answer = await told(opened, frame)
        assert (answer["accepted"], answer["rejected"][0]["index"]) == (0, 0)
        assert reason in answer["rejected"][0]["reason"]
        assert (await told(opened, {"entity_id": "a"}))["accepted"] == 1
        assert (await told(opened, []))["accepted"] == 0


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b'{"entity_id": "a"}', 1003),
        (" " * (MOST_BODY_BYTES + 1), 1009),
        ("[" + "3," * 10_000 + "3]", 1009),
    ],
)
async def test_a_frame_that_no_device_should_send_ends_the_connection(web, bucket, frame, code):
    """Bytes, more than a body may have, more items than there may be."""
    async with device(web) as opened:
        await opened.send(frame)
        assert (await ended(opened))[0] == code
    await until(lambda: not web.site.sockets.open)
    assert await stored(bucket) == []


async def test_frames_are_answered_one_after_the_other(web, bucket):
    """Whoever sends many before an answer gets all of them, in order."""
    async with device(web) as opened:
        for number in range(200):
            await opened.send(json.dumps({"entity_id": "a", "n": number}))
        answers = [json.loads(await opened.recv()) for _ in range(200)]
    assert [each["seq"] for each in answers] == list(range(1, 201))
    assert [json.loads(data)["n"] for _, data in await stored(bucket)] == list(range(200))


async def test_nothing_more_is_read_before_an_answer(web, bucket, nats_server, monkeypatch):
    """While the message server does not answer, at most one frame is in hand."""
    taken = []
    take = web.site.ingest.take

    async def noted(organization, items, retry=""):
        taken.append(items)
        return await take(organization, items, retry)

    monkeypatch.setattr(web.site.ingest, "take", noted)
    nats_server.stop()
    await until(lambda: not web.site.watch.client.is_connected)
    async with device(web) as opened:
        answer = await told(opened, [{"entity_id": "a"}, {}])
        assert answer["unanswered"] == [0]
        assert [each["index"] for each in answer["rejected"]] == [1]
        assert "away" in answer["trouble"]
        nats_server.start()
        await until(lambda: web.site.watch.client and web.site.watch.client.is_connected)
        assert (await told(opened, {"entity_id": "a"}))["accepted"] == 1
    assert len(taken) == 2


async def test_a_browser_offers_its_key_as_a_protocol(web, bucket):
    """It can set no header; and the key is not said back."""
    key = web.key("north", "telemetry:write")
    async with socket(web.address, PROTOCOL, f"key.{key}", origin=web.address) as opened:
        assert opened.subprotocol == PROTOCOL
        assert (await told(opened, {"entity_id": "a"}))["accepted"] == 1


async def test_a_key_is_a_bearers_as_well(web, bucket):
    """As in every other request."""
    bearer = f"Bearer {web.key('north', 'admin')}"
    async with socket(web.address, Authorization=bearer) as opened:
        assert (await told(opened, {"entity_id": "a"}))["accepted"] == 1


async def test_who_has_no_key_is_turned_away(web, bucket):
    """Neither nothing, nor a wrong key, nor a session, nor one for something else."""
    token = await web.session("north")
    reader = web.key("north", "entities:write")
    for connecting, status in (
        (socket(web.address), 401),
        (socket(web.address, **{"X-API-Key": "c4_live_" + "0" * 64}), 401),
        (socket(web.address, PROTOCOL, "key.c4_live_x"), 401),
        (socket(web.address, Cookie=f"overwatch_session={token}"), 401),
        (socket(web.address, **{"X-API-Key": reader}), 403),
    ):
        answer = await refused(connecting)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert web.site.sockets.open == 0


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
async def test_pages_of_others_open_none(web, bucket, origin):
    """Not even with a key that is good."""
    key = {"X-API-Key": web.key("north", "admin")}
    assert (await refused(socket(web.address, origin=origin, **key))).status_code == 403


async def test_a_foreign_name_that_points_at_us_opens_none(web, bucket):
    """As with any request."""
    port = web.site.settings.port
    connecting = websockets.connect(
        f"ws://evil.example:{port}{PATH}",
        host="127.0.0.1",
        additional_headers={"X-API-Key": web.key("north", "admin")},
    )
    assert (await refused(connecting)).status_code == 421


async def test_a_key_that_is_revoked_ends_its_connection(web, bucket):
    """Within two seconds, though the device says nothing."""
    key = web.key("north", "telemetry:write")
    async with socket(web.address, **{"X-API-Key": key}) as opened:
        await told(opened, {"entity_id": "a"})
        ring = web.site.keys.ring
        assert ring.revoke("north", ring.hashed(key)[:16])
        assert await ended(opened) == (1008, "API key has been revoked")


async def test_a_server_that_stops_says_so(web, bucket):
    """To devices that are silent, and to those that are just told of what they have said."""
    async with device(web) as silent, device(web) as speaking:
        await told(speaking, {"entity_id": "a"})
        web.site.sockets.close()
        for each in (silent, speaking):
            assert await ended(each) == (1012, "The server is stopping.")
    await until(lambda: not web.site.sockets.open)


async def test_who_says_nothing_hears_from_us_and_is_left(web, bucket, monkeypatch):
    """Beats first, so that it may speak; then the end."""
    monkeypatch.setattr(device_socket, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(device_socket, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(device_socket, "IDLE_SECONDS", 0.5)
    async with device(web) as opened:
        beat = json.loads(await asyncio.wait_for(opened.recv(), DEADLINE))
        assert list(beat) == ["beat"]
        code, reason = await ended(opened)
    assert code == 1000
    assert "Nothing has been said" in reason


async def test_who_does_not_read_its_answers_is_left(web, bucket, monkeypatch):
    """It holds its place, and what waits for it, for so long and no longer."""
    monkeypatch.setattr(device_socket, "HEAR_SECONDS", 0.3)
    monkeypatch.setattr(device_socket, "CLOSE_SECONDS", 0.1)
    refused = b"[" + b"{}," * 2000 + b"{}]"
    frame = b"\x81\xfe" + len(refused).to_bytes(2) + bytes(4) + refused
    key = web.key("north", "telemetry:write")
    hello = (
        f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {key}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n\r\n"
    )
    raw = plain.socket()
    raw.setsockopt(plain.SOL_SOCKET, plain.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()

    async def flood():
        await loop.sock_connect(raw, ("127.0.0.1", web.site.settings.port))
        await loop.sock_sendall(raw, hello.encode())
        while True:
            await loop.sock_sendall(raw, frame)

    flooding = asyncio.create_task(flood())
    try:
        await until(lambda: web.site.sockets.open == 1)
        await until(lambda: not web.site.sockets.open)
    finally:
        flooding.cancel()
        await asyncio.wait((flooding,))
        raw.close()


async def test_so_many_devices_and_no_more(web, bucket, monkeypatch):
    """The next is told when to come again, and comes in when one has left."""
    monkeypatch.setattr(device_socket, "MOST_SOCKETS", 1)
    async with device(web) as opened:
        await told(opened, {"entity_id": "a"})
        key = {"X-API-Key": web.key("north", "admin")}
        answer = await refused(socket(web.address, **key))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    await until(lambda: not web.site.sockets.open)
    async with device(web) as opened:
        assert (await told(opened, {"entity_id": "a"}))["accepted"] == 1


async def test_a_key_may_try_so_often(web, bucket, monkeypatch):
    """Connecting counts as posting does."""
    monkeypatch.setattr(web.site.ingest.limit, "_tries", 1)
    key = {"X-API-Key": web.key("north", "admin")}
    async with socket(web.address, **key):
        pass
    assert (await refused(socket(web.address, **key))).status_code == 429


def reaches_nats(url: str) -> bool:
    """Whether the web answers, and has found its message server."""
    return answers(url) and httpx.get(f"{url}/health").json()["nats"]["connected"]


def made_key(settings) -> str:
    """A key, as the command makes it."""
    made = subprocess.run(
        [sys.executable, "-m", "web.key_commands", "create", "--org=north", f"--scopes={SCOPE}"],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()


async def test_granian_serves_it_and_ends_it_in_good_order(settings, bucket):
    """As it is deployed: a problem, answers, a frame too large, and an end when it is stopped."""
    with deployed(settings) as process:
        await until(lambda: reaches_nats(settings.url))
        key = {"X-API-Key": await asyncio.to_thread(made_key, settings)}
        assert (await refused(socket(settings.url))).status_code == 401
        answer = await refused(socket(settings.url, origin="https://evil.example", **key))
        assert answer.status_code == 403
        async with socket(settings.url, PROTOCOL, **key) as opened:
            assert opened.subprotocol == PROTOCOL
            large = {"entity_id": "a", "x": "y" * 500_000}
            assert (await told(opened, large))["accepted"] == 1
            await opened.send(" " * (MOST_BODY_BYTES + 1))
            assert (await ended(opened))[0] == 1009
        async with socket(settings.url, **key) as opened:
            assert (await told(opened, {"entity_id": "a"}))["accepted"] == 1
            await asyncio.wait_for(await opened.ping(), DEADLINE)
            process.terminate()
            # granian may be gone before it has said goodbye: then there is none.
            assert (await ended(opened))[0] in (1012, 1006)
        await until(lambda: process.poll() is not None)
        assert process.returncode == 0
    assert len(await stored(bucket)) == 2
