"""What becomes of commands, as programs follow it: over a real stream and a real ledger."""

import asyncio
from contextlib import ExitStack

import msgspec
import pytest
from hearing import DEADLINE, followed, frames_upto, socket_of, upto, with_key
from ledgers import Ledger, status
from serving import until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from flows.ontology.subjects import STATUS, command
from web.following import MOST_OF_ONE

pytestmark = pytest.mark.anyio

CHANGES = "/api/v1/organizations/north/commands/changes"


@pytest.fixture
async def tells(web, bucket):
    """Says a transition as the flow does: into the ledger, and then on the stream."""
    ledger = Ledger(web.site.settings.database)

    async def tell(command_id, number, state, **more):
        said = status(command_id, number, state, **more)
        ledger.say(said)
        subject = command(said.org_id, said.entity_id, STATUS)
        receipt = await bucket.client.jetstream().publish(subject, msgspec.json.encode(said))
        await until(lambda: web.site.board.place.sequence >= receipt.seq)

    await until(lambda: not web.site.board.trouble)
    yield tell
    ledger.database.close()


@pytest.fixture
def key(web):
    return web.key("north", "commands:read")


def told(said):
    """Events, each with the id and the state of its command."""
    return [
        (each.event, *map((each.data | each.data.get("command", {})).get, ("command_id", "state")))
        for each in said
    ]


READY = ("ready", None, None)


async def test_what_is_open_comes_first_and_then_every_transition(web, tells, key):
    """Of the own organisation; what has ended before is not said again."""
    await tells("c-1", 1, "queued")
    await tells("c-2", 1, "completed")
    await tells("c-3", 1, "queued", org_id="south", entity_id="gull")
    async with followed(web, key, CHANGES) as stream:
        assert told(await upto(stream, "ready")) == [("snapshot", "c-1", "queued"), READY]
        await tells("c-3", 2, "sent", org_id="south", entity_id="gull")
        await tells("c-1", 2, "sent", previous="queued")
        await tells("c-1", 3, "accepted", previous="sent")
        said = await upto(stream, "change") + await upto(stream, "change")
        assert told(said) == [("change", "c-1", "sent"), ("change", "c-1", "accepted")]
        assert said[0].data["command"]["previous"] == "queued"


@pytest.mark.parametrize("how", ["Last-Event-ID", "since"])
async def test_who_comes_back_is_told_each_transition_that_it_missed(web, tells, key, how):
    await tells("c-1", 1, "queued")
    async with followed(web, key, CHANGES) as stream:
        place = (await upto(stream, "ready"))[-1].id
    for number, state in enumerate(("sent", "received", "completed"), 2):
        await tells("c-1", number, state)

    query, headers = ("", {how: place}) if how == "Last-Event-ID" else (f"?since={place}", {})
    async with followed(web, key, f"{CHANGES}{query}", **headers) as stream:
        said = await upto(stream, "ready")

    missed = [("change", "c-1", state) for state in ("sent", "received", "completed")]
    assert told(said) == [*missed, READY]
    assert said[-1].data["resumed"] is True


@pytest.mark.parametrize("place", ["7", "x-y", "999999-1", "1-0", "-1-1", "0" * 64, "٣-3"])
async def test_who_comes_from_elsewhere_is_told_what_is_open(web, tells, key, place):
    await tells("c-1", 1, "queued")
    async with followed(web, key, CHANGES, **{"Last-Event-ID": place.encode()}) as stream:
        said = await upto(stream, "ready")

    assert told(said) == [("snapshot", "c-1", "queued"), READY]
    assert said[-1].data["resumed"] is False


async def test_only_what_is_asked_for_is_followed(web, tells, key):
    """By entity, kind and state; one whose state is not asked for any more has left."""
    await tells("c-1", 1, "queued")
    await tells("c-2", 1, "queued", entity_id="other")
    await tells("c-3", 1, "queued", command="land")
    query = "?entity_id=uav&command=hold&state=queued&state=sent"
    async with followed(web, key, f"{CHANGES}{query}") as stream:
        assert told(await upto(stream, "ready")) == [("snapshot", "c-1", "queued"), READY]
        await tells("c-2", 2, "sent", entity_id="other", previous="queued")
        await tells("c-3", 2, "sent", command="land", previous="queued")
        await tells("c-1", 2, "received", previous="queued")
        assert told(await upto(stream, "leave")) == [("leave", "c-1", "received")]


async def test_what_the_ledger_has_is_known_after_a_stream_is_made_anew(web, tells, bucket, key):
    """The stream may be lost, or too short; the ledger is not."""
    await tells("c-1", 1, "queued")
    js, name = bucket.client.jetstream(), "CONSTELLATION_COMMANDS"
    config = (await js.stream_info(name)).config
    await js.delete_stream(name)
    await js.add_stream(config)
    await until(lambda: web.site.board.trouble)
    await until(lambda: not web.site.board.trouble)
    async with followed(web, key, CHANGES) as stream:
        assert told(await upto(stream, "ready")) == [("snapshot", "c-1", "queued"), READY]


async def test_what_is_said_for_others_is_not_believed(web, tells, bucket, key):
    """A status whose body names another organisation than its subject, and what is none."""
    js = bucket.client.jetstream()
    await tells("c-1", 1, "queued")
    async with followed(web, key, CHANGES) as stream:
        await upto(stream, "ready")
        forged = msgspec.json.encode(status("c-9", org_id="north"))
        await js.publish(command("south", "uav", STATUS), forged)
        await js.publish(command("north", "uav", STATUS), b"[" * 100_000)
        await js.publish(command("north", "uav", STATUS), b'{"command_id": 7}')
        await tells("c-1", 2, "sent")
        assert told(await upto(stream, "change")) == [("change", "c-1", "sent")]
    assert web.site.board.command("north", "c-9") is None


async def test_an_organisation_that_goes_is_forgotten(web, tells):
    await tells("c-1", 1, "queued", org_id="south")
    assert web.site.board.command("south", "c-1") is not None
    async with web.signed_in() as admin:
        body = {"name": "West", "org_type": "civilian"}
        west = (await admin.post("/api/v1/organizations", json=body)).json()["org_id"]
        await tells("c-2", 1, "queued", org_id=west)
        assert (await admin.delete(f"/api/v1/organizations/{west}")).status_code in {200, 202, 204}
    await until(lambda: web.site.board.command(west, "c-2") is None)
    assert web.site.board.command("south", "c-1") is not None


async def test_a_revoked_key_hears_no_more(web, tells):
    key = web.key("north", "commands:read")
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


async def test_nobody_follows_without_leave(web, tells):
    """Neither without the scope, nor another organisation; the same for both ways."""
    wrong, theirs = web.key("north", "entities:read"), web.key("south", "commands:read")
    for key, answer in ((wrong, 403), (theirs, 404), ("c4_live_x", 401)):
        async with web.client(**{"X-API-Key": key}) as client:
            assert (await client.get(CHANGES)).status_code == answer
        with pytest.raises(InvalidStatus) as refused:
            async with connect(socket_of(web, CHANGES), **with_key(key)):
                pass
        assert refused.value.response.status_code == answer


async def test_what_cannot_be_followed_is_refused(web, tells, key):
    async with web.client(**{"X-API-Key": key}) as client:
        for query in ("?state=flying", "?colour=red", f"?since={'9' * 100}"):
            assert (await client.get(f"{CHANGES}{query}")).status_code == 422


async def test_one_key_may_not_take_all_streams(web, tells):
    board = web.site.board
    with ExitStack() as streams:
        for _ in range(MOST_OF_ONE):
            assert not board.full("somebody")
            streams.enter_context(board.follow("somebody"))
        assert board.full("somebody")
        assert not board.full("another")
    assert not board.full("somebody")


async def test_a_socket_says_what_the_events_say(web, tells, key):
    """A frame for each, and comes back by where it was."""
    await tells("c-1", 1, "queued")
    async with connect(socket_of(web, CHANGES), **with_key(key)) as socket:
        first = await frames_upto(socket, "ready")
        assert [each["event"] for each in first] == ["snapshot", "ready"]
        await tells("c-1", 2, "sent")
        (change,) = await frames_upto(socket, "change")
        assert change["command"]["state"] == "sent"
    again = f"{socket_of(web, CHANGES)}?since={first[-1]['place']}"
    async with connect(again, **with_key(key)) as socket:
        said = await frames_upto(socket, "ready")
        assert [each["event"] for each in said] == ["change", "ready"]
