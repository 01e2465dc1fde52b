"""State is kept by key, wakes when it wants to, and outlives its process."""

from datetime import timedelta
from itertools import chain, repeat
from typing import Any

import msgspec
import pytest
from bytewax import operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from flows.operators import keep, split, system_clock

SECOND = 1_000_000


class Sums(msgspec.Struct):
    """What has been added up, and when that is to be told."""

    total: int = 0
    due_us: int | None = None


def add(state: Sums, values: list[int], _now_us: int) -> list[tuple[str, int]]:
    state.total += sum(values)
    return [("added", state.total)]


def kept(values: list, out: list, take: Any = add, batch_size: int = 1, **more: Any) -> Dataflow:
    flow = Dataflow("keep")
    up = op.input("in", flow, TestingSource(values, batch_size=batch_size))
    op.output("out", keep("sums", up, Sums, take, **more), TestingSink(out))
    return flow


def test_every_key_has_a_state_of_its_own() -> None:
    """Which begins as its class does."""
    out: list = []
    run_main(kept([("a", 1), ("b", 10), ("a", 2), ("b", 20)], out))
    assert out == [("a", ("added", 1)), ("b", ("added", 10)), ("a", ("added", 3)),
                   ("b", ("added", 30))]  # fmt: skip


def test_all_values_of_a_key_in_a_batch_are_taken_at_once() -> None:
    """In their order."""
    taken: list = []

    def take(_state: Sums, values: list[int], now_us: int) -> list[None]:
        taken.append((values, now_us))
        return []

    run_main(kept([("a", n) for n in range(6)], [], take, batch_size=3, clock=lambda: 7))
    assert taken == [([0, 1, 2], 7), ([3, 4, 5], 7)]


def test_a_state_goes_on_after_a_crash(run_recovered) -> None:
    """With what went in before it."""
    out: list = []
    run_recovered(kept([("a", 1), ("a", 2), TestingSource.ABORT()], out))
    # The first is not read again: its 100 would show.
    run_recovered(kept([("a", 100), ("a", 2), ("a", 5)], out))
    assert out[-1] == ("a", ("added", 8))


def wake(state: Sums, values: list[int], now_us: int) -> list[tuple[str, int]]:
    """Each value asks to be woken so many microseconds from now; 0 asks no more."""
    if not values:
        state.due_us = None
        return [("woken", now_us)]
    state.due_us = now_us + values[-1] if values[-1] else None
    return []


def waiting(values: list, out: list, pause: timedelta, clock: Any = system_clock) -> Dataflow:
    items = [*values, TestingSource.PAUSE(pause), ("other", 0)]
    return kept(items, out, wake, wake_us=lambda state: state.due_us, clock=clock)


def test_a_state_is_woken_when_it_is_due_and_once() -> None:
    """Without a value, by the clock on the wall."""
    out: list = []
    started = system_clock()
    run_main(waiting([("a", SECOND // 20)], out, timedelta(seconds=0.3)))
    ((key, (what, at)),) = out
    assert (key, what) == ("a", "woken")
    assert at >= started + SECOND // 20


def test_a_state_that_is_not_due_any_more_is_left_alone() -> None:
    """Although it was to be woken, by what it said before."""
    out: list = []
    run_main(waiting([("a", SECOND // 20), ("a", 0)], out, timedelta(seconds=0.2)))
    assert out == []


def test_a_state_is_not_woken_early_by_a_clock_that_was_set_back() -> None:
    """It goes by the time that it is given."""
    out: list = []
    times = chain([system_clock()], repeat(0))
    run_main(waiting([("a", SECOND // 20)], out, timedelta(seconds=0.2), lambda: next(times)))
    assert out == []


def test_who_waits_when_the_process_ends_is_woken_by_the_next(run_recovered) -> None:
    """Even if nothing more is said to it."""
    out: list = []
    run_recovered(kept([("a", 1), ("a", 1), TestingSource.ABORT()], out, wake))
    assert out == []
    run_recovered(waiting([("x", 0)] * 3, out, timedelta(seconds=0.2)))
    assert [(key, what) for key, (what, _) in out] == [("a", "woken")]


@pytest.mark.parametrize(("over", "total"), [(True, 5), (False, 6)])
def test_a_state_that_is_over_is_forgotten_when_it_is_woken(over: bool, total: int) -> None:  # noqa: FBT001
    """Its key begins anew; one that is not over goes on."""

    def take(state: Sums, values: list[int], now_us: int) -> list[int]:
        state.total += sum(values)
        state.due_us = now_us + SECOND // 50 if values else None
        return [state.total]

    out: list = []
    items = [("a", 1), TestingSource.PAUSE(timedelta(seconds=0.3)), ("a", 5)]
    due = {"wake_us": lambda state: state.due_us, "ends": lambda _state, _now_us: over}
    run_main(kept(items, out, take, **due))
    assert out == [("a", 1), ("a", 1), ("a", total)]


def test_a_state_that_says_nothing_is_not_kept() -> None:
    """A new one would be the same: it is asked after each batch."""

    def take(state: Sums, values: list[int], _now_us: int) -> list[int]:
        state.total += sum(values)
        return [state.total]

    out: list = []
    kept_in = {"says_nothing": lambda state: state.total > 6}
    run_main(kept([("a", 3), ("a", 4), ("a", 5)], out, take, **kept_in))
    assert out == [("a", 3), ("a", 7), ("a", 5)]


@pytest.mark.parametrize("values", [[], [1, "a", 2, "b"], ["a"], [1]])
def test_two_classes_go_two_ways(values: list) -> None:
    """In order, and nothing to both."""
    numbers: list = []
    texts: list = []
    flow = Dataflow("split")
    parts = split("parts", op.input("in", flow, TestingSource(values)), int, str)
    op.output("numbers", parts.good, TestingSink(numbers))
    op.output("texts", parts.bad, TestingSink(texts))
    run_main(flow)
    assert numbers == [each for each in values if isinstance(each, int)]
    assert texts == [each for each in values if isinstance(each, str)]
