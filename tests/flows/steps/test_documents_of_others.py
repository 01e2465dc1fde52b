"""What other programs put: their signals become known, and whatever else they say is kept."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND, stored

from flows.ontology.entities import Change, Documented, EntityState, Erased, Reported, Silenced
from flows.ontology.rate import Patience
from flows.ontology.subjects import BUCKET_STREAM
from flows.ontology.telemetry import Report
from flows.ontology.wire import Rejected
from flows.steps.document import document, recall
from flows.steps.recognise import read_document
from flows.steps.reduce import Stored, reduce

PATIENCE = Patience(5 * SECOND, 30 * SECOND)
BUCKET = "$KV.CONSTELLATION_GLOBAL_STATE."
PULSAR = {
    "entity_id": "v1",
    "org_id": "north",
    "is_live": True,
    "position": {
        "global": {"latitude": 47.5, "longitude": 8.5, "altitude_msl": 488.0, "heading": 90.0},
        "local": {"x": 0, "y": 0, "z": 0, "vx": 1.5},
    },
    "power": {"voltage": 16.2, "current": 3.5, "battery_remaining": 71},
    "vehicle_status": {"armed": True, "mode": "ACTIVE", "custom_mode": 5, "load": 512},
    "detections": {"objects": {"t1": {"label": "boat", "confidence": 0.9}}},
    "first_seen": "0001-01-01T00:00:00Z",
    "expiry_time": "0001-01-01T00:00:00Z",
}


class Entity:
    """A state that documents and telemetry go into, second by second."""

    def __init__(self) -> None:
        self.state = EntityState("v1")
        self.puts: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.sequence = 0

    def take(self, second: float, change: Change) -> "Entity":
        for each in reduce(self.state, [change], NOON + round(second * SECOND), PATIENCE):
            if isinstance(each, Stored):
                self.puts.append(msgspec.json.decode(each.document))
            if isinstance(each, Rejected):
                self.refused.append(each.reason)
        return self

    def put(self, second: float, body: object, key: str = "v1") -> "Entity":
        self.sequence += 1
        message = stored(body, BUCKET + key, sequence=self.sequence)
        message = msgspec.structs.replace(message, stored_us=NOON + round(second * SECOND))
        found = read_document(message, "north")
        assert isinstance(found, Documented | Erased)
        return self.take(second, found)

    def said(self, second: float, **values: Any) -> "Entity":
        at, named = (
            NOON + round(second * SECOND),
            {k.replace("__", "."): v for k, v in values.items()},
        )
        report = Report("v1", "north", "VFR_HUD", round(second * 1000) + 1, at, at, named, {})
        return self.take(second, Reported([report]))

    @property
    def document(self) -> dict[str, Any]:
        return msgspec.json.decode(document(self.state, PATIENCE))


def test_what_a_bridge_puts_is_known_as_signals_that_were_put() -> None:
    """With the bucket's sequence and time; what it does not know is not believed."""
    read = Entity().put(1, PULSAR).document

    assert read["position"]["global"] == PULSAR["position"]["global"]
    assert read["position"]["local"] == {"vx": 1.5}
    assert read["power"] == PULSAR["power"]
    assert read["vehicle_status"] == {"armed": True, "custom_mode": 5}
    assert read["detections"] == PULSAR["detections"]
    assert "expiry_time" not in read
    record = read["provenance"]["position.global"]
    assert (record["source"], record["sequence"], record["state"]) == ("put", 1, "live")
    assert record["stream_time"] == "2026-09-21T14:13:21Z"


@pytest.mark.parametrize(
    "unknown",
    [
        {"power": {"battery_remaining": -1}},
        {"power": {"voltage": 65.535, "current": -0.01}},
        {"position": {"global": {"heading": 655.35}}},
        {"position": {"global": {"latitude": 0, "longitude": 0}}},
        {"position": {"global": {"latitude": 91.0}}},
        {"position": {"local": {"x": 0, "y": 0, "z": 0}}},
        {"vehicle_status": {"mode": "STANDBY"}},
        {"vehicle_status": {"custom_mode": 1.5}},
        {"power": {"cells": [99.0]}},
    ],
)
def test_what_cannot_be_believed_is_not_taken_over(unknown: dict[str, Any]) -> None:
    """Neither as a signal nor as anything else: nobody reads it out of our document."""
    state = Entity().put(1, unknown | {"note": 1}).state

    assert state.branches == {}
    assert {name: tree for name, tree in state.foreign.items() if tree not in ({}, None)} == {
        "note": 1
    }


@pytest.mark.parametrize(
    "other",
    [
        {"vehicle_status": {"armed": "yes"}},
        {"power": {"cells": ["a"]}},
        {"vfr": {"airspeed": None}},
        {"mission": {"mode": "search"}},
        {"position": {"global": {"latitude": {"degrees": 47}}}},
        {"position": "here"},
    ],
)
def test_what_is_of_another_kind_is_kept_as_it_is(other: dict[str, Any]) -> None:
    """It may be the word of another program; it is no signal, also to a flow that begins anew."""
    state = Entity().put(1, other).state
    known = recall("v1", document(state, PATIENCE))
    assert known is not None

    assert (state.branches, state.foreign) == ({}, other)
    assert (known.branches, known.foreign) == ({}, other)


def test_the_flat_document_of_raw_units_becomes_signals() -> None:
    """Against values worked out by hand; it is kept as it came, too."""
    flat = {
        "entity_id": "v1", "latitude": 473977418, "longitude": 85455939, "altitude": 488123,
        "relative_alt": 12345, "heading": 9050, "vx": 150, "vy": -250, "vz": -30, "pitch": 0.1,
        "roll": -0.2, "yaw": 1.5, "battery_remaining": 71, "voltage_battery": 16200, "load": 512,
        "ground_speed": 3.5, "throttle": 40, "climb_rate": 0.5,
        "vehicle_type": "MAV_TYPE_QUADROTOR", "last_msg_type": "Heartbeat",
    }  # fmt: skip
    read = Entity().put(1, flat, "v1.mavlink").document

    assert read["position"]["global"] == {
        "latitude": 47.3977418, "longitude": 8.5455939, "altitude_msl": 488.123,
        "altitude_relative": 12.345, "heading": 90.5, "vx": 1.5, "vy": -2.5, "vz": -0.3,
    }  # fmt: skip
    assert read["attitude"]["euler"] == {"pitch": 0.1, "roll": -0.2, "yaw": 1.5}
    assert read["power"] == {"battery_remaining": 71.0, "voltage": 16.2}
    assert read["vehicle_status"] == {"load": 51.2, "vehicle_type": 2}
    assert read["vfr"] == {"groundspeed": 3.5, "throttle": 40.0, "climb_rate": 0.5}
    assert read["mavlink"] == flat


@pytest.mark.parametrize(
    "flat",
    [
        {"latitude": 0, "longitude": 0},
        {"heading": 65535},
        {"voltage_battery": 65535, "battery_remaining": -1},
        {"latitude": "47", "longitude": True, "altitude": None},
        {"latitude": 2**80},
        {"vehicle_type": "MAV_TYPE_NONSENSE"},
        {"vehicle_type": ["MAV_TYPE_QUADROTOR"]},
    ],
)
def test_what_a_flat_document_does_not_know_is_no_signal(flat: dict[str, Any]) -> None:
    """Zero and zero is no place, and the largest number is none."""
    if flat.get("latitude") == 2**80:
        flat = {"latitude": 2.0**80}
    assert Entity().put(1, flat, "v1.mavlink").state.branches == {}


def test_telemetry_is_right_where_both_know_a_signal() -> None:
    """Before and after; what only the put knows stays its own."""
    entity = Entity().said(0, vfr__groundspeed=3.5)
    entity.put(1, {"vfr": {"groundspeed": 99, "airspeed": 5}})
    assert entity.document["vfr"] == {"groundspeed": 3.5, "airspeed": 5.0}

    entity.said(2, vfr__airspeed=6.5)
    entity.put(3, {"vfr": {"airspeed": 7}})
    assert entity.document["vfr"]["airspeed"] == 6.5


def test_a_program_that_puts_again_what_it_once_read_makes_nothing_fresh() -> None:
    """Vision rewrites the whole of its copy for every branch of its own that changes."""
    entity = Entity().said(0, vfr__groundspeed=3.5).put(0, PULSAR)
    for second in range(1, 40):
        entity.said(second, vfr__groundspeed=3.5)
        entity.put(second, PULSAR | {"analytics": {"summary": {"total": second}}})
    records = entity.document["provenance"]

    assert entity.document["analytics"] == {"summary": {"total": 39}}
    assert records["vfr"]["state"] == "live"
    assert (records["power"]["state"], records["power"]["sequence"]) == ("lost", 1)


def test_a_branch_that_changes_in_anything_is_fresh_as_a_whole() -> None:
    """One message sets it: a hover has the same height for a long time."""
    entity = Entity()
    for second in range(40):
        place = {"latitude": 47.5 + second / 1e6, "longitude": 8.5, "altitude_msl": 488.0}
        entity.put(second, {"position": {"global": place}, "power": {"voltage": 16.0}})
    records = entity.document["provenance"]

    assert "messages" not in records["position.global"]
    assert records["position.global"]["state"] == "live"
    assert records["power"]["state"] == "lost"


def test_a_time_beside_signals_makes_them_fresh() -> None:
    """Their program says that they are the same, and not that it has said so before."""
    entity = Entity()
    for second in range(40):
        entity.put(second, {"power": {"voltage": 16.0, "timestamp": f"t{second}"}})
    assert entity.document["provenance"]["power"]["state"] == "live"
    assert entity.document["power"] == {"voltage": 16.0, "timestamp": "t39"}


def test_a_copy_of_an_older_document_of_ours_says_nothing_of_what_was_heard_since() -> None:
    """What its own program adds is taken; a copy of the newest may change a signal."""
    entity = Entity().put(0, {"vfr": {"groundspeed": 1}})
    old = entity.document
    entity.put(1, {"vfr": {"groundspeed": 2}})
    entity.put(2, old | {"mission": {"mode": "search", "status": "running"}})
    assert entity.document["vfr"] == {"groundspeed": 2.0}
    assert entity.document["mission"] == {"mode": "search", "status": "running"}

    entity.put(3, entity.document | {"vfr": {"groundspeed": 4}})
    assert entity.document["vfr"] == {"groundspeed": 4.0}


def test_an_object_and_a_signal_of_one_name_stand_beside_each_other() -> None:
    """Vision has a mission, and so has the vehicle."""
    entity = Entity().said(0, mission__current_waypoint=3)
    entity.put(1, {"mission": {"mode": "search", "started_at": "2026-01-01T00:00:00Z"}})
    entity.put(2, {"analytics": {"x": 1}}).said(3, mission__current_waypoint=4)

    assert entity.document["mission"] == {
        "mode": "search", "started_at": "2026-01-01T00:00:00Z", "current_waypoint": 4,
    }  # fmt: skip


def test_the_keys_of_branches_and_whole_documents_are_one_entity() -> None:
    """None of them takes away what another has put."""
    entity = Entity().put(0, PULSAR)
    entity.put(1, {"t2": {"label": "buoy"}}, "v1.detections.objects")
    entity.put(2, {"total": 1}, "v1.analytics.summary")
    entity.put(3, {"alert_level": "low"}, "v1.c4isr.threat_intelligence")
    entity.put(4, {"position": {"global": {"heading": 91.0}}}, "entity:v1")
    read = entity.document

    assert set(read["detections"]["objects"]) == {"t1", "t2"}
    assert read["analytics"] == {"summary": {"total": 1}}
    assert read["c4isr"] == {"threat_intelligence": {"alert_level": "low"}}
    assert read["position"]["global"] == PULSAR["position"]["global"] | {"heading": 91.0}


def test_an_echo_causes_no_put() -> None:
    """Whoever puts what we have put is not answered, however often."""
    entity = Entity().said(0, vfr__groundspeed=3.5).put(1, PULSAR)
    puts = len(entity.puts)
    for second in range(2, 5):
        entity.put(second, entity.puts[-1])
        entity.put(second, PULSAR)

    assert len(entity.puts) == puts
    assert entity.state.sequences[BUCKET_STREAM] == 1


def test_a_camera_that_always_puts_the_same_lives_and_is_not_echoed() -> None:
    """Its puts are its only signs of life: they are told, but not each of them."""
    entity = Entity()
    for quarter in range(200):
        entity.put(quarter / 4, {"name": "Gate", "power": {"voltage": 12.0}})
        assert entity.state.liveness == "live"

    assert 10 < len(entity.puts) < 25
    entity.take(49.75 + 5, Silenced("v1", 0))
    assert entity.state.liveness == "stale"


@pytest.mark.parametrize(("second", "again"), [(1, 1), (10, 1), (60, 0)])
def test_a_deleted_document_of_whoever_lives_is_put_again_at_once(second: int, again: int) -> None:
    """Who is lost stays deleted until it is heard again."""
    entity = Entity().said(0, vfr__groundspeed=3.5)
    entity.take(second, Silenced("v1", 0))
    puts = len(entity.puts)
    entity.take(second, Erased("v1", 9, NOON + second * SECOND))
    assert len(entity.puts) == puts + again

    entity.said(second + 1, vfr__groundspeed=4.0)
    assert entity.puts[-1]["vfr"] == {"groundspeed": 4.0}


def test_a_document_of_nobody_can_be_deleted() -> None:
    """Nothing is made by that."""
    assert Entity().take(0, Erased("v1", 9, NOON)).puts == []


def test_a_list_that_only_grows_gives_way_to_the_newest() -> None:
    """Tracks come and go, and none is ever taken back: in the end they would fill the bucket."""
    entity = Entity().put(0, {"note": "kept"})
    for number in range(40):
        tracks = {f"t{number}_{each}": {"label": "x" * 900} for each in range(20)}
        entity.put(number + 1, {"detections": {"objects": tracks}})

    assert entity.refused == []
    assert entity.state.foreign["note"] == "kept"
    assert f"t39_{0}" in entity.state.foreign["detections"]["objects"]


LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text()
WORDS = st.sampled_from(
    [
        "position", "global", "latitude", "power", "cells", "batteries", "1", "mission", "vfr",
        "mode", "vehicle_status", "voltage", "detections", "provenance", "sequence", "link",
    ]
)  # fmt: skip
TREES = st.recursive(
    LEAVES | st.lists(LEAVES, max_size=3),
    lambda inner: st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(
        st.tuples(
            st.dictionaries(WORDS | st.text(max_size=5), TREES, max_size=4),
            st.sampled_from(["v1", "v1.mavlink", "v1.analytics.summary"]),
            st.booleans(),
        ),
        max_size=5,
    )
)
def test_whatever_is_put_makes_a_document_that_is_known_again(many: list[tuple]) -> None:
    """Put twice it changes nothing, and nothing raises."""
    entity = Entity()
    for number, (body, key, speaks) in enumerate(many):
        data = msgspec.json.encode(body)
        message = stored(data, BUCKET + key, sequence=number + 1)
        found = read_document(message, "north")
        if isinstance(found, Documented):
            entity.take(number, found)
            before = entity.document
            entity.take(number, msgspec.structs.replace(found, sequence=number + 100))
            again = entity.document
            assert again | {"sequences": 0} == before | {"sequences": 0}
        if speaks:
            entity.said(number, vfr__groundspeed=float(number))
    if entity.state.first_us:
        read = document(entity.state, PATIENCE)
        known = recall("v1", read)
        assert known is not None
        assert pruned(document(known, PATIENCE)) == pruned(read)


def pruned(data: bytes) -> Any:
    """Without branches that hold nothing."""

    def within(tree: Any) -> Any:
        if not isinstance(tree, dict):
            return tree
        kept = {name: within(value) for name, value in tree.items()}
        return {name: value for name, value in kept.items() if value != {}}

    return within(msgspec.json.decode(data))
