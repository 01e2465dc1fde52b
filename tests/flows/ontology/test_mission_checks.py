"""What is said of a mission before any vehicle has seen it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from missions_made import HOME, MISSION, anything, at, corner
from msgspec.structs import replace
from pymavlink.dialects.v20 import all as dialect

from flows.ontology.mission_checks import Bounds, check
from flows.ontology.mission_commands import NAMES
from flows.ontology.missions import Item
from flows.ontology.stored_missions import PLANS, Home, Mission, checksum, checksum_of, plain

BOUNDS = Bounds(altitude=120.0, distance=5000.0)


def grave(mission, bounds=BOUNDS):
    return [each.sentence for each in check(mission, bounds) if each.grave]


def light(mission, bounds=BOUNDS):
    return [each.sentence for each in check(mission, bounds) if not each.grave]


def put(number, item):
    """The mission with another item in the place of one."""
    items = list(MISSION.items)
    items[number] = item
    return replace(MISSION, items=items)


def test_the_names_are_mavlinks():
    """All of them, with their numbers."""
    assert {
        number: each.name.removeprefix("MAV_CMD_")
        for number, each in dialect.enums["MAV_CMD"].items()
        if each.name != "MAV_CMD_ENUM_END"
    } == NAMES


def test_nothing_is_said_of_a_mission_as_it_should_be():
    """With all of its lists."""
    assert check(MISSION, BOUNDS) == []


LONG = ("param1", "param2", "param3", "param4")
GRAVE = [
    (Mission(), "it has no items, no fence and no rally points"),
    (put(1, at(altitude=120.5)), "item 1: it is 120 m above home, and at most 120 m are allowed"),
    (put(1, at(altitude=700.0, frame=0)),
     "item 1: it is 212 m above home, and at most 120 m are allowed"),
    (put(1, at(north=47)), "item 1: it is 5226 m from home, and at most 5000 m are allowed"),
    (put(1, at(frame=2)), "item 1: frame 2 has no places on the Earth, as NAV_WAYPOINT needs"),
    (put(1, at(5003, param1=5.0)),
     "item 1: NAV_FENCE_CIRCLE_INCLUSION is of no mission, but of a fence or of rally points"),
    (put(4, Item(command=177, frame=2, param1=6.0)),
     "item 4: it jumps to item 6, and there are items 0 to 5"),
    (put(4, Item(command=177, frame=2, param1=None)),
     "item 4: it jumps nowhere, and there are items 0 to 5"),
    (put(4, Item(command=177, frame=2, param1=4.0)), "item 4: it jumps to itself"),
    (put(3, Item(command=195, latitude=91.0)),
     "item 3: latitude 91 is not between -90 and 90 degrees"),
    (replace(MISSION, fence=MISSION.fence[:2]),
     "fence item 0: its polygon has 2 corners of the 4 that it should have"),
    (replace(MISSION, fence=[corner(5002, 2, 0, 0), corner(5002, 2, 0, 1)]),
     "fence item 0: its polygon has 2 corners of the 2 that it should have"),
    (replace(MISSION, fence=[at(5004, param1=0.0)]), "fence item 0: its circle has no radius"),
    (replace(MISSION, fence=[at(16)]), "fence item 0: NAV_WAYPOINT is no part of a fence"),
    (replace(MISSION, rally=[at(16)]), "rally item 0: NAV_WAYPOINT is no rally point"),
    (replace(MISSION, rally=[at(5100, altitude=130.0)]),
     "rally item 0: it is 130 m above home, and at most 120 m are allowed"),
    (Mission(items=[at(15, 1 / 3, 1 / 3, 1 / 3, **dict.fromkeys(LONG, 1e38 / 3))] * 1000),
     "its items are more than 240000 bytes, which no command can carry"),
]  # fmt: skip


@pytest.mark.parametrize(("mission", "says"), GRAVE)
def test_what_is_grave_is_told_with_the_items_number(mission, says):
    """And nothing else that is."""
    assert grave(mission) == [says]


LIGHT = [
    (put(2, Item(command=4321, frame=2)),
     "item 2: nobody here knows command 4321, but the vehicle may"),
    (put(1, at(altitude=-3.0)), "item 1: it is 3 m below home"),
    (put(1, at(frame=10)),
     "item 1: it is above the ground below it, of which nothing is known here"),
    (replace(put(1, at(frame=0, altitude=500.0)), home=None),
     "item 1: its altitude is above the sea, and the height of home is not known"),
    (replace(MISSION, items=MISSION.items[1:4] + MISSION.items[5:]),
     "item 0: it begins with NAV_WAYPOINT and not with a takeoff"),
    (put(0, at(22, altitude=0.0)), "item 0: it takes off to no height"),
    (replace(MISSION, items=MISSION.items[:4]),
     "item 3: it ends in the air: no landing and no return follows"),
]  # fmt: skip


@pytest.mark.parametrize(("mission", "says"), LIGHT)
def test_what_may_be_meant_is_said_and_not_refused(mission, says):
    """Vehicles may know better."""
    assert (grave(mission), light(mission)) == ([], [says])


def test_far_ways_are_said_where_nothing_limits_them():
    """From home to the first, and from each place to the next."""
    mission = Mission(items=[at(22), at(north=900), Item(command=20, frame=2)], home=HOME)
    assert light(mission, Bounds()) == ["item 1: it is 100 km from the place before it"]
    mission = replace(mission, home=Home(48.3977, 8.5456, 488.0))
    assert light(mission, Bounds())[0] == "item 0: it is 111 km from home"


def test_what_stands_at_nowhere_is_where_the_vehicle_is():
    """Of those that can; a waypoint there is hardly meant."""
    nowhere = {"latitude": 0.0, "longitude": 0.0, "altitude": 30.0}
    assert check(put(0, Item(command=22, **nowhere)), BOUNDS) == []
    assert (
        "NAV_WAYPOINT stands at 0 degrees north and 0 degrees east"
        in light(put(1, Item(command=16, **nowhere)), Bounds())[0]
    )


def test_a_checksum_is_that_of_what_the_vehicle_holds():
    """Frames that mean the same are the same; what rounding loses is lost in both."""
    items = MISSION.items
    assert checksum(items) == checksum(plain(replace(MISSION, items=[
        replace(each, frame={0: 5, 3: 6}.get(each.frame, each.frame)) for each in items
    ])).items)  # fmt: skip
    assert checksum([replace(items[0], latitude=items[0].latitude + 1e-9)]) == checksum(items[:1])
    different = [
        {"latitude": 1.0}, {"param1": 3.0}, {"param4": 0.0}, {"autocontinue": False},
        {"altitude": 31.0}, {"command": 16}, {"frame": 0},
    ]  # fmt: skip
    sums = {checksum([replace(items[0], **each)]) for each in different}
    assert len(sums | {checksum(items[:1])}) == len(different) + 1
    assert checksum_of(MISSION) != checksum_of(replace(MISSION, rally=[]))
    assert checksum_of(Mission(fence=MISSION.rally)) != checksum_of(Mission(rally=MISSION.rally))


lists = st.lists(anything, max_size=6)
homes = st.none() | st.builds(Home, st.floats(-90, 90), st.floats(-180, 180), st.floats(-9, 9))


@given(lists, lists, lists, homes, st.booleans())
def test_of_any_mission_something_can_be_said(items, fence, rally, home, flies):
    """Never an error, never too much, and what is grave comes first."""
    mission = Mission(items=items, fence=fence, rally=rally, home=home)
    said = check(mission, BOUNDS, flies=flies)

    assert len(said) <= 50
    assert [each.grave for each in said] == sorted((each.grave for each in said), reverse=True)
    assert all(each.item is None or each.item < len(mission.list_of(each.mission_type))
               for each in said)  # fmt: skip
    assert len(checksum_of(mission)) == 64
    assert all(mission.list_of(plan) is not None for plan in PLANS)
