"""Commands go over real sockets to vehicles of pymavlink's, and their answers come back."""

import math
import threading
from collections.abc import Iterator

import pytest
from deployed import until
from free import free_port
from pymavlink.dialects.v20 import all as dialect
from relaying import (
    DENIED,
    FAILED,
    IN_PROGRESS,
    Pilot,
    Relaying,
    acknowledged,
    obedient,
    relaying,
)

ARM, TAKEOFF, RETURN, SET_MODE, REPOSITION, REBOOT = 400, 22, 20, 176, 192, 246


@pytest.fixture(scope="module")
def relay(tmp_path_factory) -> Iterator[Relaying]:
    port = free_port()
    links = f"tcpin:127.0.0.1:{port}"
    with relaying(tmp_path_factory.mktemp("relay"), MAVLINK_LINKS=links) as running:
        yield running


@pytest.fixture(scope="module")
def flying(relay) -> Iterator[tuple[Pilot, str]]:
    with Pilot(relay.port) as pilot:
        yield pilot, relay.entity(1)


@pytest.fixture
def pilot(flying) -> Pilot:
    flying[0].heard.clear()
    flying[0].answering = obedient
    return flying[0]


@pytest.fixture
def entity(flying) -> str:
    return flying[1]


def states(relay: Relaying, entity: str, command: str) -> list[str]:
    return [each["state"] for each in relay.answers(entity, command)]


def test_a_command_is_on_the_wire_for_whoever_flies_and_its_answer_comes_back(relay, pilot, entity):
    """As COMMAND_LONG from our station, and accepted by the vehicle's word."""
    command = relay.deliver(entity, "arm")

    assert relay.ended(entity, command)["state"] == "accepted"
    assert states(relay, entity, command) == ["received", "accepted"]
    (armed,) = pilot.commands(ARM)
    assert armed.get_type() == "COMMAND_LONG"
    assert (armed.target_system, armed.target_component, armed.param1) == (1, 1, 1.0)
    assert (armed.get_srcSystem(), armed.get_srcComponent(), armed.confirmation) == (255, 190, 0)


def test_a_flight_is_told_in_the_vehicles_own_messages(relay, pilot, entity):
    """Take off, go somewhere, change the mode, come home: an ArduPilot copter's."""
    there = {"latitude": 47.3985, "longitude": 8.5466, "altitude": 25}
    flight = [("takeoff", {"altitude": 20}), ("goto", there), ("set_mode", {"mode": "LOITER"})]
    for kind, params in [*flight, ("return", {})]:
        command = relay.deliver(entity, kind, params)
        assert relay.ended(entity, command)["state"] == "accepted"

    heard = [
        (each.get_type(), each.command) for each in pilot.commands() if hasattr(each, "command")
    ]
    assert heard == [
        ("COMMAND_LONG", SET_MODE), ("COMMAND_LONG", TAKEOFF), ("COMMAND_INT", REPOSITION),
        ("COMMAND_LONG", SET_MODE), ("COMMAND_LONG", RETURN),
    ]  # fmt: skip
    (goto,) = pilot.commands(REPOSITION)
    assert (goto.x, goto.y, goto.z, goto.frame) == (473_985_000, 85_466_000, 25, 6)
    assert math.isnan(goto.param4)
    assert [each.param2 for each in pilot.commands(SET_MODE)] == [4, 5]


def test_refusals_come_back_with_what_the_vehicle_says(relay, pilot, entity):
    """The text of the autopilot is the reason."""

    def unfit(_pilot, message):
        yield dialect.MAVLink_statustext_message(2, b"PreArm: Compass not calibrated")
        yield acknowledged(message, FAILED)

    pilot.answering = unfit
    answer = relay.ended(entity, relay.deliver(entity, "arm"))
    assert answer["state"] == "failed"
    assert "PreArm: Compass not calibrated" in answer["reason"]

    pilot.answering = lambda _, message: [acknowledged(message, DENIED, more=3)]
    answer = relay.ended(entity, relay.deliver(entity, "return"))
    assert (answer["state"], answer["result"]["result_param2"]) == ("rejected", 3)


def test_progress_and_completion_come_back_in_order(relay, pilot, entity):
    """And acknowledgments that come twice change nothing."""

    def slow(_pilot, message):
        for percent in (10, 60):
            yield acknowledged(message, IN_PROGRESS, percent)
        yield acknowledged(message)
        yield acknowledged(message)

    pilot.answering = slow
    command = relay.deliver(entity, "raw", {"message": "COMMAND_LONG", "command": 241})

    assert relay.ended(entity, command)["state"] == "completed"
    answers = relay.answers(entity, command)
    assert [each.get("progress") for each in answers] == [None, 10, 60, None]


def test_silence_is_met_with_patience_and_then_told(relay, pilot, entity):
    """Four times for what may be done twice, and once for what may not."""
    pilot.answering = lambda *_: []
    arm = relay.deliver(entity, "arm")
    reboot = relay.deliver(entity, "reboot", repeatable=False)

    for command in (arm, reboot):
        answer = relay.ended(entity, command)
        assert (answer["state"], answer["reason"]) == ("failed", "no answer")
    assert [each.confirmation for each in pilot.commands(ARM)] == [0, 1, 2, 3]
    assert len(pilot.commands(REBOOT)) == 1


def test_a_lost_answer_is_asked_for_again(relay, pilot, entity):
    """The second time the vehicle is heard."""
    pilot.answering = lambda _, message: (
        [acknowledged(message)] if getattr(message, "confirmation", 1) else []
    )
    assert relay.ended(entity, relay.deliver(entity, "disarm"))["state"] == "accepted"


def test_what_is_in_progress_is_called_back(relay, pilot, entity):
    """COMMAND_CANCEL, which pymavlink does not read, and what comes of it."""
    cancelled = threading.Event()

    def patient(_pilot, message):
        if message.get_type() == "UNKNOWN_80":
            cancelled.set()
            return [dialect.MAVLink_command_ack_message(241, 6, 0, 0, 255, 190)]
        return [acknowledged(message, IN_PROGRESS)]

    pilot.answering = patient
    command = relay.deliver(entity, "raw", {"message": "COMMAND_LONG", "command": 241})
    until(lambda: "progress" in states(relay, entity, command))
    relay.deliver(entity, "raw", command_id=command, cancel=True)

    assert "given it up" in relay.ended(entity, command)["reason"]
    assert cancelled.is_set()


def test_the_vehicle_hears_a_ground_station(relay, pilot):
    """Of type GCS, without an autopilot, about once a second."""
    until(lambda: len(pilot.named("HEARTBEAT")) >= 3)
    beats = pilot.named("HEARTBEAT")
    assert {(each.type, each.autopilot, each.get_srcSystem()) for each in beats} == {(6, 8, 255)}
    numbers = [each.get_seq() for each in beats]
    assert numbers == sorted(numbers)


def test_who_speaks_mavlink_1_is_answered_in_it(relay):
    """And obeys."""
    with Pilot(relay.port, system=9, first=True) as old:
        entity = relay.entity(9)
        assert relay.ended(entity, relay.deliver(entity, "arm"))["state"] == "accepted"
        (armed,) = old.commands(ARM)
    assert armed.get_msgbuf()[0] == 0xFE


def test_who_connects_is_answered_by_that_connection(relay):
    """Over TCP."""
    link = relay.environment["MAVLINK_LINKS"]
    with Pilot(int(link.rpartition(":")[2]), system=12, stream=True) as pilot:
        entity = relay.entity(12)
        assert relay.ended(entity, relay.deliver(entity, "arm"))["state"] == "accepted"
        assert len(pilot.commands(ARM)) == 1


def test_who_is_not_heard_is_told_nothing(relay, pilot):
    """The relay keeps out of what devices answer themselves."""
    other = relay.deliver("some-device", "arm")
    entity = relay.entity(1)
    relay.ended(entity, relay.deliver(entity, "arm"))

    assert relay.answers("some-device", other) == []
