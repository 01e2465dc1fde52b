"""What the rules of state say reaches each wire in that wire's own form."""

import msgspec

from connectors.kv import Purge, Put, Version
from connectors.projection import Done, Record, Removal
from connectors.sqlite import SqliteSink, read_rows
from flows import outcomes
from flows.ontology.entities import LivenessEvent, Registration, StatusText
from flows.ontology.entry import Buried, Overdue, Projected
from flows.ontology.wire import Rejected
from flows.permissions import permissions
from flows.steps.reduce import Stored

STORED = Stored("v1", b"{}", {"T": 7, "B": 2}, 1)
EVENT = LivenessEvent(
    "liveness", "v1-stale-1", "v1", "north", "stale", "live", "silent for 5 s", "2026-01-01"
)
REFUSED = Rejected("reduce", "not yours", "", "T", 7, 0)


def registration(sequence: int, name: str) -> Registration:
    times = ("2026-01-01T00:00:00Z",) * 4
    kind = "aircraft_multirotor"
    return Registration(
        "v1", "north", name, kind, "active", "normal", True, *times, sequence=sequence
    )  # fmt: skip


BATCH = [
    ("v1", each) for each in (registration(3, "new"), STORED, EVENT, REFUSED, registration(2, ""))
]


def test_each_wire_gets_its_own_of_a_batch() -> None:
    """And nothing is left over."""
    projected = outcomes.projections("test", BATCH)
    assert ("v1", Put("v1", b"{}", Version({"T": 7, "B": 2}, 1))) in projected
    assert [type(each) for _, each in projected] == [Record, Put, Record]
    assert list(outcomes.refusals(BATCH)) == [REFUSED]
    assert len(list(outcomes.events(BATCH))) == 1
    assert list(outcomes.deletions(BATCH)) == []
    for some in (outcomes.events, outcomes.refusals, outcomes.deletions):
        assert list(some([])) == []


def test_what_becomes_of_an_event_ends_with_its_being_done() -> None:
    """Whatever it is, nobody waits for more: a refusal is where they look for it."""
    refused = Rejected("register:unknown", "cam-7 is not known", "", "CONSTELLATION_ENTITIES", 4, 0)
    batch = [
        ("cam-7", each) for each in (Buried("cam-7", {"E": 3}), Projected(3), refused, Projected(4))
    ]
    purge, removal, done, row, done_too = (
        each for _, each in outcomes.projections("entities", batch)
    )

    assert purge == Purge("cam-7", Version({"E": 3}), 8 * 24 * 3600)
    assert removal == Removal("entities", "cam-7", Version({"E": 3}))
    assert (row.table, row.row["step"], row.row["sequence"]) == ("rejections", refused.step, 4)
    assert [done, done_too] == [Done(3), Done(4)]


def test_the_end_of_its_time_is_an_event_of_its_own() -> None:
    """It is said once, however often it is found."""
    ((key, said),) = outcomes.deletions([("cam-7", Overdue("cam-7", "north", 9, 10**15))])

    assert (key, said.subject) == ("cam-7", "constellation.entities.north.deleted")
    assert said.message_id == "cam-7-expired-9"
    body = msgspec.json.decode(said.data)
    assert body["data"] == {"entity_id": "cam-7", "org_id": "north", "reason": "expired"}
    assert (body["source"], body["timestamp"]) == ("entities", "2001-09-09T01:46:40Z")


def test_a_change_of_liveness_is_an_event_of_the_entity() -> None:
    """With an identity that a replay repeats."""
    ((key, event),) = outcomes.events(BATCH)
    assert key == "v1"
    assert event.subject == "constellation.events.liveness.north.v1"
    assert event.message_id == "v1-stale-1"
    said = msgspec.json.decode(event.data)
    assert (said["state"], said["previous"], said["reason"]) == ("stale", "live", "silent for 5 s")


def test_what_an_entity_says_in_words_is_an_event_of_it() -> None:
    """With how bad it is, as a number and as a word."""
    text = StatusText(
        "statustext", "statustext-v1-7", "v1", "north", 1, 3, "ERROR", "Crash", True, "", False
    )  # fmt: skip
    ((key, event),) = outcomes.events([("v1", text)])

    assert key == "v1"
    assert event.subject == "constellation.events.statustext.north.v1"
    assert event.message_id == "statustext-v1-7"
    said = msgspec.json.decode(event.data)
    assert (said["severity"], said["severity_name"], said["text"]) == (3, "ERROR", "Crash")
    assert permissions("entities").publish.count("constellation.events.statustext.>") == 1


def test_the_registry_keeps_the_newest_of_an_entity(tmp_path) -> None:
    """Whatever is written after it."""
    path = tmp_path / "registry.db"
    sink = SqliteSink(path, outcomes.REGISTRY).build_part("out", "entities", None)
    rows = [each for _, each in outcomes.projections("", BATCH) if isinstance(each, Record)]
    sink.write_batch([each.row for each in rows])
    sink.close()

    (row,) = read_rows(path, "SELECT * FROM entities")
    assert (row["entity_id"], row["name"], row["sequence"]) == ("v1", "new", 3)
    assert (row["is_live"], row["entity_type"]) == (1, "aircraft_multirotor")
