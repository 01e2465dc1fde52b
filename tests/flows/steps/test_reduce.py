"""The rules of state: what telemetry says, what others put, what silence means."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.entities import (
    Documented,
    EntityState,
    LivenessEvent,
    Recalled,
    Registration,
    Reported,
    Silenced,
)
from flows.ontology.telemetry import Report
from flows.ontology.wire import KEPT_BYTES, Rejected
from flows.steps.documents import MOST_FOREIGN_BYTES
from flows.steps.reduce import Stored, reduce
from flows.steps.silence import Patience

SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND
PATIENCE = Patience(5 * SECOND, 30 * SECOND)
QUADROTOR = {"vehicle_status.vehicle_type": 2, "vehicle_status.mode": "LOITER"}


def report(sequence: int, at: int = NOON, **more: Any) -> Reported:
    values = more.pop("values", {"vfr.groundspeed": 3.5})
    fields = {"source": "udp:14550", "system_id": 1, "org_id": "north", **more}
    org_id = fields.pop("org_id")
    said = Report("v1", org_id, "VFR_HUD", sequence, at, at, values, {}, None, **fields)
    return Reported([said])


def put(sequence: int, document: dict, at: int = NOON, org: str = "north", **more: str):
    name, kind = more.get("name", ""), more.get("entity_type", "")
    return Documented("v1", org, name, kind, document, sequence, at, keeper="north")


def state() -> EntityState:
    return EntityState("v1")


def kinds(outcomes: list) -> list[str]:
    return [type(each).__name__ for each in outcomes]


def stored(outcomes: list) -> dict:
    (document,) = [each.document for each in outcomes if isinstance(each, Stored)]
    return msgspec.json.decode(document)


def test_a_vehicle_introduces_itself():
    """The first words of an entity make its row, its state, and the news that it lives."""
    known = state()
    outcomes = reduce(known, [report(1, values=QUADROTOR)], NOON, PATIENCE)

    assert kinds(outcomes) == ["LivenessEvent", "Registration", "Stored"]
    (row,) = [each for each in outcomes if isinstance(each, Registration)]
    assert (row.name, row.entity_type, row.org_id) == ("Copter 1", "aircraft_multirotor", "north")
    document = stored(outcomes)
    assert document["vehicle_status"] == {"vehicle_type": 2, "mode": "LOITER"}
    assert document["is_live"] is True
    assert document["sequences"] == {"CONSTELLATION_TELEMETRY": 1}


def test_a_batch_makes_one_document():
    """Under load states are put less often than messages come."""
    outcomes = reduce(state(), [report(number) for number in range(1, 500)], NOON, PATIENCE)

    assert kinds(outcomes).count("Stored") == 1
    assert stored(outcomes)["sequences"] == {"CONSTELLATION_TELEMETRY": 499}


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60), st.integers(0, 60))
def test_a_log_read_again_from_anywhere_gives_the_same_state(sequences: list[int], back: int):
    """What went in already changes nothing, in whichever batches it comes again."""
    once, again = state(), state()
    changes = [report(number, values={"vfr.groundspeed": float(number)}) for number in range(1, 31)]
    reduce(once, changes, NOON, PATIENCE)
    reduce(again, changes[: max(sequences)], NOON, PATIENCE)
    reduce(again, changes[min(back, max(sequences)) :], NOON, PATIENCE)
    reduce(again, changes, NOON, PATIENCE)

    assert again == once


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["VFR_HUD", "GLOBAL_POSITION_INT"]),
            st.sets(st.sampled_from(["vfr.groundspeed", "vfr.airspeed", "position.global.vx"])),
            st.sampled_from(["north", "north", "south"]),
        ),
        max_size=20,
    )
)
def test_what_is_gathered_means_what_it_means_one_by_one(said: list[tuple]):
    """Overtaken or not, refused or not: the state is the same, and so is who is refused."""
    each = [
        Report("v1", org, name, number, NOON, NOON, dict.fromkeys(paths, float(number)), {})
        for number, (name, paths, org) in enumerate(said, 1)
    ]
    together, apart = state(), state()
    outcomes = reduce(together, [Reported(each)], NOON, PATIENCE) if each else []
    singly = [
        outcome
        for report in each
        for outcome in reduce(apart, [Reported([report])], NOON, PATIENCE)
    ]

    assert together == apart
    assert [outcome for outcome in outcomes if isinstance(outcome, Rejected)] == [
        outcome for outcome in singly if isinstance(outcome, Rejected)
    ]


def test_silence_makes_an_entity_stale_and_then_lost_each_with_its_reason():
    """And each is an event, once."""
    known = state()
    reduce(known, [report(1)], NOON, PATIENCE)
    told = []
    for seconds in (4, 5, 6, 29, 30, 31):
        nudge = [Silenced("v1", NOON)]
        outcomes = reduce(known, nudge, NOON + seconds * SECOND, PATIENCE)
        told.append([each.state for each in outcomes if isinstance(each, LivenessEvent)])

    assert told == [[], ["stale"], [], [], ["lost"], []]
    assert (known.liveness, known.reason) == ("lost", "silent for 30 s")
    assert known.since_us == NOON + 30 * SECOND


def test_what_is_read_late_never_makes_an_entity_live():
    """After a standstill the flow reads what was said long ago: nobody may be shown as alive."""
    known = state()
    outcomes = reduce(known, [report(1), report(2)], NOON + 3600 * SECOND, PATIENCE)

    assert "LivenessEvent" not in kinds(outcomes)
    document = stored(outcomes)
    assert (document["is_live"], document["liveness"]["state"]) == (False, "lost")


def test_a_clock_that_was_set_back_keeps_nobody_alive():
    """Silence is counted from then on, and not from a time that is still to come."""
    known, hour = state(), 3600 * SECOND
    reduce(known, [report(1)], NOON, PATIENCE)
    reduce(known, [report(2, NOON - hour)], NOON - hour, PATIENCE)
    assert (known.liveness, known.heard_us) == ("live", NOON - hour)
    reduce(known, [Silenced("v1", NOON - hour)], NOON - hour + 5 * SECOND, PATIENCE)
    assert known.liveness == "stale"


def test_an_entity_comes_back_to_life():
    """Its event says what it was before."""
    known = state()
    reduce(known, [report(1)], NOON, PATIENCE)
    reduce(known, [Silenced("v1", NOON)], NOON + 40 * SECOND, PATIENCE)
    later = NOON + 50 * SECOND
    (event,) = [
        each
        for each in reduce(known, [report(2, later)], later, PATIENCE)
        if isinstance(each, LivenessEvent)
    ]

    assert (event.previous, event.state) == ("lost", "live")
    assert known.since_us == later


def test_events_have_the_same_identity_when_they_are_told_again():
    """So a replay of them can be recognised."""

    def events() -> list[str]:
        known = state()
        changes = reduce(known, [report(1)], NOON, PATIENCE)
        changes += reduce(known, [Silenced("v1", NOON)], NOON + 7 * SECOND, PATIENCE)
        return [each.event_id for each in changes if isinstance(each, LivenessEvent)]

    assert events() == events()
    assert len(set(events())) == 2


def test_what_others_put_is_merged_and_preserved():
    """Unknown branches stay, telemetry wins where both know a leaf."""
    known = state()
    reduce(known, [report(1, values={"vfr.groundspeed": 3.5})], NOON, PATIENCE)
    reduce(known, [put(9, {"detections": {"n": 1}, "vfr": {"groundspeed": 99}})], NOON, PATIENCE)
    document = stored(reduce(known, [put(10, {"vfr": {"extra": 1}})], NOON, PATIENCE))

    assert document["detections"] == {"n": 1}
    assert document["vfr"] == {"groundspeed": 3.5, "extra": 1}
    assert document["sequences"] == {
        "CONSTELLATION_TELEMETRY": 1,
        "KV_CONSTELLATION_GLOBAL_STATE": 10,
    }


def test_a_document_does_not_revive_a_vehicle_that_has_its_own_telemetry():
    """Anybody may edit a document; only the vehicle can say that it lives."""
    known = state()
    reduce(known, [report(1)], NOON, PATIENCE)
    later = NOON + 60 * SECOND
    reduce(known, [put(9, {"note": "still there?"}, later)], later, PATIENCE)

    assert known.liveness == "lost"


def test_an_entity_known_by_documents_alone_lives_by_them():
    """A camera that only puts its state is an entity like any other."""
    known = state()
    outcomes = reduce(
        known, [put(9, {"a": 1}, name="Gate", entity_type="sensor_platform")], NOON, PATIENCE
    )

    assert kinds(outcomes) == ["LivenessEvent", "Registration", "Stored"]
    assert (known.name, known.entity_type) == ("Gate", "sensor_platform")


@pytest.mark.parametrize("change", [report(2, org_id="south"), put(9, {"a": 1}, org="south")])
def test_another_organisation_cannot_change_an_entity(change: Any):
    """It is refused, and nothing of it is taken over."""
    known = state()
    reduce(known, [report(1)], NOON, PATIENCE)
    before = msgspec.msgpack.encode(known)
    outcomes = reduce(known, [change], NOON, PATIENCE)

    assert [type(each) for each in outcomes] == [Rejected]
    assert msgspec.msgpack.encode(known) == before


def test_a_document_may_leave_out_whose_the_entity_is():
    """And an organisation's own documents are let in as those of the first are."""
    known = state()
    reduce(known, [report(1, org_id="south")], NOON, PATIENCE)
    reduce(known, [put(9, {"a": 1}, org=""), put(10, {"b": 2}, org="south")], NOON, PATIENCE)

    assert known.foreign == {"a": 1, "b": 2}
    assert known.org_id == "south"


def test_nobody_is_made_another_organisations_by_a_document():
    """An entity that nobody knows is the deployment's first organisation's."""
    stranger, ours = state(), state()
    (refused,) = reduce(stranger, [put(9, {"a": 1}, org="south")], NOON, PATIENCE)
    reduce(ours, [put(9, {"a": 1}, org="")], NOON, PATIENCE)

    assert isinstance(refused, Rejected)
    assert (stranger.org_id, ours.org_id) == ("", "north")


def test_documents_of_others_cannot_grow_without_end():
    """A flood of branches is refused before the bucket would refuse the whole document."""
    known = state()
    reduce(known, [put(1, {"kept": 1})], NOON, PATIENCE)
    piece = "x" * (MOST_FOREIGN_BYTES // 2)
    outcomes = [
        kinds(reduce(known, [put(number, {f"b{number}": piece})], NOON, PATIENCE))
        for number in (2, 3, 4)
    ]

    assert [("Rejected" in each) for each in outcomes] == [False, True, True]
    assert set(known.foreign) == {"kept", "b2"}


def test_a_flow_that_begins_without_memory_takes_its_own_document_over():
    """Everything but what has been said since is back, and older copies change nothing."""
    before = state()
    first = reduce(before, [report(5, values=QUADROTOR), put(3, {"note": "a"})], NOON, PATIENCE)
    second = reduce(before, [report(8)], NOON, PATIENCE)
    old, new = (
        next(each.document for each in outcomes if isinstance(each, Stored))
        for outcomes in (first, second)
    )
    after = state()
    for sequence, document in ((1, old), (2, new), (3, old)):
        reduce(after, [Recalled("v1", document, sequence, NOON)], NOON, PATIENCE)

    assert after.sequences == before.sequences
    assert after.branches.keys() == before.branches.keys()
    assert after.foreign == {"note": "a"}
    assert (after.name, after.entity_type) == ("Copter 1", "aircraft_multirotor")


def test_a_document_of_ours_that_cannot_be_read_is_refused():
    """Whoever spoilt it, the flow goes on."""
    long = b'{"entity_id": "v1"}' + b" " * 2**20
    (refused,) = reduce(state(), [Recalled("v1", long, 4, NOON)], NOON, PATIENCE)

    assert isinstance(refused, Rejected)
    # No more than the stream of refusals takes, for else they would stop the flow.
    assert refused.data == long[:KEPT_BYTES]
