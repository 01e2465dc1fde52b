"""How often something speaks is learned from when it has spoken, and how long that excuses it."""

from itertools import accumulate

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.rate import LONGEST_US, Patience, Rate

SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND
PATIENCE = Patience(5 * SECOND, 30 * SECOND)


def learned(*gaps: float, rate: Rate | None = None) -> Rate:
    """A rate that has heard a word at noon, and others so many seconds apart."""
    rate = rate or Rate()
    for at in accumulate(gaps, initial=0.0):
        rate.hear(NOON + round(at * SECOND))
    return rate


@pytest.mark.parametrize(
    ("gaps", "seconds"),
    [
        ((), 0),
        ((60,), 0),
        ((60, 60), 60),
        ((60, 60, 60, 60), 60),
        ((1, 1, 1, 3600, 1, 1), 1),
        ((60, 60, 3600, 60, 60), 60),
        ((0.01, 0.01, 60, 0.01, 0.01, 60, 0.01), 60),
        ((60, 0.2, 0.2, 60), 60),
    ],
    ids=[
        "once", "twice", "two gaps", "steady", "one outage", "an outage of a slow one", "bursts",
        "another burst",
    ],
)  # fmt: skip
def test_two_gaps_in_a_row_are_a_habit(gaps: tuple[float, ...], seconds: float) -> None:
    """One alone tells nothing; what is said together is one word."""
    assert learned(*gaps).period_us == pytest.approx(seconds * SECOND, rel=0.01)


def test_a_habit_that_changes_is_learned_anew() -> None:
    """Within a dozen words, either way, and whatever else was learned before."""
    rate = learned(*[60] * 5)
    at = NOON + 300 * SECOND
    for number in range(1, 30):
        rate.hear(at + number * SECOND)
    assert rate.period_us < 1.3 * SECOND
    for number in range(1, 16):
        rate.hear(at + (29 + 60 * number) * SECOND)
    assert rate.period_us > 50 * SECOND


def test_jitter_is_no_change() -> None:
    """A state that says another period each time would be another each time."""
    rate = learned(1.0, 1.0)
    before = rate.period_us
    for number, jitter in enumerate((0.02, -0.03, 0.05, 0.05, -0.02), 3):
        rate.hear(NOON + round((number + jitter) * SECOND))
    assert rate.period_us == before


def test_a_clock_that_was_set_back_is_no_gap() -> None:
    """Nor does it stop the learning until that time comes again."""
    rate = learned(60, 60)
    for number in range(4):
        rate.hear(NOON - 3600 * SECOND + number * 10 * SECOND)
    assert 10 * SECOND <= rate.period_us < 60 * SECOND


@given(st.lists(st.integers(-(2**50), 2**50), max_size=40))
def test_no_times_teach_more_than_the_longest_period(times: list[int]) -> None:
    """Whatever they are; and what was learned is kept as it is."""
    rate = Rate()
    for at in times:
        before = msgspec.structs.replace(rate)
        assert rate.hear(at) == (rate.period_us != before.period_us)
    assert 0 <= rate.period_us <= LONGEST_US
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(rate), type=Rate) == rate


@pytest.mark.parametrize(
    ("silent", "period", "state"),
    [
        (4.9, 0, "live"),
        (5, 0, "stale"),
        (30, 0, "lost"),
        (5, 1, "stale"),
        (179, 60, "live"),
        (180, 60, "stale"),
        (599, 60, "stale"),
        (600, 60, "lost"),
        (6, 2, "stale"),
        (29, 2, "stale"),
        (30, 2, "lost"),
    ],
)
def test_who_speaks_seldom_is_given_longer(silent: float, period: float, state: str) -> None:
    """Three periods until it is stale and ten until it is lost; the settings are the least."""
    assert PATIENCE.judge(round(silent * SECOND), round(period * SECOND)) == state


@given(st.integers(0, 2**45), st.integers(0, LONGEST_US))
def test_something_becomes_stale_and_lost_exactly_when_that_begins(
    silent: int, period: int
) -> None:
    """What is told of it and what it is judged to be agree."""
    state = PATIENCE.judge(silent, period)
    assert silent >= PATIENCE.of(state, period)
    later = {"live": "stale", "stale": "lost"}.get(state)
    assert later is None or silent < PATIENCE.of(later, period)  # type: ignore[arg-type]
