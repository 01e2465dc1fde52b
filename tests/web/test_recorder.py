"""Refusals and the use of keys are on record, and a flood of them fills no disk."""

import pytest
from serving import WoundClock, served, settings_for

from web.recorder import REFUSALS_A_MINUTE

pytestmark = pytest.mark.anyio

NORTH, SOUTH = "/api/v1/organizations/north", "/api/v1/organizations/south"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture
def wound():
    return WoundClock()


@pytest.fixture
async def web(anyio_backend, tmp_path, wound):
    async with served(settings_for(tmp_path, "nats://127.0.0.1:9"), wound.clock) as running:
        yield running


def on_record(web, action):
    sql = "SELECT * FROM audit WHERE action = ? ORDER BY sequence"
    return web.site.tables.read(sql, (action,))


async def test_what_is_refused_is_on_record_with_who_and_what(web):
    """What a key lacks, what is another's, and keys that are none."""
    reader = web.key("north", "entities:read")
    async with web.client(**{"X-API-Key": reader}) as client:
        await client.get(f"{NORTH}/audit")
        await client.get(f"{SOUTH}/entities")
        await client.get(f"{NORTH}/entities/none")
    async with web.client(**{"X-API-Key": "c4_live_" + "0" * 64}) as client:
        await client.get(f"{NORTH}/entities")
    async with web.client() as client:
        await client.get(f"{NORTH}/entities")

    by = f"key:{web.site.keys.ring.hashed(reader)[:16]}"
    assert [
        (by, f"GET {NORTH}/audit", '{"status":403}'),
        (by, f"GET {SOUTH}/entities", '{"status":404}'),
        ("nobody", f"GET {NORTH}/entities", '{"status":401}'),
    ] == [(row["actor"], row["target"], row["after"]) for row in on_record(web, "access.refuse")]
    assert {"refused"} == {row["outcome"] for row in on_record(web, "access.refuse")}
    assert "0" * 64 not in str(web.site.tables.read("SELECT * FROM audit"))


async def test_what_is_asked_again_and_again_is_on_record_once_a_minute(web, wound):
    """And of all that one address is refused, no more than so much."""
    async with web.client(**{"X-API-Key": web.key("north", "entities:read")}) as client:
        for _ in range(5):
            await client.get(f"{NORTH}/audit")
        assert len(on_record(web, "access.refuse")) == 1
        wound.ahead += 61
        for number in range(REFUSALS_A_MINUTE + 5):
            await client.get(f"/api/v1/organizations/n{number}/entities")
        assert len(on_record(web, "access.refuse")) == 1 + REFUSALS_A_MINUTE


async def test_that_a_key_is_used_is_on_record_once_an_hour(web, wound):
    """What it does is on record by itself."""
    async with web.client(**{"X-API-Key": web.key("north", "entities:read")}) as client:
        for ahead in (0, 60, 3601):
            wound.ahead = ahead
            assert (await client.get(f"{NORTH}/entities")).status_code == 200
            assert (await client.get("/api/v1/signals")).status_code == 200

    used = on_record(web, "key.use")
    assert [f"GET {NORTH}/entities"] * 2 == [row["target"] for row in used]
    assert {"127.0.0.1"} == {row["address"] for row in used}


async def test_a_session_that_has_ended_is_not_put_on_record(web):
    """Pages that are open after a session has ended ask for ever: that is no refusal to keep."""
    async with web.client(Cookie="overwatch_session=gone") as client:
        assert (await client.get("/live/fleet")).status_code == 401

    assert on_record(web, "access.refuse") == []
