"""What a signal did within a stretch of time, so that the tallies of two parts give that of both.

``p95`` needs the largest values of the whole, which nobody knows before its end: each tally
keeps the ``TOP`` largest, enough for fewer than ``20 * TOP`` samples (53 a second for a
minute). Of more, it is the least of those kept: too high, but never more than the highest.
"""

from array import array
from math import fsum, sqrt
from operator import mul

import msgspec

from flows.steps.samples import Clock, Series, timed

TOP = 160
FEW = 20  # Of fewer samples, none but the highest is not exceeded by 95 of 100.
# What is larger than this is no measurement: its square would not be a number.
MOST = 1e140
BYTES = 8  # Of a value, packed.

# Count, lowest, highest, mean, standard deviation, 95th percentile, mean over time, last.
Figures = tuple[int, float, float, float, float | None, float, float, float]


class Tally(msgspec.Struct, gc=False, array_like=True):
    """Count, extremes and moments of a signal within a stretch of time.

    ``squares`` is the sum of squared differences from the mean. ``held`` is the integral
    over microseconds from the first sample to the last, each value held until the next.
    ``top`` has the ``TOP`` largest values, packed, and may have some that are not.
    """

    count: int
    low: float
    high: float
    total: float
    squares: float
    held: float
    first_us: int
    last: float
    last_us: int
    top: bytes


def tally(series: Series) -> Tally | None:
    """The tally of samples in order, if any of them is a measurement."""
    measured = _measured(series)
    if measured is None:
        return None
    (clock, values), ordered = measured
    count, low, high = len(values), ordered[0], ordered[-1]
    first_us, last_us = clock.times[0], clock.times[-1]
    if low == high:
        total, squares, held = low * count, 0.0, low * (last_us - first_us)
    else:
        total, squares = _moments(values)
        held = _held(clock, values)
    top = array("d", ordered[-TOP:]).tobytes()
    return Tally(count, low, high, total, squares, held, first_us, values[-1], last_us, top)


def figures(series: Series) -> Figures | None:
    """What is told of samples that are no part of anything longer, as of their tally."""
    measured = _measured(series)
    if measured is None:
        return None
    (clock, values), ordered = measured
    count, low, high = len(values), ordered[0], ordered[-1]
    if low == high:
        return _constant(count, low, values[-1])
    total, squares = _moments(values)
    span_us, mean = clock.times[-1] - clock.times[0], total / count
    return (
        count,
        low,
        high,
        mean,
        sqrt(squares / (count - 1)),
        ordered[-_rank(count)] if count >= FEW else high,
        _held(clock, values) / span_us if span_us else mean,
        values[-1],
    )


def merge(known: Tally, new: Tally) -> Tally:
    """The tally of both. Where they do not overlap, the value between them is the earlier's last.

    Of two that are last at the same time, the ``new`` one is the newest.
    """
    earlier, later = (known, new) if known.first_us <= new.first_us else (new, known)
    newest = new if new.last_us >= known.last_us else known
    apart_us = later.first_us - earlier.last_us
    top = known.top + new.top
    count = known.count + new.count
    between = new.total / new.count - known.total / known.count
    return Tally(
        count,
        min(known.low, new.low),
        max(known.high, new.high),
        known.total + new.total,
        known.squares + new.squares + between * between * known.count * new.count / count,
        known.held + new.held + (earlier.last * apart_us if apart_us > 0 else 0.0),
        earlier.first_us,
        newest.last,
        newest.last_us,
        top if len(top) <= 2 * TOP * BYTES else _largest(top),
    )


def described(made: Tally) -> Figures:
    """What is told of a tally.

    The standard deviation is that of a sample; of a single value there is none. ``p95`` is
    one of the values, the nearest by rank. The mean over time is that of the values where
    they are all of one moment.
    """
    count = made.count
    if made.low == made.high:
        return _constant(count, made.low, made.last)
    span_us, mean = made.last_us - made.first_us, made.total / count
    return (
        count,
        made.low,
        made.high,
        mean,
        sqrt(made.squares / (count - 1)),
        sorted(array("d", made.top))[-_rank(count)] if count >= FEW else made.high,
        made.held / span_us if span_us else mean,
        made.last,
    )


def _constant(count: int, value: float, last: float) -> Figures:
    """What is told of one value, however often it came; ``last`` may be another zero."""
    return count, value, value, value, None if count == 1 else 0.0, value, value, last


def _rank(count: int) -> int:
    """That of p95, counted from the largest; from the least it is 0.95 of all, rounded up."""
    return min(count // FEW + 1, TOP)


def _largest(packed: bytes) -> bytes:
    return array("d", sorted(array("d", packed))[-TOP:]).tobytes()


def _held(clock: Clock, values: tuple[float, ...]) -> float:
    return sum(map(mul, values, clock.apart), 0.0)


def _moments(values: tuple[float, ...]) -> tuple[float, float]:
    """Their sum and their ``squares``."""
    total = fsum(values)
    mean = total / len(values)
    differences = [value - mean for value in values]
    return total, sum(map(mul, differences, differences))


def _measured(series: Series) -> tuple[Series, list[float]] | None:
    """The samples that are measurements, and their values by size."""
    values = series[1]
    ordered = sorted(values)
    # Where there is something that is no number, the order says nothing, but the sum is none.
    if -MOST <= ordered[0] <= ordered[-1] <= MOST and abs(sum(values)) <= MOST * len(values):
        return series, ordered
    clock = series[0]
    rows = zip(clock.times, clock.sequences, values, strict=True)
    kept = [row for row in rows if -MOST <= row[2] <= MOST]
    if not kept:
        return None
    times, sequences, measured = zip(*kept, strict=True)
    return (timed(times, sequences), measured), sorted(measured)
