"""The life of a command: it begins once, goes forward, and ends."""

import pytest

from flows.ontology.command_states import STATES, TRANSITIONS, ended, follows


def test_every_state_has_its_row():
    """And says of each that may follow that there is such a state."""
    assert set(TRANSITIONS) == set(STATES)
    assert set().union(*TRANSITIONS.values()) <= set(STATES)


def test_nothing_leads_back():
    """However a command goes on, it is never again where it was."""

    def reached(state):
        found, ahead = set(), [state]
        while ahead:
            for each in TRANSITIONS[ahead.pop()] - found:
                found.add(each)
                ahead.append(each)
        return found

    for state in STATES:
        assert state not in reached(state)
        assert ended(state) == (not reached(state))
    assert reached("requested") == set(STATES) - {"requested"}


@pytest.mark.parametrize(
    ("state", "following", "may"),
    [
        ("requested", "queued", True),
        ("requested", "sent", False),
        ("awaiting_approval", "sent", False),
        ("awaiting_approval", "rejected", True),
        ("queued", "timed_out", False),
        ("queued", "expired", True),
        ("sent", "completed", True),
        ("accepted", "rejected", False),
        ("executing", "received", False),
        ("executing", "expired", False),
        ("completed", "failed", False),
    ],
)
def test_what_may_follow(state, following, may):
    """Nothing is sent that was not judged, and what was accepted is not too late any more."""
    assert follows(state, following) is may


def test_seven_states_are_the_last():
    """Each tells another way in which a command has ended."""
    assert [each for each in STATES if ended(each)] == [
        "completed", "failed", "rejected", "timed_out", "expired", "cancelled", "superseded",
    ]  # fmt: skip
