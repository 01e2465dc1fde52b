"""Whatever is killed, and at whichever transition of a command: it has one end, and one record."""

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from uuid import uuid4, uuid5

import httpx
import msgspec
import pytest
from deployment import Observed, deployed, until
from relaying import IN_PROGRESS, Pilot, acknowledged

from connectors.session import session
from flows.ontology.command_states import ended, follows
from flows.ontology.identity import within

SECONDS = 60.0
PATH = "/api/v1/organizations/default"
STREAM = "CONSTELLATION_COMMANDS"
PARTS = ("relay", "commands", "web")
STATES = ("requested", "sent", "received", "executing", "completed")


def busy(_pilot, message):
    """Say that it goes on, and then that it is done."""
    if message.get_type() == "COMMAND_LONG":
        for percent in (10, 60):
            yield acknowledged(message, IN_PROGRESS, percent)
        yield acknowledged(message)


class Scene:
    """A deployment, a vehicle, and somebody who asks and asks again until there is an answer."""

    def __init__(self, running: Observed, pilot: Pilot) -> None:
        self.running, self.pilot = running, pilot
        self.entity = str(uuid5(within("default", ""), "1"))
        scopes = "commands:read,commands:write,entities:read"
        self.headers = {
            "X-API-Key": running.run("keys", "create", "--scopes", scopes).stdout.strip()
        }

    def asked(self, method: str, path: str, body: dict | None = None) -> httpx.Response:
        """What the web answers, as soon as it does."""
        found: list[httpx.Response] = []

        def there() -> bool:
            with suppress(httpx.TransportError):
                answer = httpx.request(
                    method, f"{self.running.web}{path}", headers=self.headers, json=body, timeout=10
                )
                if answer.status_code < 500:
                    found.append(answer)
            return bool(found)

        until(there, SECONDS, f"an answer to {method} {path}")
        return found[-1]

    def command(self, command_id: str) -> dict:
        return self.asked("GET", f"{PATH}/commands/{command_id}").json()

    def killed_at(self, part: str, state: str) -> str:
        """Ask for a picture, and kill a part when it is heard that the command has a state."""
        command_id = uuid4().hex
        victims = self.running.processes_of(part)
        killed: list[str] = []

        async def hear(message) -> None:
            told = json.loads(message.data)
            if (told["command_id"], told["state"]) == (command_id, state) and not killed:
                for each in victims:
                    each.kill()
                killed.append(state)

        async def listen(client) -> None:
            await client.subscribe(f"constellation.commands.default.{self.entity}.status", cb=hear)
            await client.flush()

        with session(self.running.server()) as opened:
            opened.call(listen, opened.client)
            body = {
                "command": "camera_trigger", "entity_id": self.entity, "command_id": command_id,
            }  # fmt: skip
            answer = self.asked("POST", f"{PATH}/commands", body)
            assert answer.status_code in {200, 201, 202}, answer.text
            until(lambda: killed, SECONDS, f"{state} of {command_id}")
        return command_id

    def said(self, command_id: str) -> list[dict]:
        """Its transitions, as the stream has them."""
        subject = f"constellation.commands.default.{self.entity}.status"

        async def read(client) -> list[bytes]:
            last = (await client.jetstream().stream_info(STREAM)).state.last_seq
            found, sequence = [], 0
            while sequence < last:
                message = await client.jetstream().get_msg(
                    STREAM, sequence + 1, subject=subject, next=True
                )
                found.append(message.data)
                sequence = message.seq
                last_of = await client.jetstream().get_last_msg(STREAM, subject)
                last = last_of.seq
            return found

        with session(self.running.server()) as opened:
            told = [msgspec.json.decode(each) for each in opened.call(read, opened.client)]
        return [each for each in told if each["command_id"] == command_id]


@pytest.fixture(scope="module", params=STATES)
def scene(request, tmp_path_factory) -> Iterator[tuple[Scene, str]]:
    """Everything anew for each state: whoever falls often is started again ever later."""
    with (
        deployed(tmp_path_factory.mktemp("killed")) as running,
        Pilot(running.mavlink[1], busy) as pilot,
    ):
        here = Scene(running, pilot)
        where = f"{PATH}/entities/{here.entity}"
        until(lambda: here.asked("GET", where).status_code == 200, SECONDS, "the vehicle is known")
        yield here, request.param


@pytest.mark.parametrize("part", PARTS)
def test_a_command_has_one_end_whatever_is_killed_at_whichever_transition(scene, part):
    """And is done once: the vehicle hears it once at most, and never where it was given up."""
    here, state = scene
    here.pilot.heard.clear()
    command_id = here.killed_at(part, state)
    until(lambda: ended(here.command(command_id)["state"]), SECONDS, f"an end of {command_id}")
    command = here.command(command_id)

    heard = [each for each in here.pilot.commands() if each.get_type() == "COMMAND_LONG"]
    assert len(heard) <= 1
    assert command["state"] == "completed" or (part == "relay" and command["state"] == "failed")
    assert heard or command["state"] == "failed"
    states = [each["state"] for each in command["transitions"]]
    numbers = [each["number"] for each in command["transitions"]]
    assert numbers == [*range(1, len(numbers) + 1)]
    # That it goes further is a row of its own.
    went = [each for each, _ in groupby(states)]
    assert all(map(follows, went, went[1:])), states
    assert [ended(each) for each in states] == [False] * (len(states) - 1) + [True]
    # What others have heard is the same, also if some of it was said twice.
    said = {each["number"]: each["state"] for each in here.said(command_id)}
    assert said == dict(zip(numbers, states, strict=True))
