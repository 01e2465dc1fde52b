"""Messages of entity events to changes, and what is none to refusals."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.jetstream import Message
from flows.ontology.entry import Registered
from flows.ontology.registry import (
    MOST_EVENT_BYTES,
    MOST_JSON_BYTES,
    STREAM,
    EntityEvent,
    EventData,
    Fields,
    Position,
    subject,
)
from flows.ontology.wire import Rejected
from flows.steps.register import read_event

SUBJECT = "constellation.entities.north.created"
GATE = {"name": "Gate", "entity_type": "sensor_platform"}


def event(entity: Any = None, kind: str = "created", **data: Any) -> Message:
    body = {"data": {"entity_id": "cam-7", "org_id": "north", "entity": entity or GATE, **data}}
    return message(json.dumps(body).encode(), f"constellation.entities.north.{kind}")


def message(data: bytes, where: str = SUBJECT) -> Message:
    return Message(STREAM, where, data, 7, 1_790_000_000_000_000)


def fields(said: dict[str, Any], kind: str = "created") -> dict[str, Any]:
    read = read_event(event({**GATE, **said} if kind == "created" else said, kind))
    assert isinstance(read, Registered), read
    return read.fields


def test_what_the_interface_publishes_is_read_as_it_was_meant() -> None:
    """The whole of what was written, and where it stands in its stream."""
    said = EntityEvent(
        id="cam-7",
        type="updated",
        subject=subject("north", "updated"),
        data=EventData(
            "cam-7", "north", entity=Fields(name=None, position=Position(1, 2)), if_match=5
        ),
        source="rest",
    )

    assert read_event(message(msgspec.json.encode(said), said.subject)) == Registered(
        "cam-7",
        "north",
        "updated",
        {"name": None, "position": {"latitude": 1.0, "longitude": 2.0}},
        7,
        1_790_000_000_000_000,
        if_match=5,
    )


def test_what_the_reference_system_publishes_is_read() -> None:
    """A place in three fields, JSON in texts, empty texts for nothing, and times of its own."""
    entity = {
        "entity_id": "cam-7", "org_id": "north", "name": "Gate", "entity_type": "sensor_platform",
        "status": "active", "priority": "", "is_live": True, "latitude": 47.5, "longitude": 8.5,
        "altitude": 400, "heading": None, "components": "", "tags": '["a"]',
        "metadata": '{"height_m": 3}', "video_config": '{"protocol": "rtsp", "port": 8554}',
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "0001-01-01T00:00:00Z",
    }  # fmt: skip
    body = {
        "id": "cam-7", "type": "created", "subject": SUBJECT,
        "data": {
            "entity_id": "cam-7", "org_id": "north", "entity_type": "sensor_platform",
            "status": "active", "priority": "", "entity": entity,
        },
        "timestamp": "2026-01-01T00:00:00.123456789Z", "source": "entity-service",
    }  # fmt: skip
    read = read_event(message(json.dumps(body).encode()))

    assert isinstance(read, Registered), read
    assert read.fields == {
        "name": "Gate",
        "entity_type": "sensor_platform",
        "status": "active",
        "position": {"latitude": 47.5, "longitude": 8.5, "altitude": 400.0},
        "tags": ["a"],
        "metadata": {"height_m": 3},
        "video_config": {"protocol": "rtsp", "port": 8554},
    }


@pytest.mark.parametrize(
    ("last", "kind"),
    [("created", "created"), ("updated", "updated"), ("deleted", "deleted"),
     ("status", "status_changed")],
)  # fmt: skip
def test_the_subject_says_what_happened(last: str, kind: str) -> None:
    """Where the body leaves it out."""
    assert read_event(event(kind=last)).event == kind


def test_an_entity_needs_a_type_and_no_name() -> None:
    """As by REST; the type may stand beside the fields."""
    read = read_event(event({"tags": []}, entity_type="waypoint"))
    assert isinstance(read, Registered)
    assert read.fields == {"tags": [], "entity_type": "waypoint"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"name": ""}, {}),
        ({"status": "maintenance"}, {"status": "maintenance"}),
        ({"is_live": True}, {}),
        ({"tags": None}, {"tags": None}),
        ({"heading": 360}, {"heading": 360.0}),
        ({"expires_at": "2030-01-01T02:00:00+02:00"}, {"expires_at": "2030-01-01T00:00:00Z"}),
        ({"position": {"latitude": 0, "longitude": 0}},
         {"position": {"latitude": 0.0, "longitude": 0.0}}),
        ({"relationships": [{"type": "part_of", "entity_id": "v1"}]},
         {"relationships": [{"type": "part_of", "entity_id": "v1"}]}),
    ],
)  # fmt: skip
def test_what_may_be_said(said: dict[str, Any], kept: dict[str, Any]) -> None:
    """And what is kept of it, in one form."""
    assert fields(said, "updated") == kept


DEEP: dict[str, Any] = {}
for _ in range(40):
    DEEP = {"a": DEEP}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": "x" * 256}, "255"),
        ({"name": "a\nb"}, "regex"),
        ({"name": "gate\u202eetag"}, "regex"),
        ({"name": 7}, "str"),
        ({"entity_type": "spaceship"}, "enum"),
        ({"status": "flying"}, "enum"),
        ({"priority": "medium"}, "enum"),
        ({"position": {"latitude": 91, "longitude": 0}}, "90"),
        ({"position": {"latitude": 1}}, "longitude"),
        ({"position": {"latitude": 1, "longitude": 2, "heading": 3}}, "heading"),
        ({"heading": -1}, "0"),
        ({"video_config": {"protocol": "file"}}, "enum"),
        ({"video_config": {"port": 70000}}, "65535"),
        ({"tags": ["a"] * 65}, "64"),
        ({"tags": [""]}, "1"),
        ({"tags": {"a": 1}}, "array"),
        ({"metadata": []}, "object"),
        ({"metadata": {"a": "x" * MOST_JSON_BYTES}}, "bytes"),
        ({"metadata": DEEP}, "levels"),
        ({"components": {"a": 10**30}}, "kept"),
        ({"relationships": [{"type": "a b", "entity_id": "v1"}]}, "regex"),
        ({"relationships": [{"type": "a", "entity_id": "v1.*"}]}, "regex"),
        ({"expires_at": "2030-01-01"}, "RFC3339"),
        ({"expires_at": "2030-01-01T00:00:00"}, "timezone"),
        ({"entity_id": "another"}, "entity_id"),
        ({"org_id": "south"}, "org_id"),
    ],
)  # fmt: skip
def test_what_may_not_be_said_is_refused_with_its_reason(said: dict[str, Any], reason: str) -> None:
    """As it is by REST, and all of the event with it."""
    refused = read_event(event({**GATE, **said}))

    assert isinstance(refused, Rejected), refused
    assert refused.step == "register"
    assert reason in refused.reason


@pytest.mark.parametrize(
    "broken",
    [
        message(b""),
        message(b"null"),
        message(b"[1]"),
        message(b"{"),
        message(b"[" * 9999),
        message(b'{"data": {"entity_id": "a", "org_id": "north"}, "extra": 1}', SUBJECT),
        message(b'{"data": ' + b" " * MOST_EVENT_BYTES + b"{}}"),
        message(b'{"data": {"entity_id": "a", "org_id": "north", "entity": {"heading": NaN}}}'),
        message(b'{"data": {"entity_id": "a", "org_id": "north", "entity": {"name": "\\ud800"}}}'),
        message(b'{"data": {"entity_id": "a b", "org_id": "north"}}', f"{SUBJECT[:-7]}updated"),
        message(b'{"data": {"entity_id": "a", "org_id": "north"}}', "constellation.entities.north"),
        message(b'{"data": {"entity_id": "a", "org_id": "north"}}', f"{SUBJECT}.v1"),
        message(b'{"data": {"entity_id": "a", "org_id": "north"}}', f"{SUBJECT[:-7]}telemetry"),
        event(org_id="south"),
        event(type="deleted", kind="created"),
        event({"name": "Gate"}),
        event(if_match=-1),
        event(if_match=1.5),
        event(reason="x" * 300),
        event("text"),
        event({"metadata": "{"}),
        event({"expires_at": "0001-01-01T00:00:00+14:00", **GATE}),
    ],
)
def test_what_is_no_event_is_refused(broken: Message) -> None:
    """And can be read again where it stands."""
    refused = read_event(broken)

    assert isinstance(refused, Rejected), refused
    assert (refused.stream, refused.sequence) == (STREAM, 7)


def test_only_the_flow_ends_the_time_of_an_entity() -> None:
    """Whoever else gives the same reason deletes it as anybody would."""
    body: dict[str, Any] = {
        "data": {"entity_id": "cam-7", "org_id": "north", "reason": "expired"},
        "timestamp": "2026-01-01T00:00:00Z",
    }
    where = "constellation.entities.north.deleted"
    theirs = read_event(message(json.dumps(body | {"source": "me"}).encode(), where))
    ours = read_event(message(json.dumps(body | {"source": "entities"}).encode(), where))

    assert (theirs.expired_us, ours.expired_us) == (0, 1_767_225_600_000_000)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["cam-7", "north", "created", "waypoint", "{}", "2030-01-01T00:00:00Z"])
)  # fmt: skip
names = st.sampled_from(
    ["data", "entity", "type", "id", "timestamp", "source", *EventData.__struct_fields__,
     *Fields.__struct_fields__, "latitude", "longitude", "created_at", "x"]
)  # fmt: skip
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)
events = st.fixed_dictionaries(
    {
        "data": st.fixed_dictionaries(
            {"entity_id": st.just("cam-7"), "org_id": st.just("north")},
            optional={"entity": st.dictionaries(names, trees, max_size=6), "if_match": scalars},
        )
    },
    optional={"source": scalars, "timestamp": scalars},
)


@given(
    (events | trees).map(lambda each: json.dumps(each).encode()) | st.binary(max_size=60),
    st.sampled_from(["created", "updated", "deleted", "status", "x", "created.y"]),
)
@example(
    b'{"data": {"entity_id": "cam-7", "org_id": "north", "entity": {"tags": "[[["}}}', "status"
)
def test_no_bytes_raise_and_what_is_read_can_be_kept(data: bytes, last: str) -> None:
    """Whatever they are, they are a change or a refusal; changes are kept as msgpack and JSON."""
    read = read_event(message(data, f"constellation.entities.north.{last}"))

    assert isinstance(read, Registered | Rejected)
    if isinstance(read, Registered):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(read.fields)) == read.fields
        assert msgspec.json.decode(msgspec.json.encode(read.fields)) is not None
