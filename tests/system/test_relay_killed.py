"""A relay that is killed does nothing twice that is to be done once, and forgets no command."""

from collections.abc import Iterator

import pytest
from relaying import Pilot, Relaying, obedient, relaying

from connectors.sendings import Sendings
from connectors.sqlite import read_rows

ARM, REBOOT = 400, 246
UNSURE = "not known whether it was sent"


@pytest.fixture(scope="module")
def relay(tmp_path_factory) -> Iterator[Relaying]:
    with relaying(tmp_path_factory.mktemp("relay")) as running:
        yield running


@pytest.fixture
def pilot(relay) -> Iterator[Pilot]:
    with Pilot(relay.port) as flying:
        entity = relay.entity(1)
        relay.ended(entity, relay.deliver(entity, "disarm"))
        relay.snapshotted()  # A relay that has no memory of a vehicle waits for it a while only.
        flying.heard.clear()
        yield flying


def killing(relay: Relaying, number: int):
    """Kill the relay when a command is heard the first time, before it is answered."""
    killed = []

    def answer(_pilot, message):
        if not killed and getattr(message, "command", 0) == number:
            killed.append(message)
            relay.kill()
            relay.start()
            return []
        return obedient(_pilot, message)

    return answer


def test_what_was_sent_before_it_was_killed_is_not_sent_again(relay, pilot):
    """Nobody can know whether the vehicle has heard it; here it has, once."""
    entity = relay.entity(1)
    pilot.answering = killing(relay, REBOOT)
    command = relay.deliver(entity, "reboot", repeatable=False)

    answer = relay.ended(entity, command)
    assert (answer["state"], answer["reason"] in {UNSURE, "no answer"}) == ("failed", True)
    assert len(pilot.commands(REBOOT)) == 1


def test_what_was_on_record_and_perhaps_not_sent_is_not_sent(relay, pilot):
    """As if it were killed between the two."""
    entity = relay.entity(1)
    relay.stop()
    record = Sendings(relay.folder / "data" / "db" / "sendings.db")
    record.record([(f"{entity}:between:1", True)])
    record.close()
    relay.start()
    command = relay.deliver(entity, "reboot", command_id="between", repeatable=False)

    answer = relay.ended(entity, command)
    assert (answer["state"], answer["reason"]) == ("failed", UNSURE)
    assert pilot.commands(REBOOT) == []


def test_what_may_be_done_twice_is_sent_again(relay, pilot):
    """And answered once."""
    entity = relay.entity(1)
    pilot.answering = killing(relay, ARM)
    command = relay.deliver(entity, "arm")

    assert relay.ended(entity, command)["state"] == "accepted"
    assert len(pilot.commands(ARM)) > 1
    ends = [each for each in relay.answers(entity, command) if each["state"] != "received"]
    assert len(ends) == 1


def test_a_command_that_was_delivered_while_it_was_away_is_carried(relay, pilot):
    """Killed after an answer, so that nothing of that is said again."""
    entity = relay.entity(1)
    before = relay.deliver(entity, "reboot", repeatable=False)
    relay.ended(entity, before)
    relay.kill()
    command = relay.deliver(entity, "arm")
    relay.start()

    assert relay.ended(entity, command)["state"] == "accepted"
    assert len(pilot.commands(REBOOT)) == 1
    assert [each["state"] for each in relay.answers(entity, before)] == ["received", "accepted"]


def test_the_record_is_its_owners_alone(relay, pilot):
    """It has every sending, and whether it was to be sent once."""
    entity = relay.entity(1)
    command = relay.deliver(entity, "arm")
    relay.ended(entity, command)
    file = relay.folder / "data" / "db" / "sendings.db"

    rows = read_rows(
        file, "SELECT sending, once FROM sendings WHERE sending LIKE ?", (f"%{command}%",)
    )
    assert rows == [{"sending": f"{entity}:{command}:1", "once": 0}]
    assert file.stat().st_mode & 0o777 == 0o600
