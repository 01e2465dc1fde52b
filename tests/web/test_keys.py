"""API keys: made, shown once, checked, revoked."""

import re
import stat
import subprocess
import sys

import pytest
from serving import environment_of, settings_for

from web.identity import UnknownScope, scopes
from web.key_secret import hash_secret

pytestmark = pytest.mark.anyio

ENTITIES = "/api/v1/organizations/north/entities"


def run(web, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "web.key_commands", *arguments],
        env=environment_of(web.site.settings),
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_command_prints_a_key_that_works_until_it_is_revoked(web, wound):
    """Made by one process, good in another, and bad within a second."""
    made = run(web, "create", "--org", "north", "--scopes", "entities:read, orgs:read")
    key = made.stdout.strip()
    assert re.fullmatch(r"c4_live_[0-9a-f]{64}", key)
    async with web.client(**{"X-API-Key": key}) as client:
        assert (await client.get(ENTITIES)).status_code == 200
        assert f"{key[:16]}  north  entities:read,organizations:read" in run(web, "list").stdout

        assert run(web, "revoke", key[:16]).returncode == 0
        wound.ahead = 1

        answer = await client.get(ENTITIES)
        assert (answer.status_code, answer.json()["detail"]) == (401, "API key has been revoked")
    assert run(web, "revoke", key[:16]).returncode != 0


async def test_the_command_replaces_a_key_and_says_until_when_keys_are_good(web):
    """By how it begins or by its id; the old one is good for as long as is said."""
    options = ("--scopes", "entities:read", "--name", "ro\x1bof", "--expires", "7", "--rate", "90")
    old = run(web, "create", "--org", "north", *options).stdout.strip()
    row = web.site.tables.read("SELECT * FROM api_keys WHERE prefix = ?", (old[:16],))[0]
    assert (row["expires_at"] - row["created_at"], row["rate_limit"]) == (7 * 86_400, 90)

    made = run(web, "rotate", "--grace", "0", row["key_id"])
    assert re.fullmatch(r"c4_live_[0-9a-f]{64}\n", made.stdout)
    assert run(web, "rotate", old[:16]).returncode != 0
    listed = run(web, "list").stdout
    assert re.search(rf"{old[:16]}  north  entities:read  expired  ro\?of", listed)
    assert re.search(rf"{made.stdout[:16]}  north  .*never used, until 20.*Z  ro\?of", listed)
    async with web.client(**{"X-API-Key": made.stdout.strip()}) as client:
        assert (await client.get(ENTITIES)).status_code == 200


async def test_the_command_prints_the_seed_of_a_key_of_nats_beneath_it(web):
    """And nothing else, so that it can be read line by line."""
    lines = run(web, "create", "--org", "north", "--scopes", "nats:telemetry").stdout.splitlines()

    assert [len(re.match(r"c4_live_|SU", each)[0]) for each in lines] == [8, 2]
    assert len(web.site.tables.read("SELECT * FROM nats_credentials")) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--org", "north", "--scopes", "entities:raed"),
        ("--org", "north", "--scopes", ","),
        ("--org", "no.rth", "--scopes", "admin"),
    ],
)
async def test_a_key_for_what_there_is_not_is_refused(web, arguments):
    """A typing error is told, and makes no key that opens nothing."""
    refused = run(web, "create", *arguments)

    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "there are" in refused.stderr or "letters" in refused.stderr


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({}, "Missing API key or Authorization header"),
        ({"X-API-Key": ""}, "Missing API key or Authorization header"),
        ({"Authorization": "Basic eDp5"}, "Missing API key or Authorization header"),
        ({"X-API-Key": "nonsense"}, "Invalid API key"),
        ({"X-API-Key": "c4_live_" + "0" * 64}, "Invalid API key"),
        ({"Authorization": "Bearer c4_test_x"}, "Invalid API key"),
    ],
)
async def test_what_is_wrong_with_a_key_is_said_as_the_contract_says_it(web, headers, detail):
    """Clients of the reference system look at these words."""
    async with web.client(**headers) as client:
        answer = await client.get(ENTITIES)

    assert {"status": 401, "title": "Unauthorized", "detail": detail} == answer.json()


async def test_an_expired_key_is_said_to_be(web):
    """Keys may have been given an end."""
    key = web.key("north", "entities:read")
    web.site.tables.write("UPDATE api_keys SET expires_at = 1")
    async with web.client(**{"X-API-Key": key}) as client:
        assert (await client.get(ENTITIES)).json()["detail"] == "API key has expired"


async def test_both_header_forms_are_read_and_the_first_one_wins(web):
    """X-API-Key before Authorization, whose scheme may be written in any case."""
    key = web.key("north", "entities:read")
    async with web.client(Authorization=f"bEARER {key}") as client:
        assert (await client.get(ENTITIES)).status_code == 200
        other = {"X-API-Key": web.key("south", "entities:read")}
        assert (await client.get(ENTITIES, headers=other)).status_code == 404


async def test_the_last_use_is_written_once_a_minute(web, wound):
    """Reading does not mean writing."""
    key = web.key("north", "entities:read")

    def used():
        return web.site.tables.read("SELECT last_used_at FROM api_keys")[0]["last_used_at"]

    async with web.client(**{"X-API-Key": key}) as client:
        await client.get(ENTITIES)
        first = used()
        assert first is not None
        wound.ahead = 30
        await client.get(ENTITIES)
        assert first == used()
        wound.ahead = 61
        await client.get(ENTITIES)
        assert first + 60 <= used()


def test_scopes_have_two_spellings_and_one_meaning():
    """Both have been handed out."""
    assert frozenset({"organizations:read"}) == scopes(["orgs:read"])
    with pytest.raises(UnknownScope, match="nats:none is not a scope"):
        scopes(["entities:read", "nats:none"])


def test_the_secret_is_made_once_for_its_owner_only(tmp_path):
    """Two processes that begin at once agree on it."""
    settings = settings_for(tmp_path, "nats://127.0.0.1:1")

    first = hash_secret(settings)

    assert first == hash_secret(settings)
    file = settings.database.with_name("key-hash-secret")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (
        hash_secret(settings_for(tmp_path, "nats://127.0.0.1:1", OVERWATCH_KEY_HASH_SECRET="mine"))
        == b"mine"
    )
