"""The embedded server, for real: each part does its own work there and no other's."""

import asyncio
import base64
import json
import socket
import stat
import subprocess

import nats
import nkeys
import pytest
from free import free_port
from message_server import DEADLINE, heard_out, message_server, until_listening, with_streams
from nats.js.api import AckPolicy, ConsumerConfig

from connectors.nats_server import (
    GATEKEEPER,
    ServerOptions,
    binary,
    configure,
    public_key,
    reading,
    seed,
)
from connectors.pull import Pull
from connectors.session import session
from flows.permissions import ADMIN, CLIENT, TABLE, permissions

TELEMETRY = "CONSTELLATION_TELEMETRY"
ENTITIES = "CONSTELLATION_ENTITIES"
EVENTS = "CONSTELLATION_EVENTS"
STATE = "KV_CONSTELLATION_GLOBAL_STATE"
READERS = {"telemetry", "entities", "web", CLIENT}
STATE_READERS = {"entities", "commands", "web", CLIENT}

# Who may publish there. Whoever is not named must be refused by the server.
MAY_PUBLISH = {
    "constellation.telemetry.org.uav": {"relay", "traffic", "web", CLIENT},
    "constellation.telemetry.uav": {"relay", "traffic", CLIENT},
    "constellation.entities.org.created": {"entities", "web", CLIENT},
    "constellation.events.liveness.org.uav": {"entities", CLIENT},
    "constellation.events.loss.org.telemetry": {"telemetry", "entities", "commands", CLIENT},
    "constellation.events.alarm.org.uav": {CLIENT},
    "constellation.organizations.org.created": {"web"},
    "constellation.commands.org.uav": set(),
    "constellation.commands.org.uav.request": {"web"},
    "constellation.commands.org.uav.decision": {"web"},
    "constellation.commands.org.uav.deliver": {"commands"},
    "constellation.commands.org.uav.status": {"commands"},
    "constellation.commands.org.uav.ack": {"relay"},
    "constellation.video.uav": set(),
    "constellation.rejected.relay": {"relay"},
    "constellation.rejected.replay": {"relay", "traffic"},
    "constellation.rejected.traffic": {"traffic"},
    "constellation.rejected.telemetry": {"telemetry"},
    "constellation.rejected.entities": {"entities"},
    "constellation.rejected.commands": {"commands"},
    "$KV.CONSTELLATION_GLOBAL_STATE.uav": {"entities", CLIENT},
    "$KV.OTHER.uav": set(),
    f"$JS.API.CONSUMER.CREATE.{TELEMETRY}.mine": READERS,
    f"$JS.API.CONSUMER.CREATE.{STATE}.mine.$KV.CONSTELLATION_GLOBAL_STATE.>": STATE_READERS,
    f"$JS.API.CONSUMER.CREATE.{EVENTS}.mine": {"web", CLIENT},
    f"$JS.API.DIRECT.GET.{STATE}.$KV.CONSTELLATION_GLOBAL_STATE.uav": STATE_READERS,
    f"$JS.API.CONSUMER.DURABLE.CREATE.{TELEMETRY}.mine": {CLIENT},
    f"$JS.API.STREAM.INFO.{TELEMETRY}": READERS,
    "$JS.API.STREAM.INFO.CONSTELLATION_COMMANDS": READERS | {"relay", "commands"},
    "$JS.API.STREAM.NAMES": {CLIENT},
    f"$JS.API.CONSUMER.NAMES.{TELEMETRY}": set(),
    f"$JS.API.CONSUMER.LIST.{TELEMETRY}": set(),
    f"$JS.API.CONSUMER.DELETE.{TELEMETRY}.mine": set(),
    "$JS.API.STREAM.CREATE.MINE": set(),
    f"$JS.API.STREAM.UPDATE.{TELEMETRY}": set(),
    f"$JS.API.STREAM.PURGE.{TELEMETRY}": set(),
    f"$JS.API.STREAM.DELETE.{TELEMETRY}": set(),
    f"$JS.API.STREAM.MSG.DELETE.{TELEMETRY}": set(),
    f"$JS.API.STREAM.SNAPSHOT.{TELEMETRY}": set(),
    f"$JS.API.STREAM.RESTORE.{TELEMETRY}": set(),
    "$JS.API.SERVER.REMOVE": set(),
    "$SYS.REQ.SERVER.PING": set(),
    "_INBOX_web.anything": set(),
}
MAY_HEAR = {
    "constellation.>": {CLIENT},
    "constellation.commands.>": {CLIENT},
    "$KV.CONSTELLATION_GLOBAL_STATE.>": {CLIENT},
    "_INBOX.>": {CLIENT},
    ">": set(),
    "$JS.>": set(),
    "$SYS.>": set(),
    "$KV.>": set(),
    **{f"_INBOX_{part}.>": {part} for part in TABLE},
}
PARTS = sorted(set(TABLE) - {ADMIN})


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with message_server(tmp_path_factory.mktemp("nats")) as running:
        with_streams(running)
        yield running


@pytest.mark.parametrize("part", PARTS)
def test_a_part_publishes_where_it_may_and_nowhere_else(running, part):
    """The server itself refuses each subject that is not the part's, and no other."""

    async def refused():
        async with running.client(part) as (client, complaints):
            for subject in MAY_PUBLISH:
                await client.publish(subject, b"{}")
            await heard_out(client)
            # The driver tells of what it was told in lower case.
            said = "\n".join(complaints)
            return {subject for subject in MAY_PUBLISH if f'"{subject.lower()}"' in said}

    expected = {subject for subject, parts in MAY_PUBLISH.items() if part not in parts}
    assert asyncio.run(refused()) == expected


@pytest.mark.parametrize("part", [*PARTS, ADMIN])
def test_a_part_hears_its_own_inbox_and_what_it_was_given(running, part):
    """Nobody reads another part's answers, and nobody but a client listens in."""

    async def refused(subject):
        async with running.client(part) as (client, complaints):
            await client.subscribe(subject)
            await heard_out(client)
            return bool(complaints)

    for subject, parts in MAY_HEAR.items():
        assert asyncio.run(refused(subject)) == (part not in parts), subject


@pytest.mark.parametrize(
    ("part", "stream"),
    [
        ("telemetry", TELEMETRY),
        ("entities", TELEMETRY),
        ("entities", ENTITIES),
        ("entities", STATE),
    ],
)
def test_a_flow_reads_its_streams(running, part, stream):
    """With the pull that flows read by, as the part itself."""
    subject = {
        TELEMETRY: "constellation.telemetry.org.read",
        ENTITIES: "constellation.entities.org.read",
        STATE: "$KV.CONSTELLATION_GLOBAL_STATE.read",
    }[stream]

    async def say():
        async with running.client(CLIENT) as (client, _):
            return (await client.jetstream().publish(subject, b"{}")).seq

    sequence = asyncio.run(say())
    with session(running.server(part)) as opened:
        pull = Pull(opened, part, stream, sequence)
        pull.open()
        batch = opened.call(_first, pull)
    assert (subject, sequence) == (batch[0][0], batch[0][3])


async def _first(pull):
    async with asyncio.timeout(DEADLINE):
        while not (batch := pull.take(10)):  # noqa: ASYNC110 - there is no event of it.
            await asyncio.sleep(0.005)
    return batch


@pytest.mark.parametrize(
    ("part", "subject"),
    [
        ("relay", "constellation.telemetry.org.uav"),
        ("relay", "constellation.rejected.relay"),
        ("relay", "constellation.commands.org.uav.ack"),
        ("telemetry", "constellation.rejected.telemetry"),
        ("entities", "$KV.CONSTELLATION_GLOBAL_STATE.uav"),
        ("entities", "constellation.events.liveness.org.uav"),
        ("web", "constellation.entities.org.created"),
        (CLIENT, "constellation.events.alarm.org.uav"),
    ],
)
def test_what_a_part_publishes_is_acknowledged(running, part, subject):
    """The part hears in its own inbox that the stream has it."""

    async def publish():
        async with running.client(part) as (client, _):
            return (await client.jetstream().publish(subject, b"{}")).seq

    assert asyncio.run(publish()) > 0


def test_an_ordinary_client_uses_the_bucket_and_the_streams(running):
    """The quick start of any NATS tutorial works: put, get, watch, a durable consumer that acks."""

    async def use():
        server = running.server(CLIENT)
        client = await nats.connect(server.url, nkeys_seed=server.seed_file)
        try:
            js = client.jetstream()
            bucket = await js.key_value("CONSTELLATION_GLOBAL_STATE")
            await bucket.put("quick", b"start")
            assert (await bucket.get("quick")).value == b"start"
            watcher = await bucket.watch("quick")
            assert (await watcher.updates(timeout=DEADLINE)).value == b"start"
            await watcher.stop()
            await js.publish("constellation.telemetry.quick", b"{}")
            durable = await js.pull_subscribe("constellation.telemetry.>", durable="script")
            (message,) = await durable.fetch(1, timeout=DEADLINE)
            await message.ack_sync(timeout=DEADLINE)
            pushed = await js.subscribe("constellation.telemetry.>", ordered_consumer=True)
            await pushed.next_msg(timeout=DEADLINE)
        finally:
            await client.close()

    asyncio.run(use())


def test_a_consumer_cannot_speak_for_those_who_may_not(running):
    """A push consumer that is told to deliver to the server's own interface purges nothing."""
    target = f"$JS.API.STREAM.PURGE.{TELEMETRY}"

    async def try_it():
        async with running.client(CLIENT) as (client, _):
            js = client.jetstream()
            await js.publish("constellation.telemetry.keep", b"{}")
            config = ConsumerConfig(deliver_subject=target, ack_policy=AckPolicy.NONE)
            await js.add_consumer(EVENTS, config)
            for _ in range(20):
                await js.publish("constellation.events.alarm.org.uav", b"{}")
            return (await js.stream_info(TELEMETRY)).state.messages

    assert asyncio.run(try_it()) > 0


def test_nobody_connects_without_a_key(running):
    """Neither anonymously nor with a key that the server does not know."""
    stranger = nkeys.from_seed(bytearray(seed(running.folder.parent, "stranger").read_bytes()))

    def answer(options):
        with socket.create_connection(("127.0.0.1", running.port), DEADLINE) as raw:
            file = raw.makefile("rb")
            nonce = json.loads(file.readline().partition(b" ")[2])["nonce"].encode()
            connect = json.dumps(options(nonce)).encode()
            raw.sendall(b"CONNECT " + connect + b"\r\nPING\r\n")
            return file.readline()

    def sign(nonce):
        signature = base64.urlsafe_b64encode(stranger.sign(nonce)).rstrip(b"=").decode()
        return {"nkey": stranger.public_key.decode(), "sig": signature}

    anyone = (lambda _: {}), sign, (lambda _: {"user": "admin", "pass": "admin"})
    for options in anyone:
        assert answer(options) == b"-ERR 'Authorization Violation'\r\n"


def test_keys_and_configuration_are_their_owners_alone(running):
    """Folders 0700, files 0600, and no seed in the configuration."""
    keys = running.folder / "keys"
    files = [running.folder / "nats.conf", *keys.iterdir()]
    assert {file.stem for file in keys.iterdir()} == {*TABLE, GATEKEEPER}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert {stat.S_IMODE(each.stat().st_mode) for each in (running.folder, keys)} == {0o700}
    seeds = [file.read_text() for file in keys.iterdir()]
    assert len(set(seeds)) == len(TABLE) + 1
    assert not any(each in files[0].read_text() for each in seeds)


def test_configuring_again_keeps_the_keys_and_never_promises_less(tmp_path):
    """Seeds stay; the server's file store only grows, so that streams can shrink within it."""
    small = ServerOptions("127.0.0.1", 4222, 2**20, 2**20, 2**20, "always")
    configure(tmp_path, small._replace(max_file_store=2**30), TABLE)
    before = public_key(tmp_path / "keys" / "relay.nk")
    file = configure(tmp_path, small, TABLE)
    assert public_key(tmp_path / "keys" / "relay.nk") == before
    assert f'"max_file_store": {2**30}' in file.read_text()


def test_a_folder_of_any_name_can_be_used(tmp_path):
    """Quotes, spaces and letters beyond ASCII reach the server as they are."""
    folder = tmp_path / "a \"b\" 'c' é $HOME"
    options = ServerOptions("127.0.0.1", 4222, 2**20, 2**20, 2**20, "always")
    file = configure(folder, options, TABLE)
    tried = subprocess.run(
        [binary(), "-c", str(file), "-t"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr


def test_a_seed_that_is_none_is_named(tmp_path):
    """The message says which file, and what to do."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "relay.nk").write_text("nonsense")
    options = ServerOptions("127.0.0.1", 4222, 2**20, 2**20, 2**20, "1s")
    with pytest.raises(ValueError, match=r"relay\.nk holds no NKey seed: remove it"):
        configure(tmp_path, options, TABLE)


def test_the_table_is_walked_by_name():
    """A part's row lists its streams' interface, and there is no row for nobody."""
    assert set(reading(TELEMETRY)) < set(permissions("telemetry").publish)
    with pytest.raises(KeyError):
        permissions("nobody")


def test_what_was_kept_before_there_were_accounts_is_kept(tmp_path):
    """The streams of an older version are those of our account now."""
    folder = tmp_path / "nats"
    folder.mkdir()
    port = free_port()
    arguments = ["-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder)]
    process = subprocess.Popen(
        [binary(), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until_listening(port, process)

        async def keep():
            client = await nats.connect(f"nats://127.0.0.1:{port}")
            await client.jetstream().add_stream(name=EVENTS, subjects=["constellation.events.>"])
            await client.jetstream().publish("constellation.events.alarm.org.uav", b"kept")
            await client.close()

        asyncio.run(keep())
    finally:
        process.terminate()
        process.wait(DEADLINE)

    async def kept(running):
        async with running.client(CLIENT) as (client, _):
            return (await client.jetstream().get_msg(EVENTS, 1)).data

    with message_server(folder) as running:
        assert asyncio.run(kept(running)) == b"kept"
