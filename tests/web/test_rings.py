"""Points for the charts."""

import msgspec
from serving import document

from web import reading
from web.entity import observe
from web.rings import CHARTS, SECONDS, Ring, Rings

T0 = 1_800_000_000.0


def entity(entity_id, seconds, altitude=None):
    read = document(entity_id)
    read["position"]["global"]["altitude_relative"] = altitude
    head = reading.heading(entity_id, read)
    head = msgspec.structs.replace(head, heard_us=int(seconds * 1e6))
    return observe(head, read, b"", sequence=1, stored_us=2**62, received=0.0)


def filled(count):
    ring = Ring()
    for number in range(count):
        ring.add(T0 + number, (float(number),) * len(CHARTS))
    return ring


def test_a_ring_holds_ten_minutes_however_long_it_is_fed():
    """Memory does not grow with time."""
    ring = filled(20_000)

    times, columns = ring.points(0, ring.total)

    assert SECONDS == len(times) == len(columns["altitude"])
    assert times[-1] == T0 + 19_999
    assert len(ring._times) <= SECONDS * 1.25


def test_points_are_told_once():
    """What was drawn up to a number goes on after it."""
    ring = filled(10)

    assert ring.points(8, 10)[0] == [T0 + 8, T0 + 9]
    assert ring.points(10, 10)[0] == []


def test_a_ring_takes_one_point_a_second_in_order():
    """Faster or older points are left out."""
    ring = Ring()
    for seconds in (0, 0.2, 0.5, 1.0, 0.5, 2.0):
        ring.add(T0 + seconds, (1.0,) * len(CHARTS))

    assert ring.points(0, ring.total)[0] == [T0, T0 + 1.0, T0 + 2.0]


def test_what_is_missing_is_a_gap():
    """A value that was not known is null, never zero."""
    rings = Rings()
    rings.record(entity("uav", T0, altitude=None))

    assert rings.view("uav").points(0, 1)[1]["altitude"] == [None]


def test_the_number_of_rings_is_bounded():
    """Beyond the bound, whoever is looked at takes the ring that was silent for longest."""
    rings = Rings(most=2)
    for number, name in enumerate(("old", "new", "third")):
        rings.record(entity(name, T0 + number, altitude=1.0))
    assert len(rings) == 2

    rings.view("third")
    rings.record(entity("third", T0 + 5, altitude=3.0))

    assert len(rings) == 2
    assert rings.view("third").points(0, 1)[1]["altitude"] == [3.0]
    assert rings.view("new").total == 1
