"""What is believed of a document."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.signals import BY_PATH
from web import reading
from web.entity import observe
from web.reading import Unreadable

TEXT = st.text("ab<>&\"'\\\u202e\x00 \n", max_size=8)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
ANY_JSON = SCALAR | st.lists(SCALAR, max_size=3) | st.dictionaries(TEXT, SCALAR, max_size=3)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_json_object_is_unreadable(data):
    """Whatever stands in the bucket, reading it has one way to fail."""
    with pytest.raises(Unreadable):
        reading.decode(data)


@pytest.mark.parametrize("key", ["", "a.b", "a b", "a'b", 'a"b', "<a>", "a" * 129, "ü"])
def test_a_key_that_is_no_token_is_unreadable(key):
    """Keys stand in attributes and addresses: none gets there that could end one."""
    with pytest.raises(Unreadable):
        reading.heading(key, {"org_id": "north"})


@pytest.mark.parametrize("organization", [None, 7, "", "a.b", ["north"], "<b>"])
def test_a_document_without_an_organisation_is_unreadable(organization):
    """Without an owner there is nobody who may see it."""
    with pytest.raises(Unreadable):
        reading.heading("uav", {"org_id": organization})


@given(st.dictionaries(st.sampled_from(sorted(BY_PATH)), ANY_JSON, max_size=12), ANY_JSON)
def test_signals_of_any_shape_are_read_or_left_out(values, instead):
    """No value of a branch that we know can make reading fail."""
    document = {"vfr": instead}
    for path, value in values.items():
        tree = document
        *names, leaf = path.split(".")
        for name in names:
            if not isinstance(tree.get(name), dict):
                tree[name] = {}
            tree = tree[name]
        tree[leaf] = value
    data = msgspec.json.encode({**document, "org_id": "north"})
    read = reading.decode(data)
    head = reading.heading("uav", read)

    entity = observe(head, read, data, sequence=1, stored_us=0, received=0.0)

    for value in (entity.latitude, entity.longitude, entity.altitude, entity.speed):
        assert value is None or isinstance(value, float)


@given(
    st.dictionaries(
        st.sampled_from(("name", "entity_type", "liveness", "last_seen", "recorded", "source")),
        ANY_JSON,
    )
)
def test_heads_of_any_shape_are_read(document):
    """A wrong type in the head is as good as nothing there."""
    head = reading.heading("uav", {**document, "org_id": "north"})

    assert head.name
    assert head.liveness in ("live", "stale", "lost")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0.0),
        (0.0, 0.0),
        (-90, -90.0),
        (90.0001, None),
        (float("inf"), None),
        (10**400, None),
        ("47", None),
        (True, None),
        (None, None),
        ([47], None),
        ({}, None),
    ],
)
def test_a_latitude_is_a_number_in_range(value, expected):
    """Zero is a place; text, flags and the far side of the pole are not."""
    document = {"position": {"global": {"latitude": value}}}

    assert expected == reading.number(document, "position.global.latitude")


@pytest.mark.parametrize("other", [None, "x", 200, True])
def test_half_a_place_is_no_place(other):
    """A latitude is not shown without a longitude of the same source."""
    document = {
        "position": {
            "global": {"latitude": 1.0, "longitude": other},
            "gps": {"latitude": 2.0, "longitude": 3.0},
        }
    }
    head = reading.heading("uav", {"org_id": "north"})

    entity = observe(head, document, b"", sequence=1, stored_us=0, received=0.0)

    assert (entity.latitude, entity.longitude) == (2.0, 3.0)


def test_a_name_cannot_steer_the_display():
    """Control characters and changes of direction are made visible, and length is bounded."""
    assert reading.text("a\u202eb\x00c") == "a\ufffdb\ufffdc"
    assert len(reading.text("x" * 100_000)) == 256


@pytest.mark.parametrize(
    "value", ["", "yesterday", 7, None, "0000-01-01T00:00:00Z", "9" * 50, ["x"], "2026-13-01"]
)
def test_what_is_no_time_is_no_time(value):
    """Only RFC 3339 text is a time."""
    assert reading.time_us(value) is None
