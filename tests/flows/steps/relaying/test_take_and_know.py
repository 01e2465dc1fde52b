"""What the relay reads of deliveries, and what of vehicles' messages matters to it."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from told import NOON, SECOND, beat, delivery, place, said

from connectors.jetstream import Message
from flows.ontology.commands import STREAM, Delivery
from flows.ontology.wire import Rejected
from flows.steps.relaying.know import matter
from flows.steps.relaying.take import take

SUBJECT = "constellation.commands.north.v1.deliver"


def message(data: object, subject: str = SUBJECT) -> Message:
    body = data if isinstance(data, bytes) else msgspec.json.encode(data)
    return Message(STREAM, subject, body, 7, NOON)


def test_a_delivery_is_read_and_what_else_is_said_of_commands_is_passed_over():
    """By its subject."""
    assert take(message(delivery())) == delivery()
    for other in ("ack", "status", "request"):
        assert take(message(delivery(), SUBJECT.replace("deliver", other))) is None
    assert take(message(delivery(), "constellation.commands.north.v1")) is None


def test_what_is_no_delivery_is_refused_with_a_reason():
    """And so is one that is for another than its subject says."""
    broken = take(message(b"{"))
    assert isinstance(broken, Rejected)
    assert broken.step == "deliver"
    stray = take(message(delivery(entity_id="v2")))
    assert isinstance(stray, Rejected)
    assert "another" in stray.reason
    deep = take(message(b'{"params":' + b"[" * 100_000))
    assert isinstance(deep, Rejected)


@given(st.binary(max_size=300))
def test_whatever_is_delivered_is_read_or_refused(data):
    """Never an error."""
    assert isinstance(take(message(data)), Rejected | Delivery)


def test_few_messages_matter_and_of_positions_one_a_second():
    """Of each vehicle; a clock that goes back holds nothing up."""
    last: dict = {}
    tenths = [said("ATTITUDE", {}), *(place(NOON + n * SECOND // 10) for n in range(30))]
    found = matter([beat(), *tenths, said("COMMAND_ACK", {})], last)
    assert [each.message_type for each in found] == [
        "HEARTBEAT", *3 * ["GLOBAL_POSITION_INT"], "COMMAND_ACK",
    ]  # fmt: skip

    assert len(matter([place(NOON - 3600 * SECOND)], last)) == 1
    assert len(matter([said("GLOBAL_POSITION_INT", {}, entity_id="v2")], last)) == 1
