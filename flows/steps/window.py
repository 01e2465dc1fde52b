"""Windows of an entity's signals: one second, folded into ten, folded into sixty.

Windows close when the entity's own clock has passed them by the patience given
for stragglers, so what a log says of them does not depend on how it is cut into
batches or on when it is read. The rows that a message closes carry its sequence.
An entity that falls silent leaves windows open; after ``SILENT_US`` their rows are
told as they stand, and whatever comes later is a newer row for the same window.
"""

from collections.abc import Iterator

import msgspec

from flows.ontology.signals import measured
from flows.ontology.telemetry import MICROSECONDS, Report

LENGTHS = (1, 10, 60)  # Seconds; each folds into the next.
SILENT_US = 10 * MICROSECONDS
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
    """The open windows of an entity: by length, by start, by signal.

    ``silent_from_us`` is when it was last heard by the clock on the wall, 0 once its
    silence has been told.
    """

    org_id: str = ""
    entity_id: str = ""
    silent_from_us: int = 0
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


class Late(msgspec.Struct, frozen=True, gc=False):
    """A report came after its window had closed."""

    report: Report


def turn(
    windows: Windows, reports: list[Report], now_us: int, patience_us: int
) -> list[WindowRow | Late]:
    """Take in what an entity has said; without anything said, tell what stands open."""
    if not reports:
        windows.silent_from_us = 0
        return list(provisional(windows))
    outcomes: list[WindowRow | Late] = []
    for report in reports:
        rows, late = fold(windows, report, patience_us)
        outcomes.extend(rows)
        if late:
            outcomes.append(Late(report))
    windows.silent_from_us = now_us
    return outcomes


def wake_us(windows: Windows) -> int | None:
    """When to tell what stands open, if nothing is said until then."""
    return windows.silent_from_us + SILENT_US if windows.silent_from_us else None


def fold(windows: Windows, report: Report, patience_us: int) -> tuple[list[WindowRow], bool]:
    """Take a report in.

    Returns:
        The rows of the windows that it closed, and whether it came too late for its own.
    """
    at = report.at_us
    rows: list[WindowRow] = []
    windows.org_id, windows.entity_id = report.org_id, report.entity_id
    # First of all: whatever this message closes must carry its sequence, not an older one.
    windows.sequence = report.sequence
    if at < windows.newest_us - BEGUN_ANEW_US:
        rows.extend(_close(windows, windows.newest_us + BEGUN_ANEW_US))
        windows.closed_us, windows.newest_us = 0, 0
    start = at - at % MICROSECONDS
    late = start + MICROSECONDS <= windows.closed_us
    if not late:
        _tally(windows.open[1].setdefault(start, {}), report)
    windows.newest_us = max(windows.newest_us, at)
    passed = windows.newest_us - patience_us
    if passed - windows.closed_us >= MICROSECONDS:
        rows.extend(_close(windows, passed))
    return rows, late


def provisional(windows: Windows) -> list[WindowRow]:
    """The rows of all windows that are still open, as if they closed now."""
    copied = msgspec.msgpack.decode(msgspec.msgpack.encode(windows), type=Windows)
    rows = _close(copied, windows.newest_us + BEGUN_ANEW_US)
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
        if type(value) not in (int, float) or not measured(signal):
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


def _close(windows: Windows, passed_us: int) -> list[WindowRow]:
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
            rows.extend(_rows(windows, length, start, window))
            if longer:
                outer = windows.open[longer].setdefault(start - start % (longer * MICROSECONDS), {})
                for signal, tally in window.items():
                    known = outer.get(signal)
                    outer[signal] = tally if known is None else merge(known, tally)
    return rows


def _rows(
    windows: Windows, length: int, start: int, window: dict[str, Tally]
) -> Iterator[WindowRow]:
    for signal, tally in window.items():
        yield WindowRow(
            windows.sequence,
            windows.org_id,
            windows.entity_id,
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
