"""API keys by REST: made, listed, changed, replaced, revoked, and never more than their maker."""

import re
import sqlite3
import time
from datetime import UTC, datetime

import nkeys
import pytest
from serving import WoundClock, served, settings_for

pytestmark = pytest.mark.anyio

KEYS = "/api/v1/organizations/north/keys"
ENTITIES = "/api/v1/organizations/north/entities"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def wound():
    return WoundClock()


@pytest.fixture(scope="module")
async def web(anyio_backend, tmp_path_factory, wound):
    """A web whose message server is away: keys need none."""
    settings = settings_for(tmp_path_factory.mktemp("keys"), "nats://127.0.0.1:9")
    async with served(settings, wound.clock) as running:
        yield running


@pytest.fixture
async def admin(web):
    async with web.client(**{"X-API-Key": web.key("north", "admin")}) as client:
        yield client


async def made(client, scopes=("entities:read",), path=KEYS, **more):
    answer = await client.post(path, json={"scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def entities(web, key):
    """What the interface says to somebody who asks with a key."""
    async with web.client(**{"X-API-Key": key}) as client:
        answer = await client.get(ENTITIES)
        return answer.status_code, answer.json()


async def test_a_key_is_shown_once_and_known_by_its_beginning(web, admin):
    """And is stored nowhere."""
    new = await made(admin, ["orgs:read", "entities:read"], name="Pulsar <7>")
    listed = next(
        each for each in (await admin.get(KEYS)).json() if each.get("name") == "Pulsar <7>"
    )

    assert re.fullmatch(r"c4_live_[0-9a-f]{64}", new.pop("api_key"))
    assert listed == new
    assert listed == (await admin.get(f"{KEYS}/{new['key_id']}")).json()
    assert new["scopes"] == ["entities:read", "organizations:read"]
    assert "key_hash" not in listed
    dump = "\n".join(map(str, web.site.tables.read("SELECT * FROM audit")))
    assert new["key_id"] in dump
    assert "api_key" not in dump


async def test_a_key_works_until_it_is_revoked_and_not_a_moment_longer(web, admin):
    """Where it is revoked, nothing is believed that was looked up before."""
    new = await made(admin)
    assert (await entities(web, new["api_key"]))[0] == 200

    assert (await admin.delete(f"{KEYS}/{new['key_id']}")).json() == {"message": "API key revoked"}

    status, problem = await entities(web, new["api_key"])
    assert (status, problem["detail"]) == (401, "API key has been revoked")
    assert (await admin.get(f"{KEYS}/{new['key_id']}")).json()["revoked_at"]
    assert (await admin.delete(f"{KEYS}/{new['key_id']}")).status_code == 200
    assert (await admin.patch(f"{KEYS}/{new['key_id']}", json={"name": "x"})).status_code == 409
    assert (await admin.post(f"{KEYS}/{new['key_id']}/rotate")).status_code == 409


async def test_a_key_ends_at_its_second_though_it_was_just_good(web, admin, wound):
    """A look-up that is believed for a while does not carry it over its end."""
    end = int(web.site.clock.wall()) + 3600
    new = await made(admin, expires_at=datetime.fromtimestamp(end, UTC).isoformat())
    wound.ahead += end - web.site.clock.wall() - 0.4
    assert (await entities(web, new["api_key"]))[0] == 200
    wound.ahead += 0.5
    status, problem = await entities(web, new["api_key"])

    assert (status, problem["detail"]) == (401, "API key has expired")


async def test_a_key_that_is_replaced_is_good_for_a_while_and_then_dead(web, admin, wound):
    """So that devices can be given the new one meanwhile."""
    old = await made(admin, name="camera", rate_limit=77)
    answer = await admin.post(f"{KEYS}/{old['key_id']}/rotate", json={"grace_seconds": 60})
    new = answer.json()

    assert answer.status_code == 201
    assert (new["name"], new["scopes"], new["rate_limit"]) == ("camera", old["scopes"], 77)
    assert new["key_id"] != old["key_id"]
    for key in (old, new):
        assert (await entities(web, key["api_key"]))[0] == 200
    assert (await admin.post(f"{KEYS}/{old['key_id']}/rotate")).status_code == 409
    listed = (await admin.get(f"{KEYS}/{old['key_id']}")).json()
    assert listed["rotated_to"] == new["key_id"]
    wound.ahead += 61
    assert (await entities(web, old["api_key"]))[0] == 401
    assert (await entities(web, new["api_key"]))[0] == 200


async def test_a_key_may_be_replaced_without_any_grace(web, admin):
    """As one that has leaked."""
    old = await made(admin)
    new = (await admin.post(f"{KEYS}/{old['key_id']}/rotate", json={"grace_seconds": 0})).json()

    assert (await entities(web, old["api_key"]))[0] == 401
    assert (await entities(web, new["api_key"]))[0] == 200


async def test_what_a_key_may_can_be_changed_and_holds_at_once(web, admin):
    """Fields that are not named stay as they are."""
    new = await made(admin, name="reader")
    path = f"{KEYS}/{new['key_id']}"

    changed = (await admin.patch(path, json={"scopes": ["metrics:read"]})).json()
    assert (changed["name"], changed["scopes"]) == ("reader", ["metrics:read"])
    assert (await entities(web, new["api_key"]))[0] == 403
    until = "2099-01-01T00:00:00Z"
    changed = (await admin.patch(path, json={"name": "writer", "expires_at": until})).json()
    assert (changed["name"], changed["expires_at"]) == ("writer", until)
    assert "expires_at" not in (await admin.patch(path, json={"expires_at": None})).json()
    assert (await admin.patch(path, json={})).status_code == 400


async def test_a_key_has_a_limit_of_its_own(web, admin):
    """Others are not slowed by it, whatever address either says that it is of."""
    slow, other = await made(admin, rate_limit=3), await made(admin)
    async with web.client(**{"X-API-Key": slow["api_key"]}) as client:
        answers = [
            await client.get(ENTITIES, headers={"X-Forwarded-For": f"10.0.0.{number}"})
            for number in range(4)
        ]

    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert (await entities(web, other["api_key"]))[0] == 200


async def test_nobody_gives_what_they_do_not_have(web, admin):
    """Nor gets it by replacing or changing a key that may do more."""
    strong = await made(admin, ["admin"])
    weak = await made(admin, ["organizations:write", "entities:read"])
    headers = {"X-API-Key": weak["api_key"]}
    async with web.client(**headers) as client:
        assert (await client.post(KEYS, json={"scopes": ["entities:read"]})).status_code == 201
        for scope in ("admin", "entities:write", "nats:all", "audit:read"):
            answer = await client.post(KEYS, json={"scopes": ["entities:read", scope]})
            assert (answer.status_code, answer.json()["detail"]) == (
                403,
                f"Insufficient scope: {scope}",
            )
        path = f"{KEYS}/{strong['key_id']}"
        for answer in (
            await client.post(f"{path}/rotate"),
            await client.patch(path, json={"scopes": ["entities:read"]}),
            await client.delete(path),
            await client.patch(f"{KEYS}/{weak['key_id']}", json={"scopes": ["admin"]}),
        ):
            assert answer.status_code == 403, answer.text


async def test_keys_of_another_organisation_are_not_there(web, admin):
    """Neither to its neighbours nor under their address."""
    south = web.key("south", "admin")
    new = await made(admin)
    async with web.client(**{"X-API-Key": south}) as client:
        for method, path in (
            ("GET", KEYS),
            ("POST", KEYS),
            ("GET", f"{KEYS}/{new['key_id']}"),
            ("DELETE", f"{KEYS}/{new['key_id']}"),
            ("POST", f"{KEYS}/{new['key_id']}/rotate"),
        ):
            answer = await client.request(method, path, json={"scopes": ["entities:read"]})
            assert (answer.status_code, answer.json()["detail"]) == (404, "Organization not found")
        moved = f"/api/v1/organizations/south/keys/{new['key_id']}"
        for method in ("GET", "DELETE", "PATCH"):
            assert (await client.request(method, moved, json={"name": "x"})).status_code == 404
    assert (await entities(web, new["api_key"]))[0] == 200


@pytest.mark.parametrize(
    ("body", "location"),
    [
        ({}, "body"),
        ({"scopes": []}, "body.scopes"),
        ({"scopes": ["entities:raed"]}, "body.scopes"),
        ({"scopes": ["entities:read"], "owner": "x"}, "body.owner"),
        ({"scopes": ["entities:read"], "expires_at": "2001-01-01T00:00:00Z"}, "body.expires_at"),
        (
            {"scopes": ["entities:read"], "expires_at": "9999-12-31T23:59:59-23:59"},
            "body.expires_at",
        ),
        ({"scopes": ["entities:read"], "rate_limit": 0}, "body.rate_limit"),
        ({"scopes": ["entities:read"], "name": "x" * 101}, "body.name"),
    ],
)
async def test_what_cannot_be_a_key_is_said(admin, body, location):
    """Each fault with its place."""
    answer = await admin.post(KEYS, json=body)

    assert answer.status_code == 422, answer.text
    assert location in [each["location"] for each in answer.json()["errors"]]


async def test_the_keys_of_an_older_version_have_ids(web):
    """They can be looked after like any other."""
    key = web.key("north", "entities:read")
    ring = web.site.keys.ring
    web.site.tables.write(
        "UPDATE api_keys SET key_id = NULL WHERE key_hash = ?", (ring.hashed(key),)
    )
    web.site.tables._grow()

    row = next(each for each in ring.rows("north") if each["key_hash"] == ring.hashed(key))
    assert row["key_id"] == ring.hashed(key)[:16]
    assert time.time() - row["created_at"] < 1e9


async def test_a_key_of_nats_has_a_credential_whose_seed_is_shown_once(web, admin):
    """It belongs to the key, and so does that of the key's successor."""
    new = await made(admin, ["nats:telemetry", "entities:read"], name="pulsar")
    path = f"{KEYS}/{new['key_id']}"
    seed, public = new["nats_seed"], new["nats_pub_key"]

    assert public == nkeys.from_seed(bytearray(seed, "ascii")).public_key.decode()
    row = web.site.tables.read("SELECT * FROM nats_credentials WHERE public_key = ?", (public,))[0]
    assert (row["org_id"], row["scopes"]) == ("north", "nats:telemetry")
    assert row["key_hash"].startswith(new["key_id"])
    assert "nats_seed" not in (await admin.get(path)).json()
    assert seed not in "\n".join(sqlite3.connect(web.site.settings.database).iterdump())
    successor = (await admin.post(f"{path}/rotate")).json()
    assert successor["nats_pub_key"] not in ("", public)
    assert (await admin.patch(path, json={"scopes": ["nats:all"]})).status_code == 422
    assert (await admin.patch(path, json={"name": "relay"})).status_code == 200
