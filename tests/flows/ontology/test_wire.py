"""Refusals keep what is needed to look at what was refused; times are counted without loss."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jetstream import Message
from flows.ontology.telemetry import microseconds, moment
from flows.ontology.wire import KEPT_BYTES, Rejected, refuse, rejection_json

MESSAGE = Message("S", "a.b", bytes(range(256)) * 32, 7, 1_790_000_000_000_000)


def test_a_refusal_keeps_the_place_and_the_beginning() -> None:
    """A long reason is cut, and so is a long message."""
    refused = refuse("decode", "r" * 1000, MESSAGE)

    assert refused == Rejected(
        "decode", "r" * 512, "a.b", "S", 7, MESSAGE.stored_us, MESSAGE.data[:KEPT_BYTES]
    )


def test_the_same_refusal_has_the_same_identity() -> None:
    """Another step, reason or message has another."""
    one = refuse("decode", "why", MESSAGE)
    others = [
        refuse("translate", "why", MESSAGE),
        refuse("decode", "else", MESSAGE),
        refuse("decode", "why", msgspec.structs.replace(MESSAGE, sequence=8)),
        refuse("decode", "why", msgspec.structs.replace(MESSAGE, stream="T")),
    ]
    assert one.identity == refuse("decode", "why", MESSAGE).identity
    assert len({one.identity, *(each.identity for each in others)}) == 5
    assert len(refuse("decode", "r" * 1000, MESSAGE).identity) <= 256


def test_a_refusal_is_published_with_its_bytes() -> None:
    """Whatever they are."""
    read = msgspec.json.decode(rejection_json(refuse("decode", "why", MESSAGE)))

    assert base64.b64decode(read.pop("data")) == MESSAGE.data[:KEPT_BYTES]
    assert read == {
        "step": "decode",
        "reason": "why",
        "subject": "a.b",
        "stream": "S",
        "sequence": 7,
        "stored_us": MESSAGE.stored_us,
    }


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_and_microseconds_are_the_same(at: datetime) -> None:
    """To the last of them, from the year 1 to the year 9999."""
    assert moment(microseconds(at)) == at


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1), 0),  # noqa: DTZ001 - without a zone it is taken for UTC.
        (datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2026, 9, 21, 14, 13, 20, 1, tzinfo=UTC), 1_790_000_000_000_001),
    ],
)
def test_microseconds_are_counted_in_utc(at: datetime, expected: int) -> None:
    """From 1970 on, and back."""
    assert microseconds(at) == expected
