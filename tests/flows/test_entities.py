"""The entities graph, from messages and documents to states, without a network."""

import itertools

import msgspec
from bytewax.testing import TestingSource, run_main
from ends import NOON, SECOND, STREAM, document, entity_event, envelope

from connectors.jetstream import Message
from connectors.kv import Purge, Version
from connectors.projection import Awaited, Done, Removal
from flows.ontology.registry import STREAM as ENTITIES

BEAT = {"type": 2, "autopilot": 3, "base_mode": 217, "custom_mode": 5, "system_status": 4}


def beat(sequence: int, **more):
    return envelope(sequence, BEAT, "HEARTBEAT", system_id=1, **more)


def speed(sequence: int, value: float, **more):
    return envelope(sequence, {"groundspeed": value}, **more)


def at(seconds: float):
    return lambda: NOON + round(seconds * SECOND)


def test_a_vehicle_gets_a_state_a_row_and_an_event(ends):
    """All three from its first words."""
    run_main(ends.entities([beat(1), speed(2, 3.5)], clock=at(2)))

    state = ends.last("v1")
    assert (state["is_live"], state["name"]) == (True, "Copter 1")
    assert state["vehicle_status"]["mode"] == "LOITER"
    assert state["vehicle_status"]["armed"] is True
    assert state["vfr"] == {"groundspeed": 3.5}
    assert state["provenance"]["vfr"]["sequence"] == 2
    assert ends.registry[-1][1]["entity_type"] == "aircraft_multirotor"
    assert [publication.subject for _, publication in ends.said] == [
        "constellation.events.liveness.north.v1"
    ]


def test_states_are_put_with_the_sequences_that_went_in(ends):
    """So the bucket can refuse an older one."""
    run_main(ends.entities([beat(1), speed(2, 1.0), speed(3, 2.0), speed(4, 3.0)], clock=at(4)))

    versions = [put.version for _, put in ends.bucket]
    assert [each.sequences[STREAM] for each in versions] == [3, 4]


def test_what_was_said_long_ago_is_put_as_lost(ends):
    """There is no moment at which a reader of the bucket could take it for live."""
    run_main(ends.entities([beat(1), speed(2, 1.0)], clock=at(3600)))

    assert {msgspec.json.decode(put.value)["is_live"] for _, put in ends.bucket} == {False}
    assert ends.last("v1")["liveness"]["state"] == "lost"


def test_what_others_put_is_merged_and_our_own_puts_are_not(ends):
    """An echo of ourselves would go round for ever."""
    ours = document(7, "v1", {"entity_id": "v1", "noise": 1}, Version({STREAM: 1}))
    theirs = document(8, "v1", {"entity_id": "v1", "detections": {"objects": {}}, "is_live": False})
    run_main(ends.entities([beat(1)], [ours, theirs], clock=at(1)))

    state = ends.last("v1")
    assert state["detections"] == {"objects": {}}
    assert "noise" not in state
    assert state["is_live"] is True


def test_documents_that_cannot_be_used_are_refused(ends):
    """Whatever is put, nothing stops."""
    hostile = [
        document(1, "v1", b"{"),
        document(2, "v1", b"[1]"),
        document(3, "v1", {"entity_id": "somebody-else"}),
        document(4, "v1", {"org_id": "south"}),
        document(5, "a.b.c", {}),
        document(6, "v1", b"[" * 5000),
        document(7, "v1", {"big": "x" * 300_000}),
    ]
    run_main(ends.entities([beat(1)], hostile, clock=at(1)))

    assert {step for step, _ in ends.refused()} == {"recognise", "reduce"}
    assert len(ends.refused()) == len(hostile)
    assert ends.last("v1")["is_live"] is True


def test_without_memory_the_state_is_rebuilt_from_the_bucket(ends):
    """What the stream no longer has is still known."""
    run_main(ends.entities([beat(1), speed(2, 3.5)], clock=at(2)))
    put = ends.bucket[-1][1]
    ends.projected.clear()
    known = document(11, "v1", put.value, put.version)
    run_main(ends.entities([speed(3, 4.5)], [known], recall_until=11, clock=at(3)))

    state = ends.last("v1")
    assert state["vfr"] == {"groundspeed": 4.5}
    assert state["vehicle_status"]["mode"] == "LOITER"
    assert ends.registry[0][1]["name"] == "Copter 1"


def test_a_restart_goes_on_with_the_state_that_it_had(ends, run_recovered):
    """And reads nothing twice."""
    already_read = Message(STREAM, "constellation.telemetry.north.v1", b"read twice?", 1, NOON)
    crash = [beat(1), speed(2, 1.0), speed(3, 2.0), TestingSource.ABORT()]
    run_recovered(ends.entities(crash, clock=at(3)))
    run_recovered(ends.entities([already_read] * 3 + [speed(4, 9.0)], clock=at(4)))

    assert ends.refused() == []
    state = ends.last("v1")
    assert state["vfr"] == {"groundspeed": 9.0}
    assert state["vehicle_status"]["mode"] == "LOITER"
    assert state["sequences"] == {STREAM: 4}


def test_what_the_stream_lost_is_told_beside_what_it_said(ends):
    """An event for the gap; the message behind it counts all the same."""
    message = envelope(9, {"groundspeed": 3.5})
    run_main(ends.entities([msgspec.structs.replace(message, lost_before=4)]))

    subjects = [publication.subject for _, publication in ends.said]
    assert "constellation.events.loss.north.entities" in subjects
    assert ends.last("v1")["sequences"] == {"CONSTELLATION_TELEMETRY": 9}


GATE = {"name": "Gate", "entity_type": "waypoint"}


def done(ends) -> list[int]:
    """The events that have been done, in order."""
    return sorted(each.sequence for _, each in ends.projected if isinstance(each, Done))


def test_a_registered_entity_is_a_state_and_a_row_and_done_after_both(ends):
    """Whoever waits for the event to be done finds them."""
    run_main(ends.entities([entity_event(3, "created", "cam-7", tags=["a"], **GATE)]))

    state, (_, row) = ends.last("cam-7"), ends.registry[-1]
    assert (state["name"], state["revision"], state["tags"]) == ("Gate", 3, ["a"])
    assert (row["name"], row["revision"], row["tags"]) == ("Gate", 3, '["a"]')
    mine = [type(each).__name__ for key, each in ends.projected if key == "cam-7"]
    assert mine == ["Record", "Put", "Done"]
    assert [each.sequences for _, each in ends.projected if isinstance(each, Awaited)] == [(3,)]


def test_every_event_is_done_whatever_becomes_of_it(ends):
    """Refused, or none at all: nobody waits for ever, and all find why."""
    events = [
        entity_event(1, "created", **GATE),
        entity_event(2, "created", **GATE),
        entity_event(3, "updated", "unknown", name="x"),
        Message(ENTITIES, "constellation.entities.north.created", b"{", 4, NOON),
        entity_event(5, "updated", org="south", name="x"),
        entity_event(6, "updated", name="y", data={"if_match": 5}),
        entity_event(7, "updated", name="z", data={"if_match": 1}),
        entity_event(8, "deleted"),
        entity_event(9, "deleted"),
    ]
    run_main(ends.entities(events))

    assert done(ends) == list(range(1, 10))
    assert sorted((row["sequence"], row["step"]) for _, row in ends.ledger) == [
        (2, "register:exists"), (3, "register:unknown"), (4, "register"),
        (5, "register:foreign"), (6, "register:revision"), (9, "register:unknown"),
    ]  # fmt: skip


def test_a_deleted_entity_is_purged_and_its_row_removed(ends):
    """And telemetry of before does not bring it back, whenever it is read."""
    late = msgspec.structs.replace(speed(4, 3.5), stored_us=NOON + 2 * SECOND)
    messages = [beat(1), speed(2, 2.5), entity_event(3, "deleted"), late]
    run_main(ends.entities(messages, clock=at(4)))

    gone = [each for _, each in ends.projected if not isinstance(each, Awaited)]
    assert [type(each) for each in gone] == [Purge, Removal, Done]
    assert gone[0].version == Version({STREAM: 2, ENTITIES: 3})
    ends.projected.clear()
    run_main(ends.entities([*messages, speed(9, 4.5)], clock=at(10)))
    assert ends.last("v1")["sequences"] == {STREAM: 9, ENTITIES: 3}
    assert "vehicle_status" not in ends.last("v1")


def test_the_end_of_a_time_is_published_and_applied_when_it_is_read(ends, run_recovered):
    """After a restart as well, and once."""
    ticks = itertools.count(40)
    created = entity_event(1, "created", expires_at="2026-09-21T14:14:00Z", **GATE)
    flow = ends.entities([created, TestingSource.ABORT()], clock=at(39))
    run_recovered(flow)
    run_recovered(
        ends.entities([created, speed(2, 1.0)], clock=lambda: NOON + next(ticks) * SECOND)
    )

    (said,) = {
        (said.subject, said.data, said.message_id)
        for _, said in ends.said
        if said.subject.startswith("constellation.entities.")
    }
    assert (said[0], said[2]) == ("constellation.entities.north.deleted", "v1-expired-1")
    ends.projected.clear()
    own = Message(ENTITIES, said[0], said[1], 2, NOON + 45 * SECOND)
    again = Message(ENTITIES, said[0], said[1], 3, NOON + 46 * SECOND)
    run_main(ends.entities([created, own, again], clock=at(50)))
    assert len([1 for _, each in ends.projected if isinstance(each, Purge)]) == 1
    assert (ends.refused(), done(ends)) == ([], [1, 2, 3])


def test_without_memory_deletions_are_known_by_the_bucket(ends):
    """Though the stream of events may have nothing more of them."""
    marker = document(7, "v1", b"", Version({STREAM: 2, ENTITIES: 3}))
    run_main(ends.entities([], [marker], recall_until=7))
    assert [type(each) for _, each in ends.projected] == [Purge, Removal]
    ends.projected.clear()
    run_main(ends.entities([beat(1)], [marker], recall_until=7, clock=at(8)))
    assert [put for _, put in ends.bucket if ENTITIES in put.version.sequences] == []
