"""What was recorded is due when it was, and no clock of then holds anything up."""

import pytest

from connectors import pace
from connectors.pace import LONGEST_PAUSE_SECONDS, Pace

DAY = 86_400


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    return now


def lasted(clock: list[float], times: list[float], speed: float = 1.0) -> list[float]:
    """When each record was due, in seconds after the first, for one who waits as told."""
    begun, due, found = clock[0], Pace(speed), []
    for each in times:
        while (wait := due.wait(round(each * 1e6))) > 1e-6:
            clock[0] += wait
        found.append(round(clock[0] - begun, 3))
    return found


@pytest.mark.parametrize(
    ("times", "speed", "expected"),
    [
        ([5, 5.5, 7], 1, [0, 0.5, 2]),
        ([5, 5.5, 7], 10, [0, 0.05, 0.2]),
        ([5, 5.5, 7], 0.5, [0, 1, 4]),
        ([5, 5.5, 7], 0, [0, 0, 0]),
        ([5, 3, 4], 1, [0, 0, 1]),
        ([0, DAY, DAY + 1], 1, [0, 5, 6]),
        ([0, DAY, DAY + 1], 10, [0, 0.5, 0.6]),
    ],
)
def test_records_are_as_far_apart_as_they_were(clock, times, speed, expected) -> None:
    """By the speed; what goes back waits for nothing, and long pauses are cut short."""
    assert lasted(clock, times, speed) == expected


def test_what_was_late_is_caught_up_with(clock) -> None:
    """The whole keeps its speed."""
    due = Pace(1.0)
    assert due.wait(0) <= 0
    clock[0] += 3
    assert due.wait(1_000_000) == pytest.approx(-2)
    assert due.wait(4_000_000) == pytest.approx(1)


def test_clocks_that_jump_to_and_fro_hold_nothing_up(clock) -> None:
    """A thousand leaps of a day take no longer than the flight itself, and one pause."""
    times = [(number % 2) * DAY + number * 0.1 for number in range(2000)]
    assert lasted(clock, times)[-1] <= LONGEST_PAUSE_SECONDS
    flight = [number * 0.1 + (DAY if number % 10 == 5 else 0) for number in range(2000)]
    assert lasted(clock, flight)[-1] <= 2 * 200 + LONGEST_PAUSE_SECONDS


def test_a_slow_motion_stays_slow(clock) -> None:
    """Its waits are long since they are to be, and are no pauses."""
    assert lasted(clock, [0, 1, 2, 3], 0.01) == [0, 100, 200, 300]
    assert Pace(1e-310).wait(0) <= 0
