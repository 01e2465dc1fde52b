"""What becomes of commands is shown in the state of their entity, once and of no other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jetstream import Message
from flows.ontology import subjects
from flows.ontology.command_states import STATES, State, ended
from flows.ontology.commanded import MOST_ACTIVE, Commanded
from flows.ontology.commands import STREAM, Actor, Control, Status
from flows.ontology.entities import Documented, EntityState, Recalled, Reported
from flows.ontology.entry import Registered
from flows.ontology.rate import Patience
from flows.ontology.registry import STREAM as ENTITIES
from flows.ontology.telemetry import Report
from flows.ontology.wire import Rejected
from flows.steps.commands.show import read_status
from flows.steps.reduce import Stored, reduce

SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND
AT = datetime.fromtimestamp(NOON / SECOND, UTC)
PATIENCE = Patience(5 * SECOND, 30 * SECOND)


def status(state: State = "sent", command_id: str = "c1", **more: Any) -> Status:
    fields: dict[str, Any] = {
        "command_id": command_id,
        "org_id": "north",
        "entity_id": "v1",
        "command": "goto",
        "number": 1,
        "state": state,
        "previous": None,
        "at": AT,
        "requested_at": AT,
        "expires_at": AT + timedelta(minutes=1),
    }
    return Status(**(fields | more))


def control(**more: Any) -> Control:
    fields: dict[str, Any] = {"org_id": "north", "entity_id": "v1", "number": 1, "at": AT}
    return Control(**(fields | more))


def message(told: object, sequence: int = 1, subject: str = "") -> Message:
    data = told if isinstance(told, bytes) else msgspec.json.encode(told)
    where = subject or subjects.command("north", "v1", subjects.STATUS)
    return Message(STREAM, where, data, sequence, NOON)


def told(status_or_control: Status | Control, sequence: int, at: int = NOON) -> Commanded:
    said = status_or_control
    return Commanded(said.entity_id, said.org_id, said, sequence, at)


def heard(sequence: int = 1) -> Reported:
    return Reported(
        [Report("v1", "north", "VFR_HUD", sequence, NOON, NOON, {"vfr.heading": 1}, {})]
    )


def known() -> EntityState:
    state = EntityState("v1")
    reduce(state, [heard()], NOON, PATIENCE)
    return state


def documents(state: EntityState, *changes: Any) -> list[dict[str, Any]]:
    outcomes = reduce(state, list(changes), NOON, PATIENCE)
    return [msgspec.json.decode(each.document) for each in outcomes if isinstance(each, Stored)]


def test_what_a_status_says_is_read() -> None:
    """Of commands and of control alike; the subject says whose it is."""
    for said in (status(), control(by=Actor("p1", "Ada", "person"))):
        assert read_status(message(said, 7)) == Commanded("v1", "north", said, 7, NOON)


@pytest.mark.parametrize(
    "subject",
    [
        "constellation.commands.north.v1",
        "constellation.commands.north.v1.request",
        "constellation.commands.north.v1.deliver",
        "constellation.commands.north.v1.ack",
        "constellation.commands.north.broadcast.status",
        "constellation.commands.north.status",
        "constellation.commands.north.v1.status.more",
    ],
)
def test_what_is_said_else_of_commands_is_passed_over(subject: str) -> None:
    """A broadcast is shown by its children."""
    assert read_status(message(status(), subject=subject)) is None


@pytest.mark.parametrize(
    "said",
    [b"", b"{", b"[]", b"null", b'{"command_id": 1}', b'{"command_id": "c"}', b"\xff" * 9,
     b"[" * 9000, status(org_id="south"), status(entity_id="v2"), control(entity_id="v2")],
    ids=str,
)  # fmt: skip
def test_what_is_no_status_of_this_entity_is_refused(said: object) -> None:
    """And stops nothing."""
    assert isinstance(read_status(message(said)), Rejected)


@given(st.binary() | st.recursive(
    st.none() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.dictionaries(st.sampled_from([*Status.__struct_fields__, "x"]), inner)
    | st.lists(inner),
))  # fmt: skip
def test_no_message_raises(said: object) -> None:
    """Whatever it holds."""
    assert isinstance(read_status(message(said)), Commanded | Rejected)


def test_a_command_is_active_until_it_has_ended() -> None:
    """Then it is the last one."""
    state = known()
    (first,) = documents(state, told(status("sent", priority="high"), 3))
    shown = {"command_id": "c1", "command": "goto", "state": "sent", "priority": "high"}
    assert first["commands"] == {"active": [{**shown, "at": "2026-09-21T14:13:20Z"}]}
    assert first["sequences"] == {"CONSTELLATION_TELEMETRY": 1, STREAM: 3}

    (second,) = documents(
        state,
        told(status("executing", progress=40.0), 4),
        told(status("failed", reason="no fix", parent_id="b1"), 5),
    )
    last = second["commands"]["last"]
    assert (last["state"], last["reason"], last["parent_id"]) == ("failed", "no fix", "b1")
    assert "active" not in second["commands"]


def test_who_controls_it_is_shown_until_nobody_does() -> None:
    """Beside its commands, which that does not change."""
    state = known()
    taken = control(by=Actor("p1", "Ada", "person"), until=AT + timedelta(minutes=10))
    (held,) = documents(state, told(status(), 2), told(taken, 3))
    assert held["commands"]["control"] == {
        "by": {"id": "p1", "name": "Ada", "means": "person"},
        "at": "2026-09-21T14:13:20Z",
        "until": "2026-09-21T14:23:20Z",
    }
    (released,) = documents(state, told(control(), 4))
    assert released["commands"].keys() == {"active"}


def test_at_most_so_many_are_shown() -> None:
    """The newest."""
    state = known()
    many = [told(status(command_id=f"c{n}"), n) for n in range(1, 20)]
    (document,) = documents(state, *many)

    shown = [each["command_id"] for each in document["commands"]["active"]]
    assert shown == [f"c{n}" for n in range(20 - MOST_ACTIVE, 20)]


def test_nobody_becomes_an_entity_by_a_command() -> None:
    """Nor does a command count that was told before its entity was known."""
    state = EntityState("v1")
    assert reduce(state, [told(status(), 3)], NOON, PATIENCE) == []
    assert state == EntityState("v1")


def test_what_another_organisation_asks_of_it_is_not_shown() -> None:
    """That was refused, and is not for others to see."""
    state = known()
    assert documents(state, told(status("rejected", org_id="south"), 3)) == []
    assert state.commands is None


def test_a_command_says_nothing_of_whether_the_vehicle_lives() -> None:
    """It was heard when it was heard."""
    state = known()
    later = NOON + 60 * SECOND
    reduce(state, [told(status(), 3, later)], later, PATIENCE)
    assert (state.heard_us, state.liveness) == (NOON, "lost")


def test_others_cannot_put_commands() -> None:
    """Neither before nor after there are any."""
    state = known()
    theirs = Documented("v1", "north", "", "", {"note": "a"}, 1, NOON, keeper="north")
    (before,) = documents(state, theirs)
    assert "commands" not in before
    documents(state, told(status(), 3))
    state.foreign["commands"] = {"active": "theirs"}
    (after,) = documents(state, heard(2), told(status("accepted"), 4))
    assert after["commands"]["active"][0]["state"] == "accepted"


def test_the_bucket_remembers_what_the_flow_has_forgotten() -> None:
    """Without recovery files; a status that is read again changes nothing."""
    state = known()
    outcomes = reduce(state, [told(status(), 3), told(control(by=Actor("p1")), 4)], NOON, PATIENCE)
    (put,) = [each.document for each in outcomes if isinstance(each, Stored)]
    anew = EntityState("v1")
    reduce(anew, [Recalled("v1", put, 9, NOON)], NOON, PATIENCE)

    assert anew.commands == state.commands
    assert documents(anew, told(status("failed"), 3)) == []
    assert anew.commands == state.commands


def test_an_older_document_with_such_a_branch_of_others_is_still_ours() -> None:
    """Before there were commands, anybody could put them."""
    state = known()
    outcomes = reduce(state, [heard(2)], NOON, PATIENCE)
    (put,) = [each.document for each in outcomes if isinstance(each, Stored)]
    older = msgspec.json.encode(msgspec.json.decode(put) | {"commands": {"active": 1}})
    anew = EntityState("v1")
    assert [*map(type, reduce(anew, [Recalled("v1", older, 9, NOON)], NOON, PATIENCE))] != [
        Rejected
    ]
    assert (anew.commands, anew.foreign) == (None, {})


def test_a_deleted_entity_has_no_commands() -> None:
    """And what was told of them before that does not come back."""
    state = known()
    documents(state, told(status(), 3))
    deleted = Registered("v1", "north", "deleted", {}, 1, NOON + SECOND)
    reduce(state, [deleted], NOON + SECOND, PATIENCE)
    assert (state.commands, state.sequences[ENTITIES]) == (None, 1)
    created = Registered("v1", "north", "created", {"name": "Tern"}, 2, NOON + 2 * SECOND)
    reduce(state, [created, told(status("failed"), 4, NOON)], NOON + 2 * SECOND, PATIENCE)
    assert state.commands is None


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.sampled_from(STATES)), max_size=40),
       st.lists(st.integers(0, 40), max_size=4))  # fmt: skip
def test_read_in_any_batches_and_again_it_is_the_same(
    said: list[tuple[str, State]], cuts: list[int]
) -> None:
    """What is shown are the newest states, by a fold of the test's own."""
    changes = [told(status(state, name), n) for n, (name, state) in enumerate(said, 1)]
    once, parts = known(), known()
    reduce(once, [*changes], NOON, PATIENCE)
    for start in [0, *sorted(cuts)]:
        reduce(parts, changes[max(0, start - 3) :], NOON, PATIENCE)
    assert once.commands == parts.commands

    newest: dict[str, State] = {}
    for name, state in said:
        newest.pop(name, None) if ended(state) else newest.update({name: state})
        newest = dict([*newest.items()][-MOST_ACTIVE:])
    shown = once.commands.active if once.commands else []
    assert {each.command_id: each.state for each in shown} == newest
