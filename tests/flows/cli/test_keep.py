"""While we run, streams are kept as declared: what is changed is put right, said and counted."""

import asyncio
import logging

import pytest
from message_server import ALL, DEADLINE, LIMITS, message_server, with_streams

from connectors import repair as repairing
from connectors.metrics import counter, gauge
from connectors.nats_server import Permissions
from connectors.streams import drift
from flows.cli.keep import Keeper
from flows.ontology.settings import Settings
from flows.permissions import ADMIN, TABLE

TELEMETRY = "CONSTELLATION_TELEMETRY"
DAY = 86_400.0
PUT_RIGHT = (
    f"Put right what somebody had changed: {TELEMETRY}: max_age was {DAY}, is {7 * DAY} now."
)
LOOKER = Permissions(("$JS.API.STREAM.INFO.*",), (f"_INBOX_{ADMIN}.>",))


class Said:
    """What was said, and how serious it was."""

    def __init__(self):
        self.lines = []

    def __call__(self, who, level, text):
        assert who == "streams"
        self.lines.append((level, text))


def settings_for(running, seed=ADMIN):
    """Of a deployment that uses this server."""
    return Settings.read(
        {
            "OVERWATCH_DATA_DIR": str(running.folder.parent / "data"),
            "NATS_URL": f"nats://127.0.0.1:{running.port}",
            "NATS_NKEY_SEED_FILE": str(running.folder / "keys" / f"{seed}.nk"),
            "NATS_MAX_FILE_STORE": str(LIMITS.file_bytes),
            "NATS_MAX_MEMORY": str(LIMITS.memory_bytes),
            "OVERWATCH_STREAMS_CHECK_SECONDS": "1",
        }
    )


@pytest.fixture
def running(tmp_path):
    with message_server(tmp_path / "nats") as running:
        with_streams(running)
        yield running


def shown(figure):
    return figure._value.get()


def repairs():
    return shown(counter("overwatch_stream_repairs_total", TELEMETRY))


def differing():
    return shown(gauge("overwatch_stream_differences", TELEMETRY))


async def change(running, **fields):
    """What somebody does who may."""
    async with running.client(ADMIN) as (client, _):
        js = client.jetstream()
        config = (await js.stream_info(TELEMETRY)).config
        await js.update_stream(config.evolve(**fields))


def test_what_somebody_changed_is_put_right_without_being_asked(running):
    """It is said in one sentence, and counted."""
    said, before = Said(), repairs()

    async def work():
        await change(running, max_age=DAY)
        keeping = asyncio.create_task(Keeper(settings_for(running), said).keep())
        async with asyncio.timeout(DEADLINE):
            while repairs() == before:  # noqa: ASYNC110 - another task counts.
                await asyncio.sleep(0.01)
        keeping.cancel()
        async with running.client(ADMIN) as (client, _):
            return await drift(client, ALL, LIMITS)

    assert asyncio.run(work()) == []
    assert said.lines == [(logging.WARNING, PUT_RIGHT)]
    assert (repairs() - before, differing()) == (1, 0)


def test_what_cannot_be_put_right_is_said_once(running):
    """And shown as long as it stays; when it was put right and comes again, it is news again."""
    said = Said()
    keeper = Keeper(settings_for(running), said)

    async def store(storage):
        async with running.client(ADMIN) as (client, _):
            js = client.jetstream()
            config = (await js.stream_info(TELEMETRY)).config
            await js.delete_stream(TELEMETRY)
            await js.add_stream(config.evolve(storage=storage, max_bytes=1_000_000))

    async def work():
        await keeper.look()
        assert (said.lines, differing()) == ([], 0)
        await store("memory")
        await keeper.look()
        await keeper.look()
        assert differing() == 1
        await store("file")
        await keeper.look()
        assert differing() == 0
        await store("memory")
        await keeper.look()

    asyncio.run(work())
    errors = [text for level, text in said.lines if level == logging.ERROR]
    assert len(errors) == 2
    assert errors[0] == errors[1]
    assert errors[0].startswith(f"{TELEMETRY}: storage is memory, declared file. It stays so: ")


def test_on_a_server_that_is_not_ours_it_may_only_be_said(tmp_path, monkeypatch):
    """Who may look and not change is told nothing by the server, and it is said once."""
    monkeypatch.setattr(repairing, "ANSWER_SECONDS", 0.5)
    said = Said()
    with message_server(tmp_path / "nats", users=TABLE | {"looker": LOOKER}) as running:
        with_streams(running)
        keeper = Keeper(settings_for(running, "looker"), said)

        async def work():
            await change(running, max_age=DAY)
            async with running.client(ADMIN) as (client, _):
                for _ in range(3):
                    await keeper.look()
                return await drift(client, ALL, LIMITS)

        left = asyncio.run(work())
    assert [each.field for each in left] == ["max_age"]
    ((level, text),) = said.lines
    assert level == logging.ERROR
    assert text == (
        f"{TELEMETRY}: max_age is {DAY}, declared {7 * DAY}. "
        "It stays so: the server does not let us change it."
    )
    assert differing() == 1


def test_a_server_that_is_away_is_no_news(tmp_path):
    """Whoever keeps the server running tells of that."""
    said = Said()
    with message_server(tmp_path / "nats") as running:
        settings = settings_for(running)
    asyncio.run(Keeper(settings, said).look())
    assert said.lines == []
