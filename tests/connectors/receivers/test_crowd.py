"""A receiver brings so many ships or aircraft and no more, whatever is transmitted."""

from connectors.receivers.crowd import CROWDED, SILENT_US, Crowd
from connectors.receivers.heard import UNWANTED, Said, Unread


def said(number: int) -> Said:
    return Said(number, {})


def test_who_is_known_is_heard_on_and_newcomers_are_refused() -> None:
    """With their numbers."""
    crowd = Crowd(3)
    for number in (1, 2, 3, 1, 2, 3):
        assert crowd.admitted(said(number), 0) == said(number)
    assert crowd.admitted(said(4), 1) == Unread(CROWDED, b"4")
    assert crowd.admitted(said(1), 2) == said(1)


def test_who_has_been_silent_for_an_hour_makes_room() -> None:
    """The longest silent first, and one for each newcomer."""
    crowd = Crowd(2)
    crowd.admitted(said(1), 0)
    crowd.admitted(said(2), 10)
    crowd.admitted(said(1), 20)
    later = SILENT_US + 15
    assert crowd.admitted(said(3), later) == said(3)
    assert crowd.admitted(said(4), later) == Unread(CROWDED, b"4")
    assert crowd.admitted(said(1), later) == said(1)
    assert len(crowd._heard) == 2


def test_what_nobody_says_is_let_through() -> None:
    """Noise is no newcomer."""
    crowd = Crowd(0)
    assert crowd.admitted(UNWANTED, 0) is UNWANTED
    assert crowd.admitted(Unread("harmed", b"x"), 0) == Unread("harmed", b"x")
