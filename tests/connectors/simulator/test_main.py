"""The program as a whole: a process of its own, real datagrams, real signals."""

import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from connectors.simulator.__main__ import main

SECONDS_TO_END = 2.0


@pytest.fixture
def simulator(ground):
    """Start the program against the ground; ended whatever happens."""
    started = []

    def start(*arguments):
        host, port = ground.getsockname()
        command = [sys.executable, "-P", "-m", "connectors.simulator", "--target", f"{host}:{port}"]
        process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _heard(ground, decode, enough):
    """What comes until enough has: messages, and the peers that they came from."""
    messages, peers = [], {}
    deadline = time.monotonic() + 20
    while not enough(messages) and time.monotonic() < deadline:
        data, peer = ground.recvfrom(65_535)
        for message in decode(data):
            messages.append(message)
            peers.setdefault(message.get_srcSystem(), set()).add(peer)
    return messages, peers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_eight_vehicles_talk_from_a_port_each_until_the_signal(simulator, ground, decode, number):
    """At once, with exit code 0 and a last line that says what was done."""
    process = simulator("--seed", "3")
    _, peers = _heard(
        ground, decode, lambda said: len({each.get_srcSystem() for each in said}) == 8
    )
    signalled = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate(timeout=10)

    assert time.monotonic() - signalled < SECONDS_TO_END
    assert process.returncode == 0
    assert sorted(peers) == list(range(1, 9))
    assert len(set.union(*peers.values())) == 8
    assert "Sent " in output.splitlines()[-1]


def test_a_fleet_flies_as_long_as_it_was_told_and_at_its_rates(simulator, ground, decode):
    """Five to twenty messages a second from each vehicle; both components beat."""
    process = simulator("--duration", "2.5", "--vehicles", "2")
    output, _ = process.communicate(timeout=30)
    ground.setblocking(False)
    messages = []
    while True:
        try:
            messages += decode(ground.recv(65_535))
        except BlockingIOError:
            break

    assert process.returncode == 0
    assert f"Sent {len(messages)} messages" in output
    assert 2 * 30 < len(messages) < 2 * 60
    assert {(each.get_srcSystem(), each.get_srcComponent()) for each in messages} == {
        (1, 1), (1, 154), (2, 1), (2, 191),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--target", "192.0.2.7:14550"], "--allow-remote"),
        (["--target", "nowhere"], "is not HOST:PORT"),
        (["--port-each", "--target", "127.0.0.1:65535"], "are not all within"),
        (["--vehicles", "251"], "251"),
        (["--speed", "0"], "speed"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(arguments, sentence):
    """As a wrong use of the command, before anything is sent."""
    result = CliRunner().invoke(main, [*arguments, "--duration", "0"])

    assert result.exit_code == 2
    assert sentence in result.output


def test_an_address_without_a_way_to_it_is_refused_in_a_sentence():
    """Broadcasting needs a permission that the program does not ask for."""
    result = CliRunner().invoke(
        main, ["--target", "255.255.255.255:14550", "--allow-remote", "--duration", "0"]
    )

    assert result.exit_code == 1
    assert "cannot be sent to" in result.output


def test_every_vehicle_may_have_a_port_of_its_own_on_the_ground():
    """Counted up from the one that was given."""
    result = CliRunner().invoke(
        main, ["--port-each", "--vehicles", "3", "--duration", "0", "--target", "127.0.0.1:24600"]
    )

    assert result.exit_code == 0
    assert [line.split(":")[-1] for line in result.output.splitlines()[:3]] == [
        "24600", "24601", "24602",
    ]  # fmt: skip
