"""Writes of entities while no flow runs: what is answered, and what JetStream has then."""

import asyncio
import json
import re

import pytest
from serving import until

pytestmark = pytest.mark.anyio

ENTITIES = "/api/v1/organizations/north/entities"
STREAM = "CONSTELLATION_ENTITIES"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
FULL = {
    "name": "Copter 1",
    "entity_type": "aircraft_multirotor",
    "status": "active",
    "priority": "high",
    "position": {"latitude": 47.4, "longitude": 8.5, "altitude": 0},
    "metadata": {"serial": "A-1"},
    "video_config": {"protocol": "rtsp", "port": 8554, "stream_url": "rtsp://cam/1"},
    "tags": ["north", "red"],
    "relationships": [{"type": "carries", "entity_id": "cam-1"}],
    "expires_at": "2100-01-01T00:00:00Z",
}

# A body, and where something is wrong with it.
WRONG = [
    ({}, "body"),
    ({"entity_type": "drone"}, "body.entity_type"),
    ({"entity_type": "waypoint", "status": ""}, "body.status"),
    ({"entity_type": "waypoint", "status": "maintenance"}, "body.status"),
    ({"entity_type": "waypoint", "description": "x"}, "body.description"),
    ({"entity_type": "waypoint", "name": "x" * 256}, "body.name"),
    ({"entity_type": "waypoint", "name": "a\nb"}, "body.name"),
    ({"entity_type": "waypoint", "priority": "urgent"}, "body.priority"),
    ({"entity_type": "waypoint", "position": {"latitude": 1}}, "body.position"),
    (
        {"entity_type": "waypoint", "position": {"latitude": 90.1, "longitude": 0}},
        "body.position.latitude",
    ),
    ({"entity_type": "waypoint", "metadata": []}, "body.metadata"),
    ({"entity_type": "waypoint", "metadata": {"a": "x" * 70_000}}, "body.metadata"),
    (
        {"entity_type": "waypoint", "video_config": {"protocol": "ftp"}},
        "body.video_config.protocol",
    ),
    ({"entity_type": "waypoint", "entity_id": "a.b"}, "body.entity_id"),
    ({"entity_type": "waypoint", "entity_id": "batch"}, "body.entity_id"),
    ({"entity_type": "waypoint", "tags": [""]}, "body.tags[0]"),
    ({"entity_type": "waypoint", "expires_at": "2001-01-01T00:00:00Z"}, "body.expires_at"),
    ({"entity_type": "waypoint", "expires_at": "tomorrow"}, "body.expires_at"),
]


@pytest.fixture
async def client(web):
    key = web.key("north", "entities:read", "entities:write")
    async with web.client(**{"X-API-Key": key}) as client:
        yield client


async def events(bucket) -> list[tuple[str, dict]]:
    """Everything that the stream of entity events has."""
    js = bucket.client.jetstream()
    last = (await js.stream_info(STREAM)).state.last_seq
    found = [await js.get_msg(STREAM, number) for number in range(1, last + 1)]
    return [(each.subject, json.loads(each.data)) for each in found]


async def test_a_write_is_an_event_and_will_be_done_when_the_flow_runs(web, bucket, client):
    """Answered once JetStream has it: 202, and where the entity will be."""
    answer = await client.post(ENTITIES, json=FULL)

    assert answer.status_code == 202
    entity_id = answer.json()["entity_id"]
    assert UUID4.fullmatch(entity_id)
    assert answer.headers["location"] == f"{ENTITIES}/{entity_id}"
    ((subject, event),) = await events(bucket)
    assert subject == event["subject"] == "constellation.entities.north.created"
    assert (event["id"], event["type"], event["source"]) == (entity_id, "created", "entity-service")
    data = event["data"]
    assert (data["entity_id"], data["org_id"]) == (entity_id, "north")
    assert (data["entity_type"], data["status"], data["priority"]) == (
        "aircraft_multirotor", "active", "high",
    )  # fmt: skip
    assert data["entity"] == {**FULL, "position": {**FULL["position"], "altitude": 0.0}}


async def test_an_update_says_only_what_changes(web, bucket, client):
    """So that two who change different things lose nothing. A zero counts, null takes away."""
    await client.post(ENTITIES, json={"entity_type": "waypoint", "entity_id": "wp-1"})
    changes = {
        "position": {"latitude": 0, "longitude": 0, "altitude": 0},
        "name": "",
        "metadata": None,
        "heading": 0,
    }
    answers = [
        await client.patch(f"{ENTITIES}/wp-1", json=changes),
        await client.put(f"{ENTITIES}/wp-1", json={"is_live": True}, headers={"If-Match": '"7"'}),
        await client.request("DELETE", f"{ENTITIES}/wp-1", json={"reason": "worn out"}),
        await client.delete(f"{ENTITIES}/wp-1?reason=worn%20out"),
    ]

    assert [each.status_code for each in answers] == [202] * 4
    assert {each.headers["location"] for each in answers} == {f"{ENTITIES}/wp-1"}
    _, patch, put, *deletions = [event["data"] for _, event in await events(bucket)]
    assert patch["entity"] == changes
    assert "if_match" not in patch
    assert (put["entity"], put["if_match"]) == ({"is_live": True}, 7)
    assert [each["reason"] for each in deletions] == ["worn out"] * 2


async def test_what_an_entity_cannot_be_is_refused_by_its_place(web, bucket, client):
    """Strictly: what is not known is wrong, and an empty word is none of those that may be said."""
    for body, location in WRONG:
        answer = await client.post(ENTITIES, json=body)

        assert answer.status_code == 422, body
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert (problem["status"], problem["title"]) == (422, "Unprocessable Entity")
        assert location in [each["location"] for each in problem["errors"]]
    assert await events(bucket) == []


async def test_what_cannot_be_read_is_refused_in_the_words_of_the_contract(web, client):
    """Malformed, empty, of another type, too large, of another method."""
    json_header, text = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}
    one = f"{ENTITIES}/x"
    asked = [
        (await client.post(ENTITIES, content=b"{", headers=json_header), 400, "no JSON"),
        (await client.patch(one, json={}), 400, "No updates provided"),
        (await client.put(one, json={"$schema": "x"}), 400, "No updates provided"),
        (await client.post(ENTITIES, content=b"a=1", headers=text), 415, ""),
        (await client.post(ENTITIES, content=b"1" * 1_100_000, headers=json_header), 413, "1 MiB"),
        (await client.delete(f"{ENTITIES}/none"), 404, "Entity not found"),
        (await client.put(f"{ENTITIES}/none", json={"name": "x"}), 404, "Entity not found"),
        (await client.get(f"{ENTITIES}/none"), 404, "Entity not found"),
        (await client.get(f"{ENTITIES}/a%2Fb"), 404, "ot found"),
        (await client.post(one, json={}), 405, "Method not allowed"),
    ]  # fmt: skip

    assert asked[-1][0].headers["allow"] == "DELETE, GET, HEAD, PATCH, PUT"
    for answer, status, detail in asked:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert detail in answer.json()["detail"]


async def test_another_organisation_is_answered_as_one_that_there_is_not(web, bucket, client):
    """To the last byte, whatever is asked of it."""
    web.key("south", "entities:read")
    here = {"entity_type": "waypoint"}
    for method, path, body in (
        ("GET", "", None),
        ("POST", "", here),
        ("POST", "/batch", [here]),
        ("GET", "/x", None),
        ("PUT", "/x", {"name": "x"}),
        ("PATCH", "/x", {"name": "x"}),
        ("DELETE", "/x", None),
        ("GET", "/x/relationships", None),
        ("PUT", "/x/relationships/a/b", None),
    ):
        answers = [
            await client.request(method, f"/api/v1/organizations/{name}/entities{path}", json=body)
            for name in ("south", "nowhere")
        ]
        assert [each.status_code for each in answers] == [404, 404], (method, path)
        assert answers[0].content == answers[1].content
        assert answers[0].json()["detail"] == "Organization not found"
    assert await events(bucket) == []


async def test_a_key_that_may_only_read_changes_nothing(web, bucket):
    """And is told what it lacks."""
    async with web.client(**{"X-API-Key": web.key("north", "entities:read")}) as reader:
        answers = [
            await reader.post(ENTITIES, json={"entity_type": "waypoint"}),
            await reader.put(f"{ENTITIES}/x", json={"name": "x"}),
            await reader.delete(f"{ENTITIES}/x"),
            await reader.post(f"{ENTITIES}/batch", json=[{"entity_type": "waypoint"}]),
        ]

    assert {each.status_code for each in answers} == {403}
    assert {each.json()["detail"] for each in answers} == {"Insufficient scope: entities:write"}
    assert await events(bucket) == []


async def test_while_the_message_server_is_away_nothing_is_taken(web, nats_server, client):
    """Whoever writes is told to try again, and what is known can still be read."""
    nats_server.stop()
    await until(lambda: not web.site.picture.connected)

    answer = await client.post(ENTITIES, json={"entity_type": "waypoint"})

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert (await client.get(ENTITIES)).status_code == 200


async def test_a_retry_is_answered_as_the_first_try_was(web, bucket, client):
    """And there is one event; of two at once as well, and by each key for itself."""
    body = {"entity_type": "waypoint", "name": "one"}
    key = {"Idempotency-Key": "k-1"}
    first, second = await asyncio.gather(
        client.post(ENTITIES, json=body, headers=key), client.post(ENTITIES, json=body, headers=key)
    )
    third = await client.post(ENTITIES, json=body, headers=key)

    assert [each.status_code for each in (first, second, third)] == [202] * 3
    assert first.content == second.content == third.content
    assert third.headers["idempotent-replayed"] == "true"
    assert third.headers["location"] == first.headers["location"]
    assert len(await events(bucket)) == 1

    other = await client.post(ENTITIES, json={**body, "name": "two"}, headers=key)
    assert (other.status_code, len(await events(bucket))) == (422, 1)
    assert "Idempotency-Key" in other.json()["detail"]

    async with web.client(**{"X-API-Key": web.key("north", "entities:write")}) as another:
        answer = await another.post(ENTITIES, json=body, headers=key)
    assert answer.json()["entity_id"] != first.json()["entity_id"]


async def test_a_retry_is_remembered_for_a_day(web, bucket, client, wound):
    """And then the key is a new one."""
    body, key = {"entity_type": "waypoint"}, {"Idempotency-Key": "k-1"}
    first = await client.post(ENTITIES, json=body, headers=key)
    wound.ahead = 86_401

    again = await client.post(ENTITIES, json={**body, "name": "new"}, headers=key)

    assert (first.status_code, again.status_code) == (202, 202)
    assert "idempotent-replayed" not in again.headers


async def test_a_try_that_failed_is_no_answer_to_remember(web, nats_server, client, bucket):
    """Once the server is back the same request is done."""
    body, key = {"entity_type": "waypoint"}, {"Idempotency-Key": "k-1"}
    nats_server.stop()
    await until(lambda: not web.site.picture.connected)
    assert (await client.post(ENTITIES, json=body, headers=key)).status_code == 503
    nats_server.start()
    await until(lambda: web.site.picture.connected)

    assert (await client.post(ENTITIES, json=body, headers=key)).status_code == 202


async def test_each_of_a_batch_is_judged_by_itself(web, bucket, client):
    """In its order, with the status that it would have had alone."""
    items = [
        {"entity_type": "waypoint", "entity_id": "a"},
        {"entity_type": "drone"},
        7,
        {"entity_type": "waypoint", "entity_id": "b"},
    ]
    answer = await client.post(f"{ENTITIES}/batch", json=items)

    assert answer.status_code == 207
    assert [each["status"] for each in answer.json()] == [202, 422, 422, 202]
    assert [each["index"] for each in answer.json()] == [0, 1, 2, 3]
    assert answer.json()[1]["errors"][0]["location"] == "body.entity_type"
    assert [event["data"]["entity_id"] for _, event in await events(bucket)] == ["a", "b"]


async def test_a_batch_has_a_thousand_items_at_most(web, bucket, client):
    """And one at least."""
    one = {"entity_type": "waypoint"}
    for items in ([], [one] * 1001, one):
        answer = await client.post(f"{ENTITIES}/batch", json=items)
        assert answer.status_code == 422
    assert await events(bucket) == []


async def test_who_wrote_what_is_on_record(web, bucket, client):
    """By key and address; of what is refused nothing is done."""
    answer = await client.post(ENTITIES, json={"entity_type": "waypoint", "name": "x"})

    (row,) = web.site.tables.read("SELECT * FROM audit WHERE action = 'entity.create'")
    assert row["target"] == answer.json()["entity_id"]
    assert (row["org_id"], row["outcome"], row["address"]) == ("north", "done", "127.0.0.1")
    assert json.loads(row["after"])["name"] == "x"
