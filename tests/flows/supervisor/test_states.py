"""The life of a part: its table is whole, and its patience has bounds."""

import pytest

from flows.supervisor.states import (
    LONGEST_PAUSE_SECONDS,
    TABLE,
    WELL_SECONDS,
    Event,
    State,
    fall,
    pause,
)


def test_whatever_is_not_at_rest_can_be_told_to_stop():
    """And whoever stops comes to rest."""
    for state in set(State) - {State.STOPPED, State.STOPPING}:
        assert TABLE[state, Event.STOP] is State.STOPPING
    assert TABLE[State.STOPPING, Event.ENDED] is State.STOPPED


def test_every_state_is_reached_and_left():
    """A state that nothing leads to, or out of, would be a mistake in the table."""
    assert set(TABLE.values()) == set(State)
    assert {state for state, _ in TABLE} == set(State)


@pytest.mark.parametrize("fell", [Event.FELL, Event.FELL_AGAIN])
def test_a_part_that_fell_is_started_again(fell):
    """Also one that fell too often: what it lacks may come back."""
    assert TABLE[TABLE[State.RUNNING, fell], Event.START] is State.STARTING


def test_each_pause_is_longer_up_to_the_longest():
    """However often it falls."""
    pauses = [pause(falls) for falls in range(1, 2000)]
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_whoever_ran_well_begins_anew():
    """Falls in a row are those between which it did not run for a while."""
    assert fall(3, WELL_SECONDS - 1) == 4
    assert fall(3, WELL_SECONDS) == 1
