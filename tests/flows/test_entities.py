"""The entities graph, from messages and documents to states, without a network."""

import msgspec
from bytewax.testing import TestingSource, run_main
from ends import NOON, SECOND, STREAM, document, envelope

from connectors.jetstream import Message
from connectors.kv import Version

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

    assert {step for step, _ in ends.refused()} == {"recognise"}
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
