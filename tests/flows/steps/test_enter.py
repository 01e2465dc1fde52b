"""Events into states: what is registered, who may change it, and what ends it."""

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.entities import (
    Change,
    Documented,
    EntityState,
    Erased,
    Recalled,
    Registration,
    Reported,
    Silenced,
)
from flows.ontology.entry import (
    REMEMBERED_US,
    Buried,
    Forgotten,
    Overdue,
    Projected,
    Registered,
    Unearthed,
)
from flows.ontology.registry import STREAM
from flows.ontology.subjects import BUCKET_STREAM
from flows.ontology.telemetry import Report
from flows.ontology.wire import Rejected
from flows.steps.attend import alarms_of
from flows.steps.enter import is_nothing
from flows.steps.reduce import Stored, reduce
from flows.steps.silence import Alarm, Patience

SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND
PATIENCE = Patience(5 * SECOND, 30 * SECOND)
TELEMETRY = "CONSTELLATION_TELEMETRY"
GATE = {"name": "Gate", "entity_type": "waypoint"}
PLACE = {"latitude": 47.5, "longitude": 8.5, "altitude": 400.0}


def at(seconds: float) -> int:
    return NOON + round(seconds * SECOND)


def created(sequence: int, **said: Any) -> Registered:
    return event("created", sequence, **{"fields": GATE, **said})


def updated(sequence: int, fields: dict[str, Any], **said: Any) -> Registered:
    return event("updated", sequence, fields=fields, **said)


def deleted(sequence: int, **said: Any) -> Registered:
    return event("deleted", sequence, **said)


def event(kind: Any, sequence: int, *, when: float | None = None, **said: Any) -> Registered:
    stored_us = at(sequence if when is None else when)
    fields, org = said.pop("fields", {}), said.pop("org", "north")
    return Registered("v1", org, kind, fields, sequence, stored_us, **said)


def heard(sequence: int, when: float | None = None, org: str = "north", **values: Any) -> Reported:
    stored_us = at(sequence if when is None else when)
    said = values or {"vfr.groundspeed": 3.5}
    return Reported(
        [Report("v1", org, "VFR_HUD", sequence, stored_us, stored_us, said, {}, source="udp:1")]
    )


def put(sequence: int, document: dict[str, Any], when: float) -> Documented:
    return Documented("v1", "north", "", "", document, sequence, at(when), keeper="north")


def run(state: EntityState, *changes: Change, now: float = 100) -> list[Any]:
    """One by one, as if each were a batch of its own."""
    return [each for change in changes for each in reduce(state, [change], at(now), PATIENCE)]


def of(outcomes: list[Any], kind: type) -> list[Any]:
    return [each for each in outcomes if isinstance(each, kind)]


def document(outcomes: list[Any]) -> dict[str, Any]:
    return msgspec.json.decode(of(outcomes, Stored)[-1].document)


def refusals(outcomes: list[Any]) -> list[str]:
    return [each.step for each in of(outcomes, Rejected)]


def test_what_is_registered_is_told_and_is_no_sign_of_life() -> None:
    """In a row and in a document, with the place where nothing else tells of one."""
    outcomes = run(
        EntityState("v1"),
        created(7, fields={**GATE, "position": PLACE, "tags": ["a"], "metadata": {"x": [1]}}),
    )
    said = document(outcomes)
    (row,) = of(outcomes, Registration)

    assert (said["name"], said["entity_type"], said["org_id"]) == ("Gate", "waypoint", "north")
    assert (said["is_live"], said["liveness"]["state"]) == (False, "lost")
    assert (said["first_seen"], said["last_seen"]) == (None, None)
    assert said["position"]["global"] == {
        "latitude": 47.5, "longitude": 8.5, "altitude_msl": 400.0,
    }  # fmt: skip
    assert (said["revision"], said["tags"], said["metadata"]) == (7, ["a"], {"x": [1]})
    assert said["created_at"] == said["updated_at"] == "2026-09-21T14:13:27Z"
    assert (row.revision, row.latitude, row.altitude, row.is_live) == (7, 47.5, 400.0, False)
    assert (row.tags, row.metadata, row.components) == ('["a"]', '{"x":[1]}', None)
    assert of(outcomes, Projected) == outcomes[-1:] == [Projected(7)]


def test_what_is_registered_is_right_over_what_is_heard() -> None:
    """Until it is taken away: then it is as it was heard."""
    state = EntityState("v1")
    values = {"vehicle_status.vehicle_type": 2}
    outcomes = run(state, heard(1, **values))
    name = document(outcomes)["name"]
    outcomes = run(state, created(2, fields={**GATE, "status": "maintenance", "priority": "high"}))
    said = document(outcomes)
    assert (said["name"], said["entity_type"]) == ("Gate", "waypoint")
    assert (said["status"], said["priority"]) == ("maintenance", "high")
    assert document(run(state, heard(3, **values)))["name"] == "Gate"
    outcomes = run(state, updated(4, dict.fromkeys(["name", "entity_type", "status", "priority"])))
    said = document(outcomes)

    assert (said["name"], said["entity_type"]) == (name, "aircraft_multirotor")
    assert (said["status"], said["priority"]) == ("active", "normal")


def test_a_registered_place_gives_way_to_one_that_is_heard() -> None:
    """And the row keeps what is registered."""
    state = EntityState("v1")
    run(state, created(1, fields={**GATE, "position": PLACE}))
    outcomes = run(
        state, heard(2, **{"position.global.latitude": 1.0, "position.global.longitude": 2.0})
    )

    assert document(outcomes)["position"]["global"] == {"latitude": 1.0, "longitude": 2.0}
    assert of(outcomes, Registration)[-1].latitude == 47.5


def test_an_update_changes_what_it_says_and_no_more() -> None:
    """Null takes a field away, and each field is replaced as a whole."""
    state = EntityState("v1")
    run(state, created(1, fields={**GATE, "metadata": {"a": 1}, "tags": ["x"]}))
    said = document(run(state, updated(2, {"metadata": {"b": 2}, "tags": None})))

    assert (said["name"], said["metadata"], "tags" in said) == ("Gate", {"b": 2}, False)
    assert (said["revision"], said["updated_at"]) == (2, "2026-09-21T14:13:22Z")
    assert said["created_at"] == "2026-09-21T14:13:21Z"


REFUSED = [
    ([], updated(9, {"name": "x"}), "register:unknown"),
    ([], deleted(9), "register:unknown"),
    ([created(1)], created(9), "register:exists"),
    ([created(1)], updated(9, {}, org="south"), "register:foreign"),
    ([created(1)], created(9, org="south"), "register:foreign"),
    ([created(1)], deleted(9, org="south"), "register:foreign"),
    ([heard(1)], created(9, org="south"), "register:foreign"),
    ([heard(1)], updated(9, {}, if_match=1), "register:revision"),
    ([created(1), updated(3, {})], updated(9, {}, if_match=1), "register:revision"),
    ([created(1)], deleted(9, if_match=2), "register:revision"),
    ([created(1), deleted(3)], updated(9, {}), "register:unknown"),
    ([created(1), deleted(3)], deleted(9), "register:unknown"),
]


@pytest.mark.parametrize(("before", "change", "step"), REFUSED)
def test_what_may_not_be_is_refused_and_changes_nothing(
    before: list[Change], change: Registered, step: str
) -> None:
    """Whoever waits finds why, and that it is over."""
    state = EntityState("v1")
    run(state, *before)
    was = copy.deepcopy(state)
    outcomes = run(state, change)

    assert refusals(outcomes) == [step]
    assert outcomes[-1] == Projected(9)
    assert of(outcomes, Stored) == of(outcomes, Registration) == []
    assert state == was


ACCEPTED = [
    ([created(1)], updated(9, {"name": "x"}, if_match=1)),
    ([heard(1)], updated(9, {"name": "x"}, if_match=0)),
    ([heard(1)], updated(9, {"name": "x"})),
    ([heard(1)], created(9)),
    ([heard(1)], event("status_changed", 9, fields={"status": "inactive"})),
    ([created(1), deleted(3)], created(9)),
    ([created(1), deleted(3)], created(9, org="south")),
    ([heard(1), deleted(3), heard(4)], updated(9, {"name": "x"}, if_match=0)),
]


@pytest.mark.parametrize(("before", "change"), ACCEPTED)
def test_what_may_be_is_taken_in(before: list[Change], change: Registered) -> None:
    """And its revision is its sequence."""
    state = EntityState("v1")
    run(state, *before)
    outcomes = run(state, change)

    assert refusals(outcomes) == []
    assert document(outcomes)["revision"] == 9
    assert of(outcomes, Registration)[-1].revision == 9


@pytest.mark.parametrize("before", [[created(1)], [heard(1)], [heard(1), created(2)]])
def test_a_deleted_entity_is_gone(before: list[Change]) -> None:
    """What was said before comes too late, and is no reason to put anything."""
    state = EntityState("v1")
    run(state, *before)
    outcomes = run(state, deleted(5))

    (buried,) = of(outcomes, Buried)
    assert buried.sequences[STREAM] == 5
    assert of(outcomes, Stored) == of(outcomes, Registration) == []
    late = [heard(4, 4.5), put(3, {"note": "x"}, 4.5), Silenced("v1", 0), Erased("v1", 9, at(9))]
    assert run(state, *late) == []
    assert not state.known


def test_what_is_heard_later_makes_a_deleted_entity_anew() -> None:
    """Nothing is registered of it, and nothing that it had said is told."""
    state = EntityState("v1")
    run(state, heard(1, **{"power.voltage": 12.0}), created(2), deleted(5))
    outcomes = run(state, heard(2, 6))
    said = document(outcomes)

    assert ("power" in said, "revision" in said, said["name"]) == (False, False, "v1")
    assert (said["first_seen"], said["anew_since"]) == (
        "2026-09-21T14:13:26Z", "2026-09-21T14:13:25Z",
    )  # fmt: skip
    assert of(outcomes, Registration)[-1].revision == 0
    assert said["sequences"] == {TELEMETRY: 2, STREAM: 5}


def test_what_was_heard_after_the_deletion_stays_though_it_is_read_before() -> None:
    """Streams are read side by side."""
    apart, together = EntityState("v1"), EntityState("v1")
    before, after = heard(1, **{"power.voltage": 12.0}), heard(2, 6)
    run(apart, before, created(2), deleted(5), after)
    outcomes = run(together, before, after, created(2), deleted(5))

    said = document(outcomes)
    assert ("power" in said, said["vfr"]) == (False, {"groundspeed": 3.5})
    assert of(outcomes, Buried) == []
    assert of(outcomes, Registration)[-1].revision == 0
    assert (together.first_us, together.branches) == (apart.first_us, apart.branches)


def test_the_time_of_an_entity_ends_when_it_is_looked_at_and_the_event_is_read() -> None:
    """It is to be deleted, as by anybody, so that a log that is read again says the same."""
    state = EntityState("v1")
    registered = created(1, fields={**GATE, "expires_at": "2026-09-21T14:14:00Z"})  # NOON + 40 s
    assert alarms_of(registered) == [Alarm("v1", at(40))]
    run(state, registered)
    assert of(run(state, Silenced("v1", 0), now=39), Overdue) == []
    assert run(state, heard(1), now=41) != []
    assert of(run(state, Silenced("v1", 0), now=41), Overdue) == [Overdue("v1", "north", 1, at(40))]
    outcomes = run(state, deleted(2, when=41, reason="expired", expired_us=at(40)))

    assert len(of(outcomes, Buried)) == 1
    assert run(state, deleted(3, when=42, reason="expired", expired_us=at(40))) == [Projected(3)]


@pytest.mark.parametrize(
    "until",
    ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-09-21T14:00:00Z"],
)
def test_a_time_that_was_over_before_it_began_is_over(until: str) -> None:
    """However long ago; it is looked at soon all the same."""
    state = EntityState("v1")
    run(state, created(1, fields={**GATE, "expires_at": until}))
    (overdue,) = of(run(state, Silenced("v1", 0)), Overdue)
    gone = deleted(2, reason="expired", expired_us=overdue.expires_us)

    assert len(of(run(state, gone), Buried)) == 1


@pytest.mark.parametrize(
    "change",
    [
        updated(2, {"expires_at": None}),
        updated(2, {"expires_at": "2026-09-21T14:15:00Z"}),
    ],
)
def test_a_time_that_was_prolonged_meanwhile_is_not_over(change: Registered) -> None:
    """Though the flow has said so."""
    state = EntityState("v1")
    run(state, created(1, fields={**GATE, "expires_at": "2026-09-21T14:14:00Z"}), change)
    assert run(state, deleted(3, reason="expired", expired_us=at(40))) == [Projected(3)]
    assert state.entry is not None


def test_a_deletion_is_forgotten_when_nothing_older_can_come() -> None:
    """And the state with it."""
    state = EntityState("v1")
    run(state, created(1))
    gone = deleted(2)
    run(state, gone)
    assert alarms_of(gone) == [Alarm("v1", gone.stored_us + REMEMBERED_US)]
    later = (gone.stored_us + REMEMBERED_US - NOON) / SECOND
    assert run(state, Silenced("v1", 0), now=later - 1) == []
    assert not is_nothing(state)
    assert run(state, Silenced("v1", 0), now=later) == [Forgotten("v1")]
    assert is_nothing(state)


def test_whoever_is_refused_leaves_nothing_behind() -> None:
    """Anybody may think of an id."""
    state = EntityState("v1")
    run(state, updated(1, {"name": "x"}))
    assert is_nothing(state)


def test_documents_of_others_are_not_believed_over_what_is_registered() -> None:
    """Most who say it have read it in our own document, which may be another by now."""
    state = EntityState("v1")
    outcomes = run(state, created(1, fields={**GATE, "tags": ["a"], "position": PLACE}))
    read = document(outcomes)
    run(state, updated(2, {"tags": ["b"], "position": {**PLACE, "latitude": 46.0}}))
    said = document(run(state, put(9, {"tags": read["tags"], "note": "mine"}, 10)))

    assert (said["tags"], said["note"]) == (["b"], "mine")
    assert said["position"]["global"]["latitude"] == 46.0


def test_a_registered_document_that_somebody_deletes_is_put_again() -> None:
    """Though the entity never lived."""
    state = EntityState("v1")
    run(state, created(1))
    assert document(run(state, Erased("v1", 4, at(4))))["name"] == "Gate"


def test_without_memory_what_is_registered_is_known_by_the_bucket() -> None:
    """The stream of events may have forgotten it by then."""
    state, begun = EntityState("v1"), EntityState("v1")
    fields = {
        **GATE, "position": PLACE, "tags": ["a"], "status": "inactive", "heading": 90.0,
        "expires_at": "2027-01-01T00:00:00Z", "relationships": [],
    }  # fmt: skip
    outcomes = run(state, heard(3), created(7, fields=fields), updated(8, {"priority": "low"}))
    known = of(outcomes, Stored)[-1].document
    outcomes = run(begun, Recalled("v1", known, 4, at(3)))

    assert begun.entry == state.entry
    assert of(outcomes, Registration)[-1].revision == 8
    assert run(begun, created(7, fields=fields), updated(8, {"priority": "high"})) == [
        Projected(7), Projected(8),
    ]  # fmt: skip
    assert "global" not in begun.foreign.get("position", {})


def test_without_memory_a_deletion_is_known_by_the_bucket() -> None:
    """What was heard before it is not put again, and what is heard later is."""
    state = EntityState("v1")
    run(state, heard(3))
    outcomes = run(state, Unearthed("v1", {TELEMETRY: 3, STREAM: 5}, at(5)))

    assert of(outcomes, Buried) == [Buried("v1", {TELEMETRY: 3, STREAM: 5})]
    assert run(state, heard(4, 4.5), Unearthed("v1", {STREAM: 5}, at(5))) == []
    assert document(run(state, heard(9)))["sequences"] == {TELEMETRY: 9, STREAM: 5}


events = st.one_of(
    st.builds(lambda fields: ("created", {**GATE, **fields}), st.fixed_dictionaries({}, optional={
        "tags": st.lists(st.sampled_from("ab"), max_size=2), "heading": st.floats(0, 360),
    })),
    st.builds(lambda fields: ("updated", fields), st.fixed_dictionaries({}, optional={
        "name": st.sampled_from(["x", "y", None]),
        "tags": st.lists(st.sampled_from("ab"), max_size=2) | st.none(),
        "position": st.just(PLACE) | st.none(),
    })),
    st.just(("deleted", {})),
    st.just(("heard", {})),
    st.just(("put", {"note": "x", "tags": ["theirs"]})),
)  # fmt: skip


def log(said: list[tuple[str, dict[str, Any]]]) -> list[Change]:
    changes: list[Change] = []
    for number, (kind, fields) in enumerate(said, 1):
        match kind:
            case "heard":
                changes.append(heard(number))
            case "put":
                changes.append(put(number, fields, number))
            case _:
                changes.append(event(kind, number, fields=fields))
    return changes


@given(st.lists(events, max_size=12), st.data())
def test_a_log_that_is_read_again_from_anywhere_gives_the_same(
    said: list[tuple[str, dict[str, Any]]], data: st.DataObject
) -> None:
    """In whichever batches: the state, and what is told of it last."""
    changes = log(said)
    back = data.draw(st.integers(0, len(changes)))
    once, again = EntityState("v1"), EntityState("v1")
    run(once, *changes)
    run(again, *changes)
    reduce(again, changes[back:], at(100), PATIENCE)

    assert again == once
    if once.known:
        nudge = Erased("v1", 99, at(99))
        assert of(run(again, nudge), Stored) == of(run(once, nudge), Stored)


@given(st.lists(events, max_size=12))
def test_a_deletion_leaves_nothing_of_what_came_before(
    said: list[tuple[str, dict[str, Any]]],
) -> None:
    """But for when it was, and how far had been read."""
    state = EntityState("v1")
    run(state, *log(said), heard(49), deleted(50))

    assert {
        name: getattr(state, name)
        for name in state.__struct_fields__
        if getattr(state, name) != getattr(EntityState("v1"), name)
    } == {"sequences": state.sequences, "buried_us": at(50)}


disjoint = st.permutations(
    [("name", "x"), ("tags", ["b"]), ("metadata", {"c": 1}), ("status", "inactive"),
     ("heading", 9.0), ("position", PLACE), ("priority", None)]
)  # fmt: skip


@given(disjoint)
def test_changes_of_different_fields_may_come_in_any_order(changes: list[tuple[str, Any]]) -> None:
    """Nobody undoes what somebody else has written at the same time."""
    state, ordered = EntityState("v1"), EntityState("v1")
    for known, many in ((state, changes), (ordered, sorted(changes, key=lambda each: each[0]))):
        run(known, created(1, fields={**GATE, "priority": "low", "tags": ["a"]}))
        run(known, *(updated(number, {name: v}) for number, (name, v) in enumerate(many, 2)))

    assert state.entry == ordered.entry


def test_what_is_registered_costs_nothing_where_nothing_is() -> None:
    """Ten thousand entities that only telemetry knows are as large as they were."""
    state = EntityState("v1")
    run(state, heard(1))
    said = msgspec.msgpack.decode(msgspec.msgpack.encode(state))

    assert (state.entry, said["entry"], said["buried_us"]) == (None, None, 0)
    assert BUCKET_STREAM not in said["sequences"]
