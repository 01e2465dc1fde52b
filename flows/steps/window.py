"""Windows of a source's signals: of one second, of ten, and these folded into sixty.

Windows close when the source's own clock has passed them by the patience given for
stragglers, so what a log says of them does not depend on how it is cut into batches or
on when it is read. The rows that a message closes carry its sequence.

Samples stay as they came until their ten seconds have closed, and then for as long as what
is late is corrected: a late report makes a newer row of every closed window that it belongs
to. A source that falls silent leaves windows open; after ``SILENT_US`` their rows are told
as they stand, and whatever comes later is a newer row for the same window.
"""

from collections.abc import Iterator, Sequence

import msgspec

from flows.ontology.telemetry import MICROSECONDS, Report
from flows.steps.samples import Samples, Series, add, forget, said, series
from flows.steps.tally import Tally, merge, tally
from flows.steps.told import Alone, Row, WindowRows, at_once, figured, told

SECOND, TEN, MINUTE = LENGTHS = (1, 10, 60)
SILENT_US = 10 * MICROSECONDS
# A clock that goes back this far has been set, or a recording is played again.
BEGUN_ANEW_US = 60 * MICROSECONDS

Window = dict[str, Tally]  # By signal.
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Window).decode


class Windows(msgspec.Struct, array_like=True):
    """The windows of a source of an entity that are open, or can still be corrected.

    ``silent_from_us`` is when it was last heard by the clock on the wall, 0 once its
    silence has been told. Seconds and tens of them are made of ``samples``; minutes are
    ``open``, or ``told`` and packed, by their start.
    """

    org_id: str = ""
    entity_id: str = ""
    source: str = ""
    silent_from_us: int = 0
    closed_us: int = 0
    newest_us: int = 0
    sequence: int = 0
    samples: Samples = {}
    open: dict[int, Window] = {}
    told: dict[int, bytes] = {}
    stored_us: int = 0


class Late(msgspec.Struct, frozen=True, gc=False):
    """A report came when its windows could not be corrected any more."""

    report: Report


class Patience(msgspec.Struct, frozen=True):
    """How long windows wait for stragglers, and for how long after that they are corrected."""

    late_us: int
    correct_us: int = 0


def turn(
    windows: Windows, reports: list[Report], now_us: int, patience: Patience
) -> list[WindowRows | Late]:
    """Take in what a source has said; without anything said, tell what stands open."""
    if not reports:
        windows.silent_from_us = 0
        return [*provisional(windows)]
    outcomes: list[WindowRows | Late] = []
    for report in reports:
        fold(windows, report, patience, outcomes)
    _heard(windows, reports[-1])
    windows.silent_from_us = now_us
    return outcomes


def wake_us(windows: Windows) -> int | None:
    """When to tell what stands open, if nothing is said until then."""
    return windows.silent_from_us + SILENT_US if windows.silent_from_us else None


def fold(
    windows: Windows, report: Report, patience: Patience, outcomes: list[WindowRows | Late]
) -> None:
    """Take a report in, and tell of the windows that it closed or corrected, or that it is late."""
    at = report.at_us
    if at < windows.newest_us - BEGUN_ANEW_US:
        _heard(windows, report)
        outcomes.extend(_begin_anew(windows))
    start = at - at % MICROSECONDS
    if start >= windows.closed_us:
        add(windows.samples, start, report)
    elif _end(SECOND, start) > windows.closed_us - patience.correct_us:
        _heard(windows, report)
        outcomes.extend(_correct(windows, start, report))
    else:
        outcomes.append(Late(report))
        return
    if at > windows.newest_us:
        windows.newest_us = at
        passed = at - patience.late_us
        if passed - windows.closed_us >= MICROSECONDS:
            _heard(windows, report)
            outcomes.extend(_close(windows, passed, patience.correct_us))


def provisional(windows: Windows) -> Iterator[WindowRows]:
    """The rows of all windows that are still open, as if they closed now."""
    copied = msgspec.msgpack.decode(msgspec.msgpack.encode(windows), type=Windows)
    for each in _begin_anew(copied):
        yield msgspec.structs.replace(each, final=False)


def _heard(windows: Windows, report: Report) -> None:
    """Whatever a message closes must carry its sequence, and not an older one."""
    windows.sequence, windows.stored_us = report.sequence, report.stored_us
    windows.org_id, windows.entity_id = report.org_id, report.entity_id
    windows.source = report.source


def _begin_anew(windows: Windows) -> list[WindowRows]:
    """Close all that is open, and forget what was."""
    rows = _close(windows, windows.newest_us + BEGUN_ANEW_US, 0)
    windows.closed_us = windows.newest_us = 0
    return rows


def _close(windows: Windows, passed_us: int, correct_us: int) -> list[WindowRows]:
    """Close what ends at or before ``passed_us``, shortest windows first."""
    before, passed = windows.closed_us, _begin(SECOND, passed_us)
    windows.closed_us = passed
    samples, closed = windows.samples, list[WindowRows]()
    for start in _ended(samples, SECOND, before, passed):
        closed += _tell(windows, SECOND, start, *at_once(said(samples, start, SECOND)))
    if _begin(TEN, before) == _begin(TEN, passed):
        return closed
    for start in _ended(samples, TEN, before, passed):
        made = _tallies(series(said(samples, start, TEN)))
        closed += _tell(windows, TEN, start, told(made))
        _into(windows.open.setdefault(_begin(MINUTE, start), {}), made)
    for start in sorted(each for each in windows.open if _end(MINUTE, each) <= passed):
        made = windows.open.pop(start)
        closed += _tell(windows, MINUTE, start, told(made))
        windows.told[start] = _pack(made)
    corrected = passed - correct_us
    windows.told = {
        start: each for start, each in windows.told.items() if _end(MINUTE, start) > corrected
    }
    forget(samples, _begin(TEN, corrected))
    return closed


def _correct(windows: Windows, start: int, report: Report) -> Iterator[WindowRows]:
    """Take a late report into every window that it belongs to, up to one that is still open."""
    samples, ten, minute = windows.samples, _begin(TEN, start), _begin(MINUTE, start)
    signals = add(samples, start, report)
    yield from _tell(windows, SECOND, start, figured(series(said(samples, start, SECOND), signals)))
    if _end(TEN, ten) > windows.closed_us:
        return
    corrected = _tallies(series(said(samples, ten, TEN), signals))
    yield from _tell(windows, TEN, ten, told(corrected))
    late: Samples = {}
    add(late, start, report)
    single = _tallies(series(said(late, start, SECOND)))
    if _end(MINUTE, minute) > windows.closed_us:
        _into(windows.open.setdefault(minute, {}), single)
        return
    made = _unpack(windows.told[minute]) if minute in windows.told else {}
    _into(made, single)
    windows.told[minute] = _pack(made)
    yield from _tell(windows, MINUTE, minute, told({signal: made[signal] for signal in single}))


def _tallies(found: dict[str, Series]) -> Window:
    made = {signal: tally(each) for signal, each in found.items()}
    return {signal: each for signal, each in made.items() if each}


def _into(window: Window, part: Window) -> None:
    """Fold the tallies of a part into the window's."""
    for signal, counted in part.items():
        known = window.get(signal)
        window[signal] = counted if known is None else merge(known, counted)


def _begin(length: int, at_us: int) -> int:
    return at_us - at_us % (length * MICROSECONDS)


def _end(length: int, start_us: int) -> int:
    return start_us + length * MICROSECONDS


def _ended(samples: Samples, length: int, before_us: int, passed_us: int) -> list[int]:
    """The windows of that length that end after the one time, and at or before the other."""
    width = length * MICROSECONDS
    if passed_us - before_us == width == MICROSECONDS:  # As it nearly always is.
        return [before_us]
    starts = {
        start - start % width
        for seconds in samples.values()
        for start in seconds
        if start + width > before_us
    }
    return sorted(start for start in starts if before_us < start + width <= passed_us)


def _tell(
    windows: Windows, seconds: int, start: int, rows: list[Row], alone: Sequence[Alone] = ()
) -> list[WindowRows]:
    if not (rows or alone):
        return []
    return [
        WindowRows(
            windows.sequence,
            windows.stored_us,
            windows.org_id,
            windows.entity_id,
            windows.source,
            seconds,
            start,
            rows,
            alone=[*alone],
        )
    ]
