"""Every envelope that edge programs use becomes ours; whatever is none is refused and kept."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND, stored

from connectors.jetstream import Message
from flows.ontology.telemetry import Envelope, moment
from flows.ontology.wire import KEPT_BYTES, Rejected
from flows.steps.decode import envelope, heard_us

ORG = "default"
AT = "2026-09-21T14:13:19Z"
RELAYED = datetime(2026, 9, 21, 14, 13, 19, tzinfo=UTC)
HEARTBEAT = {"type": 2, "autopilot": 3, "base_mode": 81, "custom_mode": 4, "system_status": 4}

OURS = {
    "entity_id": "v1",
    "org_id": "north",
    "message_type": "HEARTBEAT",
    "timestamp": AT,
    "data": HEARTBEAT,
    "message_id": 0,
    "system_id": 1,
    "component_id": 1,
    "sequence": 200,
    "timestamp_device": "2026-09-21T14:13:18.5Z",
    "role": "peripheral",
    "source": "udp:14550",
    "entity_name": "Tern",
    "recorded": True,
    "origin": "udp:14550:1:1",
}
REFERENCE = {
    "message_id": 0,
    "message_type": "HEARTBEAT",
    "system_id": 1,
    "component_id": 1,
    "data": HEARTBEAT,
    "timestamp": AT,
}
PULSAR = {
    "drone_id": "v1",
    "source": "Tern",
    "timestamp_relay": AT,
    "msg_id": 0,
    "msg_name": "Heartbeat",
    "system_id": 1,
    "component_id": 1,
    "fields": HEARTBEAT,
}
AERO_ARC = {
    **PULSAR,
    "system_id": 0,
    "component_id": 0,
    "timestamp_device": 0,
    "sequence": 0,
    "raw": None,
    "fields": {"type": "MAV_TYPE_QUADROTOR"},
}
UPSTREAM = {name: value for name, value in AERO_ARC.items() if name != "drone_id"} | {
    "agent_id": "v1"
}
VISION = {"message_type": "HEARTBEAT", "system_id": 1, "component_id": 1, "data": HEARTBEAT}
DEVICE = {"device_id": "v1", "message_type": "vfr_hud", "data": {"ground_speed": 3}}
NULLS = dict.fromkeys(("source", "entity_name", "system_id", "component_id", "sequence")) | {
    "message_type": "HEARTBEAT",
    "data": {},
    "timestamp": None,
}
PREFIX = "constellation.telemetry."


def read(
    body: object, tokens: str = "north.v1", headers: dict[str, str] | None = None
) -> Envelope | Rejected:
    return envelope(stored(body, PREFIX + tokens, headers), ORG)


@pytest.mark.parametrize(
    ("body", "tokens", "headers", "expected"),
    [
        (OURS, "north.v1", None, ("v1", "north", "HEARTBEAT")),
        (REFERENCE, "north.v1", None, ("v1", "north", "HEARTBEAT")),
        (REFERENCE, "air.north.v1", None, ("v1", "north", "HEARTBEAT")),
        (REFERENCE, "drone", None, ("drone", ORG, "HEARTBEAT")),
        (PULSAR, "v1.heartbeat", {"entity_id": "v1"}, ("v1", ORG, "HEARTBEAT")),
        (PULSAR | {"msg_name": "VFR_HUD"}, "v1.vfr_hud", None, ("v1", ORG, "VFR_HUD")),
        (PULSAR | {"msg_name": "SystemStatus"}, "v1.systemstatus", None, ("v1", ORG, "SYS_STATUS")),
        (PULSAR | {"msg_name": "ParamValue"}, "v1.paramvalue", None, ("v1", ORG, "PARAM_VALUE")),
        (AERO_ARC, "v1", None, ("v1", ORG, "HEARTBEAT")),
        (AERO_ARC, "v1.Heartbeat", None, ("v1", ORG, "HEARTBEAT")),
        (AERO_ARC, "north", None, ("v1", ORG, "HEARTBEAT")),
        (UPSTREAM, "north.v1.heartbeat", None, ("v1", "north", "HEARTBEAT")),
        (VISION, "north.v1", None, ("v1", "north", "HEARTBEAT")),
        (VISION, "robot", {"entity_id": "v1"}, ("v1", ORG, "HEARTBEAT")),
        (DEVICE, "north.other", None, ("v1", "north", "VFR_HUD")),
        ({"fields": {}}, "v1.globalpositionint", None, ("v1", ORG, "GLOBAL_POSITION_INT")),
        (OURS, "north.v1", {"entity_id": "v2"}, ("v1", "north", "HEARTBEAT")),
        (NULLS, "north.v1", None, ("v1", "north", "HEARTBEAT")),
    ],
)
def test_every_envelope_names_its_entity_organisation_and_message(
    body, tokens, headers, expected
) -> None:
    """By the body, else by the header, else by the subject."""
    found = read(body, tokens, headers)

    assert isinstance(found, Envelope)
    assert (found.entity_id, found.org_id, found.message_type) == expected


def test_all_of_our_own_envelope_is_read() -> None:
    """Nothing that the relay says is lost on the way."""
    assert read(OURS) == msgspec.convert(OURS, Envelope, strict=False)


def test_a_tree_of_our_own_flows_is_an_envelope_like_others() -> None:
    """When it was heard is our receiver's clock, and none of whom it tells of."""
    ship = OURS | {"message_type": "AIS", "data": {"ais": {"mmsi": "211234567"}}}
    said = {name: value for name, value in ship.items() if name not in ("system_id", "message_id")}
    found = read({name: value for name, value in said.items() if name != "timestamp_device"})

    assert isinstance(found, Envelope)
    assert (found.tree, found.message_type, found.data) == (True, "AIS", ship["data"])
    assert (found.timestamp, found.timestamp_device) == (RELAYED, None)


@pytest.mark.parametrize(
    ("body", "at", "device"),
    [
        (PULSAR, RELAYED, None),
        (AERO_ARC, RELAYED, None),
        (VISION, moment(NOON), None),
        (OURS, RELAYED, RELAYED.replace(second=18, microsecond=500_000)),
        (VISION | {"timestamp_device": 12.5}, moment(NOON), None),
        (VISION | {"timestamp_device": None}, moment(NOON), None),
    ],
)
def test_a_message_was_heard_when_it_says_or_when_it_was_stored(body, at, device) -> None:
    """A number for the device's clock is none that we know the beginning of."""
    found = read(body)

    assert isinstance(found, Envelope)
    assert (found.timestamp, found.timestamp_device) == (at, device)


def nested(levels: int) -> bytes:
    value = b"[" * levels + b"]" * levels
    return b'{"message_type": "HEARTBEAT", "data": {"deep": ' + value + b"}}"


WITH = msgspec.json.encode(VISION)[:-1]
HOSTILE: list[tuple[object, str]] = [
    (b"", "not an envelope"),
    (b"{", "not an envelope"),
    (b"null", "not an envelope"),
    (b"[]", "not an envelope"),
    (b'"text"', "not an envelope"),
    (b"\xff\xfe", "not an envelope"),
    (b'{"message_type": "\xff"}', "not an envelope"),
    (b'{"message_type": "\\ud800", "data": {}}', "not an envelope"),
    (b'{"message_type": "A", "data": {"x": ' + b"9" * 5000 + b"}}", "not an envelope"),
    (b"[" * 100_000 + b"]" * 100_000, "not an envelope"),
    (nested(100_000), "not an envelope"),
    (nested(500), "fields of more than 32 levels"),
    ({}, "neither a message name nor its fields"),
    ({"data": {}}, "neither a message name nor its fields"),
    ({"message_type": "HEARTBEAT"}, "neither a message name nor its fields"),
    ({"message_type": "HEARTBEAT", "data": None}, "neither a message name nor its fields"),
    ({"device_id": "v1", "telemetry": {"gps": {}}}, "neither a message name nor its"),
    (VISION | {"data": []}, "not an envelope"),
    (VISION | {"data": "text"}, "not an envelope"),
    (VISION | {"system_id": 2**31}, "not an envelope"),
    (VISION | {"sequence": 2**64}, "not an envelope"),
    (VISION | {"component_id": 1.5}, "not an envelope"),
    (VISION | {"timestamp": "yesterday"}, "not an envelope"),
    (VISION | {"timestamp": {}}, "not an envelope"),
    (VISION | {"timestamp": True}, "not an envelope"),
    (VISION | {"role": "captain"}, "not an envelope"),
    (VISION | {"recorded": "yes"}, "not an envelope"),
    (VISION | {"entity_id": "a.b"}, "no entity can be called 'a.b'"),
    (VISION | {"entity_id": "*"}, "no entity can be called"),
    (VISION | {"entity_id": "x" * 129}, "no entity can be called"),
    (VISION | {"entity_id": "a\0"}, "no entity can be called"),
    (VISION | {"org_id": "south"}, "said to north, but of 'south'"),
    (VISION | {"organization_id": "south"}, "said to north, but of 'south'"),
]


@pytest.mark.parametrize(("body", "reason"), HOSTILE)
def test_what_is_no_envelope_is_refused_and_kept(body: object, reason: str) -> None:
    """With its place in the stream and the beginning of its data."""
    message = stored(body)
    found = envelope(message, ORG)

    assert isinstance(found, Rejected)
    assert found.reason.startswith(reason)
    assert (found.step, found.subject, found.stream) == ("decode", message.subject, message.stream)
    assert (found.sequence, found.stored_us) == (7, NOON)
    assert found.data == message.data[:KEPT_BYTES]


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        ("", "no entity can be called ''"),
        ("a.b.c.d", "no entity can be called ''"),
        ("north.", "no entity can be called ''"),
        ("north.a b", "no entity can be called"),
        ("*.v1", "no organisation can be called '*'"),
        ("nor\ufffdth.v1", "no organisation can be called"),
    ],
)
def test_a_subject_that_names_nobody_is_refused(tokens: str, reason: str) -> None:
    """Where neither the body nor a header does."""
    found = read(VISION, tokens)
    assert isinstance(found, Rejected)
    assert found.reason.startswith(reason)


def test_of_a_key_that_comes_twice_the_last_counts() -> None:
    """As in every program that reads JSON."""
    found = envelope(stored(WITH + b', "system_id": 9}'), ORG)
    assert isinstance(found, Envelope)
    assert found.system_id == 9


def test_long_texts_are_cut_where_they_name_and_kept_where_they_are_data() -> None:
    """A megabyte of name is no name; a megabyte of field is a field."""
    long = "x" * 1_000_000
    found = read(
        VISION | {"message_type": long, "source": long, "entity_name": long, "data": {"f": long}}
    )
    assert isinstance(found, Envelope)
    assert {len(found.message_type), len(found.source), len(found.entity_name)} == {128}
    assert found.data == {"f": long}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*OURS, *PULSAR, "device_id", "agent_id", "organization_id", "raw"])


@given(st.dictionaries(FIELDS, JSON))
def test_any_document_is_an_envelope_or_refused(body: dict[str, Any]) -> None:
    """And an envelope has an entity and an organisation that can be tokens."""
    found = read(body)
    if isinstance(found, Envelope):
        assert found.org_id == "north"
        assert found.entity_id
        assert isinstance(found.data, dict)


@given(st.binary())
def test_any_bytes_are_refused_or_an_envelope(data: bytes) -> None:
    """Nothing raises."""
    assert isinstance(envelope(stored(data), ORG), Envelope | Rejected)


@pytest.mark.parametrize(
    ("seconds", "heard", "clamped"),
    [
        (0, 0, False),
        (-1, -1, False),
        (-86_400, -86_400, False),
        (2, 2, False),
        (2.000001, 0, True),
        (3600, 0, True),
        (-NOON / SECOND, -NOON / SECOND, False),
        (-NOON / SECOND - 1, 0, True),
    ],
)
def test_a_clock_that_is_ahead_is_not_believed(seconds: float, heard: float, clamped: bool) -> None:  # noqa: FBT001
    """Nor one before 1970; the stream's stands in its place, and it is told."""
    at = NOON + round(seconds * SECOND)
    body = VISION | {"timestamp": moment(at).isoformat()}
    message: Message = stored(body)
    found = envelope(message, ORG)

    assert isinstance(found, Envelope)
    assert heard_us(found, message, 2 * SECOND) == (NOON + round(heard * SECOND), clamped)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_time_are_not_believed(text: str) -> None:
    """Go's empty time, and whatever else a calendar can say."""
    message = stored(VISION | {"timestamp": text})
    found = envelope(message, ORG)
    assert isinstance(found, Envelope)
    assert heard_us(found, message, SECOND) == (NOON, True)
