"""What is told of a command becomes a row that its table can hold, whatever is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jetstream import Message
from connectors.lake.frames import pack
from flows import history
from flows.ontology import subjects
from flows.ontology.commands import STREAM, Actor, Control, Status
from flows.ontology.wire import Rejected
from flows.steps.commands.transitions import COLUMNS, transition

NOON = 1_790_000_000_000_000
AT = datetime.fromtimestamp(NOON / 1e6, UTC)
TOLD = Status(
    command_id="c1", org_id="north", entity_id="v1", command="goto", number=4, state="executing",
    previous="accepted", at=AT, requested_at=AT - timedelta(seconds=2),
    expires_at=AT + timedelta(minutes=1), priority="high", reason="on its way",
    by=Actor("device"), requested_by=Actor("p1", "Ada", "person"),
    approved_by=Actor("p2", "Bo", "person"), parent_id="b1", progress=40.0,
    result={"result_param2": 3},
)  # fmt: skip


def message(told: object, entity: str = "v1", part: str = subjects.STATUS) -> Message:
    data = told if isinstance(told, bytes) else msgspec.json.encode(told)
    return Message(STREAM, subjects.command("north", entity, part), data, 17, NOON + 5)


def row(told: Status, entity: str = "v1") -> dict[str, Any]:
    cells = transition(message(told, entity))
    assert isinstance(cells, tuple)
    return dict(zip(COLUMNS, cells, strict=True))


def test_all_that_is_told_of_a_transition_is_in_its_row() -> None:
    """Who, what, when, why, and how far it is; what is not told is empty."""
    assert row(TOLD) == {
        "seq": 17, "ts": NOON, "ts_ingest": NOON + 5, "org_id": "north", "entity_id": "v1",
        "command_id": "c1", "number": 4, "state": "executing", "previous": "accepted",
        "command": "goto", "priority": "high", "by_id": "device", "by_name": "",
        "by_means": "nats", "reason": "on its way", "requested_by": "p1", "approved_by": "p2",
        "requested_at": NOON - 2_000_000, "expires_at": NOON + 60_000_000, "parent_id": "b1",
        "progress": 40.0, "params": None, "result": '{"result_param2":3}', "counts": None,
    }  # fmt: skip


def test_a_broadcast_has_rows_as_its_parts_have() -> None:
    """With how many of them are in which state."""
    of_all = msgspec.structs.replace(TOLD, entity_id="broadcast", counts={"sent": 2})
    told = row(of_all, "broadcast")
    assert (told["entity_id"], told["counts"]) == ("broadcast", '{"sent":2}')


@pytest.mark.parametrize(
    "part", [subjects.DELIVER, subjects.ACK, subjects.REQUEST, subjects.DECISION]
)
def test_what_else_is_said_of_commands_is_no_transition(part: str) -> None:
    """Nor is who controls an entity."""
    assert transition(message(TOLD, part=part)) is None
    assert transition(message(Control(org_id="north", entity_id="v1", number=1, at=AT))) is None


@pytest.mark.parametrize("number", [0, -1, 2**31, 10**40])
def test_a_number_that_no_transition_has_is_refused(number: int) -> None:
    """A column would not hold it, and all that is written with it would be lost."""
    told = msgspec.to_builtins(TOLD) | {"number": number}
    refused = transition(message(msgspec.json.encode(told) if number < 2**64 else huge(told)))
    assert isinstance(refused, Rejected)


def huge(told: dict[str, Any]) -> bytes:
    """With a number that the encoder does not write."""
    number = str(told.pop("number")).encode()
    return msgspec.json.encode(told)[:-1] + b',"number":' + number + b"}"


@given(st.binary() | st.fixed_dictionaries(
    {"command_id": st.text(min_size=1), "org_id": st.just("north"), "entity_id": st.just("v1"),
     "command": st.text(), "state": st.just("sent"), "previous": st.none(),
     "number": st.integers(), "at": st.datetimes().map(datetime.isoformat),
     "requested_at": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
     "expires_at": st.datetimes().map(datetime.isoformat)},
    optional={"progress": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
              "reason": st.text(),
              "result": st.dictionaries(st.text(), st.integers() | st.text() | st.none())},
))  # fmt: skip
def test_whatever_is_told_the_table_holds_or_it_is_refused(said: object) -> None:
    """A row that it could not hold would stop all history."""
    try:
        told = message(said)
    except (OverflowError, UnicodeEncodeError):
        return  # What JSON has no words for nobody says.
    cells = transition(told)
    assert isinstance(cells, tuple | Rejected)
    if isinstance(cells, tuple):
        frame = pack(history.COMMANDS, [history.transitions(STREAM, [cells])])
        assert frame.height == 1
