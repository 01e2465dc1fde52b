"""Halves of places become degrees, by the literature's frames and an independent decoder."""

import pytest
import rs1090
from aloft import halves
from hypothesis import given
from hypothesis import strategies as st
from on_air import EVEN, ODD, SURFACE_EVEN, SURFACE_ODD

from flows.ontology.traffic import Frame
from flows.steps.cpr import local, longitude_zones, metres, paired

AMSTERDAM = (51.990, 4.375)


def frame(hexadecimal: str) -> Frame:
    read = rs1090.decode(hexadecimal)
    odd, surface = read["parity"] == "odd", read["bds"] == "06"
    return Frame(odd, surface, read["lat_cpr"], read["lon_cpr"], 0)


def test_two_halves_in_the_air_are_where_the_literature_says() -> None:
    """At the place of whichever came last."""
    even, odd = frame(EVEN), frame(ODD)
    assert paired(even, odd, even, None) == pytest.approx((52.2572, 3.91937), abs=1e-4)
    assert paired(even, odd, odd, None) == pytest.approx((52.26578, 3.93891), abs=1e-4)


def test_two_halves_on_the_ground_need_a_place_near_them() -> None:
    """There are eight places that say the same."""
    even, odd = frame(SURFACE_EVEN), frame(SURFACE_ODD)
    assert paired(even, odd, odd, AMSTERDAM) == pytest.approx((52.3206, 4.7347), abs=1e-4)
    assert paired(even, odd, odd, None) is None


@pytest.mark.parametrize("hexadecimal", [EVEN, ODD, SURFACE_EVEN, SURFACE_ODD])
def test_one_half_and_a_place_near_it_are_where_another_decoder_says(hexadecimal) -> None:
    """To a billionth of a degree."""
    read = rs1090.decode(hexadecimal, reference=AMSTERDAM)
    expected = (read["latitude"], read["longitude"])
    assert local(frame(hexadecimal), AMSTERDAM) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("latitude", "zones"),
    [
        (0, 59), (10.47, 59), (10.48, 58), (-10.48, 58), (14.82, 58), (14.83, 57), (52.26, 36),
        (59.95, 30), (59.96, 29), (86.53, 3), (86.54, 2), (87, 2), (87.01, 1), (90, 1), (-90, 1),
    ],
)  # fmt: skip
def test_zones_of_longitude_are_those_of_the_standards_table(latitude, zones) -> None:
    """Of RTCA DO-260B, table A-21."""
    assert longitude_zones(latitude) == zones


PLACES = st.tuples(st.floats(-89, 89), st.floats(-180, 179.999))


@given(PLACES, st.booleans(), st.booleans())
def test_a_place_that_is_packed_is_found_again(place, surface, odd_last) -> None:
    """By two halves; seldom the latitudes lie in different bands, and nothing is told."""
    even, odd = halves(*place, surface=surface)
    found = paired(even, odd, odd if odd_last else even, place)
    if found is None:
        assert longitude_zones(place[0] + 1e-3) != longitude_zones(place[0] - 1e-3)
    else:
        assert metres(found, place) < 30


@given(PLACES, st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.booleans(), st.booleans())
def test_a_half_is_enough_near_the_place_before(place, north, east, surface, odd) -> None:
    """Some kilometres off, and across the date line too."""
    near = (max(-90.0, min(90.0, place[0] + north)), place[1] + east)
    found = local(halves(*place, surface=surface)[odd], near)
    zones = {longitude_zones(place[0] + apart) for apart in (-1e-3, 1e-3)}
    if len(zones) == 1:
        assert found is not None
        assert metres(found, place) < 30


NUMBERS = st.integers(0, 2**17 - 1)
FRAMES = st.builds(Frame, st.booleans(), st.booleans(), NUMBERS, NUMBERS, st.just(0))


@given(FRAMES, FRAMES, st.booleans(), st.none() | st.tuples(st.floats(-90, 90), st.floats()))
def test_no_halves_raise_and_every_place_is_on_earth(even, odd, odd_last, near) -> None:
    """Whatever bits were sent."""
    if near and not -180 <= near[1] <= 180:
        near = (near[0], 0.0)
    newest = odd if odd_last else even
    for found in (paired(even, odd, newest, near), local(newest, near) if near else None):
        if found:
            assert -90 <= found[0] <= 90
            assert -180 <= found[1] <= 180


def test_metres_are_those_of_the_sphere() -> None:
    """A degree of latitude, and half way around."""
    assert metres((0, 0), (1, 0)) == pytest.approx(111_195, rel=1e-4)
    assert metres((0, 179.5), (0, -179.5)) == pytest.approx(111_195, rel=1e-4)
    assert metres((90, 0), (-90, 0)) == pytest.approx(20_015_087, rel=1e-4)
