"""Devices that do not speak NATS, as the README tells them to: through a whole deployment."""

import json
import os
import re
import shlex
import string
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from deployed import deployment
from deployment import STREAM, Observed, until
from free import free_port

from connectors.mqtt import STREAMS
from connectors.session import session

README = (Path(__file__).parents[2] / "README.md").read_text()
SECONDS = 60.0
# What the examples say: entity and signals.
SAID = {
    "mast-3": {"soil.moisture": 31.5},
    "rover-1": {"position.global.latitude": 47.4, "position.global.longitude": 8.5},
    "mast-4": {"soil.moisture": 30.9},
    "mast-5": {"soil.moisture": 29.8},
}


def example(name: str) -> str:
    """The code of an example of the README."""
    return re.search(rf"(?s)<!-- example:{name} -->\n```\w+\n(.*?)```", README)[1]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A deployment that listens for MQTT, and into which every example has been said."""
    folder = tmp_path_factory.mktemp("devices")
    more = {"OVERWATCH_SNAPSHOT_SECONDS": "1", "MQTT_PORT": str(free_port())}
    with deployment(folder, "up", **more) as started:
        yield Observed(**vars(started))


@pytest.fixture(scope="module")
def told(running) -> dict[str, str]:
    """What each example has printed."""
    lines = running.run("env").stdout.splitlines()
    environment = dict("".join(shlex.split(line)).split("=", 1) for line in lines)
    made = re.search(r"KEY=\$\(overwatch (.*)\)", example("http"))[1]
    environment["KEY"] = running.run(*shlex.split(made)).stdout.strip()
    return {
        "http": curl(environment),
        **{name: python(name, environment) for name in ("websocket", "mqtt")},
    }


def curl(environment: dict[str, str]) -> str:
    """Do what the example has curl do."""
    command = re.search(r"(?s)^curl (.*)\n#", example("http"), re.MULTILINE)[1]
    words = shlex.split(string.Template(command).substitute(environment))
    options = dict.fromkeys(("-H", "--data"), ())
    options = {name: [words[at + 1] for at in places(words, name)] for name in options}
    (url,) = (word for word in words if word.startswith("http"))
    headers = dict(each.split(": ", 1) for each in options["-H"])
    return httpx.post(url, headers=headers, content=options["--data"][0], timeout=SECONDS).text


def places(words: list[str], word: str) -> list[int]:
    return [at for at, each in enumerate(words) if each == word]


def python(name: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example(name)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_answers_are_those_of_the_readme(told):
    """Word for word."""
    assert f"\n# {told['http']}\n" in example("http")
    assert f"# {told['websocket']}\n" in example("websocket")
    assert told["mqtt"] == ""


def test_every_device_is_an_entity_with_its_signals(running, told):
    """In the bucket, the registry and the lake, however it has come."""
    until(lambda: running.states().keys() >= SAID.keys(), SECONDS, "every device has a state")
    states = running.states()
    for entity, signals in SAID.items():
        for path, value in signals.items():
            found = states[entity]
            for part in path.split("."):
                found = found[part]
            assert found == value, f"{entity} {path}"
        assert states[entity]["org_id"] == "default"
        assert states[entity]["liveness"]["state"] in ("live", "stale", "lost")
    until(lambda: running.registry().keys() >= SAID.keys(), SECONDS, "every device is registered")
    count = "SELECT count(*) FROM telemetry"
    until(lambda: running.ask(count) == [(len(SAID),)], SECONDS, "every message is in the lake")
    others = "SELECT entity_id, others ->> '$.\"soil.moisture\"' FROM telemetry"
    masts = {entity: value for entity, value in running.ask(others) if value is not None}
    assert {entity: float(value) for entity, value in masts.items()} == {
        entity: signals["soil.moisture"]
        for entity, signals in SAID.items()
        if "soil.moisture" in signals
    }
    place = "SELECT position_global_latitude FROM telemetry WHERE entity_id = 'rover-1'"
    assert running.ask(place) == [(47.4,)]
    assert running.rejections() == []


def test_all_is_well_with_mqtt(running, told):
    """Health, streams, and what the server keeps for it and holds."""
    assert running.healthy()
    assert running.run("streams", "--check").returncode == 0

    async def bounds(client):
        infos = {each.config.name: each for each in await client.jetstream().streams_info()}
        return {name: infos[name].config.max_bytes for name in STREAMS}

    with session(running.server("client")) as opened:
        found = opened.call(bounds, opened.client)
    assert set(found.values()) == {int(0.01 * 8 * 2**30)}
    report = json.loads(running.get("/health")[1])
    assert report["nats"]["missing_streams"] == []
    (server,) = (each for each in running.processes() if each.name().startswith("nats-server"))
    assert server.memory_info().rss < 128 * 2**20


def test_the_password_is_in_no_arguments_and_no_log(running, told):
    """It is in its file, and nowhere else."""
    password = (running.data / "nats" / "mqtt-password").read_text()
    assert len(password) == 43
    words = [word for each in running.processes() for word in each.cmdline()]
    assert not any(password in word for word in words)
    files = [path for path in running.data.rglob("*") if path.is_file()]
    holding = [path.name for path in files if password.encode() in path.read_bytes()]
    assert holding == ["mqtt-password"]


def test_after_a_restart_of_the_server_devices_go_on(running, told):
    """With the password that they have."""
    (server,) = (each for each in running.processes() if each.name().startswith("nats-server"))
    last = running.stream_last()
    server.send_signal(9)
    psutil.wait_procs([server], SECONDS)
    until(running.healthy, SECONDS, "all is well again")
    lines = running.run("env").stdout.splitlines()
    environment = dict("".join(shlex.split(line)).split("=", 1) for line in lines)
    python("mqtt", environment)
    until(lambda: running.stream_last() == last + 1, SECONDS, f"{STREAM} has one more")
