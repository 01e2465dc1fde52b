"""Reading by REST through a whole deployment, as the README tells it."""

import csv
import io
import json
import re
import shlex
import string
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from deployment import deployed, until

README = (Path(__file__).parents[2] / "README.md").read_text()
SECONDS = 30.0
ENTITIES = "/api/v1/organizations/default/entities"
PLACES = [47.4, 47.41, 47.42]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with deployed(tmp_path_factory.mktemp("reading")) as running:
        yield running


@pytest.fixture(scope="module")
def key(running):
    scopes = "entities:read,entities:write,telemetry:write"
    return running.run("keys", "create", "--scopes", scopes).stdout.strip()


@pytest.fixture(scope="module")
def client(running, key):
    with httpx.Client(base_url=running.web, headers={"X-API-Key": key}, timeout=SECONDS) as client:
        yield client


@pytest.fixture(scope="module")
def driven(client):
    """A rover that has said where it is three times; the moments after each."""
    moments = []
    for latitude in PLACES:
        place = {"latitude": latitude, "longitude": 8.5}
        said = {
            "entity_id": "rover-1",
            "entity_type": "ground_vehicle_wheeled",
            "position": {"global": place},
        }
        assert client.post("/api/v1/telemetry", json=said).status_code == 202
        until(
            lambda place=place: _place(client.get(f"{ENTITIES}/rover-1/state")) == place,
            SECONDS,
            "it is there",
        )
        moments.append(datetime.now(UTC))
    until(lambda: len(_rows(client)) == len(PLACES), SECONDS, "the lake has it")
    return moments


def _place(answer):
    return answer.json().get("position", {}).get("global") if answer.is_success else None


def _rows(client):
    path = f"{ENTITIES}/rover-1/history?signals=position.global"
    return client.get(path).json()


def text(moment):
    return moment.isoformat().replace("+00:00", "Z")


def test_the_past_is_what_was_said_by_then(client, driven):
    """Of each moment the place that had been said last, as the live state had it."""
    found = [
        _place(client.get(f"{ENTITIES}/rover-1/state", params={"at": text(moment)}))
        for moment in driven
    ]

    assert [each["latitude"] for each in found] == PLACES
    late = client.get(f"{ENTITIES}/rover-1/state", params={"at": text(driven[-1])}).json()
    live = client.get(f"{ENTITIES}/rover-1/state").json()
    assert (
        late["provenance"]["position.global"]["message"]
        == (live["provenance"]["position.global"]["message"])
    )


def test_history_is_all_that_was_said(client, driven):
    """In its order."""
    assert [each["values"]["position.global.latitude"] for each in _rows(client)] == PLACES


def test_the_readme_tells_how_to_read(running, client, key, driven):
    """Each command in turn, and what stands under it."""
    example = re.search(r"(?s)<!-- example:reading -->\n```sh\n(.*?)```", README)[1]
    named = {
        "KEY": key,
        "ENTITIES": f"{running.web}{ENTITIES}",
        "AT": text(driven[0]),
        "FROM": text(driven[0] - timedelta(minutes=5)),
    }
    commands = re.findall(r"(?m)^curl (.*)\n# (.*)", example)
    answers = []
    for command, _ in commands:
        words = shlex.split(string.Template(command).substitute(named))
        (url,) = (word for word in words if word.startswith("http"))
        headers = dict(
            words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H"
        )
        with httpx.stream("GET", url, headers=headers, timeout=SECONDS) as answer:
            assert answer.status_code == 200, command
            answers.append((answer.headers, _read(answer, endless="-N" in words)))

    listed, then, history, changes = answers
    assert listed[0]["x-total-count"] == str(len(json.loads(listed[1])))
    assert then[1].startswith(commands[1][1].removesuffix("…"))
    assert history[1].startswith(commands[2][1].removesuffix("…"))
    rows = list(csv.DictReader(io.StringIO(history[1])))
    assert [float(row["position.global.latitude"]) for row in rows] == PLACES
    assert re.findall(r"(?m)^event: (\w+)", changes[1]) == ["snapshot", "ready"]


def _read(answer, *, endless):
    """What is answered; of what does not end, all that there is to begin with."""
    if not endless:
        return answer.read().decode()
    said, deadline = "", time.monotonic() + SECONDS
    for piece in answer.iter_text():
        said += piece
        assert time.monotonic() < deadline
        if "event: ready" in said:
            break
    return said
