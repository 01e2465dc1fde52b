"""Texts that stand for numbers are numbers; other texts are none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import all as dialect

from flows.steps.plain import TEXTS, is_absent, number, numbered, plain_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        (" 12.5 ", 12.5),
        ("-0.5", -0.5),
        ("+3", 3),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("0012", 12),
        ("0x21", 33),
        ("0XFFFFFFFF", 2**32 - 1),
        ("9" * 40, int("9" * 40)),
        ("", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        ("9" * 41, None),
        ("1_000", None),
        ("12 V", None),
        ("0x", None),
        ("\u0663", None),
        ("1e99999", None),
        ("--1", None),
    ],
)
def test_numbers_written_as_texts(text: str, value: float | None) -> None:
    """In decimal or hexadecimal, finite, and not too long."""
    assert number(text) == value
    assert type(number(text)) is type(value)


@given(st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_that_is_written_is_read(value: float) -> None:
    """As Python writes it."""
    assert number(str(value)) == value
    assert plain_number(str(value)) == value


@given(st.text())
def test_any_text_is_a_finite_number_or_none(text: str) -> None:
    """Nothing raises."""
    for found in (number(text), plain_number(text)):
        assert found is None or math.isfinite(found)
    assert is_absent(text) in (True, False)


def test_what_may_be_a_name_is_no_plain_number() -> None:
    """A part's number keeps its zeros."""
    assert [plain_number(each) for each in ("0012", "+3", ".5", "5.", "0x21", " 1")] == [None] * 6


def test_fields_of_mavlink_become_numbers_but_for_texts() -> None:
    """Names of MAVLink's numbers, too, and several of them; what is neither stays."""
    told = {
        "type": "MAV_TYPE_QUADROTOR",
        "base_mode": "MAV_MODE_FLAG_SAFETY_ARMED|MAV_MODE_FLAG_CUSTOM_MODE_ENABLED",
        "load": "415",
        "airspeed": "NaN",
        "unknown": "MAV_TYPE_NOBODY_KNOWS",
        "text": "42",
        "list": ["1"],
        "none": None,
    }
    assert numbered(told) == told | {"type": 2, "base_mode": 129, "load": 415}


def test_the_texts_are_those_of_mavlink() -> None:
    """Every field that is one in any message of any dialect."""
    fields = {
        name
        for message in dialect.mavlink_map.values()
        for name, kind in zip(message.fieldnames, types(message), strict=True)
        if kind == "char"
    }
    assert fields == TEXTS


def types(message) -> list[str]:
    return [message.fieldtypes[message.fieldnames.index(name)] for name in message.fieldnames]
