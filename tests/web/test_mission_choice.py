"""Stored missions in forms of commands: what is offered, what is taken, what is on record."""

from uuid import uuid5

import pytest
from serving import document, until
from test_command_routes import stored
from test_mission_routes import BODY, PATH

from flows.ontology.identity import within
from web.mission_choice import Chosen, choice, chosen
from web.problems import Problem

pytestmark = pytest.mark.anyio

HOSTILE = "<script>alert(1)</script>"

ROW = {
    "mission_id": "m-1", "version": 3, "name": "Round the tower", "item_count": 4,
    "fence_count": 0, "rally_count": 1,
}  # fmt: skip


@pytest.fixture
async def operator(web, bucket):
    for name, organization in (("uav", "north"), ("kite", "north"), ("gull", "south")):
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


def form(mission, **more):
    return {
        "command": "upload_mission", "command_id": "c-1", "confirmed": "true",
        "stored": f"{mission}/1/mission", **more,
    }  # fmt: skip


def test_each_list_that_is_not_empty_is_a_choice():
    """Of each version; what cannot be sent is not there to be chosen."""
    html = str(choice([ROW]))

    assert 'value="m-1/3/mission"' in html
    assert "Round the tower, version 3: mission, 4 items" in html
    assert "rally, 1 point<" in html
    assert "m-1/3/fence" not in html
    assert "There is no stored mission" in str(choice([{**ROW, "item_count": 0, "rally_count": 0}]))
    assert HOSTILE not in str(choice([{**ROW, "name": HOSTILE}]))


def test_what_was_chosen_is_read_back():
    assert chosen({"stored": "m-1/3/rally"}) == Chosen("m-1", 3, "rally")


@pytest.mark.parametrize(
    "said", ["", "m-1", "m-1/3", "m-1/x/rally", "m-1/\u0663/rally", "/3/rally", "m-1/3/params"]
)
def test_what_was_not_offered_is_refused_in_words(said):
    with pytest.raises(Problem, match="Choose the stored mission") as refused:
        chosen({"stored": said})
    assert refused.value.status == 422


async def test_the_form_of_a_vehicle_offers_what_its_organisation_has_stored(web, operator):
    """And says where missions come from as long as there is none."""
    assert "There is no stored mission" in (await operator.get("/entities/uav")).text
    mission = await made(operator, name=HOSTILE)
    await operator.put(f"{PATH}/{mission}", json={**BODY, "name": "Another"})

    page = (await operator.get("/entities/uav")).text
    assert f'value="{mission}/1/mission"' in page
    assert f'value="{mission}/2/mission"' in page
    assert HOSTILE not in page
    async with web.acting_as("operator", "south") as other:
        assert mission not in (await other.get("/entities/gull")).text
    async with web.acting_as("viewer") as viewer:
        assert mission not in (await viewer.get("/entities/uav")).text


async def test_a_vehicle_is_given_what_was_chosen(web, operator, bucket):
    """Once, however often it is pressed; it is on record as from the mission's own page."""
    mission = await made(operator)
    for _ in range(2):
        answer = await operator.post("/entities/uav", data=form(mission))
        assert answer.status_code == 200

    ((subject, said),) = await stored(bucket)
    assert subject == "constellation.commands.north.uav.request"
    assert said["params"]["items"] == BODY["items"]
    (row,) = uploads(web)
    assert (row["entity_id"], row["command_id"], row["mission_id"], row["version"]) == (
        "uav", "c-1", mission, 1,
    )  # fmt: skip


async def test_several_are_given_it_and_each_is_on_record(web, operator, bucket):
    """By the command that is its part of the one to all of them; those of others are not asked."""
    mission = await made(operator)
    page = (await operator.get("/commands?broadcast=upload_mission")).text
    assert f'value="{mission}/1/mission"' in page
    answer = await operator.post("/commands", data={**form(mission), "whom": "all"})
    assert answer.status_code == 200

    ((subject, said),) = await stored(bucket)
    assert subject == "constellation.commands.north.broadcast.request"
    assert sorted(said["entities"]) == ["kite", "uav"]
    space = within("north", "commands")
    assert {row["entity_id"]: row["command_id"] for row in uploads(web)} == {
        each: str(uuid5(space, f"c-1:{each}")) for each in ("kite", "uav")
    }


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"confirmed": ""}, 422),
        ({"stored": ""}, 422),
        ({"stored": "none/1/mission"}, 404),
        ({"stored": "{}/1/rally"}, 422),
        ({"stored": "{}/7/mission"}, 404),
    ],
)
async def test_what_cannot_be_sent_is_not_asked_for(web, operator, bucket, more, status):
    """And the page says why."""
    mission = await made(operator)
    said = {name: each.format(mission) for name, each in more.items()}
    for path in ("/entities/uav", "/commands"):
        answer = await operator.post(path, data={**form(mission, whom="all"), **said})
        assert answer.status_code == status
    assert (await stored(bucket), uploads(web)) == ([], [])


async def test_missions_of_others_are_none(web, operator, bucket):
    mission = await made(operator)
    async with web.acting_as("operator", "south") as other:
        answer = await other.post("/entities/gull", data=form(mission))
    assert answer.status_code == 404
    async with web.acting_as("viewer") as viewer:
        assert (await viewer.post("/entities/uav", data=form(mission))).status_code == 403
    assert (await stored(bucket), uploads(web)) == ([], [])
