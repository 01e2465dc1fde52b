"""Windows hold what was said within them, whatever the batches, the order and the clock."""

import math
import statistics
from collections import defaultdict
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND

from flows.ontology.telemetry import Report
from flows.steps.told import Alone, Row, WindowRows
from flows.steps.window import (
    BEGUN_ANEW_US,
    LENGTHS,
    SILENT_US,
    Late,
    Patience,
    Windows,
    provisional,
    turn,
    wake_us,
)

LATE, CORRECT = 5 * SECOND, 10 * SECOND
STRICT = Patience(LATE)
FORGIVING = Patience(LATE, CORRECT)
SPEED, HEADING = "vfr.groundspeed", "vfr.heading"
# Long enough after everything else that all of its windows have closed.
AFTER = 200 * SECOND


def report(sequence: int, at_us: int, **values: Any) -> Report:
    said = {SPEED: values.pop("speed", 1.0), **values.pop("more", {})}
    return Report("v1", "north", "VFR_HUD", sequence, at_us, at_us, values or said, {})


def silent(sequence: int, at_us: int) -> Report:
    """A report that measures nothing, and lets time go on."""
    return msgspec.structs.replace(report(sequence, at_us), values={})


class WindowRow(NamedTuple):
    """A row of a window, as the lake has it."""

    sequence: int
    stored_us: int
    org_id: str
    entity_id: str
    source: str
    signal: str
    seconds: int
    start_us: int
    samples: int
    low: float
    high: float
    mean: float
    deviation: float | None
    p95: float
    time_weighted: float
    last: float
    final: bool


def rows(outcomes: list[WindowRows | Late]) -> list[WindowRow]:
    """What is told of windows, whenever what closed them was stored."""
    return [
        WindowRow(
            each.sequence, 0, each.org_id, each.entity_id, each.source, row[0], each.seconds,
            each.start_us, *row[1:], each.final,
        )
        for each in outcomes
        if isinstance(each, WindowRows)
        for row in (*each.rows, *map(alone, each.alone))
    ]  # fmt: skip


def alone(single: Alone) -> Row:
    """All that is told of a signal that has a single sample."""
    signal, value = single
    return (signal, 1, value, value, value, None, value, value, value)


def late(outcomes: list[WindowRows | Late]) -> list[int]:
    return [each.report.sequence for each in outcomes if isinstance(each, Late)]


Place = tuple[str, int, int]


def newest(outcomes: list[WindowRows | Late]) -> dict[Place, WindowRow]:
    """Of each window the row that counts, as the view of the lake has it."""
    return {(each.signal, each.seconds, each.start_us): each for each in rows(outcomes)}


# Moments around noon, out of order by as much as some seconds, in tenths of them.
MOMENTS = st.lists(st.tuples(st.integers(0, 30), st.integers(-190, 0)), min_size=1, max_size=60)
SPEEDS = st.floats(-1000, 1000)


@st.composite
def logs(draw: st.DrawFn) -> list[Report]:
    """A vehicle's reports as they were stored: mostly forwards, some of them stragglers."""
    at, found = NOON, []
    for sequence, (step, behind) in enumerate(draw(MOMENTS), 1):
        at += step * SECOND // 10
        straggles = draw(st.integers(0, 4)) == 0
        values = {SPEED: draw(SPEEDS)}
        if draw(st.booleans()):
            values |= {HEADING: float(draw(st.integers(0, 360))), "vehicle_status.mode": "AUTO"}
        heard = at + (behind * SECOND // 10 if straggles else 0)
        found.append(Report("v1", "north", "VFR_HUD", sequence, heard, heard, values, {}))
    return found


def cut(reports: list[Report], places: list[int]) -> list[list[Report]]:
    ends = sorted({place % (len(reports) + 1) for place in places} | {len(reports)})
    batches, start = [], 0
    for end in ends:
        batches.append(reports[start:end])
        start = end
    return [batch for batch in batches if batch]


def remembered(windows: Windows) -> Windows:
    """As the recovery store gives it back."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(windows), type=Windows)


def played(
    batches: list[list[Report]], patience: Patience = FORGIVING, *, remembering: bool = False
) -> tuple[list[Any], Windows]:
    """What comes of batches; remembering as the recovery store does between them."""
    windows, outcomes = Windows(), []
    for batch in batches:
        outcomes.extend(turn(windows, batch, NOON, patience))
        if remembering:
            windows = remembered(windows)
    return outcomes, windows


def ended(log: list[Report]) -> list[Report]:
    """The log, and something after it that closes all of its windows."""
    return [*log, silent(len(log) + 1, max(each.at_us for each in log) + AFTER)]


PATIENCES = st.sampled_from((STRICT, FORGIVING, Patience(0), Patience(LATE, 2_500_000)))


@given(logs(), st.lists(st.integers(0, 100), max_size=8), PATIENCES)
def test_any_cut_into_batches_gives_the_same(
    log: list[Report], places: list[int], patience: Patience
) -> None:
    """The same rows and the same late reports, in the same order, also after a restart."""
    whole, windows = played([log], patience)
    single, remembered_windows = played([[each] for each in log], patience, remembering=True)

    assert played(cut(log, places), patience)[0] == whole
    assert single == whole
    assert msgspec.msgpack.encode(remembered_windows) == msgspec.msgpack.encode(windows)


def expected_of(
    log: list[Report], patience: Patience
) -> tuple[dict[Place, list[tuple[int, int, float]]], list[int]]:
    """By hand: the samples of each window, and the sequences of what came too late for them."""
    members: dict[Place, list[tuple[int, int, float]]] = defaultdict(list)
    missed, last, closed = [], 0, 0
    for each in log:
        end = each.at_us // SECOND * SECOND + SECOND
        if end <= closed and end <= closed - patience.correct_us:
            missed.append(each.sequence)
            continue
        for signal in each.values.keys() & {SPEED, HEADING}:
            for length in LENGTHS:
                start = each.at_us // (length * SECOND) * length * SECOND
                sample = (each.at_us, each.sequence, float(each.values[signal]))
                members[signal, length, start].append(sample)
        last = max(last, each.at_us)
        closed = max(closed, (last - patience.late_us) // SECOND * SECOND)
    return members, missed


def mean_over_time(samples: list[tuple[int, int, float]]) -> float:
    span = samples[-1][0] - samples[0][0]
    if not span:
        return statistics.fmean(value for _, _, value in samples)
    areas = (value * (until - at) for (at, _, value), (until, _, _) in pairwise(samples))
    return math.fsum(areas) / span


@given(logs(), PATIENCES)
def test_the_newest_rows_are_what_plain_counting_gives(
    log: list[Report], patience: Patience
) -> None:
    """Every window of every length, with all that was not too late and nothing else."""
    outcomes, _ = played([ended(log)], patience)
    members, missed = expected_of(log, patience)
    found = newest(outcomes)

    assert set(found) == set(members)
    assert late(outcomes) == missed
    for place, unordered in members.items():
        row, samples = found[place], sorted(unordered)
        values = [value for _, _, value in samples]
        assert row.final
        assert (row.org_id, row.entity_id, row.source) == ("north", "v1", "")
        assert (row.samples, row.low, row.high) == (len(values), min(values), max(values))
        assert row.mean == pytest.approx(statistics.fmean(values), abs=1e-9)
        spread = statistics.stdev(values) if len(values) > 1 else None
        assert row.deviation == (None if spread is None else pytest.approx(spread, abs=1e-6))
        assert row.p95 == sorted(values)[math.ceil(len(values) * 95 / 100) - 1]
        # Of several at the same moment, the one that came last.
        assert row.last == values[-1]
        if row.seconds < LENGTHS[-1] or not patience.correct_us:
            assert row.time_weighted == pytest.approx(mean_over_time(samples), abs=1e-6)


@given(logs())
def test_without_what_is_late_every_window_is_told_once(log: list[Report]) -> None:
    """And rows follow each other as windows end."""
    outcomes, _ = played([ended(log)], STRICT)
    assert len(newest(outcomes)) == len(rows(outcomes))


@given(logs(), PATIENCES)
def test_a_row_carries_the_sequence_of_the_message_that_closed_or_corrected_it(
    log: list[Report], patience: Patience
) -> None:
    """So that a replay makes the same row, and the lake knows it."""
    windows, told = Windows(), []
    for each in log:
        new = rows(turn(windows, [each], NOON, patience))
        assert {row.sequence for row in new} <= {each.sequence}
        told.extend((row.signal, row.seconds, row.start_us, row.sequence) for row in new)

    assert len(told) == len(set(told))


@given(st.lists(st.tuples(st.integers(1, 3000), SPEEDS, st.integers(0, 4999)), max_size=60))
def test_what_comes_within_the_patience_may_come_in_any_order(
    said: list[tuple[int, float, int]],
) -> None:
    """The rows are the same to the last bit."""
    at, log = NOON, [report(1, NOON)]
    for step, speed, _ in said:
        at += step * 1000
        log.append(report(len(log) + 1, at, speed=speed))
    delays = [0, *(delay * 1000 for _, _, delay in said)]
    order = sorted(range(len(log)), key=lambda place: log[place].at_us + delays[place])
    mixed = [
        msgspec.structs.replace(log[place], sequence=sequence)
        for sequence, place in enumerate(order, 1)
    ]

    def figures(outcomes: list[WindowRows | Late]) -> set[WindowRow]:
        assert late(outcomes) == []
        return {row._replace(sequence=0) for row in rows(outcomes)}

    assert figures(played([ended(mixed)], STRICT)[0]) == figures(played([ended(log)], STRICT)[0])


LONE = (1, 2.0, 2.0, 2.0, None, 2.0, 2.0, 2.0)


def row(sequence: int, seconds: int, start_us: int, *figures: Any, final: bool = True) -> WindowRow:
    return WindowRow(sequence, 0, "north", "v1", "", SPEED, seconds, start_us, *figures, final)


def test_a_row_tells_when_what_closed_it_was_stored() -> None:
    """Its age is counted from there, however long ago the window was."""
    first, last = report(1, NOON), report(2, NOON + 7 * SECOND)
    last.stored_us = NOON + 3600 * SECOND
    told = turn(Windows(), [first, last], 0, STRICT)

    assert {each.stored_us for each in told if isinstance(each, WindowRows)} == {last.stored_us}


def test_a_window_waits_for_stragglers_and_then_no_more() -> None:
    """The patience is counted by the vehicle's own clock."""
    windows = Windows()
    start = [report(1, NOON, speed=2), report(2, NOON + 6 * SECOND - 1)]
    waiting = turn(windows, start, NOON, STRICT)
    straggler = turn(windows, [report(3, NOON + 600_000, speed=4)], NOON, STRICT)
    closing = turn(windows, [report(4, NOON + 6 * SECOND)], NOON, STRICT)
    too_late = turn(windows, [report(5, NOON + 999_999)], NOON, STRICT)

    assert waiting == straggler == []
    (told,) = rows(closing)
    assert told == row(4, 1, NOON, 2, 2, 4, 3, math.sqrt(2), 4, 2, 4)
    assert late(too_late) == [5]


def test_what_is_late_makes_a_newer_row_of_each_window_that_was_told() -> None:
    """With its own sequence; windows that are still open have it when they close."""
    log = [
        report(1, NOON, speed=2.0, more={HEADING: 9.0}),
        report(2, NOON + 15 * SECOND),
        report(3, NOON + 500_000, speed=8.0),
        report(4, NOON + 9 * SECOND, speed=5.0),
    ]
    outcomes, windows = played([log])
    corrected = [each for each in rows(outcomes) if each.sequence > 2]
    closed = newest(turn(windows, [report(5, NOON + AFTER)], NOON, FORGIVING))

    assert late(outcomes) == []
    spread = statistics.stdev
    assert corrected == [
        row(3, 1, NOON, 2, 2, 8, 5, spread([2, 8]), 8, 2, 8),
        row(3, 10, NOON, 2, 2, 8, 5, spread([2, 8]), 8, 2, 8),
        row(4, 1, NOON + 9 * SECOND, 1, 5, 5, 5, None, 5, 5, 5),
        row(4, 10, NOON, 3, 2, 8, 5, 3, 8, (2 * 0.5 + 8 * 8.5) / 9, 5),
    ]
    assert NOON // SECOND % 60 <= 43  # So that one minute has them all.
    minute = closed[SPEED, 60, NOON // (60 * SECOND) * 60 * SECOND]
    assert (minute.samples, minute.low, minute.high, minute.sequence) == (4, 1, 8, 5)


def test_what_is_late_for_a_minute_makes_a_newer_row_of_it() -> None:
    """Also of a signal that it had not heard of."""
    minute = NOON // (60 * SECOND) * 60 * SECOND
    last = minute + 59 * SECOND
    log = [
        report(1, last, speed=2.0),
        report(2, minute + 66 * SECOND),
        report(3, last + 500_000, speed=4.0, more={HEADING: 7.0}),
    ]
    outcomes, windows = played([log])
    told = [each for each in rows(outcomes) if each.seconds == 60]

    assert [(each.sequence, each.signal, each.samples, each.last) for each in told] == [
        (2, SPEED, 1, 2.0),
        (3, SPEED, 2, 4.0),
        (3, HEADING, 1, 7.0),
    ]
    assert told[1].time_weighted == 2.0
    again = turn(remembered(windows), [report(4, last + 600_000, speed=9.0)], NOON, FORGIVING)
    assert [(each.seconds, each.samples, each.high) for each in rows(again)] == [
        (1, 3, 9.0),
        (10, 3, 9.0),
        (60, 3, 9.0),
    ]


@pytest.mark.parametrize(("behind_us", "too_late"), [(15 * SECOND - 1, False), (16 * SECOND, True)])
def test_corrections_end(behind_us: int, too_late: bool) -> None:  # noqa: FBT001
    """A window is kept for so long after it has closed, and what is later is counted."""
    log = [
        report(1, NOON),
        report(2, NOON + 20 * SECOND),
        report(3, NOON + 20 * SECOND - behind_us),
    ]
    outcomes, _ = played([log])
    assert late(outcomes) == ([3] if too_late else [])
    assert any(each.sequence == 3 for each in rows(outcomes)) is not too_late


def test_without_corrections_what_is_late_changes_no_row() -> None:
    """It is told of, and counted by whoever wants to."""
    log = [report(1, NOON), report(2, NOON + 20 * SECOND), report(3, NOON + 14 * SECOND, speed=99)]
    outcomes, windows = played([log, [report(4, NOON + AFTER)]], STRICT)

    assert late(outcomes) == [3]
    assert max(row.high for row in rows(outcomes)) == 1
    assert windows.newest_us == NOON + AFTER
    assert windows.told == {}


@pytest.mark.parametrize("back_us", [BEGUN_ANEW_US + 1, 3600 * SECOND, NOON])
def test_a_clock_that_is_set_back_begins_anew(back_us: int) -> None:
    """What stood open is closed, and nothing that follows is late."""
    log = [report(1, NOON), report(2, NOON - back_us, speed=7), report(3, NOON - back_us + SECOND)]
    outcomes, _ = played([log, [report(4, NOON - back_us + AFTER)]])

    assert late(outcomes) == []
    seconds = {row.start_us: row.sequence for row in rows(outcomes) if row.seconds == 1}
    first = (NOON - back_us) // SECOND * SECOND
    assert seconds == {NOON: 2, first: 4, first + SECOND: 4}
    assert {row.seconds for row in rows(outcomes) if row.sequence == 2} == set(LENGTHS)


def test_a_clock_that_goes_back_a_little_is_late_only() -> None:
    """A minute back is out of order, not another time."""
    log = [report(1, NOON), report(2, NOON - BEGUN_ANEW_US)]
    outcomes, _ = played([log])
    assert late(outcomes) == [2]
    assert rows(outcomes) == []


def test_silence_tells_what_stands_open_and_closes_nothing() -> None:
    """What comes afterwards is a newer row for the same window, with all of it."""
    windows = Windows()
    turn(windows, [report(1, NOON, speed=2.0)], NOON + 5, STRICT)
    due = wake_us(windows)
    told = rows(turn(windows, [], NOON + SILENT_US, STRICT))
    after = wake_us(windows)
    more = [report(2, NOON + 1, speed=4.0), report(3, NOON + 6 * SECOND)]
    closed = rows(turn(windows, more, NOON + AFTER, STRICT))

    assert due == NOON + 5 + SILENT_US
    assert after is None
    assert [(row.seconds, row.samples, row.final) for row in told] == [
        (length, 1, False) for length in LENGTHS
    ]
    assert {row.sequence for row in told} == {1}
    assert closed == [row(3, 1, NOON, 2, 2, 4, 3, math.sqrt(2), 4, 2, 4)]
    assert wake_us(windows) == NOON + AFTER + SILENT_US


@given(logs(), PATIENCES)
def test_telling_what_stands_open_changes_nothing(log: list[Report], patience: Patience) -> None:
    """Told twice it is the same; and the rows are those that closing would give, but not final."""
    outcomes, windows = played([log], patience)
    before = msgspec.msgpack.encode(windows)
    told = rows([*provisional(windows)])

    assert msgspec.msgpack.encode(windows) == before
    assert rows([*provisional(windows)]) == told
    last = ended(log)[-1]
    closed = rows(turn(windows, [last], NOON, patience))
    assert {each._replace(final=True, sequence=0) for each in told} == {
        each._replace(sequence=0) for each in closed
    }
    assert not any(row.final for row in told)
    assert all(row.final for row in rows(outcomes))


ANYTHING = st.one_of(
    st.floats(), st.integers(), st.just(10**400), st.booleans(), st.text(), st.lists(st.floats())
)
PATHS = st.one_of(st.sampled_from((SPEED, HEADING, "power.cells", "")), st.text())
WHENS = st.one_of(st.integers(-(10**17), 10**17), st.integers(NOON, NOON + AFTER))


@given(
    st.lists(st.tuples(WHENS, st.dictionaries(PATHS, ANYTHING, max_size=4)), max_size=20),
    PATIENCES,
)
def test_nothing_that_is_said_at_any_time_raises(
    said: list[tuple[int, dict[str, Any]]], patience: Patience
) -> None:
    """And whatever is told of it is a number, also after a restart."""
    log = [
        Report("v1", "north", "X", sequence, at, at, values, {})
        for sequence, (at, values) in enumerate(said, 1)
    ]
    outcomes, windows = played([[each] for each in log], patience, remembering=True)
    for each in rows([*outcomes, *provisional(windows)]):
        assert all(math.isfinite(figure) for figure in each[7:-1] if figure is not None)
        assert each.low <= each.p95 <= each.high


def test_state_is_small_however_long_the_flight() -> None:
    """An hour leaves no more open than the last minutes."""
    windows = Windows()
    for second in range(3600):
        turn(windows, [report(second, NOON + second * SECOND)], NOON, FORGIVING)
    assert len(windows.open) + len(windows.told) <= 3
    assert len(windows.samples[SPEED,]) <= 5 + 10 + 10 + 1
    assert len(msgspec.msgpack.encode(windows)) < 2500
