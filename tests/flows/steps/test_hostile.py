"""No bytes, subject or headers of any kind raise, and what comes of them can be kept."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from messages import NOON, SECOND

from connectors.jetstream import Message
from flows.ontology.entities import ENTITY_TYPES
from flows.ontology.entity_types import entity_type
from flows.ontology.signals import find
from flows.ontology.subjects import is_token
from flows.ontology.telemetry import LATEST_US, Report
from flows.ontology.wire import Rejected, rejection_json
from flows.steps.document import RESERVED
from flows.steps.paths import MOST_LETTERS
from flows.steps.rows import reports as rows
from flows.steps.translate import extra
from flows.steps.tree import MOST_LEAVES, MOST_TEXT
from flows.steps.understand import understand

VARIANTS = [
    each
    for file in sorted((Path(__file__).parents[2] / "golden" / "variants").glob("*.json"))
    for each in json.loads(file.read_bytes())
]
BODIES = [
    each["text"].encode() if "text" in each else json.dumps(each["body"]).encode()
    for each in VARIANTS
]
PREFIX = "constellation.telemetry."

numbers = (
    st.integers()
    | st.floats()
    | st.sampled_from([0, -0.0, 1e308, 2**63, -(2**63), 2**64, 10**400, 1790000000, 65535])
)
texts = st.text(max_size=40) | st.sampled_from(
    ["NaN", "Infinity", "12.5", "0x10", "1e999", "9" * 50, "MAV_TYPE_QUADROTOR", "a.b", "drone"]
)
scalars = st.none() | st.booleans() | numbers | texts
names = st.text(max_size=12) | st.sampled_from(
    sorted(
        {name for each in VARIANTS for name in each.get("body", ()) if isinstance(name, str)}
        | {*RESERVED, "data", "fields", "position", "global", "latitude", "lat", "type", "a.b"}
    )
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(names, inner, max_size=5)
        | st.fixed_dictionaries({"type": st.just("Point"), "coordinates": st.lists(inner)})
    ),
    max_leaves=24,
)
objects = st.dictionaries(names, trees, max_size=8)
subjects = st.sampled_from([each["subject"] for each in VARIANTS]) | st.text(max_size=60).map(
    PREFIX.__add__
)
headers = st.none() | st.dictionaries(
    st.sampled_from(["entity_id", "X-Entity-Id", "org_id", "Message-Type", "Nats-Msg-Id"])
    | st.text(max_size=12),
    st.text(max_size=140) | st.sampled_from(["v1", "north", "default", "heartbeat", "*"]),
    max_size=4,
)


def written(body: Any) -> bytes:
    """As Python writes it, which is not always JSON."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")


def check(data: bytes, subject: str, sent: dict[str, str] | None) -> None:
    """That all of it is kept or refused, and can be written where it belongs."""
    message = Message("CONSTELLATION_TELEMETRY", subject, data, 7, NOON, sent)
    said = understand([message], "default", 2 * SECOND)

    assert said
    for each in said:
        if isinstance(each, Rejected):
            assert each.reason
            assert len(each.reason) <= 512
            assert rejection_json(each)
        else:
            check_report(each)


def check_report(report: Report) -> None:
    assert is_token(report.entity_id)
    assert is_token(report.org_id)
    assert report.message_type
    assert report.entity_type in ENTITY_TYPES | {""}
    assert 0 <= report.at_us <= NOON + 2 * SECOND
    assert report.device_us is None or 0 <= report.device_us <= LATEST_US
    assert len(report.values) <= MOST_LEAVES
    for path, value in report.values.items():
        check_value(path, value)
    # As a state, as a row and as a document it is kept in these.
    assert msgspec.msgpack.encode(report.values)
    assert msgspec.json.encode(extra(report))
    assert rows([report])


def check_value(path: str, value: object) -> None:
    assert path.isascii()
    assert path == path.lower()
    assert all(0 < len(part) <= MOST_LETTERS for part in path.split("."))
    assert path.split(".", maxsplit=1)[0] not in RESERVED
    assert "." in path
    signal = find(path)
    if signal is not None:
        assert signal.holds(value)
    if isinstance(value, str):
        assert len(value) <= MOST_TEXT
        assert value.encode()
    elif isinstance(value, list):
        assert all(abs(each) <= 1.8e308 for each in value)
    else:
        assert abs(value) <= 1.8e308


@given(objects, subjects, headers)
@example({"data": {"data": {"data": 1}}}, PREFIX + "north.v1", None)
@example({"a": 1, "a.b": 2, "A": {"b": 3}}, PREFIX + "north.v1", None)
@example({"x": {"a": 1, "a.b": 2}, "position": 3, "vfr": [1]}, PREFIX + "north.v1", None)
@example({"temperature": 10**400, "lat": "1e999"}, PREFIX + "north.v1", None)
@example({"timestamp": 1e300, "ts": -1, "tst": 2**200, "x": 1}, PREFIX + "north.v1", None)
@example({"device_id": 2**70, "x": 1}, PREFIX + "v", None)
def test_any_object_is_understood_or_refused(body, subject, sent) -> None:
    """With NaN and infinities, numbers beyond all bounds, names of ours and of nobody."""
    check(written(body), subject, sent)


@given(trees, subjects, headers)
def test_any_json_is_understood_or_refused(body, subject, sent) -> None:
    """Also what is no object at all."""
    check(written(body), subject, sent)


@given(st.binary(), subjects, headers)
def test_any_bytes_are_understood_or_refused(data, subject, sent) -> None:
    """Mostly refused."""
    check(data, subject, sent)


@given(st.data())
def test_real_messages_that_were_damaged_are_understood_or_refused(data: st.DataObject) -> None:
    """Bytes that are others, missing, or twice there."""
    body = bytearray(data.draw(st.sampled_from(BODIES)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(body) - 1)))
        kind = data.draw(st.sampled_from(["change", "drop", "double"]))
        if kind == "change" and body:
            body[at] = data.draw(st.integers(0, 255))
        elif kind == "drop":
            del body[at : at + data.draw(st.integers(1, 20))]
        else:
            body[at:at] = body[at : at + data.draw(st.integers(1, 20))]
    check(bytes(body), data.draw(subjects), data.draw(headers))


@given(st.data())
def test_real_messages_with_other_values_are_understood_or_refused(data: st.DataObject) -> None:
    """Any member of any envelope, and any field, with a value of any type."""
    variant = data.draw(st.sampled_from([each for each in VARIANTS if "body" in each]))
    body = json.loads(json.dumps(variant["body"]))
    places = [body] if isinstance(body, dict) else []
    places += [each for each in (places[0].values() if places else ()) if isinstance(each, dict)]
    for place in places:
        for name in (
            data.draw(st.lists(st.sampled_from(sorted(place)), max_size=3)) if place else ()
        ):
            place[name] = data.draw(trees)
    check(written(body), variant["subject"], variant.get("headers"))


@pytest.mark.parametrize(
    "body",
    [
        {str(number): number for number in range(20_000)},
        {"a": [{"b": number} for number in range(20_000)]},
        {f"k{number}": None for number in range(30_000)},
        {"data": {f"k{number}": {} for number in range(30_000)}},
        {"x" * 100_000: 1},
        {"." * 100_000: 1},
        {".".join("abcdefghijk"): 1},
        {"x": "y" * 400_000},
        {"x": list(range(60_000))},
        {"data": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}}},
        {"type": "Point", "coordinates": [1e999, 1]},
        {"\u0130": 1, "\ufb03": 2, "e\u0301" * 40: 3, "\U0001f681": 4},
    ],
    ids=lambda body: str(body)[:24],
)
def test_what_exceeds_all_bounds_is_refused_by_name(body) -> None:
    """And what is within them stands."""
    check(written(body), PREFIX + "north.v1", None)


@given(st.text())
def test_any_word_is_a_type_or_none(text: str) -> None:
    """Only those of the registry."""
    assert entity_type(text) in ENTITY_TYPES | {""}
