"""JSON that is none quite is read all the same, and what is none at all is not."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.steps.tolerate import Unreadable, read


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'{"a": NaN, "b": [Infinity, -Infinity, 1]}', {"a": None, "b": [None, None, 1]}),
        (b'{"a": 1e999, "b": -1e999, "c": 1e3}', {"a": None, "b": None, "c": 1000.0}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": 1}'.encode("utf-16"), {"a": 1}),
        (b'{"a": NaN, "a": 2}', {"a": 2}),
        (b'{"a": "NaN"}', {"a": "NaN"}),
    ],
)
def test_what_programs_write_is_read(data: bytes, found: dict) -> None:
    """Numbers that no float can be are absent; of a key that comes twice the last counts."""
    assert read(data) == found


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"NaN",
        b"[NaN]",
        b"null",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": nan}',
        b'{"a": \xff}',
        b'{"a": NaN, "b": "\\ud800"}',
        b'{"a": NaN, "\\ud800": 1}',
        b'{"a": NaN, "b": ' + b"9" * 5000 + b"}",
        b'{"a": NaN, "b": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_no_object_is_told(data: bytes) -> None:
    """Also where it could be read, but never written again."""
    with pytest.raises(Unreadable):
        read(data)


@given(st.binary())
def test_any_bytes_are_an_object_or_none(data: bytes) -> None:
    """Nothing else is raised."""
    with suppress(Unreadable):
        assert isinstance(read(data), dict)
