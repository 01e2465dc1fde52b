"""Commands go over real sockets to vehicles of pymavlink's, and their answers come back."""

from collections.abc import Iterator

import pytest
from relaying import (
    Pilot,
    Relaying,
    relaying,
)

ARM, TAKEOFF, RETURN, SET_MODE, REPOSITION = 400, 22, 20, 176, 192


@pytest.fixture(scope="module")
def relay(tmp_path_factory) -> Iterator[Relaying]:
    with relaying(tmp_path_factory.mktemp("relay")) as running:
        yield running


@pytest.fixture
def pilot(relay) -> Iterator[Pilot]:
    with Pilot(relay.port) as flying:
        yield flying


def test_a_command_is_on_the_wire_for_whoever_flies_and_its_answer_comes_back(relay, pilot):
    """As COMMAND_LONG from our station, and accepted by the vehicle's word."""
    entity = relay.entity()
    command = relay.deliver(entity, "arm")

    assert relay.ended(entity, command)["state"] == "accepted"
    assert [each["state"] for each in relay.answers(entity, command)] == ["received", "accepted"]
    (armed,) = pilot.commands(ARM)
    assert armed.get_type() == "COMMAND_LONG"
    assert (armed.target_system, armed.target_component, armed.param1) == (1, 1, 1.0)
    assert (armed.get_srcSystem(), armed.get_srcComponent(), armed.confirmation) == (255, 190, 0)
