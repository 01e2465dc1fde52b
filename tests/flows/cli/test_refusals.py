"""Nothing is half-started: what cannot be is told in a sentence, and no process is left."""

import ctypes
import os
import socket
import subprocess

import psutil
import pytest
from deployed import DEADLINE, OVERWATCH, ran, variables
from free import free_port

from flows.cli.deployment import Refused
from flows.cli.ground import writable

CAPABILITY_DROP, OVERRIDE = 24, 1
TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
NOT_OURS = {"NATS_URL": "nats://192.0.2.1:4222", "MQTT_PORT": "1883"}
TWICE = {"AIS_RECEIVERS": "udp:9", "ADSB_RECEIVERS": "tcp:9,udp:9"}
SIGNED = {"MAVLINK_SIGNING": "accept", "MAVLINK_SIGNING_KEY_FILE": "/none"}


def untouched(folder):
    """Neither the data folder has a server in it, nor is there a process of ours."""
    left = [each for each in psutil.Process().children(recursive=True) if each.status() != "zombie"]
    assert left == []
    assert not (folder / "data" / "nats").exists()


@pytest.mark.parametrize(
    ("variable", "kind", "sentence"),
    [
        ("PORT", TCP, "Port {} on 127.0.0.1 is in use"),
        ("NATS_PORT", TCP, "Port {} on 127.0.0.1 is in use"),
        ("MQTT_PORT", TCP, "Port {} on 127.0.0.1 is in use"),
        ("MAVLINK_BASE_PORT", UDP, "UDP port {} on 127.0.0.1 is in use"),
        ("MAVLINK_LINKS", UDP, "UDP port {} on 127.0.0.1 is in use"),
        ("MAVLINK_LINKS", TCP, "Port {} on 127.0.0.1 is in use"),
        ("AIS_RECEIVERS", UDP, "UDP port {} on 127.0.0.1 is in use"),
        ("ADSB_RECEIVERS", TCP, "Port {} on 127.0.0.1 is in use"),
    ],
)
def test_a_port_that_another_has_is_named_with_its_variable(tmp_path, variable, kind, sentence):
    """Before anything is started."""
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is TCP:
            other.listen()
        port = other.getsockname()[1]
        links = {TCP: f"tcpin:127.0.0.1:{port}", UDP: f"udp:127.0.0.1:{port}"}
        value = port if variable.endswith("PORT") else links[kind]
        refused = ran(tmp_path, variables(tmp_path, **{variable: str(value)}), "up")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert sentence.format(port) in refused.stderr
    assert f"set {variable} to another port" in refused.stderr
    assert refused.stderr.count("\n") == 1
    untouched(tmp_path)


@pytest.mark.parametrize(
    ("settings", "code", "sentence"),
    [
        ({"PORT": "80800"}, 2, "PORT is '80800', but must be a whole number from 1 to 65535."),
        ({"LOG_LEVEL": "loud"}, 2, "LOG_LEVEL is 'loud', but must be DEBUG, INFO, WARNING or"),
        ({"OVERWATCH_ENV_FILE": "/none"}, 2, "There is no file /none to read settings from."),
        ({"HOST": "203.0.113.7"}, 1, "HOST is '203.0.113.7', which is no address of this machine."),
        ({"NATS_HOST": "not.a.name.invalid"}, 1, "NATS_HOST is 'not.a.name.invalid', which is no"),
        ({"OVERWATCH_DATA_DIR": "/dev/null/data"}, 1, "/dev/null/data cannot be written: Not a"),
        ({"MAVLINK_LINKS": "tcp:5760"}, 2, "MAVLINK_LINKS is 'tcp:5760', but must be port, udp:"),
        ({"MAVLINK_LINKS": "udp:192.0.2.1:9"}, 1, "MAVLINK_LINKS is '192.0.2.1', which is no addr"),
        ({"MAVLINK_SIGNING": "require"}, 2, "MAVLINK_SIGNING is 'require', but MAVLINK_SIGNING_K"),
        (TWICE, 1, "AIS_RECEIVERS and ADSB_RECEIVERS name the same UDP port 9 on 127.0.0.1: set"),
        (NOT_OURS, 2, "MQTT_PORT is 1883, but must be 0 where NATS_URL is set: MQTT is spoken by"),
        (SIGNED, 1, "/none (MAVLINK_SIGNING_KEY_FILE) cannot be read: No such file or directory."),
    ],
)
def test_a_setting_that_cannot_be_is_named(tmp_path, settings, code, sentence):
    """With its value and what is allowed; 2 is for settings, as for options."""
    refused = ran(tmp_path, variables(tmp_path, **settings), "up")
    assert (refused.returncode, refused.stdout) == (code, "")
    assert f"Error: {sentence}" in refused.stderr
    assert refused.stderr.count("\n") == 1
    untouched(tmp_path)


def test_a_server_that_is_not_there_is_named(tmp_path):
    """NATS_URL is tried before anything is started."""
    port = free_port()
    secret = f"nats://me:pass-word@127.0.0.1:{port}"
    refused = ran(tmp_path, variables(tmp_path, NATS_URL=secret), "up")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"Error: NATS at nats://127.0.0.1:{port} cannot be used" in refused.stderr
    assert "NATS_URL" in refused.stderr
    assert refused.stderr.count("\n") == 1
    untouched(tmp_path)


def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    """Root may write everywhere, so it has to do without that."""

    def without_override():
        ctypes.CDLL(None).prctl(CAPABILITY_DROP, OVERRIDE)

    environment = variables(tmp_path)
    (tmp_path / "data").mkdir(mode=0o500)
    refused = subprocess.run(
        [OVERWATCH, "up"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        preexec_fn=without_override,
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"{tmp_path / 'data'} cannot be written: Permission denied." in refused.stderr
    assert "OVERWATCH_DATA_DIR" in refused.stderr
    untouched(tmp_path)


def test_a_disk_that_is_full_is_named(tmp_path):
    """By what is free and what is needed."""
    with pytest.raises(Refused, match=r"The disk of .* is full: \d+ MiB are free, and \d+ MiB"):
        writable(tmp_path, least_free_bytes=2**62)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("speed", ["nan", "inf", "-1", "fast"])
def test_a_speed_is_a_number(tmp_path, speed):
    """As for every wrong option, the code is 2."""
    refused = ran(tmp_path, variables(tmp_path), "replay", ".", "--speed", speed)
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_folder_without_logs_is_named(tmp_path):
    """Before a deployment is looked for."""
    (tmp_path / "notes.txt").touch()
    refused = ran(tmp_path, variables(tmp_path), "replay", str(tmp_path))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Error: {tmp_path} holds no telemetry log (.tlog).\n"


@pytest.mark.parametrize("command", ["replay", "streams"])
def test_without_a_deployment_there_is_nothing_to_talk_to(tmp_path, command):
    """The sentence says how to start one."""
    log = tmp_path / "flight.tlog"
    log.touch()
    arguments = (command, str(log)) if command == "replay" else (command,)
    refused = ran(tmp_path, variables(tmp_path), *arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "overwatch up" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_alone_it_helps(tmp_path):
    """The command without a word lists its commands, and so does every group."""
    helped = ran(tmp_path, variables(tmp_path))
    assert helped.returncode == 0
    for command in ("up", "demo", "replay", "link", "keys", "streams", "env", "settings", "bench"):
        assert f"\n  {command} " in helped.stdout
        assert ran(tmp_path, variables(tmp_path), command, "--help").returncode == 0


def test_a_file_of_settings_can_be_named(tmp_path):
    """`--env` is read in place of any other, and what the environment says goes before it."""
    (tmp_path / "mine.env").write_text("HOST=localhost\nPORT=1234\n")
    environment = {name: text for name, text in variables(tmp_path).items() if name != "PORT"}
    told = ran(tmp_path, environment, "--env", "mine.env", "env").stdout
    assert "BASE_URL=http://localhost:1234\n" in told
    told = ran(tmp_path, environment | {"HOST": "::1"}, "--env", "mine.env", "env").stdout
    assert "BASE_URL='http://[::1]:1234'\n" in told


def test_settings_are_shown_without_secrets(tmp_path):
    """Neither the secret itself nor a password in an address."""
    secrets = {
        "OVERWATCH_KEY_HASH_SECRET": "hush-hush",
        "NATS_URL": "nats://me:pass-word@127.0.0.1:1",
    }
    shown = ran(tmp_path, os.environ | variables(tmp_path, **secrets), "settings")
    assert shown.returncode == 0
    assert "OVERWATCH_KEY_HASH_SECRET" in shown.stdout
    assert "(hidden)" in shown.stdout
    assert "hush-hush" not in shown.stdout
    assert "pass-word" not in shown.stdout
