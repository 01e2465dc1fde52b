"""What changes, as programs follow it: over a real bucket."""

import asyncio
import json
from contextlib import ExitStack

import nats
import pytest
from hearing import DEADLINE, followed, frames_upto, socket_of, upto, with_key
from serving import Bucket, NatsServer, document, make_streams, served, settings_for, until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from web.following import MOST_OF_ONE, Follower, Place

pytestmark = pytest.mark.anyio

CHANGES = "/api/v1/organizations/north/entities/changes"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def bucket(anyio_backend, tmp_path_factory):
    server = NatsServer(tmp_path_factory.mktemp("changes"))
    server.start()
    await make_streams(server.url)
    client = await nats.connect(server.url)
    yield Bucket(client)
    await client.close()
    server.stop()


@pytest.fixture(scope="module")
async def web(bucket, tmp_path_factory):
    url = bucket.client.connected_url.geturl()
    async with served(settings_for(tmp_path_factory.mktemp("web"), url)) as running:
        await until(lambda: running.site.picture.connected)
        yield running


@pytest.fixture
async def fleet(web, bucket):
    """Puts documents, waits until the picture has them, and takes all away in the end."""
    known = set()

    async def put(entity_id, organization="north", **more):
        known.add(entity_id)
        await bucket.put(entity_id, document(entity_id, organization, **more))
        sequence = (await bucket.client.jetstream().stream_info(STREAM)).state.last_seq
        await until(lambda: web.site.watch.place[1] >= sequence)
        # And until it was told: who follows from now on would hear of it twice.
        await until(lambda: not web.site.picture.changed.is_set())

    yield put
    for name in known:
        await bucket.delete(name)
    await until(lambda: not any(map(web.site.picture.entities, ("north", "south"))))
    await until(lambda: not web.site.picture.changed.is_set())


STREAM = "KV_CONSTELLATION_GLOBAL_STATE"


@pytest.fixture
def key(web):
    return web.key("north", "entities:read")


def told(said):
    return [(each.event, each.data.get("entity_id")) for each in said]


async def test_all_that_there_is_comes_first_and_then_what_changes(web, fleet, bucket, key):
    """Of the own organisation; a document is told as it stands, and so is that it is gone."""
    await fleet("one", foreign={"x": [1, 2]})
    await fleet("theirs", "south")
    async with followed(web, key, CHANGES) as stream:
        first = await upto(stream, "ready")
        assert told(first) == [("snapshot", "one"), ("ready", None)]
        assert first[0].data["document"]["foreign"] == {"x": [1, 2]}
        assert first[0].data["state"] == "live"
        assert first[1].data == {"event": "ready", "place": first[1].id, "resumed": False}

        await fleet("theirs", "south", name="Hidden")
        await fleet("two")
        assert told(await upto(stream, "change", entity_id="two")) == [("change", "two")]
        await fleet("one", name="Another")
        (change,) = await upto(stream, "change", entity_id="one")
        assert change.data["document"]["name"] == "Another"
        last = (await bucket.client.jetstream().stream_info(STREAM)).state.last_seq
        assert change.data["sequence"] == last
        assert change.id.partition("-")[0] == str(last)
        await bucket.delete("two")
        assert told(await upto(stream, "delete", entity_id="two")) == [("delete", "two")]


@pytest.mark.parametrize("how", ["Last-Event-ID", "since"])
async def test_who_comes_back_is_told_what_it_has_missed(web, fleet, bucket, key, how):
    """Changes and deletions, and nothing of what has stayed as it was."""
    for name in ("stays", "moves", "goes"):
        await fleet(name)
    async with followed(web, key, CHANGES) as stream:
        place = (await upto(stream, "ready"))[-1].id
    await fleet("moves", name="Moved")
    await fleet("comes")
    await bucket.delete("goes")
    await until(lambda: web.site.picture.entity("north", "goes") is None)
    await until(lambda: not web.site.picture.changed.is_set())

    query, headers = ("", {how: place}) if how == "Last-Event-ID" else (f"?since={place}", {})
    async with followed(web, key, f"{CHANGES}{query}", **headers) as stream:
        said = await upto(stream, "ready")

    assert told(said) == [
        ("change", "moves"), ("change", "comes"), ("delete", "goes"), ("ready", None),
    ]  # fmt: skip
    assert said[-1].data["resumed"] is True


@pytest.mark.parametrize("place", ["7", "x-y", "999999-1", "1-0", "-1-1", "0" * 100, "٣-3"])
async def test_who_comes_from_elsewhere_is_told_all(web, fleet, key, place):
    """From another bucket, from before all that is remembered, or from nowhere at all."""
    await fleet("one")
    async with followed(web, key, CHANGES, **{"Last-Event-ID": place.encode()}) as stream:
        said = await upto(stream, "ready")

    assert told(said) == [("snapshot", "one"), ("ready", None)]
    assert said[-1].data["resumed"] is False


async def test_only_what_is_asked_for_is_followed(web, fleet, key):
    """What comes to be among it is told, and what no longer is has left."""

    def at(latitude, longitude):
        return {"position": {"global": {"latitude": latitude, "longitude": longitude}}}

    await fleet("inside", **at(-17, 179))
    await fleet("outside", **at(47, 8))
    await fleet("boat", **at(-17, 179), entity_type="surface_vessel_usv")
    query = "?bbox=170,-20,-170,-10&entity_type=aircraft_multirotor"
    async with followed(web, key, f"{CHANGES}{query}") as stream:
        assert told(await upto(stream, "ready")) == [("snapshot", "inside"), ("ready", None)]
        await fleet("outside", **at(47, 9))
        await fleet("inside", **at(-17, -179))
        assert told(await upto(stream, "change")) == [("change", "inside")]
        await fleet("inside", **at(0, 0))
        assert told(await upto(stream, "leave")) == [("leave", "inside")]
        await fleet("outside", **at(-15, 180))
        assert told(await upto(stream, "change")) == [("change", "outside")]


async def test_a_document_on_many_lines_is_told_on_one(web, fleet, bucket, key):
    """Other programs write as they like."""
    async with followed(web, key, CHANGES) as stream:
        await upto(stream, "ready")
        await fleet("pretty")
        await upto(stream, "change", entity_id="pretty")
        await bucket.put("pretty", json.dumps(document("pretty", note="\r\n"), indent=2).encode())
        (change,) = await upto(stream, "change", entity_id="pretty")

    assert change.data["document"]["note"] == "\r\n"


async def test_changes_that_are_not_read_become_one(anyio_backend):
    """However many there are, one who does not read is left a note for each entity."""
    follower = Follower("north", Place(1, 1))
    for sequence in range(2, 10_000):
        follower.leave({f"e{sequence % 7}"}, Place(1, sequence))

    changed, place = await follower.take(1.0)
    assert sorted(changed) == [f"e{number}" for number in range(7)]
    assert place == Place(1, 9_999)
    assert await follower.take(0.0) == ([], place)


async def test_a_revoked_key_hears_no_more(web, fleet):
    """The stream ends, as does the WebSocket, with a code that says so."""
    key = web.key("north", "entities:read")
    async with (
        followed(web, key, CHANGES) as stream,
        connect(socket_of(web, CHANGES), **with_key(key)) as socket,
    ):
        await upto(stream, "ready")
        await frames_upto(socket, "ready")
        web.site.tables.write("UPDATE api_keys SET revoked_at = 1")
        async with asyncio.timeout(DEADLINE):
            async for each in stream:
                raise AssertionError(each)
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        assert closed.value.rcvd.code == 1008
    web.site.tables.write("UPDATE api_keys SET revoked_at = NULL WHERE revoked_at = 1")


async def test_nobody_follows_without_leave(web, fleet):
    """Neither without the scope, nor another organisation; the same for both ways."""
    wrong = web.key("north", "metrics:read")
    theirs = web.key("south", "entities:read")
    for key, status in ((wrong, 403), (theirs, 404), ("c4_live_x", 401)):
        async with web.client(**{"X-API-Key": key}) as client:
            assert (await client.get(CHANGES)).status_code == status
        with pytest.raises(InvalidStatus) as refused:
            async with connect(socket_of(web, CHANGES), **with_key(key)):
                pass
        assert refused.value.response.status_code == status


async def test_what_cannot_be_followed_is_refused(web, key):
    """As in a list."""
    async with web.client(**{"X-API-Key": key}) as client:
        for query in ("?bbox=1", "?colour=red", "?is_live=x"):
            assert (await client.get(f"{CHANGES}{query}")).status_code == 422


async def test_one_key_may_not_take_all_streams(web, key):
    """Others are to have some as well, and one that ends makes room."""
    following = web.site.following
    with ExitStack() as streams:
        for _ in range(MOST_OF_ONE):
            assert not following.full("somebody")
            streams.enter_context(following.follow("north", "somebody"))
        assert following.full("somebody")
        assert not following.full("another")
    assert not following.full("somebody")


async def test_a_socket_says_what_the_events_say(web, fleet, bucket, key):
    """A frame for each, and comes back by where it was."""
    await fleet("one")
    async with connect(socket_of(web, CHANGES), **with_key(key)) as socket:
        first = await frames_upto(socket, "ready")
        assert [each["event"] for each in first] == ["snapshot", "ready"]
        await fleet("two")
        (change,) = await frames_upto(socket, "change")
        assert (change["entity_id"], change["document"]["name"]) == ("two", "Name of two")
    again = f"{socket_of(web, CHANGES)}?since={first[-1]['place']}"
    async with connect(again, **with_key(key), subprotocols=["overwatch.changes"]) as socket:
        said = await frames_upto(socket, "ready")
        assert [(each["event"], each.get("entity_id")) for each in said] == [
            ("change", "two"), ("ready", None),
        ]  # fmt: skip
        assert socket.subprotocol == "overwatch.changes"
