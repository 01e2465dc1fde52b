"""Following the state bucket on a real message server."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from serving import DEADLINE, document, make_streams, until

from connectors.session import Server
from flows.ontology.streams import BUCKET
from web import watch as watching
from web.watch import Watch

pytestmark = pytest.mark.anyio


class Ledger:
    """Writes down what it is told."""

    def __init__(self):
        self.values, self.told, self.connected, self.trouble = {}, [], False, ""

    def put(self, key, data, sequence, stored_us):
        assert stored_us > 0
        self.values[key] = data
        self.told.append((key, sequence))

    def delete(self, key):
        self.values.pop(key, None)

    def retain(self, keys):
        for gone in set(self.values) - keys:
            del self.values[gone]

    def found(self):
        self.connected = True

    def lost(self, trouble):
        self.connected, self.trouble = False, trouble


@asynccontextmanager
async def following(url, ledger):
    watch = Watch(Server(url, "web"), ledger)
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_last_value_of_each_key_then_every_change(nats_server, bucket):
    """What was there before is told once, by its last value; what comes is told as it comes."""
    for number in range(5):
        await bucket.put("uav", document("uav", name=f"{number}"))
    await bucket.put("gone", document("gone"))
    await bucket.delete("gone")
    ledger = Ledger()

    async with following(nats_server.url, ledger):
        await until(lambda: ledger.connected)
        assert ledger.told == [("uav", 5)]

        await bucket.put("late", document("late"))
        await until(lambda: "late" in ledger.values)
        await bucket.delete("uav")
        await until(lambda: "uav" not in ledger.values)


async def test_an_empty_bucket_is_followed_too(nats_server, bucket):
    """Nothing to tell is no reason to be called lost."""
    ledger = Ledger()
    async with following(nats_server.url, ledger):
        await until(lambda: ledger.connected)
        await bucket.put("uav", document("uav"))
        await until(lambda: "uav" in ledger.values)


async def test_a_restart_of_the_server_repeats_nothing_and_misses_nothing(nats_server, bucket):
    """Reading goes on after the last sequence."""
    ledger = Ledger()
    async with following(nats_server.url, ledger):
        await bucket.put("before", document("before"))
        await until(lambda: "before" in ledger.values)

        nats_server.stop()
        await until(lambda: not ledger.connected)
        assert ledger.trouble
        nats_server.start()
        await until(lambda: bucket.client.is_connected)
        await bucket.put("after", document("after"))

        await until(lambda: "after" in ledger.values and ledger.connected)
        assert ledger.told == [("before", 1), ("after", 2)]


async def test_a_bucket_made_anew_is_read_anew(nats_server, bucket):
    """Sequences of another bucket say nothing about this one."""
    ledger = Ledger()
    async with following(nats_server.url, ledger):
        for name in ("a", "b", "c"):
            await bucket.put(name, document(name))
        await until(lambda: "c" in ledger.values)

        await bucket.client.jetstream().delete_stream(BUCKET.name)
        await until(lambda: not ledger.connected)
        await make_streams(nats_server.url, {BUCKET.name})
        await bucket.put("d", document("d"))

        await until(lambda: list(ledger.values) == ["d"])


async def test_keys_that_were_purged_are_let_go(nats_server, bucket, monkeypatch):
    """A purge of the stream says nothing, so we look."""
    monkeypatch.setattr(watching, "RECONCILE_SECONDS", 0.2)
    ledger = Ledger()
    async with following(nats_server.url, ledger):
        await bucket.put("stays", document("stays"))
        await bucket.put("goes", document("goes"))
        await until(lambda: len(ledger.values) == 2)

        await bucket.client.jetstream().purge_stream(
            BUCKET.name, subject=f"{BUCKET.subjects[0][:-1]}goes"
        )

        await until(lambda: list(ledger.values) == ["stays"])


async def test_a_consumer_that_is_deleted_is_replaced(nats_server, bucket):
    """Whoever tidies up on the server does not blind the dashboard."""
    ledger = Ledger()
    async with following(nats_server.url, ledger):
        await bucket.put("before", document("before"))
        await until(lambda: "before" in ledger.values)
        js = bucket.client.jetstream()
        for consumer in await js.consumers_info(BUCKET.name):
            await js.delete_consumer(BUCKET.name, consumer.name)

        await bucket.put("after", document("after"))

        await until(lambda: "after" in ledger.values)
        assert ledger.told == [("before", 1), ("after", 2)]


async def test_no_server_is_said_to_be_none(tmp_path, nats_server):
    """What is wrong is told in words, and following begins as soon as it can."""
    nats_server.stop()
    ledger = Ledger()
    async with following(nats_server.url, ledger):
        await until(lambda: ledger.trouble)
        assert "cannot be used" in ledger.trouble

        nats_server.start()
        await until(lambda: "does not exist yet" in ledger.trouble)
        await make_streams(nats_server.url)

        await until(lambda: ledger.connected)


async def test_thousands_of_keys_are_read(nats_server, bucket):
    """More than one request's worth."""
    for number in range(2500):
        await bucket.client.publish(f"{BUCKET.subjects[0][:-1]}uav-{number}", b"{}")
    await bucket.client.flush()
    ledger = Ledger()
    async with asyncio.timeout(DEADLINE), following(nats_server.url, ledger):
        await until(lambda: ledger.connected)
        assert len(ledger.values) == 2500
