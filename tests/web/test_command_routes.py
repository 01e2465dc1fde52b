"""Commands by REST: asked for once, checked by the catalogue, and seen by who may see them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from ledgers import Ledger, status
from serving import document, until

from flows.ontology.commands import Actor, Control
from web import commands as limits
from web.cursor import Cursor

pytestmark = pytest.mark.anyio

PATH = "/api/v1/organizations/north/commands"
CONTROL = "/api/v1/organizations/north/entities/uav/control"
STREAM = "CONSTELLATION_COMMANDS"
HOLD = {"entity_id": "uav", "command": "hold"}

# A body, and where something is wrong with it.
WRONG = [
    ({"entity_id": "uav"}, ["body"]),
    ({"command": "hold"}, ["body.entity_id"]),
    ({"entity_id": "uav", "command": "hold", "broadcast": True}, ["body.entity_id"]),
    ({"broadcast": [], "command": "hold"}, ["body.broadcast"]),
    ({"entity_id": "a.b", "command": "hold"}, ["body.entity_id"]),
    ({"entity_id": "uav", "command": "dance"}, ["body.command"]),
    ({"entity_id": "uav", "command": "hold", "params": {"x": 1}}, ["body.params.x"]),
    ({"entity_id": "uav", "command": "hold", "params": []}, ["body.params"]),
    ({"entity_id": "uav", "command": "hold", "by": "me"}, ["body.by"]),
    ({"entity_id": "uav", "command": "hold", "forced": True}, ["body.reason"]),
    ({"entity_id": "uav", "command": "hold", "priority": "urgent"}, ["body.priority"]),
    ({"entity_id": "uav", "command": "hold", "command_id": "a b"}, ["body.command_id"]),
    (
        {"entity_id": "uav", "command": "hold", "expires_at": "2001-01-01T00:00:00Z"},
        ["body.expires_at"],
    ),
    (
        {"entity_id": "uav", "command": "hold", "expires_at": "2999-01-01T00:00:00Z"},
        ["body.expires_at"],
    ),
    (
        {"entity_id": "uav", "command": "takeoff", "params": {"altitude": 1e9}},
        ["body.params.altitude", "body.confirmed"],
    ),
    ({"entity_id": "uav", "command": "arm"}, ["body.confirmed"]),
    (
        {"entity_id": "uav", "command": "goto", "params": {"latitude": 91, "longitude": None}},
        ["body.params.latitude", "body.params.longitude"],
    ),
]


@pytest.fixture
def ledger(web):
    made = Ledger(web.site.settings.database)
    yield made
    made.database.close()


@pytest.fixture
async def client(web, bucket):
    for name, organization in (("uav", "north"), ("gull", "south")):
        await bucket.put(name, document(name, organization))
    await until(lambda: web.site.picture.entity("north", "uav"))
    await until(lambda: web.site.picture.entity("south", "gull"))
    key = web.key("north", "commands:read", "commands:write", "commands:approve")
    async with web.client(**{"X-API-Key": key}) as client:
        yield client


async def stored(bucket) -> list[tuple[str, dict]]:
    """Everything that the stream of commands has."""
    js = bucket.client.jetstream()
    last = (await js.stream_info(STREAM)).state.last_seq
    found = [await js.get_msg(STREAM, number) for number in range(1, last + 1)]
    return [(each.subject, json.loads(each.data)) for each in found]


async def test_a_command_is_asked_for_by_whoever_asks(web, bucket, client):
    """Stored before it is answered, with defaults filled in; 202 while the flow is down."""
    body = {
        "entity_id": "uav", "command": "goto", "params": {"latitude": 47.4, "longitude": 8.5},
        "priority": "high", "reason": "look",
    }  # fmt: skip
    answer = await client.post(PATH, json=body)

    assert answer.status_code == 202
    told = answer.json()
    assert told["state"] == "requested"
    assert answer.headers["location"] == f"{PATH}/{told['command_id']}"
    ((subject, said),) = await stored(bucket)
    assert subject == "constellation.commands.north.uav.request"
    assert said["by"]["means"] == "key"
    assert said["params"] == {"latitude": 47.4, "longitude": 8.5, "altitude_frame": "relative"}
    assert (said["command_id"], said["priority"]) == (told["command_id"], "high")
    (row,) = web.site.tables.read("SELECT * FROM audit WHERE action = 'command.request'")
    assert (row["target"], json.loads(row["after"])["params"]["latitude"]) == (
        told["command_id"], 47.4,
    )  # fmt: skip


async def test_what_cannot_be_is_refused_by_its_place(bucket, client):
    """All that is wrong at once, and nothing of it is stored."""
    for body, places in WRONG:
        answer = await client.post(PATH, json=body)
        assert answer.status_code == 422, body
        assert [each["location"] for each in answer.json()["errors"]] == places
    assert await stored(bucket) == []


async def test_what_is_not_theirs_is_not_there(bucket, client):
    """Neither an entity of others, nor one that nobody knows, nor one called as all are."""
    bodies = [
        *({"entity_id": each, "command": "hold"} for each in ("gull", "none", "broadcast")),
        {"broadcast": ["uav", "gull"], "command": "hold"},
    ]
    for body in bodies:
        assert (await client.post(PATH, json=body)).status_code == 404, body
    assert (await client.get(f"{PATH}/none")).status_code == 404
    assert await stored(bucket) == []


async def test_twenty_who_ask_for_one_have_one(bucket, client, ledger):
    """By one id there is one command; another by the same id is refused, seen or not."""
    body = {**HOLD, "command_id": "c-1"}
    answers = await asyncio.gather(*(client.post(PATH, json=body) for _ in range(20)))

    assert {each.status_code for each in answers} == {202}
    assert len(await stored(bucket)) == 1
    other = {**body, "command": "return"}
    assert (await client.post(PATH, json=other)).status_code == 409
    ledger.say(status())
    ledger.reach(1)
    again = await client.post(PATH, json=body)
    assert (again.status_code, again.json()["state"]) == (201, "queued")
    assert (await client.post(PATH, json=other)).status_code == 409
    assert len(await stored(bucket)) == 1


async def test_whoever_asks_hears_what_the_flow_has_made_of_it(bucket, client, ledger):
    """The answer waits for the ledger."""
    heard = await bucket.client.subscribe("constellation.commands.north.uav.request")
    await bucket.client.flush()
    asked = asyncio.create_task(client.post(PATH, json={**HOLD, "command_id": "c-2"}))
    await heard.next_msg(15)
    ledger.say(status("c-2", state="rejected", reason="unknown entity"))
    ledger.reach(1)

    answer = await asked
    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["reason"]) == ("rejected", "unknown entity")


async def test_a_command_is_read_with_all_that_became_of_it(client, ledger):
    """Its transitions in turn, and of one to several those that it is made of."""
    for number, state in enumerate(("requested", "queued", "sent"), 1):
        ledger.say(status("c-3", number, state, parent_id="p-1"))
    ledger.say(status("p-1", 1, "executing", entity_id="broadcast", counts={"sent": 1}))

    child = (await client.get(f"{PATH}/c-3")).json()
    assert [each["state"] for each in child["transitions"]] == ["requested", "queued", "sent"]
    parent = (await client.get(f"{PATH}/p-1")).json()
    assert parent["counts"] == {"sent": 1}
    assert [(each["command_id"], each["state"]) for each in parent["children"]] == [("c-3", "sent")]


async def test_lists_are_filtered_and_paged(web, client, ledger):
    """The newest first, each once; and none of another organisation."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(5):
        ledger.say(
            status(
                f"c-{number}", 1, "completed" if number % 2 else "sent",
                requested_at=first + timedelta(seconds=number // 2),
                priority="high" if number == 4 else "normal",
            )
        )  # fmt: skip
    ledger.say(status("c-9", org_id="south", entity_id="gull"))

    found, path = [], f"{PATH}?limit=2"
    while path:
        answer = await client.get(path)
        found += [each["command_id"] for each in answer.json()]
        path = answer.links.get("next", {}).get("url")
    assert found == ["c-4", "c-3", "c-2", "c-1", "c-0"]
    for query, names in (
        ("active=true", ["c-4", "c-2", "c-0"]),
        ("state=completed&state=failed", ["c-3", "c-1"]),
        ("priority=high", ["c-4"]),
        ("entity_id=gull", []),
        ("command=return", []),
        ("since=2026-01-01T00:00:01Z&until=2026-01-01T00:00:02Z", ["c-3", "c-2"]),
    ):
        told = (await client.get(f"{PATH}?{query}")).json()
        assert [each["command_id"] for each in told] == names, query
    of_entity = await client.get("/api/v1/organizations/north/entities/uav/commands")
    assert len(of_entity.json()) == 5
    beyond = Cursor("-requested_at", 10**30, "x").text()
    for query in (
        "cursor=x",
        f"cursor={beyond}",
        "limit=0",
        "state=none",
        "nothing=1",
        "since=today",
    ):
        assert (await client.get(f"{PATH}?{query}")).status_code == 422, query


async def test_a_person_approves_what_another_has_asked_for(web, bucket, client, ledger):
    """Neither a key, nor who has asked, nor an operator; and only while it waits for that."""
    async with web.acting_as("commander") as one, web.acting_as("operator") as operator:
        (asker,) = web.site.tables.read("SELECT user_id FROM users WHERE role = 'commander'")
        by = Actor(asker["user_id"], "A commander", "person")
        ledger.say(status("c-5", 1, "awaiting_approval", requested_by=by))
        ledger.say(status("c-6", 1, "queued"))
        ledger.say(status("c-7", 1, "completed"))
        refused = [
            (await each.post(f"{PATH}/c-5/approve")).status_code for each in (client, one, operator)
        ]
        assert refused == [403, 403, 403]
        assert (await one.post(f"{PATH}/c-6/approve")).status_code == 409
        assert (await one.post(f"{PATH}/c-7/cancel")).status_code == 409
        assert await stored(bucket) == []
        async with web.acting_as("commander") as other:
            answer = await other.post(f"{PATH}/c-5/approve", json={"reason": "seen"})
        assert answer.status_code == 202
        assert (await operator.post(f"{PATH}/c-6/cancel")).status_code == 202
    (approved, cancelled) = await stored(bucket)
    assert approved[0] == "constellation.commands.north.uav.decision"
    assert (approved[1]["kind"], approved[1]["command_id"]) == ("approve", "c-5")
    assert approved[1]["by"]["means"] == "person"
    assert approved[1]["by"]["id"] != asker["user_id"]
    assert (cancelled[1]["kind"], cancelled[1]["command_id"]) == ("cancel", "c-6")
    done = web.site.tables.read("SELECT action FROM audit WHERE action LIKE 'command.%'")
    assert {each["action"] for each in done} == {"command.approve", "command.cancel"}


async def test_control_is_taken_seen_and_released(bucket, client, ledger):
    """By decisions; who had it until its time is over has it no more."""
    assert (await client.get(CONTROL)).json()["by"] is None
    assert (await client.post(CONTROL, json={"reason": "mine"})).status_code == 200
    now, holder = datetime.now(UTC), Actor("p-1", "Ada", "person")
    held = Control(org_id="north", entity_id="uav", number=1, at=now, by=holder)
    ledger.hold(msgspec.structs.replace(held, until=now + timedelta(minutes=10)))
    assert (await client.get(CONTROL)).json()["by"]["name"] == "Ada"
    ledger.hold(msgspec.structs.replace(held, until=now - timedelta(minutes=10)))
    assert (await client.get(CONTROL)).json()["by"] is None
    assert (await client.delete(CONTROL)).status_code == 200
    assert [said["kind"] for _, said in await stored(bucket)] == ["take_control", "release_control"]
    foreign = CONTROL.replace("uav", "gull")
    assert (await client.post(foreign, json={})).status_code == 404


async def test_who_has_lost_count_is_told_to_wait(client, ledger):
    """What cannot wait may go beyond what others fill."""
    for number in range(limits.MOST_OF_ENTITY):
        ledger.say(status(f"c-{number}"))

    refused = await client.post(PATH, json=HOLD)
    assert refused.status_code == 429
    assert "have not ended" in refused.json()["detail"]
    assert refused.headers["retry-after"]
    urgent = await client.post(PATH, json={**HOLD, "priority": "emergency"})
    assert urgent.status_code == 202


async def test_the_catalogue_is_listed_with_a_tag(client):
    """Units, limits and hazards; nothing to whoever has it."""
    answer = await client.get("/api/v1/commands/catalogue")
    kinds = {each["name"]: each for each in answer.json()}

    (altitude, _) = kinds["takeoff"]["parameters"]
    assert (altitude["unit"], altitude["low"], altitude["high"]) == ("m", 1, 1000)
    assert kinds["raw"]["hazard"] == "critical"
    assert "surface_vessel_usv" in kinds["arm"]["entity_types"]
    headers = {"If-None-Match": answer.headers["etag"]}
    again = await client.get("/api/v1/commands/catalogue", headers=headers)
    assert again.status_code == 304
