"""Telemetry by HTTP: what is answered, and what stands in the stream then."""

import asyncio
import gzip
import json
import re
import signal

import msgspec
import pytest
from serving import DEADLINE, make_streams, served, until

from web import ingest, telemetry
from web.items import MOST_ITEMS
from web.security import MOST_BODY_BYTES

pytestmark = pytest.mark.anyio

PATH = "/api/v1/telemetry"
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
STREAM = "CONSTELLATION_TELEMETRY"


@pytest.fixture
async def device(web):
    """A client with a key that may post."""
    async with web.client(**{"X-API-Key": web.key("north", "telemetry:write")}) as client:
        yield client


async def stored(bucket) -> list[tuple[str, bytes]]:
    """Everything that the stream has, as it has it."""
    js = bucket.client.jetstream()
    last = (await js.stream_info(STREAM)).state.last_seq
    found = [await js.get_msg(STREAM, number) for number in range(1, last + 1)]
    return [(each.subject, each.data) for each in found]


async def test_what_is_answered_as_accepted_is_in_the_stream(web, bucket, device):
    """One item, an array, lines: each as its bytes, under the key's organisation, in order."""
    one = b'{"entity_id": "mast-3",  "soil": {"moisture": 3.50}}'
    answers = [
        await device.post(PATH, content=one, headers=JSON),
        await device.post(PATH, content=b"[%b, %b]" % (one, one), headers=JSON),
        await device.post(PATH, content=b'{"deviceId":"a"}\n\n%b\n' % one, headers=LINES),
    ]

    assert [each.status_code for each in answers] == [202, 202, 202]
    assert [each.json()["accepted"] for each in answers] == [1, 2, 2]
    assert all(each.json()["rejected"] == [] for each in answers)
    mast = ("constellation.telemetry.north.mast-3", one)
    other = ("constellation.telemetry.north.a", b'{"deviceId":"a"}')
    assert await stored(bucket) == [mast, mast, mast, other, mast]


async def test_the_stream_is_told_whose_it_is(web, bucket, device):
    """In a header, which no spelling of an item can overrule."""
    await device.post(PATH, json={"entity_id": "HEARTBEAT"})

    message = await bucket.client.jetstream().get_msg(STREAM, 1)
    assert message.headers["org_id"] == "north"


async def test_what_is_packed_is_unpacked(web, bucket, device):
    """By gzip, as thin links like it."""
    items = [{"entity_id": "a", "n": number} for number in range(500)]
    packed = gzip.compress(msgspec.json.encode(items))
    answer = await device.post(PATH, content=packed, headers={**JSON, "Content-Encoding": "gzip"})

    assert answer.json() == {"accepted": 500, "duplicates": 0, "rejected": []}
    assert [json.loads(data)["n"] for _, data in await stored(bucket)] == list(range(500))


async def test_items_that_cannot_be_taken_are_named_and_others_are(web, bucket, device):
    """By their places; nothing is dropped without a word."""
    items = [
        {"entity_id": "a"},
        {"entity_id": "b", "org_id": "south"},
        "nonsense",
        {"entity_id": "constellation.>"},
        {"entity_id": "c"},
    ]
    answer = await device.post(PATH, json=items)

    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 2,
        "duplicates": 0,
        "rejected": [
            {"index": 1, "reason": "the key is of north, the item of 'south'"},
            {"index": 2, "reason": "no JSON object"},
            {"index": 3, "reason": "no entity can be called 'constellation.>'"},
        ],
    }
    subjects = [subject.rpartition(".")[2] for subject, _ in await stored(bucket)]
    assert subjects == ["a", "c"]


async def test_a_post_of_which_nothing_can_be_taken_is_a_problem(web, bucket, device):
    """422, and why, for each item."""
    answer = await device.post(PATH, json=[{}, 3])

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"].startswith("No item can be taken. Item 0: it names no entity")
    assert [each["index"] for each in problem["rejected"]] == [0, 1]
    assert await stored(bucket) == []


@pytest.mark.parametrize(
    ("item", "header", "kept"),
    [
        ({"id": "m-1"}, {}, 1),
        ({"timestamp": "2026-01-01T00:00:00Z"}, {}, 1),
        ({"t": 20}, {"Idempotency-Key": "k"}, 1),
        ({"t": 20}, {}, 2),
    ],
)
async def test_a_retry_is_stored_once(bucket, device, item, header, kept):
    """By its id, its time, or the post's own key; what has none of them is two messages."""
    body = [{"entity_id": "a", **item}, {"entity_id": "b", **item}]
    first = await device.post(PATH, json=body, headers=header)
    again = await device.post(PATH, json=body, headers=header)

    assert [each.json()["accepted"] for each in (first, again)] == [2, 2]
    assert again.json()["duplicates"] == (2 if kept == 1 else 0)
    assert len(await stored(bucket)) == 2 * kept


async def test_organisations_do_not_take_each_others_ids(web, bucket, device):
    """The same id of the same name is another message under another organisation."""
    async with web.client(**{"X-API-Key": web.key("south", "nats:telemetry")}) as other:
        for client in (device, other):
            answer = await client.post(PATH, json={"entity_id": "a", "id": "1"})
            assert answer.json()["duplicates"] == 0

    subjects = [subject for subject, _ in await stored(bucket)]
    assert subjects == ["constellation.telemetry.north.a", "constellation.telemetry.south.a"]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", JSON, 400),
        (b"[{]", JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"[NaN]", JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b"[]", JSON, 422),
        (b"\n\n", LINES, 422),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {}, 415),
        (b"{}", {**JSON, "Content-Encoding": "br"}, 415),
        (b"{}", {**JSON, "Content-Encoding": "gzip"}, 400),
        (gzip.compress(b"{}", mtime=0)[:-4], {**JSON, "Content-Encoding": "gzip"}, 400),
        (gzip.compress(b"{}", mtime=0) * 2, {**JSON, "Content-Encoding": "gzip"}, 400),
        (gzip.compress(b" " * (MOST_BODY_BYTES + 1)), {**JSON, "Content-Encoding": "gzip"}, 413),
        (gzip.compress(b"[" * 2**27, 9), {**JSON, "Content-Encoding": "gzip"}, 413),
        (b" " * (MOST_BODY_BYTES + 1), JSON, 413),
        (b"[" + b"{}," * MOST_ITEMS + b"{}]", JSON, 413),
        (b"{}", {**JSON, "Idempotency-Key": "k" * 257}, 400),
    ],
)
async def test_what_cannot_be_read_is_a_problem(bucket, device, content, headers, status):
    """And nothing of it is stored."""
    answer = await device.post(PATH, content=content, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert await stored(bucket) == []


async def test_ten_thousand_items_are_taken_at_once(web, bucket, device):
    """In their order."""
    items = [{"entity_id": f"e{number % 100}", "n": number} for number in range(MOST_ITEMS)]
    answer = await device.post(PATH, json=items)

    assert answer.json()["accepted"] == MOST_ITEMS
    info = await bucket.client.jetstream().stream_info(STREAM)
    assert info.state.messages == MOST_ITEMS
    last = await bucket.client.jetstream().get_msg(STREAM, MOST_ITEMS)
    assert json.loads(last.data)["n"] == MOST_ITEMS - 1


async def test_only_keys_that_may_write_telemetry_do(web, bucket):
    """Not one that may read, nor the session of whoever is no admin; of one from our pages only."""
    item = {"entity_id": "a"}
    for scope in ("telemetry:write", "nats:telemetry", "admin"):
        async with web.client(**{"X-API-Key": web.key("north", scope)}) as client:
            assert (await client.post(PATH, json=item)).status_code == 202
    async with web.client(Authorization=f"Bearer {web.key('north', 'entities:write')}") as client:
        answer = await client.post(PATH, json=item)
        assert answer.status_code == 403
        assert answer.json()["detail"] == "Insufficient scope: telemetry:write"
    async with web.acting_as("commander") as client:
        assert (await client.post(PATH, json=item)).status_code == 403
    async with web.acting_as("admin") as client:
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert (await client.post(PATH, json=item, headers=headers)).status_code == 403
    async with web.client() as client:
        answer = await client.post(PATH, json=item)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert len(await stored(bucket)) == 3


async def test_a_key_may_post_so_often(web, bucket, device, wound, monkeypatch):
    """Then it is told how long to wait; other keys may go on."""
    monkeypatch.setattr(web.site.ingest.limit, "_tries", 3)
    statuses = [(await device.post(PATH, json={"entity_id": "a"})).status_code for _ in range(4)]
    assert statuses == [202, 202, 202, 429]
    refused = await device.post(PATH, json={"entity_id": "a"})
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    async with web.client(**{"X-API-Key": web.key("north", "admin")}) as other:
        assert (await other.post(PATH, json={"entity_id": "a"})).status_code == 202
    wound.ahead = 61
    assert (await device.post(PATH, json={"entity_id": "a"})).status_code == 202


async def test_too_many_at_once_are_sent_away(web, bucket, device, monkeypatch):
    """Before they are read, so that what waits in memory is bounded."""
    monkeypatch.setattr(telemetry, "MOST_AT_ONCE", 1)
    going, release = asyncio.Event(), asyncio.Event()

    async def slow():
        yield b'{"entity_id": '
        going.set()
        await release.wait()
        yield b'"a"}'

    first = asyncio.create_task(device.post(PATH, content=slow(), headers=JSON))
    await going.wait()
    await until(lambda: web.site.ingest.at_once == 1)
    second = await device.post(PATH, json={"entity_id": "b"})
    release.set()

    assert second.status_code == 503
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 202
    assert web.site.ingest.at_once == 0


async def test_while_the_message_server_is_away_devices_are_told_to_come_back(
    web, bucket, device, nats_server
):
    """503 with every item that is not known to be stored; and all is well when it is back."""
    nats_server.stop()
    await until(lambda: not web.site.watch.client.is_connected)
    items = [{"entity_id": "a", "id": 1}, {}]
    answer = await device.post(PATH, json=items)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["unanswered"] == [0]
    assert [each["index"] for each in answer.json()["rejected"]] == [1]

    nats_server.start()
    await until(lambda: web.site.watch.client and web.site.watch.client.is_connected)
    answer = await device.post(PATH, json=items)
    assert answer.json()["accepted"] == 1
    assert len(await stored(bucket)) == 1


async def test_while_there_is_no_stream_nothing_is_said_to_be_stored(settings, nats_server):
    """What nobody keeps is not accepted."""
    await make_streams(nats_server.url, {"KV_CONSTELLATION_GLOBAL_STATE"})
    async with served(settings) as web:
        await until(lambda: web.site.picture.connected)
        async with web.client(**{"X-API-Key": web.key("north", "admin")}) as client:
            answer = await client.post(PATH, json={"entity_id": "a"})

    assert answer.status_code == 503
    assert "no stream takes it" in answer.json()["detail"]


async def test_what_the_stream_itself_refuses_is_refused(web, bucket, device):
    """With the server's own words; others of the post are stored."""
    js = bucket.client.jetstream()
    config = (await js.stream_info(STREAM)).config
    await js.update_stream(config.evolve(max_msg_size=200))
    answer = await device.post(PATH, json=[{"entity_id": "a", "x": "y" * 300}, {"entity_id": "b"}])

    assert answer.json()["accepted"] == 1
    assert answer.json()["rejected"][0]["index"] == 0
    assert "size exceeds" in answer.json()["rejected"][0]["reason"]


async def test_a_post_that_is_not_answered_in_time_is_not_called_stored(
    web, bucket, device, nats_server, monkeypatch
):
    """The server that has stopped answering may have it, or not."""
    monkeypatch.setattr(ingest, "ANSWER_SECONDS", 0.2)
    nats_server.process.send_signal(signal.SIGSTOP)
    try:
        answer = await device.post(PATH, json={"entity_id": "a", "id": "once"})
    finally:
        nats_server.process.send_signal(signal.SIGCONT)
    assert answer.status_code == 503
    assert answer.json()["unanswered"] == [0]

    monkeypatch.setattr(ingest, "ANSWER_SECONDS", DEADLINE)
    answer = await device.post(PATH, json={"entity_id": "a", "id": "once"})
    assert answer.status_code == 202
    assert len(await stored(bucket)) == 1


async def test_what_becomes_of_items_is_counted(web, bucket, device):
    """By outcome, so that a fleet of refused devices is seen."""
    for items in ([{"entity_id": "a", "id": 1}, {}, {}], [{"entity_id": "a", "id": 1}]):
        await device.post(PATH, json=items)
    async with web.client(**{"X-API-Key": web.key("north", "metrics:read")}) as client:
        text = (await client.get("/metrics")).text

    counted = re.findall(r'overwatch_device_items_total\{outcome="(\w+)"\} (\S+)', text)
    expected = {"stored": 1.0, "duplicate": 1.0, "rejected": 2.0, "unanswered": 0.0}
    assert {name: float(value) for name, value in counted} == expected
    assert "overwatch_device_sockets 0.0" in text


async def test_many_devices_post_at_once(web, bucket):
    """Every one is answered for its own items."""
    async with web.client(**{"X-API-Key": web.key("north", "telemetry:write")}) as client:

        async def posts(name: str) -> int:
            bodies = ([{"entity_id": name, "n": n}] * 5 for n in range(10))
            return sum([(await client.post(PATH, json=each)).json()["accepted"] for each in bodies])

        told = await asyncio.gather(*(posts(f"e{number}") for number in range(20)))
    assert told == [50] * 20
    info = await bucket.client.jetstream().stream_info(STREAM)
    assert info.state.messages == 1000
