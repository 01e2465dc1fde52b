"""Pages of commands over HTTP: who sees and asks what, once, and what is said of it."""

import asyncio
import json
from contextlib import asynccontextmanager

import msgspec
import pytest
from ledgers import Ledger, status
from serving import document, events, next_with, until

from flows.ontology.commands import Actor, Control
from web.command_told import Told
from web.sessions import COOKIE

pytestmark = pytest.mark.anyio

STREAM = "CONSTELLATION_COMMANDS"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Accept": "application/json"}
PAGE = {"Accept": "text/html"}
HOLD = {"act": "ask", "command": "hold"}


@pytest.fixture
def ledger(web):
    made = Ledger(web.site.settings.database)
    yield made
    made.database.close()


@pytest.fixture
async def fleet(web, bucket, ledger):
    """One vehicle of ours, one of others."""
    for name, organization in (("uav", "north"), ("gull", "south")):
        await bucket.put(name, document(name, organization))
    await until(lambda: web.site.picture.entity("north", "uav"))
    await until(lambda: web.site.picture.entity("south", "gull"))


@asynccontextmanager
async def acting(web, role, organization="north"):
    async with web.acting_as(role, organization) as client:
        client.headers["Accept"] = "text/html"
        yield client


async def stored(bucket):
    """Everything that the stream of commands has."""
    js = bucket.client.jetstream()
    last = (await js.stream_info(STREAM)).state.last_seq
    found = [await js.get_msg(STREAM, number) for number in range(1, last + 1)]
    return [(each.subject, json.loads(each.data)) for each in found]


async def say(bucket, told: Told):
    """A transition, as the flow tells it."""
    subject = f"constellation.commands.{told.org_id}.{told.entity_id}.status"
    await bucket.client.jetstream().publish(subject, msgspec.json.encode(told))


async def test_a_panel_is_for_who_may_use_it(web, fleet):
    """A viewer reads; an operator asks."""
    async with acting(web, "viewer") as viewer, acting(web, "operator") as operator:
        seen, used = [(await each.get("/entities/uav")).text for each in (viewer, operator)]
    assert "data-ask" not in seen
    assert "operators and commanders ask" in seen
    assert 'name="command" value="takeoff"' in used
    assert "Take control" in used


async def test_what_a_form_asks_for_is_stored_while_the_flow_is_down(web, bucket, fleet):
    """The answer says just that, whether as a page or as JSON, and nothing is shown as done."""
    said = {**HOLD, "reason": "look", "command_id": "by-hand", "priority": "high"}
    async with acting(web, "operator") as client:
        answer = await client.post("/entities/uav", data=said)
        assert answer.status_code == 200
        assert "Hold is stored, and nothing else yet" in answer.text
        assert "judged when that runs, if that is within 60 s" in answer.text
        again = await client.post("/entities/uav", data=said, headers=JSON)
    assert (again.status_code, again.json()["wrong"]) == (200, True)
    assert "does not answer" in again.json()["said"]
    ((subject, asked),) = await stored(bucket)
    assert subject == "constellation.commands.north.uav.request"
    assert (asked["command_id"], asked["reason"], asked["priority"]) == ("by-hand", "look", "high")
    assert asked["by"]["means"] == "person"


async def test_a_double_click_asks_once(web, bucket, fleet):
    """By the key that the page's script sends, and each answer is the same."""
    async with acting(web, "operator") as client:
        headers = {**JSON, "Idempotency-Key": "one-press"}
        answers = await asyncio.gather(
            *(client.post("/entities/uav", data=HOLD, headers=headers) for _ in range(5))
        )
        assert {each.text for each in answers} == {answers[0].text}
        assert len(await stored(bucket)) == 1
        await client.post("/entities/uav", data=HOLD, headers={**JSON, "Idempotency-Key": "2"})
    assert len(await stored(bucket)) == 2


async def test_what_cannot_be_is_told_on_the_page(web, bucket, fleet):
    """What is wrong by its field, and nothing is stored."""
    async with acting(web, "operator") as client:
        for said, told in (
            ({**HOLD, "command": "takeoff", "param.altitude": "9999"}, "altitude: expected 1000 m"),
            ({**HOLD, "command": "arm"}, "confirmed: arm is hazardous"),
            ({**HOLD, "forced": "true"}, "reason: what is forced needs a reason"),
            ({**HOLD, "command": "dance"}, "command: expected one of"),
        ):
            answer = await client.post("/entities/uav", data=said)
            assert answer.status_code == 422, said
            assert told in answer.text
            problem = await client.post("/entities/uav", data=said, headers=JSON)
            assert problem.status_code == 422
            assert problem.json()["errors"]
    assert await stored(bucket) == []


async def test_others_entities_and_commands_are_not_there(web, bucket, fleet, ledger):
    """Neither to see, nor to ask, nor to decide, nor to follow."""
    ledger.say(status("theirs", org_id="south", entity_id="gull", command="reboot"))
    await say(bucket, status("theirs", org_id="south", entity_id="gull", command="reboot"))
    await until(lambda: web.site.board.command("south", "theirs"))
    async with acting(web, "admin") as client:
        for path in ("/entities/gull", "/commands/theirs", "/live/commands/theirs"):
            assert (await client.get(path)).status_code == 404, path
        assert (await client.post("/entities/gull", data=HOLD)).status_code == 404
        decided = await client.post("/commands/theirs", data={"act": "cancel"})
        assert decided.status_code == 404
        several = {**HOLD, "whom": "these", "entities": ["uav", "gull"]}
        assert (await client.post("/commands", data=several)).status_code == 404
        page = await client.get("/commands?entity=gull")
        assert "theirs" not in page.text
        assert "theirs" not in (await client.get("/commands")).text
    assert [each for each, _ in await stored(bucket)] == [
        "constellation.commands.south.gull.status"
    ]


async def test_several_are_asked_at_once(web, bucket, fleet):
    """All, or those that are ticked; nobody is told so."""
    async with acting(web, "operator") as client:
        shown = (await client.get("/commands?broadcast=hold")).text
        assert 'name="entities" value="uav"' in shown
        assert "gull" not in shown
        nobody = await client.post("/commands", data={**HOLD, "whom": "these"})
        assert (nobody.status_code, "choose whom" in nobody.text) == (422, True)
        one = {**HOLD, "whom": "these", "entities": ["uav"], "command_id": "b-1"}
        assert (await client.post("/commands", data=one)).status_code == 200
        await client.post("/commands", data={**HOLD, "whom": "all", "command_id": "b-2"})
    (some, every) = await stored(bucket)
    assert some[0] == "constellation.commands.north.broadcast.request"
    assert (some[1]["entities"], every[1].get("entities", [])) == (["uav"], [])


async def test_a_person_approves_on_the_page_what_another_has_asked_for(web, bucket, fleet, ledger):
    """An operator has no such button, and is refused without it; so is who has asked."""
    async with acting(web, "commander") as one, acting(web, "operator") as operator:
        (asker,) = web.site.tables.read("SELECT user_id FROM users WHERE role = 'commander'")
        by = Actor(asker["user_id"], "Ada", "person")
        ledger.say(status("c-1", 1, "awaiting_approval", command="reboot", requested_by=by))
        approve = {"act": "approve", "reason": "seen"}
        for client in (one, operator):
            assert 'value="approve"' not in (await client.get("/commands/c-1")).text
            assert (await client.post("/commands/c-1", data=approve)).status_code == 403
        async with acting(web, "commander") as other:
            assert 'value="approve"' in (await other.get("/commands/c-1")).text
            answer = await other.post("/commands/c-1", data=approve)
            assert "The approval is stored" in answer.text
        cancelled = await operator.post("/commands/c-1", data={"act": "cancel"}, headers=JSON)
        assert "is to be cancelled is stored" in cancelled.json()["said"]
    kinds = [said["kind"] for _, said in await stored(bucket)]
    assert kinds == ["approve", "cancel"]
    done = web.site.tables.read("SELECT action FROM audit WHERE action LIKE 'command.%'")
    assert {each["action"] for each in done} == {"command.approve", "command.cancel"}


async def test_control_is_taken_and_released_on_the_page(web, bucket, fleet, ledger):
    """What is not so yet is not said to be."""
    async with acting(web, "operator") as client:
        taken = await client.post("/entities/uav", data={"act": "take_control"}, headers=JSON)
        assert (taken.json()["wrong"], "stored" in taken.json()["said"]) == (True, True)
        (person,) = web.site.tables.read("SELECT user_id FROM users WHERE role = 'operator'")
        now = status().at
        held = Control(
            org_id="north", entity_id="uav", number=1, at=now,
            until=status().expires_at, by=Actor(person["user_id"], "Ada", "person"),
        )  # fmt: skip
        ledger.hold(held)
        again = await client.post("/entities/uav", data={"act": "take_control"}, headers=JSON)
        assert again.json() == {"said": "You have control."}
    assert [said["kind"] for _, said in await stored(bucket)] == ["take_control"] * 2


async def test_a_list_is_filtered_and_goes_back_in_time(web, fleet, ledger):
    """By state, kind and name; what lies before says that it does not follow."""
    for number in range(105):
        ledger.say(status(f"c-{number:03}", 1, "completed" if number % 2 else "sent"))
    ledger.say(status("land", 1, "sent", command="land"))
    ledger.say(status("part", 1, "sent", parent_id="p-1"))
    async with acting(web, "viewer") as client:
        page = (await client.get("/commands")).text
        assert page.count('class="order"') == 100
        assert 'id="c-part"' not in page
        before = page[page.index("/commands?cursor=") :].partition('"')[0]
        older = (await client.get(before.replace("&amp;", "&"))).text
        assert older.count('class="order"') == 6
        assert "this page does not follow" in older
        assert "data-init" not in older
        kind = (await client.get("/commands?command=land&state=open")).text
        assert (kind.count('class="order"'), 'id="c-land"' in kind) == (1, True)
        named = (await client.get("/commands?entity=name+of+UAV&state=any")).text
        assert 'id="c-part"' in named
        for query in ("state=none", "command=dance", "entity=a%27b+c"):
            assert (await client.get(f"/commands?{query}")).status_code == 422, query


async def test_what_becomes_of_commands_reaches_every_page(web, bucket, fleet, ledger):
    """The list, the entity's panel and the command's own life, each on its one stream."""
    ledger.say(status("c-1", 1, "queued"))
    await until(lambda: not web.site.board.trouble)
    async with acting(web, "operator") as client:
        for path in ("/live/commands", "/live/entities/uav", "/live/commands/c-1"):
            async with events(client, path) as stream:
                await next_with(stream, 'id="connection"')
                await next_with(stream, "queued" if "c-1" in path else "command-notice")
                number = {"/live/commands": 2, "/live/entities/uav": 3}.get(path, 4)
                state = {2: "sent", 3: "accepted", 4: "executing"}[number]
                told = status("c-1", number, state)
                ledger.say(told)
                await say(bucket, told)
                await next_with(stream, state, name="patch-elements")


async def test_who_may_less_from_now_on_is_shown_no_more(web, fleet):
    """A stream was made for what somebody might do: with another role it begins anew."""
    person = web.site.people.add("north", email="", name="Ada", role="commander")
    token = await web.site.sessions.create(person)
    headers = {"Cookie": f"{COOKIE}={token}"}
    async with web.client(**headers) as client, events(client, "/live/entities/uav") as stream:
        await next_with(stream, 'id="control"')
        web.site.tables.write(
            "UPDATE users SET role = 'viewer' WHERE user_id = ?", (person.user_id,)
        )
        web.site.sessions.forget()
        async with asyncio.timeout(15):
            async for _ in stream:
                pass
