"""Plans of QGroundControl: as it writes them, and as they come back."""

import json
from copy import deepcopy

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from missions_made import HOME, MISSION, anything

from flows.ontology.mission_commands import FENCES, JUMP, RALLY
from flows.ontology.missions import MOST_ITEMS
from flows.ontology.plan_file import read_plan, write_plan
from flows.ontology.stored_missions import Mission, plain


def simple(command, params, jump=None, **more):
    return {
        "type": "SimpleItem", "autoContinue": True, "command": command, "frame": 3,
        "params": params, "doJumpId": jump, **more,
    }  # fmt: skip


# As version 4 of QGroundControl saves a takeoff, a survey of two legs, and a jump back into it.
PLAN = {
    "fileType": "Plan",
    "geoFence": {
        "circles": [
            {"circle": {"center": [47.3, 8.5], "radius": 120.5}, "inclusion": False, "version": 1}
        ],
        "polygons": [
            {"polygon": [[47.0, 8.0], [47.0, 9.0], [48.0, 9.0]], "inclusion": True, "version": 1}
        ],
        "version": 2,
    },
    "groundStation": "QGroundControl",
    "mission": {
        "cruiseSpeed": 15, "firmwareType": 12, "globalPlanAltitudeMode": 1, "hoverSpeed": 5,
        "items": [
            simple(22, [15, 0, 0, None, 47.3977, 8.5456, 50], 1, AMSLAltAboveTerrain=None,
                   Altitude=50, AltitudeMode=1),
            {
                "type": "ComplexItem", "complexItemType": "survey", "version": 5, "angle": 0,
                "TransectStyleComplexItem": {
                    "version": 1, "Refly90Degrees": False,
                    "Items": [
                        simple(16, [0, 0, 0, None, 47.398, 8.546, 50], 2),
                        simple(206, [25, 0, 1, 0, 0, 0, 0], 3, frame=2),
                        simple(16, [0, 0, 0, None, 47.399, 8.546, 50], 4),
                    ],
                },
            },
            simple(177, [3, 2, 0, 0, 0, 0, 0], 5, frame=2),
            simple(20, [0, 0, 0, 0, 0, 0, 0], 6, frame=2),
        ],
        "plannedHomePosition": [47.3977, 8.5456, 488], "vehicleType": 2, "version": 2,
    },
    "rallyPoints": {"points": [[47.398, 8.545, 25]], "version": 2},
    "version": 1,
}  # fmt: skip


def read(said):
    return read_plan(json.dumps(said).encode())


def changed(path, value):
    """The plan with something else at a place."""
    made = deepcopy(PLAN)
    *above, last = path
    inner = made
    for each in above:
        inner = inner[each]
    inner[last] = value
    return made


def test_a_plan_is_read_with_what_its_survey_is_made_of():
    """A jump to an item by the file's number leads to where it stands here."""
    found = read(PLAN)

    assert found.faults == []
    mission = found.mission
    assert [each.command for each in mission.items] == [22, 16, 206, 16, 177, 20]
    assert mission.items[4].param1 == 2
    takeoff = mission.items[0]
    assert (takeoff.param1, takeoff.param4, takeoff.frame) == (15, None, 3)
    assert (takeoff.latitude, takeoff.longitude, takeoff.altitude) == (47.3977, 8.5456, 50)
    assert [(each.command, each.param1) for each in mission.fence] == [
        (5001, 3), (5001, 3), (5001, 3), (5004, 120.5),
    ]  # fmt: skip
    assert [(each.command, each.altitude) for each in mission.rally] == [(RALLY, 25)]
    assert (mission.home, mission.vehicle, mission.autopilot) == (HOME, 2, 12)


def test_what_is_written_reads_back_the_same():
    """With fence, rally points, jumps, and what is left to the vehicle."""
    assert read_plan(write_plan(MISSION)).mission == MISSION
    assert read_plan(write_plan(Mission())).mission == Mission()


@given(st.lists(anything, max_size=8))
def test_any_items_read_back_the_same(items):
    """Whatever numbers they have; those that jump must lead somewhere."""
    items = [each for each in items if each.command != JUMP]
    mission = plain(Mission(items=items))

    assert read_plan(write_plan(mission)).mission == mission


def test_a_written_plan_says_what_qgroundcontrol_asks_for():
    """Its keys, its numbers of items from 1, and where jumps lead by those."""
    said = json.loads(write_plan(MISSION))

    assert (said["fileType"], said["version"], said["geoFence"]["version"]) == ("Plan", 1, 2)
    items = said["mission"]["items"]
    assert [each["doJumpId"] for each in items] == [1, 2, 3, 4, 5, 6]
    assert items[4]["params"][0] == 2
    assert (items[0]["Altitude"], items[0]["AltitudeMode"], items[0]["params"][3]) == (30, 1, None)
    assert [len(each["polygon"]) for each in said["geoFence"]["polygons"]] == [4, 3]
    assert [each["inclusion"] for each in said["geoFence"]["polygons"]] == [True, False]
    assert said["geoFence"]["breachReturn"][2] == 20


FAULTY = [
    (("fileType",), "Mission", 'it is no plan: its fileType is not "Plan"'),
    (("mission",), [], "it has no mission"),
    (("mission", "items"), {}, "its mission has no list of items"),
    (("mission", "items"), None, "its mission has no list of items"),
    (("mission", "items", 2), 7, "item 2: it is no object"),
    (("mission", "items", 2), {}, "item 2: its type is neither SimpleItem nor ComplexItem"),
    (("mission", "items", 0, "command"), 70_000,
     "item 0: its command is no whole number from 0 to 65535"),
    (("mission", "items", 0, "frame"), None, "item 0: its frame is no number"),
    (("mission", "items", 0, "params"), [1], "item 0: its params are no list of 7"),
    (("mission", "items", 0, "params", 4), "47", "item 0: parameter 5 is no number"),
    (("mission", "items", 0, "params", 6), 1e300, "item 0: parameter 7 is too large"),
    (("mission", "items", 0, "params", 6), 10**400, "item 0: parameter 7 is too large"),
    (("mission", "items", 1, "TransectStyleComplexItem", "Items"), [],
     "item 1: the survey does not say of which items it is made"),
    (("mission", "items", 2, "params", 0), 9,
     "item 2: it jumps to item 9 of the file, which there is not"),
    (("mission", "plannedHomePosition"), [91, 0, 0], "home is not on the Earth"),
    (("mission", "vehicleType"), 2.5, "vehicleType is no whole number from 0 to 255"),
    (("geoFence", "polygons", 0, "polygon"), [[1, 2]],
     "fence item 0: its polygon has fewer than three corners"),
    (("mission", "items", 0, "params"), {}, "item 0: its params are no list of 7"),
    (("mission", "items", 0, "autoContinue"), 0,
     "item 0: its autoContinue is neither true nor false"),
    (("mission", "items", 1, "TransectStyleComplexItem"), [],
     "item 1: the survey does not say of which items it is made"),
    (("mission", "items", 1, "TransectStyleComplexItem", "Items"), {"0": {}},
     "item 1: the survey does not say of which items it is made"),
    (("mission", "plannedHomePosition"), {}, "home has no latitude and longitude"),
    (("geoFence",), [], "its geoFence is no object"),
    (("geoFence", "polygons"), {}, "the polygons of its geoFence are no list"),
    (("geoFence", "polygons"), None, "the polygons of its geoFence are no list"),
    (("geoFence", "circles"), 5, "the circles of its geoFence are no list"),
    (("geoFence", "polygons", 0), 5, "fence item 0: it is no polygon"),
    (("geoFence", "polygons", 0, "polygon"), 5,
     "fence item 0: its polygon is no list of corners"),
    (("geoFence", "polygons", 0, "polygon"), {},
     "fence item 0: its polygon is no list of corners"),
    (("geoFence", "circles", 0, "circle"), [], "fence item 1: it is no circle"),
    (("geoFence", "circles", 0, "circle", "center"), "here",
     "fence item 1: its centre has no latitude and longitude"),
    (("geoFence", "polygons", 0, "inclusion"), 1,
     "fence item 0: it does not say whether it keeps in or out"),
    (("geoFence", "circles", 0, "circle", "radius"), 0,
     "fence item 1: its radius is not more than 0"),
    (("rallyPoints",), 5, "its rallyPoints are no object"),
    (("rallyPoints", "points"), "none", "the points of its rallyPoints are no list"),
    (("rallyPoints", "points"), {}, "the points of its rallyPoints are no list"),
    (("rallyPoints", "points", 0), [1], "rally item 0: it has no latitude and longitude"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "says"), FAULTY)
def test_what_is_wrong_is_a_sentence_with_the_items_number(path, value, says):
    """And there is no mission then."""
    found = read(changed(path, value))

    assert found.faults == [says]
    assert found.mission is None


def test_everything_that_is_wrong_is_told_at_once():
    """As far as anybody would read."""
    bad = [simple(-1, [0] * 7) for _ in range(3)]
    assert len(read(changed(("mission", "items"), bad)).faults) == 3
    many = [simple(16, [0] * 7)] * (MOST_ITEMS + 1)
    assert read(changed(("mission", "items"), many)).faults == ["it has more than 1000 items"]
    bad = [None] * 10_000
    assert len(read(changed(("mission", "items"), bad)).faults) == 50


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
paths = st.sampled_from([path for path, *_ in FAULTY])


@given(paths, json_values)
def test_any_value_anywhere_is_read_or_refused(path, value):
    """Never an error, and what is read is a mission as the types have it."""
    found = read_plan(msgspec.json.encode(changed(path, value)))

    assert (found.mission is None) == bool(found.faults)
    if found.mission is not None:
        assert msgspec.convert(msgspec.to_builtins(found.mission), Mission) == found.mission
        assert all(each.command in FENCES for each in found.mission.fence)


@given(st.binary())
def test_any_bytes_are_read_or_refused(data):
    """Never an error."""
    assert read_plan(data).faults


def test_hostile_depth_is_refused():
    """However deep."""
    assert read_plan(b'{"fileType":' + b"[" * 100_000).faults
