"""Tallies are what plain statistics give, of one stretch or of several put together."""

import math
import statistics
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON

from flows.steps.samples import Series, timed
from flows.steps.tally import MOST, TOP, Tally, described, figures, merge, tally

Sample = tuple[int, float]

# Moments after noon in microseconds, all different, with values.
VALUES = st.floats(-1e6, 1e6)
SAMPLES = st.dictionaries(st.integers(0, 10**7), VALUES, min_size=1, max_size=60).map(
    lambda found: [(NOON + at, value) for at, value in sorted(found.items())]
)


def sampled(samples: list[Sample]) -> Series:
    times = tuple(at for at, _ in samples)
    clock = timed(times, tuple(range(len(times))))
    return clock, tuple(value for _, value in samples)


def made(samples: list[Sample]) -> Tally | None:
    return tally(sampled(samples))


def nearest_rank(values: list[float]) -> float:
    return sorted(values)[math.ceil(len(values) * 95 / 100) - 1]


def held(samples: list[Sample]) -> float:
    """The mean over time."""
    span = samples[-1][0] - samples[0][0]
    if not span:
        return statistics.fmean(value for _, value in samples)
    return math.fsum(v * (until - at) for (at, v), (until, _) in pairwise(samples)) / span


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-6)


def expect(found: Tally, samples: list[Sample]) -> None:
    values = [value for _, value in samples]
    count, low, high, mean, deviation, p95, weighted, last = described(found)

    assert (count, low, high) == (len(values), min(values), max(values))
    assert mean == close(statistics.fmean(values))
    assert deviation == (close(statistics.stdev(values)) if count > 1 else None)
    assert p95 == nearest_rank(values)
    assert weighted == close(held(samples))
    assert last == values[-1]


@given(SAMPLES)
def test_what_is_told_at_once_is_what_is_told_of_a_tally(samples: list[Sample]) -> None:
    """To the last bit."""
    assert figures(sampled(samples)) == described(made(samples))


@given(SAMPLES)
def test_a_tally_is_what_statistics_gives(samples: list[Sample]) -> None:
    """Its 95th percentile is one of the samples, and its mean over time holds each of them."""
    expect(made(samples), samples)


@given(SAMPLES, st.lists(st.integers(0, 60), max_size=5))
def test_parts_put_together_are_the_whole(samples: list[Sample], places: list[int]) -> None:
    """Wherever they are cut, and however large what they measure is beside its changes."""
    far = [(at, value + 1e9) for at, value in samples]
    for log in (samples, far):
        cuts = sorted({0, len(log), *(each % len(log) for each in places)})
        parts = [made(log[start:end]) for start, end in pairwise(cuts)]
        whole = parts[0]
        for part in parts[1:]:
            whole = merge(whole, part)

        expect(whole, log)


PARTS = st.lists(st.tuples(st.integers(0, 50), VALUES), min_size=1, max_size=8).map(
    lambda found: [(NOON + at, value) for at, value in sorted(found)]
)


@given(PARTS, PARTS, PARTS)
def test_merging_is_associative(one, two, three) -> None:
    """Whatever overlaps: exactly, or but for what sums of floats lose."""
    a, b, c = made(one), made(two), made(three)
    left, right = merge(merge(a, b), c), merge(a, merge(b, c))

    for name in ("count", "low", "high", "first_us", "last", "last_us"):
        assert getattr(left, name) == getattr(right, name)
    assert described(left)[5] == described(right)[5]
    assert left.total == close(right.total)
    assert left.squares == pytest.approx(right.squares, rel=1e-9, abs=1e-3)


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 20 * TOP - 1])
def test_the_percentile_is_exact_up_to_its_bound(count: int) -> None:
    """Also where the largest all come in one part."""
    samples = [(NOON + each, float(each)) for each in range(count)]
    middle = count // 2
    parts = [part for part in (samples[:middle], samples[middle:]) if part]
    whole = made(parts[0])
    for part in parts[1:]:
        whole = merge(whole, made(part))

    assert described(whole)[5] == nearest_rank([value for _, value in samples])


@given(st.integers(20 * TOP, 60 * TOP), st.integers(1, 9))
def test_beyond_its_bound_the_percentile_is_too_high_and_no_more_than_that(
    count: int, parts: int
) -> None:
    """The least of those kept, however they were put together."""
    samples = [(NOON + each, float(each * 7919 % count)) for each in range(count)]
    size = math.ceil(count / parts)
    whole = made(samples[:size])
    for start in range(size, count, size):
        whole = merge(whole, made(samples[start : start + size]))
    values = [value for _, value in samples]

    assert described(whole)[5] == sorted(values)[-TOP]
    assert nearest_rank(values) <= described(whole)[5] <= max(values)
    assert len(whole.top) <= 16 * TOP


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, MOST * 1.1, -1e308])
def test_what_is_no_measurement_is_left_out(wrong: float) -> None:
    """First, last or between; of nothing else there is no tally."""
    right = [(NOON + 1, 2.0), (NOON + 3, 4.0)]
    for at in (0, 2, 4):
        found = made(sorted([*right, (NOON + at, wrong)]))
        assert found == made(right)
        assert figures(sampled(sorted([*right, (NOON + at, wrong)]))) == described(made(right))
    assert made([(NOON, wrong)]) is figures(sampled([(NOON, wrong)])) is None
    assert made([(NOON, wrong), (NOON + 1, -wrong)]) is None


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_any_floats_give_numbers(values: list[float]) -> None:
    """Or no tally at all."""
    found = made([(NOON + at, value) for at, value in enumerate(values)])
    assert (found is None) == (not any(abs(value) <= MOST for value in values))
    if found:
        told = described(merge(found, found))
        assert all(math.isfinite(each) for each in told if each is not None)
