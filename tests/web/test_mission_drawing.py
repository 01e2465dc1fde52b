"""Missions as they are drawn: where they lead, how far and how high, and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from missions_made import HOME, MISSION, anything, at

from flows.ontology.mission_places import metres
from flows.ontology.missions import Item
from flows.ontology.stored_missions import Home, Mission
from web import mission_words as words
from web.mission_course import course
from web.mission_drawing import CIRCLE_CORNERS, circle, drawing
from web.mission_profile import profile


def of_kind(mission, kind):
    found = drawing(mission, "name")["features"]
    return [each for each in found if each["properties"]["kind"] == kind]


def test_a_course_tells_how_far_and_how_high_each_stop_is():
    """What is no place is none of it; above the sea is above home by the height of home."""
    items = [*MISSION.items[:4], at(16, 2, 1, 500.0, frame=0), at(16, 3, 1, 7.0, frame=10)]
    stops = course(Mission(items=items, home=HOME))

    assert [each.number for each in stops] == [0, 1, 3, 4, 5]
    assert [each.height for each in stops] == [30.0, 50.0, 50.0, 12.0, None]
    far = [each.away for each in stops]
    assert far == pytest.approx([0, 111.2, 111.2 + 75.3, 186.5 + 111.2, 297.7 + 111.2], abs=0.2)


def test_what_is_where_the_vehicle_is_has_the_place_before_it():
    """Home, for the first; without one it cannot be drawn."""
    here = Item(command=22, altitude=10.0)
    assert course(Mission(items=[here])) == []
    first, _, last = course(Mission(items=[here, at(16, 1), Item(command=21)], home=HOME))
    assert (first.latitude, first.longitude) == (HOME.latitude, HOME.longitude)
    assert last.latitude == pytest.approx(HOME.latitude + 0.001)
    assert last.away == pytest.approx(111.2, abs=0.1)


@pytest.mark.parametrize(("one", "two"), [(179.9, -179.9), (-179.9, 179.9)])
def test_across_the_antimeridian_the_short_way_is_drawn(one, two):
    """Longitudes go on beyond 180 degrees, for fences and rally points too."""
    items = [Item(command=16, latitude=1.0, longitude=each) for each in (one, two)]
    rally = [Item(command=5100, latitude=1.0, longitude=two)]
    mission = Mission(items=items, rally=rally)

    (path,) = of_kind(mission, "path")
    (west, _), (east, _) = path["geometry"]["coordinates"]
    assert abs(west - east) == pytest.approx(0.2)
    (point,) = of_kind(mission, "rally")
    assert abs(point["geometry"]["coordinates"][0] - one) == pytest.approx(0.2)
    assert course(mission)[1].away == pytest.approx(22_200, rel=0.01)


def test_a_fence_is_areas_to_stay_in_and_out_of():
    """Polygons are closed, and circles as wide as they are."""
    inside, outside = of_kind(MISSION, "inside"), of_kind(MISSION, "outside")
    assert [len(each["geometry"]["coordinates"][0]) for each in inside] == [5, CIRCLE_CORNERS + 1]
    assert [len(each["geometry"]["coordinates"][0]) for each in outside] == [4]
    for each in (*inside, *outside):
        ring = each["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1]


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(1, 100_000))
def test_every_corner_of_a_circle_is_as_far_away_as_its_radius(latitude, longitude, radius):
    """Wherever it is."""
    for east, north in circle(latitude, longitude, radius):
        far = metres(Home(latitude, longitude), Home(north, east))
        assert far == pytest.approx(radius, rel=1e-3, abs=0.01)


@given(st.lists(anything, max_size=6))
def test_whatever_is_stored_is_drawn_and_told(items):
    """Numbers of any size, commands of nobody: never an error."""
    mission = Mission(items=items, fence=items, rally=items)
    drawing(mission, "name")
    profile(mission)
    for each in items:
        assert words.command(each)
        assert all(word and value for word, value in words.parameters(each))
        assert words.altitude(each)


def test_parameters_have_their_units_and_nothing_is_kept_back():
    """What no table knows is told by its number; what says nothing is silent."""
    assert [*words.parameters(MISSION.items[0])] == [("pitch", "15°")]
    assert [*words.parameters(MISSION.items[2])] == [
        ("kind of speed", "1"), ("speed", "4 m/s"), ("throttle", "-1%"),
    ]  # fmt: skip
    assert [*words.parameters(Item(command=177, param1=0.0, param2=3.0))] == [
        ("to item", "0"), ("repeats", "3"),
    ]  # fmt: skip
    assert [*words.parameters(Item(command=60_123, param2=7.5))] == [("parameter 2", "7.5")]
    assert words.command(Item(command=60_123)) == "Command 60123"
    assert words.command(Item(command=16)) == "Waypoint"
    assert words.altitude(at(16, frame=0)) == "50 m above the sea"


def test_a_profile_is_as_high_as_the_mission_is():
    """It says so in words, has a mark for each stop, and tells what it does not know."""
    drawn = str(profile(MISSION))
    assert 'aria-label="From 0 to 50 m above home, over 186 m"' in drawn
    assert drawn.count("data-item=") == 3
    assert "not known" not in drawn
    items = [*MISSION.items, at(16, 2, 2, frame=10)]
    assert "Of one more stop" in str(profile(Mission(items=items, home=HOME)))
    assert profile(Mission(items=[at(22), at(16, 1, frame=10)])) is None
