"""Parts of the world."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from web.box import Box, NoBox

longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("5,45,10,48", [(46, 7), (45, 5), (48, 10)], [(44.9, 7), (46, 4.9), (46, 10.1), (46, -7)]),
        ("170,-20,-170,-10", [(-15, 175), (-15, -175), (-15, 180), (-15, -180)], [(-15, 0)]),
        ("-1,-1,1,1", [(0, 0)], [(2, 0)]),
        ("0,0,0,0", [(0, 0), (-0.0, -0.0)], [(0, 1e-9)]),
        ("170,-90,180,90", [(0, -180), (0, 180)], [(0, -179)]),
        ("-180,-90,180,90", [(90, 180), (-90, -180), (0, 0)], []),
        ("-180,0,-170,1", [(1, 180), (0, -180)], [(0, 179)]),
    ],
)
def test_a_place_is_inside_or_not(text, inside, outside):
    """Edges belong to it, and the antimeridian is one line with two names."""
    box = Box.read(text)

    assert all(box.holds(*place) for place in inside)
    assert not any(box.holds(*place) for place in outside)


@pytest.mark.parametrize(
    "text",
    [
        "", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "0,0,inf,1", "0,2,1,1", "0,-91,1,1",
        "-181,0,1,1", "0,0,181,1", "1;2;3;4", "0,0,1,1e999",
    ],
)  # fmt: skip
def test_what_is_no_box_says_so(text):
    """With a sentence, and never with another error."""
    with pytest.raises(NoBox, match="expected"):
        Box.read(text)


@given(longitudes, longitudes, latitudes, longitudes)
def test_a_box_and_what_it_leaves_out_are_the_whole_world(west, east, latitude, longitude):
    """Going on from where another ends, back to where it begins."""
    assume(west != east)
    one, rest = (
        each.holds(latitude, longitude)
        for each in (Box(west, -90, east, 90), Box(east, -90, west, 90))
    )

    assert one or rest
    on_edge = longitude in (west, east) or (abs(longitude) == 180 and -longitude in (west, east))
    assert (one and rest) == on_edge
