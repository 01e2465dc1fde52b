"""What is remembered for programs that come back."""

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import document

from web import following
from web.clock import Clock
from web.entity import Patience
from web.following import Following, Place
from web.picture import Picture


class Bucket:
    """A bucket that is followed, by hand."""

    def __init__(self):
        self.picture = Picture(Patience(60, 120), Clock())
        self.place = Place(1, 0)
        self.following = Following(self.picture, lambda: self.place)
        self.picture.found()
        self.tick()

    def put(self, name, organization="north"):
        self.place = Place(self.place.bucket, self.place.sequence + 1)
        data = msgspec.json.encode(document(name, organization))
        self.picture.put(name, data, self.place.sequence, int(time.time() * 1e6))

    def delete(self, name):
        self.place = Place(self.place.bucket, self.place.sequence + 1)
        self.picture.delete(name)

    def tick(self):
        return self.following.tell(self.picture.take_changes())


@pytest.fixture
def bucket():
    return Bucket()


def test_what_was_missed_is_what_has_changed_since(bucket):
    """Of the own organisation: what is new, and what is gone."""
    for name, organization in (("stays", "north"), ("goes", "north"), ("theirs", "south")):
        bucket.put(name, organization)
    bucket.tick()
    since = bucket.place
    assert bucket.following.missed("north", since) == []

    bucket.put("comes")
    bucket.delete("goes")
    bucket.delete("theirs")
    bucket.tick()
    assert bucket.following.missed("north", since) == ["comes", "goes"]
    assert bucket.following.missed("south", since) == ["theirs"]


def test_what_has_come_back_is_not_gone(bucket):
    """Only as it is now counts."""
    bucket.put("uav")
    bucket.tick()
    since = bucket.place
    bucket.delete("uav")
    bucket.tick()
    bucket.put("uav")
    bucket.tick()

    assert bucket.following.missed("north", since) == ["uav"]


def test_while_the_bucket_was_lost_anything_may_have_gone(bucket):
    """So whoever comes back from before is told all, and from then on what it misses."""
    bucket.put("uav")
    bucket.tick()
    before = bucket.place
    bucket.picture.lost("away")
    bucket.tick()
    assert bucket.following.missed("north", before) is None

    bucket.picture.found()
    bucket.put("uav")
    bucket.tick()
    assert bucket.following.missed("north", before) is None
    assert bucket.following.missed("north", bucket.place) == []


def test_another_bucket_is_another_history(bucket):
    """However its sequences compare."""
    for _ in range(5):
        bucket.put("uav")
    bucket.tick()
    before = bucket.place
    bucket.place = Place(2, 100)
    bucket.tick()

    assert bucket.following.missed("north", before) is None
    assert bucket.following.missed("north", Place(1, 100)) is None
    assert bucket.following.missed("north", Place(2, 100)) is not None


def test_only_so_many_deletions_are_remembered(monkeypatch):
    """Whoever comes from before the first of them is told all."""
    monkeypatch.setattr(following, "MOST_REMEMBERED", 3)
    small = Bucket()
    places = []
    for number in range(6):
        small.put(f"e{number}")
        small.tick()
        places.append(small.place)
        small.delete(f"e{number}")
        small.tick()

    assert small.following.missed("north", places[0]) is None
    assert small.following.missed("north", places[-1]) == ["e5"]
    assert set(small.following.missed("north", places[3])) == {"e3", "e4", "e5"}


def test_nobody_is_told_of_others(bucket):
    """A note is left for those who follow that organisation, and for nobody else."""
    with (
        bucket.following.follow("north", "a") as north,
        bucket.following.follow("south", "b") as south,
    ):
        bucket.put("uav")
        assert bucket.tick()
        assert north._changed == {"uav": None}
        assert south._changed == {}
    assert bucket.following.count == 0


@given(st.integers(0, 2**63), st.integers(0, 2**63))
def test_a_place_is_read_as_it_was_written(made, sequence):
    """It goes through the hands of others in between."""
    place = Place(made, sequence)

    assert Place.read(str(place)) == place


@given(st.text(max_size=80))
def test_any_text_is_a_place_or_none(text):
    """Whatever somebody sends."""
    found = Place.read(text)

    assert found is None or isinstance(found, Place)
