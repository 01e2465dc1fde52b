"""The entities graph shows what becomes of commands, from the stream to the bucket."""

from datetime import UTC, datetime, timedelta

import msgspec
from bytewax.testing import TestingSource, run_main
from ends import NOON, SECOND, STREAM, envelope

from connectors.jetstream import Message
from flows.ontology import subjects
from flows.ontology.commands import STREAM as COMMANDS
from flows.ontology.commands import Status

AT = datetime.fromtimestamp(NOON / SECOND, UTC)


def said(sequence: int, state: str, part: str = subjects.STATUS, entity: str = "v1") -> Message:
    told = Status(
        command_id="c1", org_id="north", entity_id=entity, command="hold", number=sequence,
        state=state, previous=None, at=AT, requested_at=AT, expires_at=AT + timedelta(minutes=1),
    )  # fmt: skip
    subject = subjects.command("north", entity, part)
    return Message(COMMANDS, subject, msgspec.json.encode(told), sequence, NOON)


def speed(sequence: int) -> Message:
    return envelope(sequence, {"groundspeed": 3.5})


def test_a_command_is_seen_in_the_state_of_its_entity(ends):
    """With the sequence that went into it; nobody else appears."""
    sent = [said(4, "sent"), said(5, "sent", subjects.DELIVER), said(6, "sent", entity="v2")]
    run_main(ends.entities([speed(1), *sent]))

    assert ends.last("v1")["commands"]["active"][0]["state"] == "sent"
    assert ends.bucket[-1][1].version.sequences == {STREAM: 1, COMMANDS: 4}
    assert {key for key, _ in ends.bucket} == {"v1"}
    assert ends.refused() == []


def test_what_is_no_status_is_recorded_as_refused(ends):
    """With its stream and step."""
    broken = Message(COMMANDS, subjects.command("north", "v1", subjects.STATUS), b"{", 9, NOON)
    run_main(ends.entities([speed(1), broken]))

    assert [step for step, _ in ends.refused()] == ["show"]
    assert "commands" not in ends.last("v1")


def test_after_a_restart_commands_are_where_they_were(ends, run_recovered):
    """And what is read twice changes nothing."""
    begin = [speed(1), speed(2), said(4, "sent"), said(5, "executing"), speed(3)]
    run_recovered(ends.entities([*begin, TestingSource.ABORT()]))
    run_recovered(ends.entities([*begin, said(4, "sent"), said(6, "completed")]))

    assert ends.last("v1")["commands"]["last"]["state"] == "completed"
    assert "active" not in ends.last("v1")["commands"]
