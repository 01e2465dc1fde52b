"""Challenges are for one purpose, one answer and a few minutes, and do not fill the memory."""

from serving import WoundClock

from web import challenges
from web.challenges import LIFE_SECONDS, Challenges


def test_a_challenge_is_taken_once_and_for_its_purpose():
    """Asking for another purpose uses it up as well."""
    known = Challenges(WoundClock().clock)
    first, second = known.make("login"), known.make("login")

    assert known.take(first, "login")
    assert not known.take(first, "login")
    assert not known.take(second, "other")
    assert not known.take(second, "login")
    assert not known.take(b"made up", "")


def test_a_challenge_ends():
    """After the time that people have to answer it."""
    wound = WoundClock()
    known = Challenges(wound.clock)
    late, in_time = known.make("login"), known.make("login")

    wound.ahead = LIFE_SECONDS - 5
    assert known.take(in_time, "login")
    wound.ahead = LIFE_SECONDS + 5
    assert not known.take(late, "login")


def test_the_oldest_gives_way(monkeypatch):
    """However many begin, and however few of them end."""
    monkeypatch.setattr(challenges, "MOST_OPEN", 3)
    known = Challenges(WoundClock().clock)

    made = [known.make("login") for _ in range(5)]

    assert [known.take(each, "login") for each in made] == [False, False, True, True, True]
