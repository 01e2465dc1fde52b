"""NATS credentials by REST and by command: shown once, and looked after by admins only."""

import re
import stat
import time
from datetime import UTC, datetime

import nkeys
import pytest
from click.testing import CliRunner
from serving import WoundClock, served, settings_for

from connectors.nats_server import is_public_key
from flows.ontology.credentials import consumers, inbox
from web.nats_credential_commands import main
from web.nats_credentials import MOST_OF_ONE, OF_NATS, forge

GOOD = forge()[1]  # Another each time.

pytestmark = pytest.mark.anyio

CREDENTIALS = "/api/v1/organizations/north/nats-credentials"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def wound():
    return WoundClock()


@pytest.fixture(scope="module")
async def web(anyio_backend, tmp_path_factory, wound):
    """A web whose message server is away: that one reads the table by itself."""
    settings = settings_for(tmp_path_factory.mktemp("credentials"), "nats://127.0.0.1:9")
    async with served(settings, wound.clock) as running:
        running.site.tables.add_organization("south", 1)
        yield running


@pytest.fixture
async def admin(web):
    async with web.client(**{"X-API-Key": web.key("north", "admin")}) as client:
        yield client


async def made(client, scopes=("nats:telemetry",), **more):
    answer = await client.post(CREDENTIALS, json={"scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_seed_is_shown_once_and_stored_nowhere(web, admin):
    """What is kept is its public key; what it may call its inbox and consumers is told with it."""
    new = await made(admin, ["nats:all"], name="mast <3>")
    seed = new.pop("nats_seed")
    key = new["nats_pub_key"]

    assert nkeys.from_seed(bytearray(seed.encode())).public_key.decode() == key
    assert is_public_key(key)
    assert (await admin.get(f"{CREDENTIALS}/{key}")).json() == new
    assert new in (await admin.get(CREDENTIALS)).json()
    assert new["inbox_prefix"] == inbox(key)
    assert new["consumer_names"] == list(consumers(key))
    tables = ("nats_credentials", "audit", "api_keys")
    rows = [row for each in tables for row in web.site.tables.read(f"SELECT * FROM {each}")]
    kept = "\n".join(map(str, rows))
    assert key in kept
    assert seed not in kept


async def test_what_is_asked_for_is_what_is_kept(admin):
    """Scopes, the entities that it is for, and when it ends."""
    end = datetime.fromtimestamp(int(time.time()) + 90_000, UTC)
    new = await made(
        admin,
        ["events:write", "nats:telemetry"],
        entity_ids=["uav-2", "uav-1"],
        expires_at=end.isoformat(),
    )

    assert new["scopes"] == ["events:write", "nats:telemetry"]
    assert new["entity_ids"] == ["uav-1", "uav-2"]
    assert new["expires_at"] == end.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("body", "location"),
    [
        ({"scopes": []}, "body.scopes"),
        ({"scopes": ["nats:foo"]}, "body.scopes"),
        ({"scopes": ["nats:telemetry", "admin"]}, "body.scopes"),
        ({"scopes": ["metrics:read"]}, "body.scopes"),
        ({"scopes": ["nats:all"], "entity_ids": [">"]}, "body.entity_ids"),
        ({"scopes": ["nats:all"], "entity_ids": ["a.b"]}, "body.entity_ids"),
        ({"scopes": ["nats:all"], "entity_ids": ["x"] * 257}, "body.entity_ids"),
        ({"scopes": ["nats:all"], "expires_at": "2001-01-01T00:00:00Z"}, "body.expires_at"),
        ({"scopes": ["nats:all"], "seed": "SU"}, "body.seed"),
    ],
)
async def test_what_would_be_a_dead_or_an_open_credential_is_not_made(admin, body, location):
    """Nobody is given a seed that opens nothing, or one for what is no entity."""
    before = (await admin.get(CREDENTIALS)).json()
    answer = await admin.post(CREDENTIALS, json=body)

    assert answer.status_code == 422
    assert [each["location"] for each in answer.json()["errors"]] == [location]
    assert (await admin.get(CREDENTIALS)).json() == before


async def test_one_that_is_replaced_is_good_for_a_while(web, admin, wound):
    """The successor may the same, and is another key."""
    old = await made(admin, name="camera", entity_ids=["uav-1"])
    key = old["nats_pub_key"]
    new = (await admin.post(f"{CREDENTIALS}/{key}/rotate", json={"grace_seconds": 60})).json()
    ends = (await admin.get(f"{CREDENTIALS}/{key}")).json()["expires_at"]

    assert new["nats_pub_key"] != key
    for name in ("name", "scopes", "entity_ids", "org_id"):
        assert new[name] == old[name]
    assert 0 < datetime.fromisoformat(ends).timestamp() - web.site.clock.wall() <= 60
    assert "expires_at" not in new
    wound.ahead += 61
    assert (await admin.post(f"{CREDENTIALS}/{key}/rotate")).status_code == 409


async def test_one_that_is_revoked_stays_so(admin):
    """It can be seen that it was, and neither be replaced nor be given more time."""
    new = await made(admin)
    path = f"{CREDENTIALS}/{new['nats_pub_key']}"

    assert (await admin.delete(path)).json() == {"message": "NATS credential revoked"}
    assert (await admin.delete(path)).status_code == 200
    assert (await admin.get(path)).json()["revoked_at"]
    assert (await admin.post(f"{path}/rotate")).status_code == 409
    assert (await admin.patch(path, json={"expires_at": None})).status_code == 409


async def test_its_end_can_be_moved(web, admin):
    """To another moment, or away."""
    new = await made(admin)
    path = f"{CREDENTIALS}/{new['nats_pub_key']}"
    end = datetime.fromtimestamp(int(web.site.clock.wall()) + 3600, UTC).isoformat()

    assert (await admin.patch(path, json={"expires_at": end})).json()["expires_at"]
    assert "expires_at" not in (await admin.patch(path, json={"expires_at": None})).json()
    assert (await admin.patch(path, json={})).status_code == 422


@pytest.mark.parametrize("scope", ["entities:write", "organizations:write", "nats:all"])
async def test_only_admins_look_after_credentials(web, admin, scope):
    """No other scope sees, makes or takes away any."""
    path = f"{CREDENTIALS}/{(await made(admin))['nats_pub_key']}"
    async with web.client(**{"X-API-Key": web.key("north", scope)}) as client:
        answers = [
            await client.get(CREDENTIALS),
            await client.post(CREDENTIALS, json={"scopes": ["nats:telemetry"]}),
            await client.get(path),
            await client.patch(path, json={"expires_at": None}),
            await client.delete(path),
            await client.post(f"{path}/rotate"),
        ]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert "revoked_at" not in (await admin.get(path)).json()


async def test_another_organisations_credentials_are_as_if_there_were_none(web, admin):
    """By its own path they are not found, and by the other's there is no organisation."""
    key = (await made(admin))["nats_pub_key"]
    own = f"/api/v1/organizations/south/nats-credentials/{key}"
    async with web.client(**{"X-API-Key": web.key("south", "admin")}) as client:
        for path in (own, own.replace(key, forge()[1]), own.replace(key, "nonsense")):
            assert (await client.delete(path)).json()["detail"] == "NATS credential not found"
        for path in (f"{CREDENTIALS}/{key}", CREDENTIALS.replace("north", "nowhere")):
            assert (await client.get(path)).json()["detail"] == "Organization not found"

    assert "revoked_at" not in (await admin.get(f"{CREDENTIALS}/{key}")).json()


async def test_what_is_done_with_credentials_is_on_record(web, admin):
    """Who made, replaced, changed and revoked which."""
    key = (await made(admin))["nats_pub_key"]
    await admin.patch(f"{CREDENTIALS}/{key}", json={"expires_at": None})
    await admin.post(f"{CREDENTIALS}/{key}/rotate")
    await admin.delete(f"{CREDENTIALS}/{key}")
    rows = web.site.tables.read("SELECT action FROM audit WHERE target = ? ORDER BY 1", (key,))

    assert [row["action"].partition(".")[2] for row in rows] == [
        "create", "revoke", "rotate", "update",
    ]  # fmt: skip


async def test_an_organisation_has_so_many_and_no_more(web, admin):
    """The server has to know each; those that are good no more do not count."""
    credentials = web.site.nats_credentials
    web.site.tables.add_organization("crowd", 1)
    rows = [(forge()[1], "crowd", "nats:telemetry", "", "", 1) for _ in range(MOST_OF_ONE)]
    with web.site.tables.transaction() as execute:
        for row in rows:
            execute(
                "INSERT INTO nats_credentials (public_key, org_id, scopes, entity_ids, key_hash,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
    path = "/api/v1/organizations/crowd/nats-credentials"
    body = {"scopes": ["nats:telemetry"]}

    assert (await admin.post(path, json=body)).status_code == 409
    credentials.revoke("crowd", rows[0][0])
    assert (await admin.post(path, json=body)).status_code == 201


def command(folder, *arguments):
    environment = {"OVERWATCH_DATA_DIR": str(folder / "data")}
    return CliRunner().invoke(main, arguments, env=environment)


CREATE = ("create", "--org", "north", "--scopes", "nats:telemetry, events:write")


def test_the_command_prints_the_seed_and_nothing_else(tmp_path):
    """As a program needs it that takes it from there."""
    ran = command(tmp_path, *CREATE, "--name", "mast", "--entities", "uav-1", "--expires", "7")
    listed = command(tmp_path, "list").output

    key = nkeys.from_seed(bytearray(ran.output.strip().encode())).public_key.decode()
    assert listed.startswith(f"{key}  north  events:write,nats:telemetry  until ")
    assert listed.endswith("Z  mast\n")
    assert command(tmp_path, "revoke", key[:20]).exit_code == 0
    assert "revoked" in command(tmp_path, "list").output
    assert command(tmp_path, "revoke", key).exit_code == 1
    assert command(tmp_path, "rotate", key).exit_code == 1


def test_the_command_writes_the_seed_where_only_its_owner_reads_it(tmp_path):
    """To a new file, and to none that is there already."""
    file = tmp_path / "mast.nk"
    ran = command(tmp_path, *CREATE, "--out", str(file))

    assert (ran.exit_code, ran.output) == (0, "")
    assert re.fullmatch(r"SU[A-Z2-7]{56}\n", file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = command(tmp_path, *CREATE, "--out", str(file))
    assert again.exit_code == 1
    assert "cannot be made" in again.output
    assert len(command(tmp_path, "list").output.splitlines()) == 1
    key = command(tmp_path, "list").output.split()[0]
    rotated = tmp_path / "next.nk"
    assert command(tmp_path, "rotate", key, "--out", str(rotated)).exit_code == 0
    assert rotated.read_text() != file.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "--org", "a.b", "--scopes", "nats:all"),
        ("create", "--org", "north", "--scopes", "nats:foo"),
        ("create", "--org", "north", "--scopes", "admin"),
        ("create", "--org", "north", "--scopes", "nats:all", "--entities", "a.b"),
    ],
)
def test_the_command_makes_none_that_would_be_dead_or_open(tmp_path, arguments):
    """It says what is wrong, and leaves no file behind."""
    file = tmp_path / "x.nk"

    assert command(tmp_path, *arguments, "--out", str(file)).exit_code != 0
    assert not file.exists()
    assert command(tmp_path, "list").output == ""


def test_a_scope_of_nats_is_none_that_nobody_knows():
    """What can be asked for is what the interface lists."""
    assert {each for each in OF_NATS if each.startswith("nats:")} == {
        "nats:telemetry", "nats:commands", "nats:commands:write", "nats:entities", "nats:events",
        "nats:all",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "U", GOOD[:-1], GOOD[:-1] + "1", "A" * 56, GOOD.lower(), "Ü" * 56],
    ids=["nothing", "a letter", "too short", "no base32", "of nobody", "small letters", "others"],
)
def test_what_is_no_public_key_is_not_taken_for_one(text):
    """A server that was told one would not start."""
    assert is_public_key(GOOD)
    assert not is_public_key(text)
