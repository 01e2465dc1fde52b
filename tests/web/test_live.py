"""Live streams, from the bucket to the browser, over a real HTTP server."""

import asyncio
import time
from datetime import datetime

import msgspec
import pytest
import zstandard
from serving import DEADLINE, document, events, next_with, rfc3339, until

from web import live, streams
from web.mailbox import MOST_FRAMES

pytestmark = pytest.mark.anyio


async def test_a_change_of_the_bucket_reaches_the_page(web, bucket):
    """First all there is, then what changes."""
    await bucket.put("uav-1", document("uav-1"))
    await until(lambda: web.site.picture.entities("north"))
    async with web.signed_in() as client, events(client, "/live/fleet") as stream:
        await next_with(stream, 'id="fleet-rows"', "Name of uav-1", name="patch-elements")
        await next_with(stream, "t snapshot", "uav-1", name="geo")

        await bucket.put("uav-2", document("uav-2"))

        await next_with(stream, "Name of uav-2", name="patch-elements")
        await next_with(stream, "t delta", "uav-2", name="geo")
        await bucket.delete("uav-1")
        await next_with(stream, "t remove", "uav-1", name="geo")


async def test_only_the_own_organisation_is_streamed(web, bucket):
    """What others have does not come, not even as a count."""
    await bucket.put("theirs", document("theirs", "south"))
    await bucket.put("ours", document("ours"))
    await until(lambda: web.site.picture.entities("north"))
    async with web.signed_in() as client:
        async with events(client, "/live/fleet") as stream:
            counts = await next_with(stream, 'id="counts"')
            assert "<b>1</b><span>entities" in counts.data
            rows = await next_with(stream, 'id="fleet-rows"')
            assert "theirs" not in rows.data
        assert (await client.get("/live/entities/theirs")).status_code == 404
        assert (await client.get("/entities/theirs")).status_code == 404


async def test_silence_shows_with_nobody_left_to_say_so(web, bucket, wound):
    """With the flows dead and no document put, rows turn stale and then lost."""
    await bucket.put("uav", document("uav"))
    await until(lambda: web.site.picture.entities("north"))
    async with web.signed_in() as client, events(client, "/live/fleet") as stream:
        await next_with(stream, 'id="e-uav" data-state="live"')
        wound.ahead = 6
        await next_with(stream, 'id="e-uav" data-state="stale"')
        wound.ahead = 40
        await next_with(stream, 'id="e-uav" data-state="lost"')


async def test_a_lost_message_server_is_told_and_come_back_from(web, bucket, nats_server):
    """The page says that its picture is old, and goes on by itself when it is not any more."""
    async with web.signed_in() as client, events(client, "/live/fleet") as stream:
        await next_with(stream, 'id="connection"', 'data-state="live"')
        nats_server.stop()
        await next_with(stream, 'id="connection" class="connection" data-state="lost"')
        nats_server.start()
        await next_with(stream, 'id="connection" class="connection" data-state="live"')
        await until(lambda: bucket.client.is_connected)
        await bucket.put("uav", document("uav"))
        await next_with(stream, "Name of uav")


async def test_an_entity_is_followed_on_its_page(web, bucket):
    """Signals, charts and the end of it."""
    await bucket.put("uav", document("uav"))
    await until(lambda: web.site.picture.entities("north"))
    async with web.signed_in() as client, events(client, "/live/entities/uav") as stream:
        await next_with(stream, 'id="entity"', "altitude_relative", "80.00")
        await next_with(stream, "k altitude", "m snapshot", "[80.0]", name="chart")

        later = document("uav", last_seen=rfc3339(time.time() + 1))
        later["position"]["global"]["altitude_relative"] = 81.0
        # The bucket's time bounds a document's, so the next point comes a second later.
        for _ in range(2):
            await bucket.put("uav", later)
            await next_with(stream, 'id="entity"')
            await until(lambda: time.time() > msgspec_time(later))
        await bucket.put("uav", later)
        await next_with(stream, "k altitude", "m append", "[81.0]", name="chart")

        await bucket.delete("uav")
        await next_with(stream, "no longer in the fleet")


def msgspec_time(read):
    return datetime.fromisoformat(read["last_seen"]).timestamp()


async def test_the_servers_time_beats(web):
    """A page can tell a quiet server from a dead one."""
    async with web.signed_in() as client, events(client, "/live/fleet") as stream:
        beat = await next_with(stream, name="beat")
        assert abs(int(beat.data.removeprefix("t ")) / 1000 - time.time()) < 5


async def test_compressed_frames_are_one_body(web, bucket):
    """A browser that takes zstd gets the same events."""
    await bucket.put("uav", document("uav"))
    await until(lambda: web.site.picture.entities("north"))
    async with (
        web.signed_in() as client,
        client.stream(
            "GET", "/live/fleet", headers={"Accept-Encoding": "gzip, zstd;q=0.9"}
        ) as answer,
    ):
        assert answer.headers["content-encoding"] == "zstd"
        assert "Accept-Encoding" in answer.headers["vary"]
        async with asyncio.timeout(DEADLINE):
            data = await anext(answer.aiter_raw())
        text = zstandard.ZstdDecompressor().decompressobj().decompress(data).decode()
        assert 'id="e-uav"' in text


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("zstd", True),
        ("gzip, br, ZSTD;q=0.1", True),
        ("zstd;q=0", False),
        ("zstd; q=0.0", False),
        ("gzip", False),
        ("", False),
        ("xzstd", False),
    ],
)
async def test_zstd_is_sent_only_where_it_is_taken(header, expected):
    """Accept-Encoding is read as it is meant."""
    assert expected == streams.accepts(header, "zstd")


async def test_a_client_that_stops_reading_is_brought_up_to_date(web, bucket):
    """It costs a bounded number of frames, and then gets a snapshot rather than the past."""
    async with (
        web.signed_in() as client,
        client.stream("GET", "/live/fleet", headers={"Accept-Encoding": "identity"}) as answer,
    ):
        await until(lambda: web.site.live.clients == 1)
        (channel,) = web.site.live._channels.values()
        (mailbox,) = channel.mailboxes
        await until(lambda: not mailbox._resync)
        big = "x" * 250
        number = 0
        # Fill what the sockets hold by themselves, until the stream no longer takes anything.
        while not mailbox._resync:
            for each in range(300):
                web.site.picture.put(
                    f"uav-{each}",
                    msgspec.json.encode(document(f"uav-{each}", name=f"{big}{number}")),
                    number * 300 + each + 1,
                    int(time.time() * 1e6),
                )
            web.site.live.tick()
            number += 1
            assert len(mailbox._frames) <= MOST_FRAMES
            assert number < 2000
            await asyncio.sleep(0)

        last = f"{big}{number - 1}</a>"
        async with asyncio.timeout(DEADLINE):
            seen = ""
            async for text in answer.aiter_text():
                seen = seen[-1000:] + text
                if last in seen:
                    return
    raise AssertionError("the newest state never came")


async def test_there_is_a_bound_on_streams(web, monkeypatch):
    """One more than there may be is told to come again."""
    monkeypatch.setattr(live, "MOST_CLIENTS", 1)
    async with web.signed_in() as client, events(client, "/live/fleet") as stream:
        await next_with(stream, 'id="counts"')
        refused = await client.get("/live/fleet")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")


async def test_a_client_that_leaves_leaves_nothing_behind(web):
    """Views live only as long as somebody looks."""
    async with web.signed_in() as client, events(client, "/live/fleet") as stream:
        await next_with(stream, 'id="counts"')
        assert web.site.live.clients == 1

    await until(lambda: not web.site.live.clients)
    assert web.site.live._channels == {}


async def test_signing_out_ends_open_streams(web):
    """A session that has ended sees nothing more."""
    async with web.signed_in(Origin=web.address) as client, events(client, "/live/fleet") as stream:
        await next_with(stream, 'id="counts"')
        assert (await client.post("/sign-out")).status_code == 303

        async with asyncio.timeout(DEADLINE):
            async for _ in stream:
                pass


async def test_closing_ends_every_stream(web):
    """Nothing holds the server up when it is told to stop."""
    async with web.signed_in() as client, events(client, "/live/fleet") as stream:
        await next_with(stream, 'id="counts"')
        web.site.live.close()
        async with asyncio.timeout(2):
            async for _ in stream:
                pass
        assert (await client.get("/live/fleet")).status_code == 503
