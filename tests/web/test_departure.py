"""Organisations go with all that they have, and are refused at once while they do."""

import sqlite3
import time

import msgspec
import nats
import pytest
from serving import NatsServer, document, make_streams, served, settings_for, until

from connectors.sqlite import open_database
from flows.ontology.registry import EntityEvent
from flows.outcomes import REGISTRY
from web import departure
from web.database import APPEND_ONLY

pytestmark = pytest.mark.anyio

PATH = "/api/v1/organizations"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def nats_url(tmp_path_factory):
    server = NatsServer(tmp_path_factory.mktemp("js"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
async def web(anyio_backend, tmp_path_factory, nats_url):
    """A web beside which no flow runs: what the flow would do, tests do."""
    await make_streams(nats_url)
    settings = settings_for(tmp_path_factory.mktemp("web"), nats_url)
    open_database(settings.database, REGISTRY).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(departure, "WAIT_SECONDS", 0.3)
        patch.setattr(departure, "RETRY_SECONDS", 0.3)
        patch.setattr(departure, "REVOKED_SECONDS", 0.1)
        async with served(settings) as running:
            await until(lambda: running.site.picture.connected)
            yield running


@pytest.fixture
async def admin(web):
    async with web.client(**{"X-API-Key": web.key("north", "admin")}) as client:
        yield client


async def made(admin):
    answer = await admin.post(PATH, json={"name": "South", "org_type": "ngo"})
    assert answer.status_code == 201, answer.text
    return answer.json()["org_id"]


def database(web):
    return sqlite3.connect(web.site.settings.database)


def holding(web):
    """Every table that has rows of organisations, by its columns."""
    with database(web) as opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        columns = {
            name: [row[1] for row in opened.execute(f"PRAGMA table_info({name})")]
            for (name,) in names
        }
    return {name: each for name, each in columns.items() if "org_id" in each}


def rows(web, org_id):
    """How many rows each table has of an organisation, where it has any."""
    counts = {}
    with database(web) as opened:
        for name in holding(web):
            count = f"SELECT count(*) FROM {name} WHERE org_id = ?"
            (counts[name],) = opened.execute(count, (org_id,)).fetchone()
    return {name: count for name, count in counts.items() if count}


def left(web, org_id):
    """The tables that still have something of an organisation, but for those that are for ever."""
    return set(rows(web, org_id)) - set(APPEND_ONLY)


def fill(web, org_id):
    """Put something of an organisation into every table that has none of it yet."""
    had = rows(web, org_id)
    with database(web) as opened:
        for name, columns in holding(web).items():
            if name in had or name in (*APPEND_ONLY, "entities"):
                continue
            key = next(each for each in columns if each != "org_id")
            insert = f"INSERT INTO {name} (org_id, {key}) VALUES (?, ?)"
            opened.execute(insert, (org_id, f"{org_id}-{name}"))


def register(web, org_id, *entity_ids):
    with database(web) as opened:
        for each in entity_ids:
            insert = "INSERT INTO entities (entity_id, org_id, name) VALUES (?, ?, ?)"
            opened.execute(insert, (each, org_id, each))


def forget(web, org_id):
    """What the flow does when it has been told that entities are deleted."""
    with database(web) as opened:
        opened.execute("DELETE FROM entities WHERE org_id = ?", (org_id,))


async def said(nats_url, stream, org_id):
    """The events of an organisation, with their subjects."""
    client = await nats.connect(nats_url)
    js = client.jetstream()
    info = await js.stream_info(stream)
    found = []
    for number in range(info.state.first_seq, info.state.last_seq + 1):
        message = await js.get_msg(stream, number)
        if org_id.encode() in message.data:
            found.append((message.subject, message.data))
    await client.close()
    return found


async def test_nothing_of_an_organisation_is_left_in_any_table(web, admin, nats_url):
    """Whatever tables there are: those with a column for whose a row is are all looked at."""
    gone, stays = await made(admin), await made(admin)
    for org_id in (gone, stays):
        fill(web, org_id)
    before = rows(web, stays)
    doors = {"api_keys", "sessions", "users", "passkeys", "invites", "nats_credentials"}
    assert doors <= set(before)

    answer = await admin.delete(f"{PATH}/{gone}")

    assert (answer.status_code, answer.json()["message"]) == (
        200,
        "Organization deleted successfully",
    )
    assert set(rows(web, gone)) <= set(APPEND_ONLY)
    assert before == rows(web, stays)
    assert (await admin.get(f"{PATH}/{gone}")).status_code == 404
    assert (await admin.delete(f"{PATH}/{gone}")).status_code == 404
    subjects = [subject for subject, _ in await said(nats_url, "CONSTELLATION_ORGANIZATIONS", gone)]
    assert subjects == [
        "constellation.organizations.created",
        "constellation.organizations.deleted",
    ]


async def test_an_organisation_whose_entities_are_not_forgotten_yet_lets_nobody_in(
    web, admin, nats_url
):
    """It is gone to all, and goes on going until the flow has forgotten what it had."""
    org_id = await made(admin)
    new = await admin.post(f"{PATH}/{org_id}/keys", json={"scopes": ["admin", "nats:telemetry"]})
    token = await web.session(org_id, "admin")
    register(web, org_id, "gull", "tern")

    answer = await admin.delete(f"{PATH}/{org_id}")

    assert answer.status_code == 202
    assert org_id not in [each["org_id"] for each in (await admin.get(PATH)).json()]
    async with web.client(**{"X-API-Key": new.json()["api_key"]}) as client:
        assert (await client.get(f"{PATH}/{org_id}")).status_code == 401
    deadline = time.monotonic() + 1
    async with web.client(Cookie=f"overwatch_session={token}") as client:
        while (await client.get("/live/fleet")).status_code != 401:
            assert time.monotonic() < deadline
    [credential] = web.site.tables.read(
        "SELECT * FROM nats_credentials WHERE org_id = ?", (org_id,)
    )
    assert credential["revoked_at"] is not None
    told = [
        msgspec.json.decode(data, type=EntityEvent)
        for _, data in await said(nats_url, "CONSTELLATION_ENTITIES", org_id)
    ]
    assert {"gull", "tern"} == {each.data.entity_id for each in told}
    assert {("deleted", departure.REASON)} == {(each.type, each.data.reason) for each in told}

    forget(web, org_id)

    await until(lambda: not left(web, org_id))


async def test_entities_that_only_the_bucket_has_are_deleted_as_well(web, admin, nats_url):
    """As those of devices that have put their own documents."""
    org_id = await made(admin)
    client = await nats.connect(nats_url)
    data = msgspec.json.encode(document("stray", org_id))
    await client.jetstream().publish("$KV.CONSTELLATION_GLOBAL_STATE.stray", data)
    await until(lambda: web.site.picture.entity(org_id, "stray"))

    assert (await admin.delete(f"{PATH}/{org_id}")).status_code == 202
    assert "stray" in str(await said(nats_url, "CONSTELLATION_ENTITIES", org_id))

    headers = {"KV-Operation": "PURGE"}
    await client.jetstream().publish("$KV.CONSTELLATION_GLOBAL_STATE.stray", b"", headers=headers)
    await until(lambda: not left(web, org_id))
    await client.close()


async def test_the_first_organisation_cannot_be_deleted(web, admin):
    """What would be left is a deployment that nobody can look after."""
    answer = await admin.delete(f"{PATH}/north")

    assert answer.status_code == 409
    assert (await admin.get(f"{PATH}/north")).status_code == 200


@pytest.mark.parametrize(
    ("scopes", "status"),
    [(("admin",), 200), (("organizations:write",), 403), (("organizations:read",), 403)],
)
async def test_an_organisation_is_deleted_by_admins_alone(web, admin, scopes, status):
    """Its own, or those of the first."""
    org_id = await made(admin)
    async with web.client(**{"X-API-Key": web.key(org_id, *scopes)}) as client:
        assert (await client.delete(f"{PATH}/{org_id}")).status_code == status
    assert (await admin.get(f"{PATH}/{org_id}")).status_code == (404 if status == 200 else 200)
