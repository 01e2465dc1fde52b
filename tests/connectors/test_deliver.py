"""Publications of an async caller: each has a receipt, whatever becomes of it."""

import asyncio

import pytest
from message_server import ANYONE, DEADLINE, FREE, message_server
from nats.js.api import StreamConfig

from connectors.deliver import Became, Deliverer
from connectors.publication import Publication
from connectors.session import connect


@pytest.fixture
def running(tmp_path):
    with message_server(tmp_path, users=FREE) as running:
        yield running


def delivered(running, publications, seconds=DEADLINE, **config):
    """Receipts for the publications, and what the stream holds after them."""

    async def run():
        client = await connect(running.server(ANYONE))
        try:
            js = client.jetstream()
            await js.add_stream(StreamConfig(name="SAID", subjects=["s.>"], **config))
            receipts = await Deliverer(client).deliver(publications, seconds)
            last = (await js.stream_info("SAID")).state.last_seq
            found = [await js.get_msg("SAID", number) for number in range(1, last + 1)]
            return receipts, [(each.subject, each.data, each.headers) for each in found]
        finally:
            await client.close()

    return asyncio.run(run())


def test_what_has_a_receipt_is_stored_in_its_order(running):
    """Headers and ids included."""
    said = [Publication("s.a", b"%d" % number, f"id-{number}", {"k": "v"}) for number in range(500)]

    receipts, found = delivered(running, said)

    assert {each.became for each in receipts} == {Became.STORED}
    expected = [
        ("s.a", b"%d" % number, {"k": "v", "Nats-Msg-Id": f"id-{number}"}) for number in range(500)
    ]
    assert found == expected


def test_each_receipt_is_for_its_own_publication(running):
    """One stored, one said before, one that is too large, one that no stream keeps."""
    said = [
        Publication("s.a", b"1", "same"),
        Publication("s.a", b"1", "same"),
        Publication("s.a", b"x" * 300),
        Publication("nobody", b"1"),
        Publication("s.b", b"2"),
    ]

    receipts, found = delivered(running, said, max_msg_size=200)

    assert [each.became for each in receipts] == [
        Became.STORED, Became.DUPLICATE, Became.REFUSED, Became.UNANSWERED, Became.STORED,
    ]  # fmt: skip
    assert "size exceeds" in receipts[2].reason
    assert receipts[3].reason == "no stream takes it"
    assert [subject for subject, *_ in found] == ["s.a", "s.b"]
    # What was said before is where it was put then.
    assert [each.sequence for each in receipts] == [1, 1, 0, 0, 2]


def test_a_stream_that_is_full_may_have_room_later(running):
    """What the server says it lacks, is not called refused for good."""
    said = [Publication("s.a", b"x" * 100) for _ in range(3)]

    receipts, found = delivered(running, said, max_msgs=2, discard="new")

    assert [each.became for each in receipts][:2] == [Became.STORED] * 2
    assert receipts[2].became is Became.UNANSWERED
    assert "maximum messages exceeded" in receipts[2].reason
    assert len(found) == 2


def test_nothing_is_nothing_to_wait_for(running):
    """No publication, no receipt."""
    assert delivered(running, [])[0] == []


def test_a_connection_that_is_gone_leaves_them_unanswered(running):
    """At once, and not when the time is up."""

    async def run():
        client = await connect(running.server(ANYONE))
        deliverer = Deliverer(client)
        await client.close()
        return await deliverer.deliver([Publication("s.a", b"1")], 3600)

    async def in_time():
        async with asyncio.timeout(DEADLINE):
            return await run()

    (receipt,) = asyncio.run(in_time())
    assert receipt.became is Became.UNANSWERED
    assert "away" in receipt.reason
