"""Windows hold what was said within them, whatever the batches, the order and the clock."""

from collections import defaultdict
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND

from flows.ontology.telemetry import Report
from flows.steps.window import (
    BEGUN_ANEW_US,
    LENGTHS,
    SILENT_US,
    Late,
    Tally,
    WindowRow,
    Windows,
    merge,
    provisional,
    turn,
    wake_us,
)

PATIENCE = 5 * SECOND
SPEED, HEADING = "vfr.groundspeed", "vfr.heading"
# Long enough after everything else that all of its windows have closed.
AFTER = 200 * SECOND


def report(sequence: int, at_us: int, **values: Any) -> Report:
    said = {SPEED: values.pop("speed", 1.0), **values.pop("more", {})}
    return Report("v1", "north", "VFR_HUD", sequence, at_us, at_us, values or said, {})


def rows(outcomes: list[WindowRow | Late]) -> list[WindowRow]:
    return [each for each in outcomes if isinstance(each, WindowRow)]


def late(outcomes: list[WindowRow | Late]) -> list[int]:
    return [each.report.sequence for each in outcomes if isinstance(each, Late)]


# Moments around noon, out of order by as much as some seconds, in tenths of them.
MOMENTS = st.lists(st.tuples(st.integers(0, 30), st.integers(-90, 0)), min_size=1, max_size=60)
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


def played(batches: list[list[Report]], remembering: bool = False) -> tuple[list[Any], Windows]:  # noqa: FBT001, FBT002
    """What comes of batches; remembering as the recovery store does between them."""
    windows, outcomes = Windows(), []
    for batch in batches:
        outcomes.extend(turn(windows, batch, NOON, PATIENCE))
        if remembering:
            windows = msgspec.msgpack.decode(msgspec.msgpack.encode(windows), type=Windows)
    return outcomes, windows


@given(logs(), st.lists(st.integers(0, 100), max_size=8))
def test_any_cut_into_batches_gives_the_same(log: list[Report], places: list[int]) -> None:
    """The same rows and the same late reports, in the same order, also after a restart."""
    whole, _ = played([log])

    assert played(cut(log, places))[0] == whole
    assert played([[each] for each in log], remembering=True)[0] == whole


def expected_of(log: list[Report]) -> tuple[dict[tuple[str, int, int], list[Report]], list[int]]:
    """By hand: the reports of each window that are in time, and the sequences of the others."""
    members: dict[tuple[str, int, int], list[Report]] = defaultdict(list)
    missed, newest, known_from = [], 0, 0
    for each in log:
        second = each.at_us // SECOND * SECOND
        if second + SECOND <= known_from:
            missed.append(each.sequence)
        else:
            for signal in each.values.keys() & {SPEED, HEADING}:
                for length in LENGTHS:
                    start = each.at_us // (length * SECOND) * length * SECOND
                    members[signal, length, start].append(each)
        newest = max(newest, each.at_us)
        known_from = max(known_from, (newest - PATIENCE) // SECOND * SECOND)
    return members, missed


@given(logs())
def test_final_rows_are_what_plain_counting_gives(log: list[Report]) -> None:
    """Every window of every length once, with all that came in time and nothing else."""
    end = report(len(log) + 1, max(each.at_us for each in log) + AFTER, more={"x": 1})
    outcomes, _ = played([log, [msgspec.structs.replace(end, values={})]])
    members, missed = expected_of(log)
    found = {(each.signal, each.seconds, each.start_us): each for each in rows(outcomes)}

    assert len(found) == len(rows(outcomes))
    assert set(found) == set(members)
    assert late(outcomes) == missed
    for place, reports in members.items():
        row, signal = found[place], place[0]
        numbers = [each.values[signal] for each in reports]
        newest = max(each.at_us for each in reports)
        assert row.final
        assert (row.count, row.low, row.high) == (len(numbers), min(numbers), max(numbers))
        assert row.mean == pytest.approx(sum(numbers) / len(numbers), abs=1e-9)
        # Of several at the same moment, the one that came last.
        assert row.last == [each.values[signal] for each in reports if each.at_us == newest][-1]
        assert (row.org_id, row.entity_id) == ("north", "v1")


@given(logs())
def test_a_row_carries_the_sequence_of_the_message_that_closed_it(log: list[Report]) -> None:
    """So that a replay makes the same row, and the lake knows it."""
    windows = Windows()
    for each in log:
        assert {row.sequence for row in rows(turn(windows, [each], NOON, PATIENCE))} <= {
            each.sequence
        }


TALLIES = st.lists(st.tuples(st.integers(-1000, 1000), st.integers(0, 50)), min_size=1, max_size=5)


def tally(samples: list[tuple[int, int]]) -> Tally:
    """Integers, whose sums are exact."""
    parts = [Tally(1, value, value, value, value, at) for value, at in samples]
    total = parts[0]
    for part in parts[1:]:
        total = merge(total, part)
    return total


@given(TALLIES, TALLIES, TALLIES)
def test_merging_is_associative(one, two, three) -> None:
    """Seconds may be folded into minutes by way of tens of seconds, or not."""
    a, b, c = tally(one), tally(two), tally(three)

    assert merge(merge(a, b), c) == merge(a, merge(b, c)) == tally([*one, *two, *three])


def test_a_window_waits_for_stragglers_and_then_no_more() -> None:
    """The patience is counted by the vehicle's own clock."""
    windows = Windows()
    start = [report(1, NOON, speed=2), report(2, NOON + 6 * SECOND - 1)]
    waiting = turn(windows, start, NOON, PATIENCE)
    straggler = turn(windows, [report(3, NOON + 999_999, speed=4)], NOON, PATIENCE)
    closing = turn(windows, [report(4, NOON + 6 * SECOND)], NOON, PATIENCE)
    too_late = turn(windows, [report(5, NOON + 999_999)], NOON, PATIENCE)

    assert waiting == straggler == []
    (row,) = rows(closing)
    assert row == WindowRow(4, "north", "v1", SPEED, 1, NOON, 2, 2, 4, 3, 4, final=True)
    assert late(too_late) == [5]


def test_late_reports_change_no_row() -> None:
    """They are told of, and counted by whoever wants to."""
    log = [report(1, NOON), report(2, NOON + 20 * SECOND), report(3, NOON, speed=99)]
    outcomes, windows = played([log, [report(4, NOON + AFTER)]])

    assert late(outcomes) == [3]
    assert max(row.high for row in rows(outcomes)) == 1
    assert windows.newest_us == NOON + AFTER


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
    turn(windows, [report(1, NOON, speed=2)], NOON + 5, PATIENCE)
    due = wake_us(windows)
    told = rows(turn(windows, [], NOON + SILENT_US, PATIENCE))
    after = wake_us(windows)
    more = [report(2, NOON + 1, speed=4), report(3, NOON + 6 * SECOND)]
    closed = rows(turn(windows, more, NOON + AFTER, PATIENCE))

    assert due == NOON + 5 + SILENT_US
    assert after is None
    assert [(row.seconds, row.count, row.final) for row in told] == [
        (length, 1, False) for length in LENGTHS
    ]
    assert {row.sequence for row in told} == {1}
    assert closed == [WindowRow(3, "north", "v1", SPEED, 1, NOON, 2, 2, 4, 3, 4, final=True)]
    assert wake_us(windows) == NOON + AFTER + SILENT_US


@given(logs())
def test_telling_what_stands_open_changes_nothing(log: list[Report]) -> None:
    """Told twice it is the same; and the rows are those that closing would give, but not final."""
    outcomes, windows = played([log])
    before = msgspec.msgpack.encode(windows)
    told = provisional(windows)

    assert msgspec.msgpack.encode(windows) == before
    assert provisional(windows) == told
    end = [msgspec.structs.replace(report(99, max(each.at_us for each in log) + AFTER), values={})]
    closed = {
        (row.signal, row.seconds, row.start_us): (row.count, row.low, row.high, row.last)
        for row in rows(turn(windows, end, NOON, PATIENCE))
    }
    assert {
        (row.signal, row.seconds, row.start_us): (row.count, row.low, row.high, row.last)
        for row in told
    } == closed
    assert not any(row.final for row in told)
    assert all(row.final for row in rows(outcomes))


def test_only_what_is_measured_is_averaged() -> None:
    """No mean of flags, texts or lists; integers are numbers."""
    values = {
        "vehicle_status.armed": True,
        "vehicle_status.mode": "AUTO",
        "power.cells": [4.1],
        "mission.current_waypoint": 3,
    }
    said = Report("v1", "north", "X", 1, NOON, NOON, values, {})
    outcomes, _ = played([[said], [report(2, NOON + AFTER)]])
    assert {row.signal for row in rows(outcomes)} == {"mission.current_waypoint"}


def test_state_is_small_however_long_the_flight() -> None:
    """An hour leaves no more open than the last minutes."""
    windows = Windows()
    for second in range(3600):
        turn(windows, [report(second, NOON + second * SECOND)], NOON, PATIENCE)
    assert sum(len(each) for each in windows.open.values()) < 12
