"""The whole deployment, by its command: ready, well, hurt, and gone."""

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import nats
import psutil
import pytest
from deployed import (
    DEADLINE,
    OVERWATCH,
    READY_SECONDS,
    deployment,
    ran,
    running,
    until,
    variables,
)
from free import free_port
from nats.js.api import StreamConfig
from pymavlink.dialects.v20 import ardupilotmega

from connectors.nats_server import binary
from flows.ontology.subjects import BUCKET

pytestmark = pytest.mark.timeout(2 * READY_SECONDS)

FLOWS = ("relay", "telemetry", "entities", "commands")
PARTS = {"nats", "web", *FLOWS, "maintenance"}
TELEMETRY = "CONSTELLATION_TELEMETRY"
STOP_SECONDS = 5.0
PORTS = ("PORT", "NATS_PORT", "MAVLINK_BASE_PORT")


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    # Streams are left alone, so that their drift can be looked at.
    folder = tmp_path_factory.mktemp("up")
    with deployment(folder, OVERWATCH_STREAMS_CHECK_SECONDS="3600") as up:
        yield up


def test_ready_is_one_line_with_a_link_that_signs_in(up):
    """And by then all is well."""
    words, link = up.ready.rsplit(": ", 1)[0], up.ready.split(": ", 1)[1]
    assert words == "Overwatch is ready"
    assert up.healthy()
    path = link[link.index("/sign-in") :]
    assert up.get(path)[0] == 303
    assert up.get(path)[0] == 401


def test_every_part_is_reported(up):
    """By name, with its process, and as running."""
    parts = up.parts()
    assert set(parts) == PARTS
    assert {each["state"] for each in parts.values()} == {"running"}
    pids = {each["pid"] for name, each in parts.items() if name != "maintenance"}
    assert pids <= {each.pid for each in up.processes()}


def test_what_is_kept_is_its_owners_alone(up):
    """No folder or file under the data folder can be read by anybody else."""
    loose = [
        path
        for path in (up.data, *up.data.rglob("*"))
        if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert loose == []


def test_no_secret_is_in_an_argument(up):
    """Whoever lists processes learns no seed and no token."""
    seeds = [file.read_text() for file in (up.data / "nats" / "keys").iterdir()]
    token = up.ready.rsplit("=", 1)[1]
    arguments = [word for each in up.processes() for word in each.cmdline()]
    assert not [word for word in arguments for secret in (*seeds, token) if secret in word]


def test_a_second_one_is_refused(up):
    """The same folder has one supervisor; the sentence names its process."""
    second = up.run("up")
    assert (second.returncode, second.stdout) == (1, "")
    assert f"runs already with {up.data}, as process {up.process.pid}" in second.stderr
    assert up.healthy()


def test_env_is_what_a_client_needs(up):
    """With it and nothing else an ordinary client reads the bucket."""
    lines = dict(line.split("=", 1) for line in up.run("env").stdout.splitlines())
    assert set(lines) == {
        "BASE_URL", "NATS_URL", "NATS_NKEY_SEED_FILE", "MQTT_URL", "MQTT_USER",
        "MQTT_PASSWORD_FILE", "OVERWATCH_DATA_DIR", "OVERWATCH_DB", "OVERWATCH_LAKE",
    }  # fmt: skip
    assert lines["MQTT_URL"] == ""  # Nobody has asked for it.
    assert lines["BASE_URL"] == f"http://127.0.0.1:{up.environment['PORT']}"
    assert Path(lines["OVERWATCH_DB"]).is_file()
    assert Path(lines["OVERWATCH_LAKE"]).is_dir()

    async def history():
        client = await nats.connect(lines["NATS_URL"], nkeys_seed=lines["NATS_NKEY_SEED_FILE"])
        try:
            bucket = await client.jetstream().key_value(BUCKET)
            return (await bucket.status()).history
        finally:
            await client.close()

    assert asyncio.run(history()) == 10


def test_a_key_is_printed_alone_and_works(up):
    """Until it is revoked."""
    made = up.run("keys", "create", "--scopes", "entities:read")
    key = made.stdout.strip()
    assert made.stdout == f"{key}\n"
    path = "/api/v1/organizations/default/entities"
    assert up.get(path)[0] == 401
    assert up.get(path, **{"X-API-Key": key})[0] == 200
    assert key[:16] in up.run("keys", "list").stdout
    assert up.run("keys", "revoke", key[:16]).returncode == 0
    until(lambda: up.get(path, **{"X-API-Key": key})[0] == 401)


def test_a_scope_that_is_none_is_refused(up):
    """With those that there are."""
    refused = up.run("keys", "create", "--scopes", "everything")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "everything" in refused.stderr


def test_a_new_link_signs_in(up):
    """It is printed alone."""
    link = up.run("link").stdout.strip()
    assert up.get(link[link.index("/sign-in") :])[0] == 303


async def age_an_hour(up):
    """What somebody does who may: telemetry is to be kept for an hour only."""
    seed = str(up.data / "nats" / "keys" / "admin.nk")
    url = f"nats://127.0.0.1:{up.environment['NATS_PORT']}"
    client = await nats.connect(url, nkeys_seed=seed, inbox_prefix="_INBOX_admin")
    try:
        config: StreamConfig = (await client.jetstream().stream_info(TELEMETRY)).config
        await client.jetstream().update_stream(config.evolve(max_age=3600.0))
    finally:
        await client.close()


def test_drift_is_shown_and_put_right(up):
    """Somebody changed a stream: `--check` says so to programs, `apply` repairs it."""
    assert up.run("streams", "--check").returncode == 0
    asyncio.run(age_an_hour(up))
    shown = up.run("streams")
    assert "max_age is 3600.0, declared 604800.0" in " ".join(shown.stdout.split())
    assert shown.returncode == 0
    assert up.run("streams", "show", "--check").returncode == 1
    applied = up.run("streams", "apply")
    assert applied.stdout == f"{TELEMETRY}: max_age was 3600.0, is 604800.0 now\n"
    assert up.run("streams", "apply").stdout == "All streams are as declared.\n"
    assert up.run("streams", "--check").returncode == 0


def test_drift_is_put_right_without_being_asked(tmp_path):
    """It is said and counted; while it lasts, not all is well."""
    with deployment(tmp_path, OVERWATCH_STREAMS_CHECK_SECONDS="2") as up:
        key = up.run("keys", "create", "--scopes", "metrics:read").stdout.strip()

        def repairs():
            figures = up.get("/metrics", **{"X-API-Key": key})[1].decode()
            return f'overwatch_stream_repairs_total{{stream="{TELEMETRY}"}} 1.0' in figures

        asyncio.run(age_an_hour(up))
        until(repairs)
        until(up.healthy)
        assert json.loads(up.get("/health")[1])["nats"]["differences"] == []
        said = (tmp_path / "stderr").read_text()
        assert f"{TELEMETRY}: max_age was 3600.0, is 604800.0 now" in said


@contextmanager
def paused(process):
    """It does nothing meanwhile."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("part", [*FLOWS, "web", "nats"])
def test_a_part_that_is_killed_is_started_again(up, part):
    """It is another process then, all is well again, and the report has said why it was not."""
    until(up.healthy)
    before = up.parts()[part]["pid"]
    os.kill(before, signal.SIGKILL)
    until(lambda: up.parts()[part]["state"] != "running")
    assert up.parts()[part]["reason"] == "It was ended by SIGKILL."
    if part in FLOWS:
        # /health is kept for a second, and some parts are back as fast: they have to wait.
        with paused(up.process):
            until(lambda: up.fault(part) == "It was ended by SIGKILL.")
            assert up.get("/health")[0] == 503
    until(up.healthy)
    assert up.parts()[part]["pid"] != before


def heartbeat_log(file, began_us=1_700_000_000_000_000):
    """A log of a vehicle that says for two seconds that it is there."""
    mavlink = ardupilotmega.MAVLink(None, srcSystem=77, srcComponent=1)
    records = []
    for second in range(3):
        beat = mavlink.heartbeat_encode(2, 3, 81, 4, 4).pack(mavlink)
        records.append((began_us + second * 1_000_000).to_bytes(8, "big") + beat)
    file.write_bytes(b"".join(records))


def test_a_log_is_replayed_and_so_it_is_again(up, tmp_path):
    """Each time its messages are stored once more."""
    log = tmp_path / 'it\'s a "flight".tlog'
    heartbeat_log(log)
    before = asyncio.run(stored(up))
    for times in (1, 2):
        played = up.run("replay", str(log), "--speed", "0", "--entity", "flown")
        assert (played.returncode, played.stdout) == (0, ""), played.stderr
        assert asyncio.run(stored(up)) == before + 3 * times


async def stored(up):
    """How many messages the telemetry stream holds."""
    seed = str(up.data / "nats" / "keys" / "client.nk")
    client = await nats.connect(f"nats://127.0.0.1:{up.environment['NATS_PORT']}", nkeys_seed=seed)
    try:
        return (await client.jetstream().stream_info(TELEMETRY)).state.messages
    finally:
        await client.close()


def test_a_raw_stream_is_replayed(up, tmp_path):
    """As a log is."""
    log = tmp_path / "flight.tlog"
    heartbeat_log(log)
    record = log.stat().st_size // 3
    data = log.read_bytes()
    raw = tmp_path / "flight.raw"
    raw.write_bytes(b"".join(data[at + 8 : at + record] for at in range(0, len(data), record)))
    before = asyncio.run(stored(up))
    played = up.run("replay", str(raw), "--speed", "0")
    assert (played.returncode, played.stdout) == (0, ""), played.stderr
    assert asyncio.run(stored(up)) == before + 3


def test_a_folder_of_logs_is_replayed_in_their_order(up, tmp_path):
    """With the progress of each and of all; one that is broken is told, and stops no other."""
    for day, name in enumerate(("c", "a", "b"), 1):
        heartbeat_log(tmp_path / f"{name}.tlog", began_us=1_700_000_000_000_000 + day * 10**11)
    (tmp_path / "empty.tlog").touch()
    (tmp_path / "text.tlog").write_text("no log at all")
    (tmp_path / "notes.txt").write_text("sunny")
    before = asyncio.run(stored(up))
    played = up.run("replay", str(tmp_path), "--speed", "0")
    said = played.stderr.splitlines()

    assert (played.returncode, played.stdout) == (1, ""), played.stderr
    assert asyncio.run(stored(up)) == before + 9
    assert [line.partition(":")[0] for line in said if line.endswith(" packets")] == [
        "c.tlog (3 of 5)", "a.tlog (4 of 5)", "b.tlog (5 of 5)"
    ]  # fmt: skip
    assert f"empty.tlog (1 of 5) is not played: {tmp_path / 'empty.tlog'} is empty." in said
    assert any(line.startswith("text.tlog (2 of 5) is not played: ") for line in said)
    assert [line for line in said if " logs, " in line][-1].startswith("5 of 5 logs, 100 % of ")
    assert said[-1] == "Error: 2 of 5 logs could not be played: empty.tlog, text.tlog."

    for name in ("empty", "text"):
        (tmp_path / f"{name}.tlog").unlink()
    assert up.run("replay", str(tmp_path), "--speed", "0").returncode == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"", "holds no MAVLink, neither as a telemetry log (.tlog) nor as a raw stream."),
        (
            b"no log at all\n" * 100,
            "holds no MAVLink, neither as a telemetry log (.tlog) nor as a raw stream.",
        ),
    ],
)
def test_what_is_no_log_is_refused(up, tmp_path, content, sentence):
    """In one sentence, whatever the flow has said."""
    log = tmp_path / "flight.tlog"
    if content is not None:
        log.write_bytes(content)
    refused = up.run("replay", str(log))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Error: {log} {sentence}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_leaves_nothing_behind(tmp_path, number):
    """Within five seconds, in good order, and the simulated fleet as well."""
    with deployment(tmp_path, "demo") as demo:
        processes = demo.processes()
        assert len(processes) >= len(PARTS)
        told = time.monotonic()
        demo.process.send_signal(number)
        assert demo.process.wait(DEADLINE) == 0
        assert time.monotonic() - told < STOP_SECONDS
        assert running(processes) == []
        assert not (demo.data / "run" / "parts.json").exists()


@pytest.mark.parametrize("part", ["nats", "telemetry"])
def test_asked_to_stop_while_it_starts_it_is_never_ready(tmp_path, part):
    """Whatever was started by then is stopped, and no line is printed."""
    with subprocess.Popen(
        [OVERWATCH, "up"],
        cwd=tmp_path,
        env=variables(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        report = tmp_path / "data" / "run" / "parts.json"
        until(lambda: report.exists() and state(report, part) == "starting")
        processes = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert (process.wait(DEADLINE), process.stdout.read()) == (0, "")
    assert running(processes) == []


def state(report, part):
    parts = json.loads(report.read_text())["parts"]
    return next(each["state"] for each in parts if each["part"] == part)


def test_killed_it_leaves_nothing_behind_and_can_be_started_again(tmp_path):
    """The kernel tells the parts; whoever starts at once waits for their ports."""
    with deployment(tmp_path, "demo") as demo:
        processes = demo.processes()
        demo.process.kill()
        demo.process.wait()
    with deployment(tmp_path, **{name: demo.environment[name] for name in PORTS}) as again:
        assert running(processes) == []
        assert again.healthy()


def test_ports_may_be_others_after_a_restart(tmp_path):
    """What the relay has recorded does not hold it to the ports of before."""
    links = ",".join(str(free_port()) for _ in range(2))
    with deployment(tmp_path, MAVLINK_LINKS=links):
        pass
    with deployment(tmp_path) as again:
        assert again.healthy()


@contextmanager
def other_server(folder, *options):
    port = free_port()
    where = ("-a", "127.0.0.1", "-p", str(port), "-sd", str(folder))
    process = subprocess.Popen([binary(), *where, *options], stderr=subprocess.DEVNULL)
    try:
        until(lambda: listens(port))
        yield f"nats://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(DEADLINE)


def listens(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def test_a_server_of_ones_own_is_used_in_place_of_ours(tmp_path):
    """NATS_URL: streams are made there, all is well, and no server of ours is started."""
    with (
        other_server(tmp_path / "theirs", "-js") as url,
        deployment(tmp_path, NATS_URL=url) as up,
    ):
        assert up.healthy()
        assert set(up.parts()) == PARTS - {"nats"}
        assert not [each for each in up.processes() if each.name() == "nats-server"]
        assert up.run("streams", "--check").returncode == 0
        assert f"NATS_URL={url}\nNATS_NKEY_SEED_FILE=\n" in up.run("env").stdout


def test_a_server_without_jetstream_is_refused(tmp_path):
    """In a sentence that says what it lacks; nothing is started."""
    with other_server(tmp_path / "theirs") as url:
        refused = ran(tmp_path, variables(tmp_path, NATS_URL=url), "up")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"Error: JetStream at {url} cannot be used" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_the_demo_flies(tmp_path):
    """Vehicles of the fleet are in the bucket soon after it is ready."""
    with deployment(tmp_path, "demo") as demo:
        key = demo.run("keys", "create", "--scopes", "entities:read").stdout.strip()
        path = "/api/v1/organizations/default/entities"

        def vehicles():
            found = json.loads(demo.get(path, **{"X-API-Key": key})[1])
            return len(found if isinstance(found, list) else found.get("entities", found["items"]))

        until(lambda: vehicles() >= 8)
        assert psutil.Process(demo.process.pid).is_running()
