"""Aircraft are placed by the halves that they say, and not where they cannot have come."""

import math

import pytest
from aloft import Listener, half, hear, place_of, said, signals, spoken
from on_air import EVEN, ODD, SURFACE_EVEN, SURFACE_ODD

from connectors.receivers import mode_s
from connectors.receivers.heard import Said
from flows.ontology.identity import transponder_entity
from flows.ontology.telemetry import Envelope
from flows.ontology.traffic import Craft
from flows.steps.aircraft import aircraft


def test_two_halves_are_a_place_and_each_after_them() -> None:
    """As the literature has it: 52.2572, 3.91937 at FL380."""
    craft = Craft()
    first, second = said(ODD, craft, at=0), said(EVEN, craft, at=2)

    assert place_of(first) is None
    assert signals(first) == {
        "adsb.icao": "40621d",
        "adsb.altitude.pressure": pytest.approx(38_000 * 0.3048),
        "adsb.on_ground": False,
    }
    assert place_of(second) == pytest.approx((52.2572, 3.91937), abs=1e-4)
    assert place_of(said(ODD, craft, at=3)) == pytest.approx((52.26578, 3.93891), abs=1e-4)
    assert (second.message_type, second.message_id) == ("ADSB", 17)
    assert second.entity_id == transponder_entity("north", "icao", 0x40621D)


def test_on_the_ground_a_place_is_found_by_the_one_in_the_air() -> None:
    """As the literature has it: 52.3206, 4.7347, of an aircraft that has just landed."""
    craft = Craft()
    hear(craft, half((52.32, 4.70), odd=False), at=0)
    hear(craft, half((52.32, 4.71), odd=True), at=1)
    assert place_of(said(SURFACE_EVEN, craft, at=30)) == pytest.approx((52.3230, 4.7305), abs=1e-4)
    envelope = said(SURFACE_ODD, craft, at=40)
    assert place_of(envelope) == pytest.approx((52.3206, 4.7347), abs=1e-4)
    assert signals(envelope)["adsb.on_ground"] is True
    assert signals(envelope)["position.gps.groundspeed"] == pytest.approx(16 * 1852 / 3600)


def test_on_the_ground_two_halves_alone_are_no_place() -> None:
    """They would be true of eight."""
    craft = Craft()
    assert place_of(said(SURFACE_EVEN, craft)) is None
    assert place_of(said(SURFACE_ODD, craft, at=1)) is None


def test_on_the_ground_the_place_of_the_receivers_is_enough() -> None:
    """A vehicle of the airport has never been in the air."""
    craft, near = Craft(), Listener("north", place=(51.99, 4.375))
    found = []
    for at, frame in enumerate((SURFACE_EVEN, SURFACE_ODD)):
        told = mode_s.read(bytes.fromhex(frame))
        assert isinstance(told, Said)
        (envelope,) = aircraft(craft, spoken(told.fields, at, told.number), near)
        assert isinstance(envelope, Envelope)
        found.append(place_of(envelope))
    assert found == [None, pytest.approx((52.3206, 4.7347), abs=1e-4)]


def test_halves_that_were_not_said_together_are_no_place() -> None:
    """Meanwhile it has flown into another zone."""
    craft = Craft()
    hear(craft, half((52.0, 4.0), odd=False), at=0)
    assert place_of(hear(craft, half((52.0, 4.1), odd=True), at=11)) is None
    found = place_of(hear(craft, half((52.0, 4.1), odd=False), at=12))
    assert found == pytest.approx((52.0, 4.1), abs=1e-3)


def test_a_place_that_cannot_be_reached_is_not_believed_until_it_is_said_again() -> None:
    """One that leaps is a forgery or harm; one that stays there was wrong before."""
    craft = Craft()
    here, there = (52.0, 4.0), (53.0, 6.0)
    for at, odd in enumerate((False, True)):
        hear(craft, half(here, odd=odd), at=at)
    assert place_of(hear(craft, half(there, odd=False), at=2)) is None
    assert place_of(hear(craft, half(here, odd=True), at=3)) == pytest.approx(here, abs=1e-3)
    found = [place_of(hear(craft, half(there, odd=at % 2 == 1), at=4 + at)) for at in range(6)]
    told = [each for each in found if each]
    assert found[:2] == [None, None]
    assert told
    assert all(each == pytest.approx(there, abs=1e-3) for each in told)


def test_after_a_long_silence_it_begins_anew() -> None:
    """A place of long ago tells no zone any more."""
    craft = Craft()
    for at, odd in enumerate((False, True)):
        hear(craft, half((52.0, 4.0), odd=odd), at=at)
    far = (10.0, -60.0)
    assert place_of(hear(craft, half(far, odd=False), at=4000)) is None
    assert place_of(hear(craft, half(far, odd=True), at=4001)) == pytest.approx(far, abs=1e-3)


def test_a_flight_is_followed_around_the_world() -> None:
    """Over the date line and close by the pole, a place a second."""
    craft = Craft()
    for at in range(3000):
        latitude = 60 + 25 * math.sin(at / 1000)
        longitude = (170 + at * 0.002 / math.cos(math.radians(latitude)) + 180) % 360 - 180
        place = (latitude, longitude)
        found = place_of(hear(craft, half(place, odd=at % 2 == 1), at=at))
        if at > 10:
            assert found is not None, at
            assert found[0] == pytest.approx(latitude, abs=1e-3)
            assert (found[1] - longitude + 180) % 360 - 180 == pytest.approx(0, abs=2e-2)
