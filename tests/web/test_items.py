"""Items of devices: which may be taken, and what tells one from another."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.items import MOST_ITEM_BYTES, Item, Malformed, Refusal, judge, of_json, of_lines

ME = b'"entity_id": "mast-3"'


def why(data: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        judge(data, "north")
    return str(refused.value)


def nested(levels: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    inner = levels - 1  # The object itself is one.
    return b"{" + ME + b', "x": ' + opening * inner + b"1" + closing * inner + b"}"


@pytest.mark.parametrize(
    ("data", "entity"),
    [
        (b'{"entity_id": "mast-3", "soil": {"moisture": 3}}', "mast-3"),
        (b'{"drone_id": "d", "msg_name": "Attitude", "fields": {}}', "d"),
        (b'{"device_id": "e", "agent_id": "f"}', "e"),
        (b'{"agent_id": "f"}', "f"),
        (b'{"deviceId": "camel"}', "camel"),
        (b'{"Entity-ID": "kebab"}', "kebab"),
        (b'{"device_id": "later", "entity_id": "first"}', "first"),
        (b'{"entity_id": "", "device_id": "said"}', "said"),
        (b'{"entity_id": null, "device_id": "said"}', "said"),
        (b'{"entity_id": 17}', "17"),
        (b'{"entity_id": "a", "org_id": "north", "organization_id": "north"}', "a"),
        (b'{"entity_id": "' + b"a" * 128 + b'"}', "a" * 128),
        (nested(32), "mast-3"),
        (b"{" + ME + b', "wide": ' + json.dumps([[]] * 5000).encode() + b"}", "mast-3"),
    ],
)
def test_an_item_is_of_the_entity_that_it_names(data, entity):
    """By any name that edge programs give it, the strongest first; its bytes stay as they are."""
    taken = judge(data, "north")

    assert (taken.entity, taken.data) == (entity, data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"{} {}", "no JSON"),
        (b"[]", "no JSON object"),
        (b"3", "no JSON object"),
        (b"null", "no JSON object"),
        (b'"entity_id"', "no JSON object"),
        (b"{" + ME + b', "x": NaN}', "no JSON"),
        (b"{" + ME + b', "x": Infinity}', "no JSON"),
        (b"{" + ME + b', "x": 1e999}', "no JSON"),
        (b"{" + ME + b', "x": ' + b"9" * 5000 + b"}", "no JSON"),
        (b"{" + ME + b', "x": "\xff"}', "no JSON"),
        (b"{" + ME + b', "x": "\\ud800"}', "no JSON"),
        (b"\xef\xbb\xbf{" + ME + b"}", "no JSON"),
        (nested(33), "more than 32 levels"),
        (nested(33, b'{"a":', b"}"), "more than 32 levels"),
        (nested(100_000), "no JSON: "),
        (b"{}", "it names no entity"),
        (b'{"entity_id": ""}', "it names no entity"),
        (b'{"entity_id": ["a"]}', "it names no entity"),
        (b'{"entity_id": true}', "it names no entity"),
        (b'{"entity_id": "*"}', "no entity can be called '*'"),
        (b'{"entity_id": ">"}', "no entity can be called '>'"),
        (b'{"entity_id": "a b"}', "no entity can be called"),
        (b'{"entity_id": "a.b"}', "no entity can be called"),
        (b'{"entity_id": "a\\r\\nPUB x 0"}', "no entity can be called"),
        (b'{"entity_id": "a\\u0000"}', "no entity can be called"),
        ('{"entity_id": "é"}'.encode(), "no entity can be called"),
        (b'{"entity_id": "' + b"a" * 129 + b'"}', "no entity can be called"),
        (b"{" + ME + b', "org_id": "south"}', "the key is of north, the item of 'south'"),
        (b"{" + ME + b', "organization_id": "south"}', "the item of 'south'"),
        (b"{" + ME + b', "org_id": "north", "orgId": "south"}', "the item of 'south'"),
        (b"{" + ME + b', "ORG-ID": "south", "org_id": "north"}', "the item of 'south'"),
        (b"{" + ME + b', "org_id": 7}', "the item of '7'"),
        (b"{" + ME + b', "x": "' + b"y" * MOST_ITEM_BYTES + b'"}', "bytes are too many"),
    ],
)
def test_an_item_that_cannot_be_taken_is_told_why(data, reason):
    """Nothing of it reaches the message server."""
    assert reason in why(data)


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(msgspec.json.encode))
def test_no_bytes_are_too_strange_to_be_judged(data):
    """Either an item, or a reason."""
    outcome: Item | str
    try:
        outcome = judge(data, "north")
    except Refusal as refusal:
        outcome = str(refusal)
    assert outcome


@pytest.mark.parametrize(
    ("first", "again", "same"),
    [
        ({"id": "m-1", "x": 1}, {"id": "m-1", "x": 2}, True),
        ({"id": 7}, {"id": "7"}, True),
        ({"id": "m-1"}, {"id": "m-2"}, False),
        ({"id": "m-1"}, {"id": "m-1", "entity_id": "other"}, False),
        ({"timestamp": "2026-01-01T00:00:00Z"}, {"timestamp": "2026-01-01T00:00:00Z"}, True),
        ({"timestamp": "2026-01-01T00:00:00Z"}, {"timestamp": "2026-01-01T00:00:01Z"}, False),
        ({"timestamp": 1, "x": 1}, {"timestamp": 1, "x": 2}, False),
    ],
)
def test_a_retry_is_known_by_its_id_or_by_all_of_it(first, again, same):
    """So that the stream takes it once, and two messages as two."""
    known = [
        judge(msgspec.json.encode({"entity_id": "mast-3", **each}), "north").identity
        for each in (first, again)
    ]

    assert all(known)
    assert (known[0] == known[1]) == same


@pytest.mark.parametrize(
    "said",
    [
        {"t": 20},
        {"timestamp": 0, "t": 20},
        {"timestamp": None, "t": 20},
        {"id": "", "t": 20},
        {"id": "mast-3", "t": 20},
        {"id": None, "t": 20},
        {"id": ["x"], "t": 20},
        {"id": "x" * 1025, "t": 20},
    ],
)
def test_what_may_be_said_twice_is_not_taken_for_a_retry(said):
    """A constant reading without a clock is said again and again, and a device's name is no id."""
    assert judge(msgspec.json.encode({"entity_id": "mast-3", **said}), "north").identity == ""


def test_items_of_an_array_stay_as_they_were_written():
    """Spaces, order and numbers included; an object alone is one item."""
    assert of_json(b' [ {"a" : 1.50} ,\n{"b":2}, 3 ] ') == [b'{"a" : 1.50}', b'{"b":2}', b"3"]
    assert of_json(b' {"a" : 1} ') == [b'{"a" : 1}']
    assert of_json(b"[]") == []


@pytest.mark.parametrize(
    "body", [b"", b"[", b"[{]", b'{"a": NaN}', b"[1] [2]", b"[" * 100_000, b'["\\ud800"]']
)
def test_what_is_no_json_has_no_items(body):
    """All of it is refused, since nobody knows where an item would begin."""
    with pytest.raises(Malformed):
        of_json(body)


def test_lines_are_items_and_blank_ones_are_none():
    """Each stands for itself, whatever the others are."""
    assert of_lines(b'{"a":1}\r\n\n  \n nonsense\n{"b":2}') == [b'{"a":1}', b"nonsense", b'{"b":2}']
    assert of_lines(b" \n") == []
