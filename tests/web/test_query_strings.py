"""The interface as it was before v0.1.0: query strings, and an envelope around all answers."""

import json

import pytest

pytestmark = pytest.mark.anyio

PATH = "/api/v1/entities"


@pytest.fixture
async def client(web):
    key = web.key("north", "entities:read", "entities:write", "organizations:read")
    async with web.client(Authorization=f"bearer {key}") as client:
        yield client


def refusal(answer):
    """Status and code of an answer, which has nothing but what went wrong."""
    said = answer.json()
    assert said.keys() == {"success", "error"}
    assert said["success"] is False
    assert said["error"]["message"]
    return answer.status_code, said["error"]["code"]


async def test_what_is_wrong_has_its_code(web, client):
    """The codes that programs of that time know."""
    wrong = {"entity_type": "no such thing"}
    broken = {"content": b"{", "headers": {"Content-Type": "application/json"}}

    assert refusal(await client.get(PATH)) == (400, "MISSING_ORG_ID")
    assert refusal(await client.post(PATH, json={})) == (400, "MISSING_ORG_ID")
    assert refusal(await client.put(f"{PATH}?org_id=north", json={"name": "x"})) == (
        400, "MISSING_PARAMS",
    )  # fmt: skip
    assert refusal(await client.delete(f"{PATH}?org_id=north")) == (400, "MISSING_PARAMS")
    assert refusal(await client.post(f"{PATH}?org_id=north", json=wrong)) == (
        400, "INVALID_REQUEST",
    )  # fmt: skip
    assert refusal(await client.post(f"{PATH}?org_id=north", **broken)) == (
        400, "INVALID_REQUEST",
    )  # fmt: skip
    assert refusal(await client.get(f"{PATH}?org_id=north&entity_id=none")) == (404, "NOT_FOUND")
    assert refusal(await client.delete(f"{PATH}?org_id=north&entity_id=none")) == (404, "NOT_FOUND")
    assert refusal(await client.patch(f"{PATH}?org_id=north", json={})) == (
        405, "METHOD_NOT_ALLOWED",
    )  # fmt: skip
    for name in ("south", "nowhere"):
        assert refusal(await client.get(f"{PATH}?org_id={name}")) == (404, "NOT_FOUND")
    async with web.client() as nobody:
        assert refusal(await nobody.get(PATH)) == (401, "UNAUTHORIZED")
        bad = {"X-API-Key": "c4_live_no"}
        assert refusal(await nobody.get(PATH, headers=bad)) == (401, "UNAUTHORIZED")
    async with web.client(**{"X-API-Key": web.key("north", "metrics:read")}) as other:
        assert refusal(await other.get(f"{PATH}?org_id=north")) == (403, "UNAUTHORIZED")


async def test_the_readme_of_that_time_is_still_right(web, bucket, client):
    """Its example has a description, which is kept, and a type as people say it."""
    body = {"name": "Rover", "entity_type": "boat", "description": "blue", "colour": "blue"}
    answer = await client.post(f"{PATH}?org_id=north", json=body)

    assert (answer.status_code, answer.json()["success"]) == (202, True)
    message = await bucket.client.jetstream().get_msg("CONSTELLATION_ENTITIES", 1)
    assert json.loads(message.data)["data"]["entity"] == {
        "name": "Rover",
        "entity_type": "surface_vessel_usv",
        "metadata": {"description": "blue"},
    }


async def test_lists_and_organisations_stand_in_an_envelope(web, client):
    """An empty list is one, and organisations go by the query where it names one."""
    listed = await client.get(f"{PATH}?org_id=north")
    assert (listed.status_code, listed.json()) == (200, {"success": True, "data": []})

    one = await client.get("/api/v1/organizations?org_id=north")
    assert one.json()["data"]["org_id"] == "north"
    assert refusal(await client.get("/api/v1/organizations?org_id=south")) == (404, "NOT_FOUND")
    assert isinstance((await client.get("/api/v1/organizations")).json(), list)
