"""Samples as they came: packed, by the signals that a report sets together, by second.

A row is its time, its sequence in the stream and a number for each signal. Signals that are
set together are named once, so rows cost what their numbers cost.
"""

import struct
from collections import Counter
from collections.abc import Callable, Container
from functools import lru_cache, partial
from itertools import chain
from math import nan
from operator import itemgetter, sub
from typing import Any, NamedTuple

from flows.ontology.signals import Value, measured
from flows.ontology.telemetry import MICROSECONDS, Report

Shape = tuple[str, ...]
# Signals to the second's start (microseconds) to rows.
Samples = dict[Shape, dict[int, bytearray]]
# Devices may have signals of their own: only so many sets of them are kept.
MOST_SHAPES = 1024

# Time, sequence, and a number for each signal of a shape.
Row = tuple[Any, ...]
Said = list[tuple[Shape, list[Row]]]


class _Plan(NamedTuple):
    shape: Shape
    pick: Callable[[dict[str, Value]], tuple[Any, ...]]
    pack: Callable[..., bytes]


class Clock(NamedTuple):
    """When samples came, in their order: the same for all signals that are said together."""

    times: tuple[int, ...]
    sequences: tuple[int, ...]
    apart: tuple[int, ...]  # From each to the next.


_clock = partial(tuple.__new__, Clock)
# When samples of a signal came, and what they were.
Series = tuple[Clock, tuple[float, ...]]


def add(samples: Samples, start_us: int, report: Report) -> Shape:
    """Keep what a report measured in the second that starts then; the signals that it measured."""
    values = report.values
    shape, pick, pack = _plan(tuple(values), tuple(map(type, values.values())))
    if not shape:
        return shape
    try:
        row = pack(report.at_us, report.sequence, *pick(values))
    except struct.error:
        row = pack(report.at_us, report.sequence, *map(_number, pick(values)))
    seconds = samples.get(shape)
    if seconds is None:
        seconds = samples[shape] = {}
    known = seconds.get(start_us)
    if known is None:
        seconds[start_us] = bytearray(row)
    else:
        known += row
    return shape


def forget(samples: Samples, until_us: int) -> None:
    """Forget the seconds before then."""
    for shape, seconds in tuple(samples.items()):
        for start in [each for each in seconds if each < until_us]:
            del seconds[start]
        if not seconds:
            del samples[shape]


def said(samples: Samples, start_us: int, seconds: int) -> Said:
    """The rows of each shape from then on, for so many seconds.

    Rows are in the order of their times, and those of one time in that of the stream.
    """
    if seconds == 1:
        return [
            (shape, _unpacked(shape, by_second[start_us]))
            for shape, by_second in samples.items()
            if start_us in by_second
        ]
    starts = range(start_us, start_us + seconds * MICROSECONDS, MICROSECONDS)
    found = []
    for shape, by_second in samples.items():
        packed = [by_second[start] for start in starts if start in by_second]
        if packed:
            found.append((shape, _unpacked(shape, b"".join(packed))))
    return found


def series(said: Said, only: Container[str] | None = None) -> dict[str, Series]:
    """What each signal did, or some of them, by whatever it was said."""
    found: dict[str, Series] = {}
    for shape, rows in said:
        clock, columns = turned(rows)
        for signal, values in zip(shape, columns, strict=True):
            if only is None or signal in only:
                part = clock, values
                found[signal] = _woven(found[signal], part) if signal in found else part
    return found


def turned(rows: list[Row]) -> tuple[Clock, list[tuple[float, ...]]]:
    """Rows as the times of all of them and the numbers of each signal."""
    times, sequences, *columns = zip(*rows, strict=True)
    return timed(times, sequences), columns


@lru_cache(MOST_SHAPES)
def shared(shapes: tuple[Shape, ...]) -> frozenset[str]:
    """The signals that are in more than one of the shapes."""
    counted = Counter(chain.from_iterable(shapes))
    return frozenset(signal for signal, times in counted.items() if times > 1)


def timed(times: tuple[int, ...], sequences: tuple[int, ...]) -> Clock:
    return _clock((times, sequences, tuple(map(sub, times[1:], times))))


def _unpacked(shape: Shape, packed: bytes | bytearray) -> list[Row]:
    rows = [*_layout(len(shape)).iter_unpack(packed)]
    if len(rows) > 1:
        rows.sort()  # No two have the same time and sequence.
    return rows


def _woven(*parts: Series) -> Series:
    """A signal that several kinds of messages set: their samples in one order."""
    rows = [
        row
        for clock, values in parts
        for row in zip(clock.times, clock.sequences, values, strict=True)
    ]
    rows.sort()
    times, sequences, values = zip(*rows, strict=True)
    return timed(times, sequences), values


@lru_cache(MOST_SHAPES)
def _plan(paths: Shape, types: tuple[type, ...]) -> _Plan:
    """How to pack values of these types under these paths: no flags, texts or lists."""
    shape = tuple(
        path
        for path, each in zip(paths, types, strict=True)
        if each in (int, float) and measured(path)
    )
    pick = itemgetter(*shape) if len(shape) > 1 else lambda values: (values[shape[0]],)
    return _Plan(shape, pick, _layout(len(shape)).pack)


@lru_cache(MOST_SHAPES)
def _layout(numbers: int) -> struct.Struct:
    return struct.Struct(f"<qq{numbers}d")


def _number(value: float) -> float:
    """A number that can be packed; an integer of hundreds of digits cannot, and is none."""
    try:
        return float(value)
    except OverflowError:
        return nan
