"""A mission's page: what it shows to whom, what its form asks for, and how its uploads go on."""

import json

import msgspec
import pytest
from serving import document, events, until
from test_command_routes import Ledger, stored
from test_mission_routes import BODY, PATH, done

from web import missions_page
from web.mission_progress import on_board

pytestmark = pytest.mark.anyio

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def ledger(web):
    made = Ledger(web.site.settings.database)
    yield made
    made.database.close()


@pytest.fixture
async def operator(web, bucket):
    for name, organization in (("uav", "north"), ("gull", "south")):
        await bucket.put(name, document(name, organization))
        await until(lambda: web.site.picture.entity(organization, name))  # noqa: B023
    async with web.acting_as("operator") as client:
        yield client


async def made(client, **more):
    answer = await client.post(PATH, json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["mission_id"]


def uploads(web):
    return web.site.tables.read("SELECT * FROM mission_uploads ORDER BY rowid")


async def pressed(client, mission, **said):
    form = {"act": "upload", "entity_id": "uav", "mission_type": "mission", "version": "1"}
    return await client.post(f"/missions/{mission}", data={**form, **said})


async def test_what_people_have_written_stays_text(operator):
    """A name, a description: on both pages."""
    mission = await made(operator, name=HOSTILE, description=HOSTILE)
    for path in ("/missions", f"/missions/{mission}"):
        page = (await operator.get(path)).text
        assert HOSTILE not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_who_may_only_look_sees_no_form(web, operator):
    """And is refused what the forms would ask for."""
    mission = await made(operator)
    async with web.acting_as("viewer") as viewer:
        for path in ("/missions", f"/missions/{mission}"):
            page = await viewer.get(path)
            assert page.status_code == 200
            assert page.text.count("<form") == 1  # To sign out.
        assert (await pressed(viewer, mission, confirmed="yes")).status_code == 403
        refused = await viewer.post("/missions", data={"act": "delete", "id": mission})
        assert refused.status_code == 403
    assert (await operator.get(f"/missions/{mission}")).status_code == 200


async def test_missions_of_others_are_as_if_there_were_none(web, operator):
    """The page, its stream, its drawing, what their vehicles have, and what would change them."""
    mission = await made(operator)
    async with web.acting_as("admin", "south") as other:
        paths = (
            f"/missions/{mission}", f"/missions/{mission}/drawing", f"/live/missions/{mission}",
            "/missions/none", "/missions/none/drawing", "/live/missions/none",
        )  # fmt: skip
        for path in paths:
            assert (await other.get(path)).status_code == 404, path
        assert mission not in (await other.get("/missions")).text
        assert (await pressed(other, mission, confirmed="yes")).status_code == 404
        await other.post("/missions", data={"act": "delete", "id": mission})
        assert (await other.get("/entities/uav/mission")).json()["features"] == []
    assert (await operator.get(f"/missions/{mission}")).status_code == 200
    assert uploads(web) == []


@pytest.mark.parametrize("version", ["0", "2", "x", "-1", "1" * 40, "1.0"])
async def test_a_version_that_there_is_not_is_no_page(operator, version):
    """Whatever is written there."""
    mission = await made(operator)
    for path in (f"/missions/{mission}", f"/missions/{mission}/drawing"):
        assert (await operator.get(path, params={"version": version})).status_code == 404


async def test_the_form_asks_for_an_upload_once_and_only_if_it_is_meant(web, operator, bucket):
    """Pressed twice it is one command; without the tick it is none, and the page says why."""
    mission = await made(operator)
    refused = await pressed(operator, mission, command_id="c-0")
    assert refused.status_code == 422
    assert "confirmed" in refused.text
    assert uploads(web) == []

    for _ in range(2):
        answer = await pressed(operator, mission, command_id="c-1", confirmed="yes", reason="now")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/missions/{mission}")
    (row,) = uploads(web)
    assert (row["entity_id"], row["command_id"], row["version"]) == ("uav", "c-1", 1)
    ((_, said),) = await stored(bucket)
    assert (said["command_id"], said["reason"]) == ("c-1", "now")
    foreign = await pressed(operator, mission, entity_id="gull", command_id="c-2", confirmed="yes")
    assert foreign.status_code in (404, 422)
    assert len(uploads(web)) == 1


async def test_its_stream_tells_what_becomes_of_an_upload(web, operator, bucket, ledger):
    """Also of one that is made meanwhile; then how far the vehicle is, and that it is old."""
    mission = await made(operator)
    async with events(operator, f"/live/missions/{mission}") as stream:

        async def told(*words):
            async for event in stream:
                if "mission-uploads" in event.data and all(each in event.data for each in words):
                    return event.data
            raise AssertionError("the stream has ended")

        await told("sent to no vehicle yet")
        await pressed(operator, mission, command_id="c-1", confirmed="yes")
        await told("Name of uav", "version 1")
        ledger.say(done("c-1", "failed", reason=HOSTILE))
        assert HOSTILE not in await told("failed", "&lt;script&gt;")
        await pressed(operator, mission, command_id="c-2", confirmed="yes")
        ledger.say(done("c-2"))
        assert "data-current" not in await told("on board")
        status = {"mode": "AUTO", "armed": True, "autopilot": 12}
        flying = {"current_waypoint": 2, "reached_waypoint": 1, "state": 3}
        await bucket.put("uav", document("uav", vehicle_status=status, mission=flying))
        now = await told("at item 2", "item 1 reached", "4 in all")
        assert 'value="2"' in now
        assert 'data-current="2"' in now
        lost = {"liveness": {"state": "lost", "since": "2020-01-01T00:00:00Z", "reason": "x"}}
        await bucket.put("uav", document("uav", vehicle_status=status, mission=flying, **lost))
        assert "data-current" not in await told("when last heard: active")


async def test_what_a_vehicle_has_on_board_is_drawn(web, operator, ledger):
    """The last that was done to its items decides; what is not done, and fences, do not."""
    mission = await made(operator)

    def held():
        return on_board(web.site.tables, "north", "uav")

    assert held() is None
    await pressed(operator, mission, command_id="c-1", confirmed="yes")
    ledger.say(done("c-1", "executing"))
    assert held() is None
    ledger.say(msgspec.structs.replace(done("c-1"), number=2))
    assert held() == (mission, 1)
    drawn = await operator.get("/entities/uav/mission")
    assert drawn.headers["content-type"] == "application/geo+json"
    same = await operator.get(f"/missions/{mission}/drawing?version=1")
    assert json.loads(drawn.text) == json.loads(same.text)

    ledger.say(done("c-2", "failed", minutes=1))
    ledger.say(done("c-3", minutes=2, params={"mission_type": "fence"}, command="clear_mission"))
    assert held() == (mission, 1)
    ledger.say(done("c-4", minutes=3))  # A mission that is stored nowhere.
    assert held() is None
    assert (await operator.get("/entities/uav/mission")).json()["features"] == []


async def test_a_mission_is_deleted_by_its_form(web, operator):
    """With all its versions; on record."""
    mission = await made(operator)
    assert (await operator.post("/missions", data={"act": "delete", "id": mission})).is_redirect
    assert (await operator.get(f"/missions/{mission}")).status_code == 404
    again = await operator.post("/missions", data={"act": "delete", "id": mission})
    assert again.status_code == 404
    (row,) = web.site.tables.read("SELECT target FROM audit WHERE action = 'mission.delete'")
    assert row["target"] == mission


async def test_missions_are_listed_page_by_page(operator, monkeypatch):
    """Each once."""
    monkeypatch.setattr(missions_page, "AT_ONCE", 2)
    names = {await made(operator) for _ in range(3)}
    first = (await operator.get("/missions")).text
    (further,) = [each for each in first.split('"') if each.startswith("/missions?cursor=")]
    second = (await operator.get(further)).text
    shown = [{each for each in names if each in page} for page in (first, second)]
    assert (len(shown[0]), len(shown[1]), shown[0] | shown[1]) == (2, 1, names)
    assert (await operator.get("/missions?cursor=x")).status_code == 422
