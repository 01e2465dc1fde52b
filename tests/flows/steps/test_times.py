"""Times in every form that devices write them are moments, or not known, or none."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.steps.times import Unreadable, time

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
SECONDS = 1_790_000_000
NAIVE = AT.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-09-21T14:13:20Z", AT),
        ("2026-09-21t14:13:20z", AT),
        ("2026-09-21 14:13:20+00:00", AT),
        ("2026-09-21T16:13:20+02:00", AT),
        ("2026-09-21T16:13:20+0200", AT),
        ("2026-09-21T14:13:20", NAIVE),
        ("2026-09-21T14:13:20.123456789Z", AT + timedelta(microseconds=123_457)),
        ("2026-09-21", datetime(2026, 9, 21)),  # noqa: DTZ001 - as it is written
        (SECONDS, AT),
        (float(SECONDS), AT),
        (SECONDS + 0.25, AT + timedelta(seconds=0.25)),
        (SECONDS * 1_000, AT),
        (SECONDS * 1_000_000 + 7, AT + timedelta(microseconds=7)),
        (SECONDS * 1_000_000_000 + 7_000, AT + timedelta(microseconds=7)),
        (str(SECONDS), AT),
        (f" {SECONDS}.5 ", AT + timedelta(seconds=0.5)),
        (str(SECONDS * 1_000), AT),
        (0, None),
        ("0", None),
        (None, None),
        (123_456, None),
        (-1, None),
        (2**80, None),
        (10**400, None),
        (1e300, None),
        (float("nan"), None),
        (float("inf"), None),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_a_moment_is_read_or_not_known(written: object, moment: datetime | None) -> None:
    """Without a zone it stays without, which is UTC; a count that is none since 1970 is unknown."""
    assert time(written) == moment


@pytest.mark.parametrize("written", ["", "noon", "14:13", "x" * 10_000, True, [], {}, [SECONDS]])
def test_what_is_no_time_is_told(written: object) -> None:
    """So that it can be somebody's own word."""
    with pytest.raises(Unreadable):
        time(written)


@given(
    st.integers(946_684_800_000_000, 4_102_444_800_000_000),
    st.integers(-12, 12),
)
def test_any_moment_is_read_in_any_unit_and_zone(microseconds: int, hours: int) -> None:
    """To the microsecond, where the unit has it; from 2000 to 2100."""
    aware = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    whole = aware.microsecond // 1000 * 1000

    assert time(aware.astimezone(timezone(timedelta(hours=hours))).isoformat()) == aware
    assert time(microseconds) == time(microseconds * 1000) == aware
    assert time(microseconds // 1000) == aware.replace(microsecond=whole)
    assert time(microseconds // 1_000_000) == aware.replace(microsecond=0)


@given(st.text() | st.integers() | st.floats())
def test_anything_is_a_moment_or_not_known_or_none(written: object) -> None:
    """Nothing else is raised."""
    try:
        found = time(written)
    except Unreadable:
        return
    assert found is None or isinstance(found, datetime)
