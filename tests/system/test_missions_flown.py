"""Missions from a file to the last place: the whole deployment, and a simulated vehicle."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid5

import httpx
import pytest
from deployment import Observed, deployed, until

from flows.ontology.identity import within
from flows.ontology.missions import Item
from flows.ontology.plan_file import write_plan
from flows.ontology.stored_missions import Home, Mission, checksum

SECONDS = 120.0
ORGANIZATION = "default"
PATH = f"/api/v1/organizations/{ORGANIZATION}"
SCOPES = "missions:read,missions:write,commands:read,commands:write,entities:read"
# Where the first vehicle of the simulated fleet waits, an ArduPilot quadrotor.
LATITUDE, LONGITUDE, ALTITUDE = 38.7185, -9.4400, 48.0


def at(command, north, east, altitude=20.0, **more) -> Item:
    """An item so many thousandths of a degree from home."""
    return Item(
        command=command,
        latitude=LATITUDE + north / 1000,
        longitude=LONGITUDE + east / 1000,
        altitude=altitude,
        **more,
    )


def corner(north, east) -> Item:
    return at(5001, north, east, 0.0, frame=0, param1=4.0, param4=0.0)


MISSION = Mission(
    items=[
        at(22, 0, 0),
        at(16, 0.4, 0),
        at(16, 0.4, 0.5),
        at(16, 0, 0.5, 25.0),
        Item(command=20, frame=2, param4=0.0),
    ],
    fence=[corner(*each) for each in ((-5, -5), (-5, 5), (5, 5), (5, -5))],
    rally=[at(5100, 0.2, -0.2, 25.0, param4=0.0)],
    home=Home(LATITUDE, LONGITUDE, ALTITUDE),
    autopilot=3,
    vehicle=2,
)


class Operator:
    """Who asks by REST, of one vehicle, whose radio loses packets or does not."""

    def __init__(self, client: httpx.Client, entity: str, *, lossy: bool) -> None:
        self.client, self.entity, self.lossy = client, entity, lossy

    def stored(self) -> dict:
        """The plan, sent as a file."""
        answer = self.client.post(
            f"{PATH}/missions?name=Round the field",
            content=write_plan(MISSION),
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    def uploaded(self, mission_id: str, plan: str) -> dict:
        """The command by which a list of a mission was given, when it has ended."""
        body = {"entity_id": self.entity, "mission_type": plan, "confirmed": True}
        answer = self.client.post(f"{PATH}/missions/{mission_id}/upload", json=body)
        return self._ended(answer)

    def commanded(self, kind: str) -> httpx.Response:
        body = {"command": kind, "entity_id": self.entity, "confirmed": True}
        return self.client.post(f"{PATH}/commands", json=body)

    def done(self, kind: str) -> dict:
        return self._ended(self.commanded(kind))

    def command(self, command_id: str) -> dict:
        return self.client.get(f"{PATH}/commands/{command_id}").json()

    def progress(self, mission_id: str, plan: str = "mission") -> dict:
        """How far the vehicle is with a list."""
        told = self.client.get(f"{PATH}/missions/{mission_id}/progress").json()
        return next(each for each in told["entities"] if each["mission_type"] == plan)

    def _ended(self, answer: httpx.Response) -> dict:
        assert answer.status_code in (201, 202), answer.text
        command_id = answer.json()["command_id"]

        def ended() -> dict | None:
            told = self.command(command_id)
            ends = {"completed", "failed", "rejected", "timed_out", "expired", "cancelled"}
            return told if told["state"] in ends else None

        return until(ended, SECONDS, f"an end of {command_id}")


@contextmanager
def waiting(running: Observed, *more: str) -> Iterator[None]:
    """A vehicle that waits at home, four times as quick as the clock."""
    target = ":".join(map(str, running.mavlink))
    fly = ["-m", "connectors.simulator", "--target", target, "--vehicles", "1", "--wait"]
    command = [sys.executable, *fly, "--speed", "4", *more]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as fleet:
        try:
            yield
        finally:
            fleet.terminate()


@pytest.fixture(
    scope="module",
    params=[(), ("--lose-sent", "0.15", "--lose-heard", "0.15")],
    ids=["whole", "lossy"],
)
def operator(request, tmp_path_factory) -> Iterator[Operator]:
    """Everything that runs, and a vehicle whose radio is good, or loses every seventh packet."""
    entity = str(uuid5(within(ORGANIZATION), "1"))
    with (
        deployed(tmp_path_factory.mktemp("flown")) as running,
        waiting(running, *request.param),
    ):
        key = running.run("keys", "create", "--scopes", SCOPES).stdout.strip()
        headers = {"X-API-Key": key}
        with httpx.Client(base_url=running.web, headers=headers, timeout=30) as client:
            where = f"{PATH}/entities/{entity}"
            until(lambda: client.get(where).status_code == 200, SECONDS, "the vehicle is known")
            yield Operator(client, entity, lossy=bool(request.param))


def test_a_plan_is_stored_given_and_flown_to_its_end(operator):
    """All three lists with their checksums compared; progress rises item by item to the end."""
    mission = operator.stored()
    name = mission["mission_id"]
    assert mission["remarks"] == []

    for plan in ("mission", "fence", "rally"):
        given = operator.uploaded(name, plan)
        assert given["state"] == "completed", json.dumps(given)
        # What the vehicle was read to have is what was given, by the sum of its items.
        expected = checksum(MISSION.list_of(plan))
        assert given["result"]["checksum"] == expected
        told = operator.progress(name, plan)
        assert (told["checksum"], told["state"], told["held"]) == (expected, "completed", True)

    assert operator.done("arm")["state"] == "completed"
    answer = operator.commanded("start_mission")
    assert answer.status_code in (201, 202), answer.text
    started = answer.json()["command_id"]
    seen: list[dict] = []

    def complete() -> bool:
        told = operator.progress(name)
        if not seen or seen[-1] != told:
            seen.append(told)
        return told["mission_state"] == "complete"

    until(complete, SECONDS, "the end of the mission")
    assert (seen[-1]["total"], seen[-1]["held"]) == (5, True)
    going, reached = (
        [each[item] for each in seen if each[item] is not None]
        for item in ("current_item", "reached_item")
    )
    assert going == sorted(going)
    assert reached == sorted(reached)
    # Where it is a vehicle says again and again; that it has reached an item, once.
    assert {*going} >= {1, 2, 3, 4}
    assert operator.lossy or {*reached} >= {1, 2, 3, 4}
    until(lambda: operator.command(started)["state"] == "completed", SECONDS, "its command's end")
