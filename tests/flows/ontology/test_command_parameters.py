"""Parameters are as their kind says, or it is said which is not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.command_catalogue import CATALOGUE, KINDS
from flows.ontology.command_parameters import checked, hazard

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)

# A command, parameters, and those of them that are wrong.
WRONG = [
    ("takeoff", {}, ["altitude"]),
    ("takeoff", {"altitude": None}, ["altitude"]),
    ("takeoff", {"altitude": True}, ["altitude"]),
    ("takeoff", {"altitude": "20"}, ["altitude"]),
    ("takeoff", {"altitude": math.nan}, ["altitude"]),
    ("takeoff", {"altitude": -math.inf}, ["altitude"]),
    ("takeoff", {"altitude": 10**400}, ["altitude"]),
    ("takeoff", {"altitude": 1000.1, "heading": -1, "x": 1}, ["altitude", "heading", "x"]),
    ("land", {"latitude": 1}, ["longitude"]),
    ("land", {"longitude": 1}, ["latitude"]),
    ("land", {"latitude": 91, "longitude": 1}, ["latitude"]),
    ("disarm", {"force": 1}, ["force"]),
    ("set_mode", {"mode": ""}, ["mode"]),
    ("set_mode", {"mode": "a\nb"}, ["mode"]),
    ("set_mode", {"mode": "a" * 257}, ["mode"]),
    ("set_speed", {"speed": 3, "of": "light"}, ["of"]),
    ("start_mission", {"first": 1.5}, ["first"]),
    ("upload_mission", {"items": [1]}, ["items"]),
    ("upload_mission", {"items": {}}, ["items"]),
]


@pytest.mark.parametrize(("command", "params", "names"), WRONG)
def test_each_parameter_that_is_wrong_is_named(command, params, names):
    """All of them, with the name they have."""
    assert [name for name, _ in checked(CATALOGUE[command], params)[1]] == names


def test_what_is_left_out_is_filled_in():
    """Where there is a default; what has none stays away."""
    found, faults = checked(CATALOGUE["goto"], {"latitude": 1, "longitude": 2.5, "speed": None})

    assert not faults
    assert found == {"latitude": 1, "longitude": 2.5, "altitude_frame": "relative"}
    assert checked(CATALOGUE["start_mission"], {"first": 2.0}) == ({"first": 2}, [])


@given(st.sampled_from(KINDS), st.data())
def test_whatever_is_said_is_checked(kind, data):
    """Nothing raises; what passes is within its limits, and passes again as it is."""
    names = [each.name for each in kind.parameters] or ["none"]
    said = data.draw(st.dictionaries(st.sampled_from(names) | st.text(max_size=8), ANYTHING))
    found, faults = checked(kind, said)

    if not faults:
        assert checked(kind, found) == (found, [])
        for each in kind.parameters:
            value = found.get(each.name)
            if value is not None and each.low is not None:
                assert each.low <= value <= each.high


def test_a_parameter_may_make_a_command_critical():
    """Motors that stop in the air."""
    disarm = CATALOGUE["disarm"]
    assert [hazard(disarm, {"force": each}) for each in (False, True)] == ["hazardous", "critical"]
    assert hazard(CATALOGUE["hold"], {}) == "routine"
