"""How alive an entity is taken to be."""

import msgspec
import pytest

from web import reading
from web.clock import Clock
from web.entity import Patience, judge, observe

PATIENCE = Patience(stale=5, lost=30)
T0 = 1_800_000_000.0


def entity(said="live", heard=T0, stored=T0, *, recorded=False, received=0.0):
    document = {
        "org_id": "north",
        "recorded": recorded,
        "liveness": {"state": said, "reason": "it said so"},
        "last_seen": None,
    }
    head = reading.heading("uav", document)
    head = msgspec.structs.replace(head, heard_us=None if heard is None else int(heard * 1e6))
    return observe(head, document, b"", sequence=1, stored_us=int(stored * 1e6), received=received)


def seen(position, **more):
    """What is seen of an entity with these signals."""
    document = {"org_id": "north", "position": position, **more}
    head = reading.heading("uav", document)
    return observe(head, document, b"", sequence=1, stored_us=0, received=0.0)


@pytest.mark.parametrize(
    ("position", "heading"),
    [
        ({"global": {"heading": 10.0}, "gps": {"course": 90.0, "groundspeed": 5.0}}, 10.0),
        ({"gps": {"course": 90.0, "groundspeed": 5.0}}, 90.0),
        ({"gps": {"course": 90.0, "groundspeed": 0.1}}, None),
        ({"gps": {"course": 90.0}}, None),
        ({"gps": {"course": 360.0, "groundspeed": 5.0}}, 0.0),
    ],
)
def test_who_says_no_heading_points_where_it_goes(position, heading):
    """If it goes anywhere."""
    assert seen(position).heading == heading


@pytest.mark.parametrize(
    ("heights", "altitude"),
    [
        ({"altitude_relative": 1.0, "altitude_msl": 2.0}, 1.0),
        ({"altitude_msl": 2.0}, 2.0),
        ({}, 3.0),
    ],
)
def test_a_height_is_the_best_that_is_known(heights, altitude):
    """Of most aircraft it is what their altimeter says."""
    found = seen({"global": heights}, adsb={"altitude": {"pressure": 3.0}})
    assert found.altitude == altitude


def at(wall, monotonic=0.0):
    return Clock(lambda: wall, lambda: monotonic)


@pytest.mark.parametrize(
    ("said", "age", "expected"),
    [
        ("live", 0, "live"),
        ("live", 4.9, "live"),
        ("live", 5, "stale"),
        ("live", 30, "lost"),
        ("stale", 0, "stale"),
        ("stale", 30, "lost"),
        ("lost", 0, "lost"),
        ("lost", 10, "lost"),
    ],
)
def test_the_worse_of_document_and_silence_is_shown(said, age, expected):
    """A document that says "live" grows old by our own clock."""
    assert expected == judge(entity(said), at(T0 + age), PATIENCE).state


def test_a_recording_is_never_live():
    """What is played back is called a replay while it speaks, and stale when it does not."""
    replayed = entity(recorded=True)

    assert judge(replayed, at(T0), PATIENCE).state == "replay"
    assert judge(replayed, at(T0 + 6), PATIENCE).state == "stale"


def test_an_entity_that_was_never_heard_is_lost():
    """No time is no sign of life."""
    assert judge(entity(heard=None), at(T0), PATIENCE).state == "lost"


def test_a_time_from_the_future_does_not_keep_an_entity_alive():
    """The bucket's own time bounds what a document says of when it was heard."""
    ahead = entity(heard=T0 + 1e6, stored=T0)

    assert judge(ahead, at(T0 + 31), PATIENCE).state == "lost"


def test_silence_counts_even_where_our_clock_is_behind():
    """Seconds that have passed since we knew are silence, whatever the wall clocks say."""
    behind = entity(heard=T0 + 3600, stored=T0 + 3600, received=100.0)

    assert judge(behind, at(T0, 104.0), PATIENCE).state == "live"
    assert judge(behind, at(T0, 105.0), PATIENCE).state == "stale"
