"""Windows of an entity's signals: one second, folded into ten, folded into sixty.

Windows close when the entity's own clock has passed them by the patience given
for stragglers, so what a log says of them does not depend on how it is cut into
batches or on when it is read. The rows that a message closes carry its sequence.
An entity that falls silent leaves windows open; ``provisional`` gives their rows
as they stand, and whatever comes later is a newer row for the same window.
"""

from collections.abc import Iterator

import msgspec

from flows.ontology.signals import MEASURED
from flows.ontology.telemetry import MICROSECONDS, Report

LENGTHS = (1, 10, 60)  # Seconds; each folds into the next.
# A clock that goes back this far has been set, or a recording is played again.
BEGUN_ANEW_US = 60 * MICROSECONDS


class Tally(msgspec.Struct, gc=False, array_like=True):
    """Count, extremes, sum and last value of a signal within a window."""

    count: int
    low: float
    high: float
    total: float
    last: float
    last_us: int


class Windows(msgspec.Struct, array_like=True):
    """The open windows of an entity: by length, by start, by signal."""

    org_id: str
    closed_us: int = 0
    newest_us: int = 0
    sequence: int = 0
    open: dict[int, dict[int, dict[str, Tally]]] = msgspec.field(
        default_factory=lambda: {length: {} for length in LENGTHS}
    )


class WindowRow(msgspec.Struct, frozen=True, gc=False):
    """What a signal did within a window; ``final`` once no straggler can change it."""

    sequence: int
    org_id: str
    entity_id: str
    signal: str
    seconds: int
    start_us: int
    count: int
    low: float
    high: float
    mean: float
    last: float
    final: bool


def fold(windows: Windows, report: Report, patience_us: int) -> tuple[list[WindowRow], bool]:
    """Take a report in.

    Returns:
        The rows of the windows that it closed, and whether it came too late for its own.
    """
    at = report.at_us
    rows: list[WindowRow] = []
    if at < windows.newest_us - BEGUN_ANEW_US:
        rows.extend(_close(windows, report.entity_id, windows.newest_us + BEGUN_ANEW_US))
        windows.closed_us, windows.newest_us = 0, 0
    windows.sequence = report.sequence
    start = at - at % MICROSECONDS
    late = start + MICROSECONDS <= windows.closed_us
    if not late:
        _tally(windows.open[1].setdefault(start, {}), report)
    windows.newest_us = max(windows.newest_us, at)
    passed = windows.newest_us - patience_us
    if passed - windows.closed_us >= MICROSECONDS:
        rows.extend(_close(windows, report.entity_id, passed))
    return rows, late


def provisional(windows: Windows, entity_id: str) -> list[WindowRow]:
    """The rows of all windows that are still open, as if they closed now."""
    copied = msgspec.msgpack.decode(msgspec.msgpack.encode(windows), type=Windows)
    rows = _close(copied, entity_id, windows.newest_us + BEGUN_ANEW_US)
    return [msgspec.structs.replace(row, final=False) for row in rows]


def merge(earlier: Tally, later: Tally) -> Tally:
    """The tally of both parts of a window."""
    newest = later if later.last_us >= earlier.last_us else earlier
    return Tally(
        earlier.count + later.count,
        min(earlier.low, later.low),
        max(earlier.high, later.high),
        earlier.total + later.total,
        newest.last,
        newest.last_us,
    )


def _tally(window: dict[str, Tally], report: Report) -> None:
    at = report.at_us
    for signal, value in report.values.items():
        if signal not in MEASURED:
            continue
        number = float(value)  # type: ignore[arg-type]  # Measured signals are numbers.
        tally = window.get(signal)
        if tally is None:
            window[signal] = Tally(1, number, number, number, number, at)
            continue
        tally.count += 1
        tally.total += number
        if number < tally.low:
            tally.low = number
        elif number > tally.high:
            tally.high = number
        if at >= tally.last_us:
            tally.last, tally.last_us = number, at


def _close(windows: Windows, entity_id: str, passed_us: int) -> list[WindowRow]:
    """Close what ends at or before ``passed_us``, shortest windows first."""
    rows: list[WindowRow] = []
    windows.closed_us = passed_us - passed_us % MICROSECONDS
    for length, longer in zip(LENGTHS, (*LENGTHS[1:], 0), strict=True):
        open_windows = windows.open[length]
        ended = sorted(
            start for start in open_windows if start + length * MICROSECONDS <= passed_us
        )
        for start in ended:
            window = open_windows.pop(start)
            rows.extend(_rows(windows, entity_id, length, start, window))
            if longer:
                outer = windows.open[longer].setdefault(start - start % (longer * MICROSECONDS), {})
                for signal, tally in window.items():
                    known = outer.get(signal)
                    outer[signal] = tally if known is None else merge(known, tally)
    return rows


def _rows(
    windows: Windows, entity_id: str, length: int, start: int, window: dict[str, Tally]
) -> Iterator[WindowRow]:
    for signal, tally in window.items():
        yield WindowRow(
            windows.sequence,
            windows.org_id,
            entity_id,
            signal,
            length,
            start,
            tally.count,
            tally.low,
            tally.high,
            tally.total / tally.count,
            tally.last,
            final=True,
        )
