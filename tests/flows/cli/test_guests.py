"""Credentials as the embedded server follows them: let in, changed, turned away while it runs."""

import asyncio
import base64
import json
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import asynccontextmanager, suppress

import nats
import nkeys
import ordinary
import pytest
from free import free_port
from message_server import DEADLINE, heard_out, until_listening

from connectors.nats_server import command
from connectors.streams import apply
from flows.cli import server
from flows.cli.guests import Guests, Reader, known
from flows.grants import permissions
from flows.ontology.credentials import Credential, inbox
from flows.ontology.settings import Settings
from flows.outcomes import REGISTRY
from flows.permissions import ADMIN
from web.clock import Clock
from web.database import Tables
from web.key_ring import KeyRing
from web.nats_credentials import NatsCredentials, forge

pytestmark = pytest.mark.anyio

CROWD = 500
# Who does not say who it is within two seconds is turned away by the server.
AT_ONCE = 25
SCOPES = frozenset(("nats:telemetry",))


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


class Place:
    """The web's part and the supervisor's, over one database and one server."""

    def __init__(self, folder):
        self.settings = Settings.read(
            {"OVERWATCH_DATA_DIR": str(folder / "data"), "NATS_PORT": str(free_port())}
        )
        self.tables = Tables(self.settings.database)
        self.tables.add_organization("default", 1)
        self.tables.add_organization("south", 1)
        self.credentials = NatsCredentials(self.tables, Clock())
        self.keys = KeyRing(self.tables, b"secret", Clock())
        self.told = []
        self.guests = Guests(
            self.settings,
            known(self.settings),
            lambda found: server.set_up(self.settings, found),
            self._reload,
            lambda *said: self.told.append(said),
        )

    def _reload(self):
        self.process.send_signal(signal.SIGHUP)
        return True

    def start(self):
        server.set_up(self.settings, known(self.settings))
        file = self.settings.data_dir / "nats" / "nats.conf"
        self.process = subprocess.Popen(
            command(file), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until_listening(self.settings.nats_port, self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait(DEADLINE)

    def register(self, entity_id, organization="default"):
        with sqlite3.connect(self.settings.database) as database:
            columns = ", ".join(REGISTRY.columns)
            database.execute(f"CREATE TABLE IF NOT EXISTS entities ({columns})")
            database.execute(
                "INSERT INTO entities (entity_id, org_id, created_at) VALUES (?, ?, '2026')",
                (entity_id, organization),
            )
        database.close()

    @asynccontextmanager
    async def client(self, seed, public_key, **options):
        client = await ordinary.connect(
            self.settings.server,
            nkeys_seed_str=seed,
            inbox_prefix=inbox(public_key),
            allow_reconnect=False,
            error_cb=_quiet,
            **options,
        )
        try:
            yield client
        finally:
            await client.close()

    async def let_in(self, seed, public_key):
        """Whether the server takes a credential, by its answer to the first words."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.settings.nats_port)
        try:
            nonce = json.loads((await reader.readline()).partition(b" ")[2])["nonce"].encode()
            signed = nkeys.from_seed(bytearray(seed.encode())).sign(nonce)
            signature = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
            words = json.dumps({"nkey": public_key, "sig": signature, "verbose": True})
            writer.write(f"CONNECT {words}\r\n".encode())
            return await reader.readline() == b"+OK\r\n"
        finally:
            writer.close()
            await writer.wait_closed()

    async def until_let_in(self, seed, public_key, *, wanted=True):
        async with asyncio.timeout(DEADLINE):
            while await self.let_in(seed, public_key) != wanted:  # noqa: ASYNC110 - asked for.
                await asyncio.sleep(0.02)


async def _quiet(_):
    pass


def users_of(found):
    """What each may, by public key, of all accounts."""
    return {key: allowed for account in found.values() for key, allowed in account.users.items()}


@pytest.fixture
async def place(tmp_path):
    place = Place(tmp_path)
    place.start()
    keeping = asyncio.create_task(place.guests.keep())
    try:
        yield place
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        place.stop()
        place.tables.close()


async def test_a_credential_is_let_in_while_it_is_good_and_not_a_moment_longer(place):
    """Made, it is let in; revoked or at its end, it is turned away, though it is connected."""
    kept = place.credentials.make("default", SCOPES)
    ways = {
        "revoked": (
            place.credentials.make("default", SCOPES),
            lambda row: place.credentials.revoke(*row),
        ),
        "expired": (
            place.credentials.make("default", SCOPES),
            lambda row: place.credentials.expire(*row, int(time.time()) + 1),
        ),
    }
    await place.until_let_in(kept[0], kept[1]["public_key"])
    async with place.client(kept[0], kept[1]["public_key"]) as stays:
        for (seed, row), end in ways.values():
            gone = asyncio.Event()

            async def closed(gone=gone):
                gone.set()

            await place.until_let_in(seed, row["public_key"])
            async with place.client(seed, row["public_key"], closed_cb=closed):
                end(("default", row["public_key"]))
                async with asyncio.timeout(DEADLINE):
                    await gone.wait()
            assert not await place.let_in(seed, row["public_key"])
        assert stays.is_connected
    assert place.told == []


async def test_what_was_so_is_so_after_a_restart(tmp_path):
    """Good ones are let in at once, by what is written before the server starts; others are not."""
    place = Place(tmp_path)
    good, revoked, ended = (place.credentials.make("default", SCOPES) for _ in range(3))
    place.credentials.revoke("default", revoked[1]["public_key"])
    place.credentials.expire("default", ended[1]["public_key"], int(time.time()) - 5)
    place.tables.close()
    place.start()
    try:
        let_in = [
            await place.let_in(seed, row["public_key"]) for seed, row in (good, revoked, ended)
        ]
    finally:
        place.stop()

    assert let_in == [True, False, False]


async def test_one_that_belongs_to_a_key_is_good_for_as_long_as_the_key(place):
    """Whoever revokes the key, or lets it end, has not to think of NATS."""
    _, key = place.keys.make("default", SCOPES)
    seed, row = place.credentials.make("default", SCOPES, key_hash=key["key_hash"])
    orphan = place.credentials.make("default", SCOPES, key_hash="of no key")
    await place.until_let_in(seed, row["public_key"])
    assert not await place.let_in(orphan[0], orphan[1]["public_key"])

    place.keys.change("default", key["key_id"], {"expires_at": int(time.time()) + 1})
    await place.until_let_in(seed, row["public_key"], wanted=False)
    place.keys.change("default", key["key_id"], {"expires_at": None})
    await place.until_let_in(seed, row["public_key"])
    place.keys.revoke("default", key["key_id"])
    await place.until_let_in(seed, row["public_key"], wanted=False)


async def test_permissions_follow_the_registry(place):
    """An entity that comes is in the reach of who has the whole organisation, without a word."""
    seed, row = place.credentials.make("default", SCOPES)
    await place.until_let_in(seed, row["public_key"])
    place.register("uav-9")
    place.register("uav-south", "south")
    place.register("south")

    async def heard(subject):
        complaints = []

        async def complain(error):
            complaints.append(error)

        client = await ordinary.connect(
            place.settings.server,
            nkeys_seed_str=seed,
            inbox_prefix=inbox(row["public_key"]),
            error_cb=complain,
        )
        await client.publish(subject, b"{}")
        await heard_out(client)
        await client.close()
        return not complaints

    async with asyncio.timeout(DEADLINE):
        while not await heard("constellation.telemetry.uav-9"):  # noqa: ASYNC110 - no event tells.
            await asyncio.sleep(0.05)
    assert not await heard("constellation.telemetry.uav-south")
    # Called as an organisation, it would open all of that one's subjects.
    assert not await heard("constellation.telemetry.south.uav-south")
    assert await heard("constellation.telemetry.uav-9.attitude")


@pytest.mark.parametrize("organization", ["default", "south"])
async def test_what_is_said_is_stored_however_late_a_credential_has_come(place, organization):
    """Also in an account that the server did not have when it started, and by the next one."""
    async with server.reached(place.settings, ADMIN) as admin:
        await apply(admin, server.ALL, server.limits(place.settings))
    for entity in ("first", "second"):
        seed, row = place.credentials.make(organization, SCOPES, entity_ids=[entity])
        await place.until_let_in(seed, row["public_key"])
        async with place.client(seed, row["public_key"]) as client:
            js = client.jetstream(timeout=2)
            for subject in (
                f"constellation.telemetry.{organization}.{entity}",
                f"$KV.CONSTELLATION_GLOBAL_STATE.{entity}",
            ):
                async with asyncio.timeout(DEADLINE):
                    while not await _stored(js, subject):  # noqa: ASYNC110 - it is asked for.
                        await asyncio.sleep(0.05)


async def _stored(js, subject):
    with suppress(nats.errors.Error, TimeoutError):
        return (await js.publish(subject, b"{}")).seq > 0
    return False


async def test_of_five_hundred_that_are_connected_one_is_changed_and_none_is_dropped(place):
    """For that one it is so while it is connected, and one that is revoked takes nobody with it."""
    made = [
        place.credentials.make("default", SCOPES, entity_ids=[f"uav-{number}"])
        for number in range(CROWD)
    ]
    changed = made[CROWD // 2][1]["public_key"]
    await place.until_let_in(made[-1][0], made[-1][1]["public_key"])
    closed, gone = [], asyncio.Event()

    async def connected(seed, row):
        async def close():
            closed.append(row["public_key"])
            gone.set()

        complaints = []

        async def complain(error):
            complaints.append(error)

        client = await ordinary.connect(
            place.settings.server,
            nkeys_seed_str=seed,
            inbox_prefix=inbox(row["public_key"]),
            allow_reconnect=False,
            closed_cb=close,
            error_cb=complain,
        )
        return row["public_key"], (client, complaints)

    crowd = {}
    for start in range(0, CROWD, AT_ONCE):
        some = made[start : start + AT_ONCE]
        crowd |= dict(await asyncio.gather(*(connected(*each) for each in some)))
    client, complaints = crowd[changed]
    assert not await _may_hear(client, complaints)
    place.tables.write(
        "UPDATE nats_credentials SET scopes = 'nats:commands,nats:telemetry' WHERE public_key = ?",
        (changed,),
    )
    async with asyncio.timeout(DEADLINE):
        while not await _may_hear(client, complaints):  # noqa: ASYNC110 - it is asked for.
            await asyncio.sleep(0.01)

    assert closed == []
    assert all(each.is_connected for each, _ in crowd.values())
    place.credentials.revoke("default", changed)
    async with asyncio.timeout(DEADLINE):
        await gone.wait()
    assert closed == [changed]
    await asyncio.gather(*(each.close() for each, _ in crowd.values()))


async def _may_hear(client, complaints):
    """Whether the server lets a client listen to the commands of its entity."""
    complaints.clear()
    subscription = await client.subscribe(f"constellation.commands.default.uav-{CROWD // 2}")
    await heard_out(client)
    if not complaints:
        await subscription.unsubscribe()
    return not complaints


def test_a_broken_row_lets_nobody_in_and_keeps_nobody_out(tmp_path):
    """Whatever stands in the table, the server starts, and who is good is let in."""
    place = Place(tmp_path)
    _, good = place.credentials.make("default", SCOPES)
    broken = [
        ("nonsense", "default", "nats:all", "", ""),
        ("U" + "A" * 55, "default", "nats:all", "", ""),
        (forge()[1], "a.b", "nats:all", "", ""),
        (forge()[1], "nowhere", "nats:all", "", ""),
        (forge()[1], "default", None, "", ""),
        (forge()[1], "default", "nats:foo", "", ""),
        (forge()[1], "default", "nats:all", "[", ""),
        (forge()[1], "default", "nats:all", '{"a": 1}', ""),
        (forge()[1], "default", "nats:all", "[1, null]", ""),
        (forge()[1], b"\xff", "nats:all", "", ""),
        (forge()[1], "default", "nats:all", "", None),
    ]
    for values in broken:
        place.tables.write(
            "INSERT INTO nats_credentials (public_key, org_id, scopes, entity_ids, key_hash)"
            " VALUES (?, ?, ?, ?, ?)",
            values,
        )
    place.start()
    place.stop()
    place.tables.close()
    found = known(place.settings)
    text = (place.settings.data_dir / "nats" / "nats.conf").read_text()
    users = users_of(found)
    opened = {key for key, allowed in users.items() if allowed.publish}

    assert good["public_key"] in text
    assert opened & {values[0] for values in broken} <= {"nonsense", "U" + "A" * 55}
    assert "nonsense" not in text


def test_entities_of_others_and_organisations_open_nothing(tmp_path):
    """Whoever names them in a credential is given what is their own, and no more."""
    place = Place(tmp_path)
    place.register("ours")
    place.register("theirs", "south")
    names = ["ours", "theirs", "south", "unheard-of"]
    _, row = place.credentials.make("default", frozenset(("nats:all",)), entity_ids=names)
    _, foreign = place.credentials.make("south", frozenset(("nats:all",)), entity_ids=["ours"])
    place.tables.close()
    found = known(place.settings)
    users = users_of(found)

    def expected(key, org, entities, *, first):
        asked = Credential(key, org, frozenset(("nats:all",)), frozenset(entities))
        return permissions(asked, (), first=first)

    own = {"ours", "unheard-of"}
    for public_key, wanted in (
        (row["public_key"], expected(row["public_key"], "default", own, first=True)),
        (foreign["public_key"], expected(foreign["public_key"], "south", (), first=False)),
    ):
        assert users[public_key] == wanted
    said = " ".join(users[row["public_key"]].publish)
    assert "theirs" not in said
    assert "south" not in said


def test_what_has_not_changed_is_not_told_again(tmp_path):
    """The server is not asked to read what it knows, however much the flows write."""
    place = Place(tmp_path)
    reader = Reader(place.settings)
    assert users_of(reader.look()) == {}
    reader.settle()
    assert reader.look() is None
    _, row = place.credentials.make("default", SCOPES)
    for _ in range(2):  # Until it is settled.
        assert set(users_of(reader.look())) == {row["public_key"]}
    reader.settle()
    place.tables.add_organization("another", 1)
    assert reader.look() is None
    place.credentials.revoke("default", row["public_key"])
    assert users_of(reader.look()) == {}
    reader.close()
    place.tables.close()


def test_without_a_database_nobody_is_let_in(tmp_path):
    """And none is made by looking."""
    settings = Settings.read({"OVERWATCH_DATA_DIR": str(tmp_path / "data")})

    assert users_of(known(settings)) == {}
    assert not settings.database.exists()


async def test_who_is_told_to_stop_waits_for_what_it_is_about(tmp_path):
    """Or else the database would be closed beneath the thread that reads it."""
    place = Place(tmp_path)
    begun, may_end = threading.Event(), threading.Event()

    def write(_found):
        begun.set()
        may_end.wait(DEADLINE)

    guests = Guests(place.settings, {}, write, lambda: True, lambda *_: None)
    keeping = asyncio.create_task(guests.keep())
    assert await asyncio.to_thread(begun.wait, DEADLINE)
    keeping.cancel()
    stopped, _ = await asyncio.wait([keeping], timeout=0.1)
    assert not stopped
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    place.tables.close()
