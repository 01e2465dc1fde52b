"""Fields of MAVLink's messages are known by every name that programs have for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import all as dialect

from flows.steps.mavlink import MESSAGES
from flows.steps.respell import ALIASES, respelled

DEFINED = {each.msgname: set(each.fieldnames) for each in dialect.mavlink_map.values()}


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        (
            "GLOBAL_POSITION_INT",
            {"latitude": 1, "longitude": 2, "altitude": 3, "heading": 4, "relative_altitude": 5},
            {"lat": 1, "lon": 2, "alt": 3, "hdg": 4, "relative_alt": 5},
        ),
        (
            "GLOBAL_POSITION_INT",
            {"Lat": 1, "RelativeAlt": 2, "Longitude": 3},
            {"lat": 1, "relative_alt": 2, "lon": 3},
        ),
        (
            "HOME_POSITION",
            {"lat": 1, "lng": 2, "alt": 3},
            {"latitude": 1, "longitude": 2, "altitude": 3},
        ),
        (
            "HEARTBEAT",
            {"customMode": 1, "BaseMode": 2, "Type": 3},
            {"custom_mode": 1, "base_mode": 2, "type": 3},
        ),
        (
            "VFR_HUD",
            {"ground_speed": 1, "climb_rate": 2, "altitude": 3, "hdg": 4},
            {"groundspeed": 1, "climb": 2, "alt": 3, "heading": 4},
        ),
        ("ATTITUDE", {"roll_speed": 1, "PitchSpeed": 2}, {"rollspeed": 1, "pitchspeed": 2}),
        ("VFR_HUD", {"alt": 1, "altitude": 2}, {"alt": 1, "altitude": 2}),
        ("PARAM_VALUE", {"ParamValue": "1"}, {"ParamValue": "1"}),
        ("VFR_HUD", {"heading": "271"}, {"heading": 271}),
        ("VFR_HUD", {"hdg": "271"}, {"heading": 271}),
        ("VFR_HUD", {}, {}),
    ],
)
def test_fields_are_called_as_mavlink_calls_them(name, written, expected) -> None:
    """What is said by its own name as well counts by that."""
    assert respelled(name, written) == expected


@pytest.mark.parametrize("name", MESSAGES)
def test_no_other_name_is_a_field_of_the_message_itself(name: str) -> None:
    """By MAVLink's definitions, also of fields that mean nothing to us."""
    assert not ALIASES[name].keys() & DEFINED[name]
    assert set(ALIASES[name].values()) <= DEFINED[name]


@given(
    st.sampled_from(sorted(MESSAGES)),
    st.dictionaries(st.text(max_size=12), st.text() | st.integers() | st.none(), max_size=6),
)
def test_no_value_is_lost_on_the_way(name, data) -> None:
    """A field has one name before and after."""
    assert len(respelled(name, data)) <= len(data)
    assert len(respelled(name, data)) == len(data) or ALIASES[name].keys() & data.keys()
