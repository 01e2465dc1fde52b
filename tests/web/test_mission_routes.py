"""Missions by REST: stored in versions, as files too, sent by commands, and followed."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from serving import document, until
from test_command_routes import Ledger, stored

from flows.ontology.commands import Status
from flows.ontology.missions import Item
from flows.ontology.plan_file import read_plan, write_plan
from flows.ontology.stored_missions import Home, Mission
from flows.ontology.waypoints_file import read_waypoints, write_waypoints
from web import missions as limits

pytestmark = pytest.mark.anyio

PATH = "/api/v1/organizations/north/missions"


def at(command, latitude, longitude, altitude=50.0, **more):
    return Item(command=command, latitude=latitude, longitude=longitude, altitude=altitude, **more)


MISSION = Mission(
    items=[
        at(22, 47.3977, 8.5456, 30.0),
        at(16, 47.3987, 8.5456),
        at(16, 47.3987, 8.5466),
        Item(command=20, frame=2, param4=0.0),
    ],
    fence=[at(5003, 47.3977, 8.5456, 0.0, frame=0, param1=900.0, param4=0.0)],
    home=Home(47.3977, 8.5456, 488.0),
    vehicle=2,
)
BODY = {
    "name": "Round the tower",
    "vehicle_type": "aircraft_multirotor",
    **{each: msgspec.to_builtins(getattr(MISSION, each)) for each in ("items", "fence", "home")},
}


def with_item(number, **more):
    items = [dict(each) for each in BODY["items"]]
    items[number] |= more
    return {**BODY, "items": items}


@pytest.fixture
def ledger(web):
    made = Ledger(web.site.settings.database)
    yield made
    made.database.close()


@pytest.fixture
async def client(web, bucket):
    for name, organization in (("uav", "north"), ("gull", "south")):
        await bucket.put(name, document(name, organization))
        await until(lambda: web.site.picture.entity(organization, name))  # noqa: B023
    key = web.key("north", "missions:read", "missions:write", "commands:write", "commands:read")
    async with web.client(**{"X-API-Key": key}) as client:
        yield client


async def made(client, **more):
    answer = await client.post(PATH, json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["mission_id"]


async def audited(web, like="mission.%"):
    sql = "SELECT action, target, before, after FROM audit WHERE action LIKE ? ORDER BY sequence"
    return web.site.tables.read(sql, (like,))


async def test_a_mission_is_stored_and_read(web, client):
    """With its checksum, its length, and where it is; on record without its items."""
    answer = await client.post(PATH, json=BODY)

    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    told = answer.json()
    assert answer.headers["location"] == f"{PATH}/{told['mission_id']}"
    assert (await client.get(answer.headers["location"])).json() == told
    assert (told["version"], told["item_count"], told["fence_count"]) == (1, 4, 1)
    # To the north 111 m, and to the east 75 m.
    assert told["length"] == pytest.approx(111 + 75, abs=2)
    assert (told["items"], told["remarks"], len(told["checksum"])) == (BODY["items"], [], 64)
    (row,) = await audited(web)
    assert (row["action"], row["target"]) == ("mission.create", told["mission_id"])
    after = json.loads(row["after"])
    assert (after["checksum"], "items" in after) == (told["checksum"], False)


WRONG = [
    ({"name": "x"}, ["body.items"]),
    ({"items": []}, ["body"]),
    ({**BODY, "name": "a\nb"}, ["body.name"]),
    ({**BODY, "vehicle_type": "waypoint"}, ["body.vehicle_type"]),
    ({**BODY, "org_id": "south"}, ["body.org_id"]),
    (with_item(1, altitude=400.0), ["body.items[1]"]),
    (with_item(1, latitude=91.0), ["body.items[1]"]),
    (with_item(1, frame=22), ["body.items[1].frame"]),
    (with_item(1, latitude="47"), ["body.items[1].latitude"]),
    (with_item(1, note="x"), ["body.items[1].note"]),
    ({**BODY, "fence": BODY["items"][:1]}, ["body.fence[0]"]),
    ({**BODY, "home": {"latitude": 1}}, ["body.home"]),
    ({**BODY, "items": BODY["items"] * 300}, ["body.items"]),
]  # fmt: skip


async def test_what_cannot_be_flown_is_refused_by_its_place(web, client):
    """All of it at once, and nothing is stored."""
    for body, places in WRONG:
        answer = await client.post(PATH, json=body)
        assert answer.status_code == 422, body
        found = [each["location"] for each in answer.json()["errors"]]
        assert found == places, body
    assert (await client.get(PATH)).json() == []
    assert await audited(web) == []


async def test_files_are_stored_and_come_back(client):
    """A plan by its fileType, a waypoint file as text; as either of both they come back."""
    plan = write_plan(MISSION)
    for media in ("application/json", "application/octet-stream", "application/vnd.x+json"):
        answer = await client.post(
            f"{PATH}?name=Plan", content=plan, headers={"Content-Type": media}
        )
        assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["name"], told["vehicle_type"]) == ("Plan", "aircraft_multirotor")
    text = write_waypoints(MISSION)
    headers = {"Content-Type": "text/plain"}
    second = await client.post(f"{PATH}?name=Rows&vehicle_type=any", content=text, headers=headers)
    assert second.json()["items"] == told["items"]
    path = f"{PATH}/{told['mission_id']}"

    got = await client.get(f"{path}?format=plan")
    assert read_plan(got.content).mission == MISSION
    assert got.headers["content-disposition"].startswith('attachment; filename="Plan v1.plan"')
    got = await client.get(f"{path}?format=waypoints")
    assert got.headers["content-type"].startswith("text/plain")
    assert read_waypoints(got.content).mission.items == MISSION.items
    got = await client.get(f"{path}?format=waypoints&mission_type=fence")
    assert read_waypoints(got.content).mission.fence == MISSION.fence
    assert (await client.get(f"{path}?format=kml")).status_code == 422


async def test_a_name_of_others_is_only_a_name_of_a_file(client):
    """No header is broken by it, and no folder is left."""
    name = 'a/../"b\\c<é>'
    mission = await made(client, name=name)

    got = await client.get(f"{PATH}/{mission}?format=plan")
    assert got.headers["content-disposition"] == (
        "attachment; filename=\"a_.._b_c___ v1.plan\"; filename*=UTF-8''a_.._b_c_%C3%A9_%20v1.plan"
    )


UNREAD = [
    (b"<kml/>", "application/xml", 415, "The body may be one of"),
    (b"\x00\x01", "application/octet-stream", 415, "no plan of QGroundControl"),
    (b"QGC WPL 110\n0 1 0 16\n", "text/plain", 422, "item 0 of the file: it has 4 columns"),
    (b'{"fileType": "Mission"}', "application/json", 422, 'its fileType is not "Plan"'),
    (b'{"fileType": "Plan"', "application/json", 400, "The body is no JSON"),
    (b" " * 1_100_000, "text/plain", 413, "1 MiB"),
]


async def test_what_is_no_file_of_a_mission_is_refused(client):
    """By what it is sent as, by its size, or with a sentence for each item."""
    for content, media, status, says in UNREAD:
        answer = await client.post(
            f"{PATH}?name=x", content=content, headers={"Content-Type": media}
        )
        assert (answer.status_code, says in answer.text.replace('\\"', '"')) == (status, True), says
        assert answer.headers["content-type"] == "application/problem+json"
    nameless = await client.post(
        PATH, content=write_plan(MISSION), headers={"Content-Type": "application/json"}
    )
    assert [each["location"] for each in nameless.json()["errors"]] == ["query.name"]


async def test_versions_are_kept_and_the_newest_is_meant(web, client):
    """Changed only by whoever knows what there is; the same again is no other version."""
    mission = await made(client)
    path = f"{PATH}/{mission}"
    again = await client.put(path, json=BODY)
    assert (again.status_code, again.json()["version"]) == (200, 1)

    other = with_item(1, altitude=60.0)
    changed = await client.put(path, json=other, headers={"If-Match": '"1"'})
    assert (changed.json()["version"], changed.headers["etag"]) == (2, '"2"')
    late = await client.put(path, json=BODY, headers={"If-Match": '"1"'})
    assert (late.status_code, late.headers["etag"]) == (412, '"2"')
    file = await client.put(
        path, content=write_plan(MISSION), headers={"Content-Type": "application/json"}
    )
    assert (file.json()["version"], file.json()["name"]) == (3, "Round the tower")

    assert (await client.get(path)).json()["version"] == 3
    second = (await client.get(f"{path}?version=2")).json()
    assert (second["items"][1]["altitude"], second["version"]) == (60.0, 2)
    assert (await client.get(f"{path}?version=4")).status_code == 404
    kept = (await client.get(f"{path}/versions")).json()
    assert [each["version"] for each in kept] == [3, 2, 1]
    assert kept[0]["checksum"] == kept[2]["checksum"] != kept[1]["checksum"]
    said = [json.loads(each["after"])["version"] for each in await audited(web)]
    assert said == [1, 2, 3]


async def test_twenty_who_change_one_at_once_make_twenty_versions(client):
    """None is lost, and no number is given twice."""
    path = f"{PATH}/{await made(client)}"
    answers = await asyncio.gather(
        *(client.put(path, json={**BODY, "description": str(n)}) for n in range(20))
    )

    assert sorted(each.json()["version"] for each in answers) == [*range(2, 22)]


async def test_a_list_is_read_a_page_at_a_time(client):
    """The newest version of each."""
    missions = [await made(client, name=f"m{n}") for n in range(5)]
    await client.put(f"{PATH}/{missions[0]}", json={**BODY, "name": "m0, again"})

    found, path = [], f"{PATH}?limit=2"
    while path:
        answer = await client.get(path)
        found += [(each["mission_id"], each["version"]) for each in answer.json()]
        path = answer.links.get("next", {}).get("url")
    assert sorted(found) == sorted((each, 2 if each == missions[0] else 1) for each in missions)
    for query in ("limit=0", "cursor=x", "q=1"):
        assert (await client.get(f"{PATH}?{query}")).status_code == 422


async def test_a_deleted_mission_is_gone_and_stays_on_record(web, client):
    """With all versions."""
    mission = await made(client)
    path = f"{PATH}/{mission}"
    await client.put(path, json={**BODY, "name": "other"})
    assert (await client.delete(path, headers={"If-Match": '"1"'})).status_code == 412

    assert (await client.delete(path, headers={"If-Match": '"2"'})).status_code == 200
    for each in (path, f"{path}?version=1", f"{path}/versions", f"{path}/progress"):
        assert (await client.get(each)).status_code == 404
    assert (await client.delete(path)).status_code == 404
    assert (await client.put(path, json=BODY)).status_code == 404
    *_, last = await audited(web)
    assert (last["action"], last["target"]) == ("mission.delete", mission)
    assert json.loads(last["before"])["version"] == 2


async def test_another_organisation_sees_none_of_it(web, client):
    """Neither lists it, nor reads, changes, sends or deletes it by its id."""
    mission = await made(client)
    names = ("missions:read", "missions:write", "commands:write")
    theirs = PATH.replace("north", "south")
    async with web.client(**{"X-API-Key": web.key("south", *names)}) as other:
        assert (await other.get(theirs)).json() == []
        for method, path, body in (
            ("GET", "", None), ("PUT", "", BODY), ("DELETE", "", None), ("GET", "/versions", None),
            ("GET", "/progress", None),
            ("POST", "/upload", {"entity_id": "gull", "confirmed": True}),
        ):  # fmt: skip
            for base in (theirs, PATH):
                answer = await other.request(method, f"{base}/{mission}{path}", json=body)
                assert answer.status_code == 404, (method, base, path)
    assert (await client.get(f"{PATH}/{mission}")).status_code == 200


async def test_missions_go_with_their_organisation(web, client):
    """All versions, and what was uploaded; those of others stay."""
    await made(client)
    tables = web.site.tables
    tables.add_organization("east", 1)
    theirs = PATH.replace("north", "east")
    key = web.key("east", "missions:write")
    async with web.client(**{"X-API-Key": key}) as other:
        assert (await other.post(theirs, json=BODY)).status_code == 201
    assert len(tables.read("SELECT * FROM missions")) == 2

    assert await web.site.departures.delete("east") is True
    assert [each["org_id"] for each in tables.read("SELECT * FROM missions")] == ["north"]


async def test_there_are_no_more_than_there_may_be(client, monkeypatch):
    """Missions of an organisation, and versions of one."""
    monkeypatch.setattr(limits, "MOST_MISSIONS", 1)
    monkeypatch.setattr(limits, "MOST_VERSIONS", 2)
    path = f"{PATH}/{await made(client)}"

    assert (await client.post(PATH, json=BODY)).status_code == 409
    assert (await client.put(path, json={**BODY, "name": "2"})).status_code == 200
    assert (await client.put(path, json={**BODY, "name": "3"})).status_code == 409


async def test_a_retry_stores_nothing_twice(client):
    """It is answered as the first was."""
    headers = {"Idempotency-Key": "k-1"}
    answers = [await client.post(PATH, json=BODY, headers=headers) for _ in range(3)]

    assert len({each.json()["mission_id"] for each in answers}) == 1
    assert len((await client.get(PATH)).json()) == 1


async def test_an_upload_is_a_command_as_any_other(web, bucket, client):
    """With the items of a version, which is on record; and only if it is meant."""
    mission = await made(client)
    path = f"{PATH}/{mission}/upload"
    refused = await client.post(path, json={"entity_id": "uav"})
    assert [each["location"] for each in refused.json()["errors"]] == ["body.confirmed"]
    for body, status in (
        ({"entity_id": "none", "confirmed": True}, 404),
        ({"entity_id": "gull", "confirmed": True}, 404),
        ({"entity_id": "uav", "confirmed": True, "version": 9}, 404),
        ({"entity_id": "uav", "confirmed": True, "mission_type": "rally"}, 422),
        ({"entity_id": "uav", "confirmed": True, "items": []}, 422),
    ):
        assert (await client.post(path, json=body)).status_code == status, body
    assert await stored(bucket) == []

    answer = await client.post(path, json={"entity_id": "uav", "confirmed": True})
    assert answer.status_code == 202
    command = answer.json()["command_id"]
    assert answer.headers["location"] == f"/api/v1/organizations/north/commands/{command}"
    ((subject, said),) = await stored(bucket)
    assert subject == "constellation.commands.north.uav.request"
    assert (said["command"], said["command_id"]) == ("upload_mission", command)
    params = said["params"]
    assert (params["mission_id"], params["version"], params["mission_type"]) == (
        mission, 1, "mission",
    )  # fmt: skip
    assert params["items"] == BODY["items"]
    (row,) = await audited(web, "mission.upload")
    after = json.loads(row["after"])
    assert (after["command_id"], after["entity_id"], after["version"]) == (command, "uav", 1)


def done(command_id, state="completed", minutes=0, **more):
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    said = {
        "org_id": "north", "entity_id": "uav", "command": "upload_mission", "previous": None,
        "at": at, "requested_at": at, "expires_at": at + timedelta(minutes=1),
        "params": {"mission_type": "mission", "items": []}, "number": 1, **more,
    }  # fmt: skip
    return Status(command_id=command_id, state=state, **said)


async def at_item(web, bucket, autopilot, **mission):
    """The vehicle says where in its mission it is."""
    status = {"mode": "AUTO", "armed": True, "autopilot": autopilot}
    said = document("uav", "north", vehicle_status=status, mission=mission)
    await bucket.put("uav", said)
    data = msgspec.json.encode(said)
    await until(lambda: web.site.picture.entity("north", "uav").document == data)


async def test_a_mission_is_followed_to_where_it_is(web, bucket, client, ledger):
    """By its command, then by what the vehicle says; no more once it has another."""
    mission = await made(client)
    path = f"{PATH}/{mission}"
    body = {"entity_id": "uav", "confirmed": True}
    assert (await client.get(f"{path}/progress")).json()["entities"] == []
    command = (await client.post(f"{path}/upload", json=body)).json()["command_id"]

    async def told():
        (found,) = (await client.get(f"{path}/progress")).json()["entities"]
        return found

    assert ((await told())["state"], (await told())["held"]) == (None, False)
    ledger.say(done(command, "executing", reason="8 of 9"))
    assert ((await told())["state"], (await told())["reason"]) == ("executing", "8 of 9")
    ledger.say(msgspec.structs.replace(done(command), number=2))
    await at_item(web, bucket, 12, current_waypoint=2, reached_waypoint=1, total_waypoints=4,
                  state=3)  # fmt: skip
    found = await told()
    assert (found["held"], found["is_live"], found["version"]) == (True, True, 1)
    assert (found["current_item"], found["reached_item"], found["total"]) == (2, 1, 4)
    assert found["mission_state"] == "active"
    # ArduPilot counts from home.
    await at_item(web, bucket, 3, current_waypoint=2, reached_waypoint=0)
    found = await told()
    assert (found["current_item"], found["reached_item"]) == (1, None)

    fence = {"params": {"mission_type": "fence"}}
    ledger.say(done("c-2", minutes=1, command="clear_mission", **fence))
    ledger.say(done("c-3", "failed", minutes=2))
    ledger.say(done("c-4", minutes=3, entity_id="other"))
    assert (await told())["held"]
    ledger.say(done("c-5", minutes=4, command="clear_mission", params={}))
    found = await told()
    assert (found["held"], found["current_item"]) == (False, None)


async def test_only_the_newest_upload_to_a_vehicle_is_followed(client):
    """Of each of its lists."""
    mission = await made(client)
    path = f"{PATH}/{mission}"
    body = {"entity_id": "uav", "confirmed": True}
    await client.post(f"{path}/upload", json=body)
    await client.post(f"{path}/upload", json={**body, "mission_type": "fence"})
    await client.put(path, json={**BODY, "description": "2"})
    await client.post(f"{path}/upload", json=body)

    told = (await client.get(f"{path}/progress")).json()
    assert told["version"] == 2
    assert [(each["mission_type"], each["version"]) for each in told["entities"]] == [
        ("mission", 2), ("fence", 1),
    ]  # fmt: skip
