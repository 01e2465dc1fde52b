"""Each kind of command, as each autopilot takes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told import (
    ARDUPILOT,
    BOAT,
    COPTER,
    GENERIC,
    PLANE,
    PX4,
    ROVER,
    SUBMARINE,
    VTOL,
    Told,
    beat,
    delivery,
    place,
)

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.radio import Station
from flows.ontology.relayed import Order, Vehicle
from flows.steps.relaying.order import swapped
from flows.steps.relaying.orders import ORDERS, orders

HERE = {"latitude": 47.41, "longitude": 8.51}
X, Y, NOWHERE = 474_100_000, 85_100_000, 2_147_483_647
MISSIONS = {"upload_mission", "download_mission", "clear_mission", "set_mission_item"}
PARAMETERS = {"set_parameter", "get_parameter", "list_parameters"}
REQUIRED = {
    "takeoff": {"altitude": 20},
    "goto": HERE,
    "set_mode": {"mode": "auto"},
    "set_speed": {"speed": 3},
    "change_altitude": {"altitude": 30},
    "orbit": {**HERE, "radius": 50},
    "camera_record": {"action": "start"},
    "camera_zoom": {"zoom": 20},
    "raw": {"command": 400},
}


def told_to(command, params=None, autopilot=ARDUPILOT, kind=COPTER, mode=5, *, placed=True):
    """The orders, or the sentence."""
    told = Told(beat(autopilot, kind, mode), *([place()] if placed else []))
    return orders(delivery(command, params or {}), told.state.vehicle, Station(255, 190))


def short(found: list[Order]) -> list[tuple]:
    """Of each order, the number and the parameters up to the last that says something."""
    rows = []
    for each in found:
        names = (
            "param1",
            "param2",
            "param3",
            "param4",
            "param5",
            "param6",
            "param7",
            "x",
            "y",
            "z",
        )
        values = [each.fields[name] for name in names if name in each.fields]
        while values and values[-1] == 0:
            values.pop()
        rows.append((each.command, *values))
    return rows


ROWS = [
    ("arm", {}, ARDUPILOT, COPTER, [(400, 1)]),
    ("arm", {}, GENERIC, COPTER, [(400, 1)]),
    ("disarm", {}, PX4, COPTER, [(400,)]),
    ("disarm", {"force": True}, PX4, COPTER, [(400, 0, 21196)]),
    ("takeoff", {"altitude": 20}, ARDUPILOT, COPTER, [(176, 1, 4), (22, 0, 0, 0, 0, 0, 0, 20)]),
    ("takeoff", {"altitude": 20}, ARDUPILOT, VTOL, [(176, 1, 15), (22, 0, 0, 0, 0, 0, 0, 20)]),
    ("takeoff", {"altitude": 20}, ARDUPILOT, PLANE, [(176, 1, 13)]),
    ("takeoff", {"altitude": 20}, PX4, COPTER, [(22, None, 0, 0, None, None, None, 508)]),
    (
        "takeoff", {"altitude": 20, "heading": 90}, ARDUPILOT, COPTER,
        [(176, 1, 4), (22, 0, 0, 0, 0, 0, 0, 20), (115, 90)],
    ),
    ("takeoff", {"altitude": 20}, GENERIC, COPTER, [(22, 0, 0, 0, None, NOWHERE, NOWHERE, 20)]),
    ("land", {}, ARDUPILOT, COPTER, [(21,)]),
    ("land", {}, ARDUPILOT, VTOL, [(176, 1, 20)]),
    ("land", {}, ARDUPILOT, PLANE, [(189,)]),
    ("land", {}, PX4, PLANE, [(21, 0, 0, 0, None, None, None, None)]),
    ("land", HERE, GENERIC, COPTER, [(21, 0, 0, 0, None, X, Y)]),
    ("return", {}, ARDUPILOT, ROVER, [(20,)]),
    ("return", {}, PX4, COPTER, [(20,)]),
    ("hold", {}, ARDUPILOT, COPTER, [(176, 1, 17)]),
    ("hold", {}, ARDUPILOT, PLANE, [(176, 1, 12)]),
    ("hold", {}, ARDUPILOT, ROVER, [(176, 1, 4)]),
    ("hold", {}, ARDUPILOT, BOAT, [(176, 1, 5)]),
    ("hold", {}, ARDUPILOT, SUBMARINE, [(176, 1, 16)]),
    ("hold", {}, PX4, COPTER, [(176, 1, 4, 3)]),
    ("hold", {}, GENERIC, COPTER, [(17, 0, 0, 0, None, None, None, None)]),
    ("abort_mission", {}, PX4, COPTER, [(176, 1, 4, 3)]),
    ("goto", HERE, ARDUPILOT, COPTER, [(192, -1, 1, 0, None, X, Y, 10)]),
    ("goto", HERE, ARDUPILOT, ROVER, [(192, -1, 1, 0, None, X, Y)]),
    ("goto", {**HERE, "altitude": 30}, ARDUPILOT, PLANE, [(192, -1, 1, 0, 0, X, Y, 30)]),
    ("goto", HERE, PX4, COPTER, [(192, -1, 1, 0, None, X, Y, None)]),
    ("goto", {**HERE, "altitude": 30}, PX4, COPTER, [(192, -1, 1, 0, None, X, Y, 518)]),
    (
        "goto", {**HERE, "altitude": 600, "altitude_frame": "msl", "speed": 7}, PX4, COPTER,
        [(192, 7, 1, 0, None, X, Y, 600)],
    ),
    (
        "goto", {**HERE, "speed": 7, "heading": 90}, ARDUPILOT, COPTER,
        [(192, 7, 1, 0, None, X, Y, 10), (178, 1, 7, -1), (115, 90)],
    ),
    ("set_mode", {"mode": "Alt Hold"}, ARDUPILOT, COPTER, [(176, 1, 2)]),
    ("set_mode", {"mode": "GUIDED"}, ARDUPILOT, PLANE, [(176, 1, 15)]),
    ("set_mode", {"mode": "position"}, PX4, COPTER, [(176, 1, 3)]),
    ("set_mode", {"mode": "MISSION"}, PX4, COPTER, [(176, 1, 4, 4)]),
    ("set_speed", {"speed": 5}, ARDUPILOT, COPTER, [(178, 1, 5, -1)]),
    ("set_speed", {"speed": 5, "of": "air"}, PX4, PLANE, [(178, 0, 5, -1)]),
    ("change_altitude", {"altitude": 30}, PX4, COPTER, [(186, 518)]),
    ("change_altitude", {"altitude": 30}, GENERIC, COPTER, [(186, 30, 3)]),
    (
        "change_altitude", {"altitude": 30}, ARDUPILOT, PLANE,
        [(176, 1, 15), (43_001, 0, 0, 0, 0, 0, 0, 30)],
    ),
    (
        "change_altitude", {"altitude": 30}, ARDUPILOT, COPTER,
        [(192, -1, 1, 0, None, 474_000_000, 85_000_000, 30)],
    ),
    (
        "orbit", {**HERE, "radius": 50, "altitude": 30, "direction": "counterclockwise"}, PX4,
        COPTER, [(34, -50, None, 0, 0, X, Y, 518)],
    ),
    ("orbit", {**HERE, "radius": 50}, ARDUPILOT, PLANE, [(192, -1, 1, 50, 0, X, Y, 10)]),
    ("start_mission", {}, ARDUPILOT, COPTER, [(224,), (300,)]),
    ("start_mission", {"first": 3}, ARDUPILOT, COPTER, [(224, 4), (300,)]),
    ("start_mission", {"first": 3}, PX4, COPTER, [(300, 3)]),
    ("pause_mission", {}, ARDUPILOT, COPTER, [(193,)]),
    ("pause_mission", {}, ARDUPILOT, PLANE, [(176, 1, 12)]),
    ("pause_mission", {}, PX4, COPTER, [(176, 1, 4, 3)]),
    ("resume_mission", {}, ARDUPILOT, COPTER, [(176, 1, 3)]),
    ("resume_mission", {}, PX4, COPTER, [(176, 1, 4, 4)]),
    ("set_home", {}, ARDUPILOT, COPTER, [(179, 1)]),
    ("set_home", HERE, ARDUPILOT, COPTER, [(179, 0, 0, 0, 0, X, Y, 488)]),
    ("set_home", {**HERE, "altitude": 500}, PX4, COPTER, [(179, 0, 0, 0, 0, X, Y, 500)]),
    ("reboot", {}, PX4, COPTER, [(246, 1)]),
    ("camera_trigger", {}, ARDUPILOT, COPTER, [(2000, 0, 0, 1, 1)]),
    ("camera_trigger", {"count": 3, "interval": 2}, PX4, COPTER, [(2000, 0, 2, 3)]),
    ("camera_record", {"action": "start"}, PX4, COPTER, [(2500,)]),
    ("camera_record", {"action": "stop"}, PX4, COPTER, [(2501,)]),
    ("camera_zoom", {"zoom": 40, "camera": 2}, PX4, COPTER, [(531, 2, 40, 2)]),
    ("gimbal_point", {"pitch": -45}, ARDUPILOT, COPTER, [(1000, -45, 0, None, None, 44)]),
    (
        "gimbal_point", {"yaw": 30}, PX4, COPTER,
        [(1001, 255, 190, -1, -1), (1000, 0, 30, None, None, 44)],
    ),
    ("gimbal_point", {**HERE, "altitude": 400}, GENERIC, COPTER, [(195, 0, 0, 0, 0, X, Y, 400)]),
    ("raw", {"command": 400, "param1": 1}, PX4, COPTER, [(400, 1)]),
    (
        "raw", {"message": "COMMAND_INT", "command": 192, "param5": X, "frame": 6}, PX4, COPTER,
        [(192, 0, 0, 0, 0, X)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("command", "params", "autopilot", "kind", "expected"), ROWS)
def test_an_autopilot_is_told_what_its_firmware_takes(command, params, autopilot, kind, expected):
    """By hand, out of MAVLink's and the firmwares' documentation."""
    assert short(told_to(command, params, autopilot, kind)) == expected


@pytest.mark.parametrize(
    ("command", "params", "autopilot", "kind", "word"),
    [
        ("takeoff", {"altitude": 20}, ARDUPILOT, ROVER, "does not take off"),
        ("takeoff", {"altitude": 20}, ARDUPILOT, 8, "does not let such a vehicle"),
        ("land", {}, ARDUPILOT, BOAT, "does not fly"),
        ("land", HERE, ARDUPILOT, COPTER, "lands where it is"),
        ("return", {}, ARDUPILOT, SUBMARINE, "submarine"),
        ("orbit", {**HERE, "radius": 50}, ARDUPILOT, COPTER, "aeroplanes only"),
        ("set_mode", {"mode": "warp"}, ARDUPILOT, COPTER, "no mode 'warp'"),
        ("set_mode", {"mode": "AUTO"}, GENERIC, COPTER, "not known"),
        ("goto", {"latitude": 47.0}, PX4, COPTER, "longitude"),
        ("goto", {**HERE, "altitude": "high"}, PX4, COPTER, "altitude"),
        ("teleport", {}, PX4, COPTER, "'teleport'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(command, params, autopilot, kind, word):
    """And nothing is sent."""
    told = told_to(command, params, autopilot, kind)
    assert isinstance(told, str)
    assert word in told


@pytest.mark.parametrize(
    ("command", "params", "autopilot"),
    [
        ("takeoff", {"altitude": 20}, PX4),
        ("goto", {**HERE, "altitude": 20}, PX4),
        ("goto", HERE, ARDUPILOT),
        ("change_altitude", {"altitude": 20}, ARDUPILOT),
        ("set_home", HERE, ARDUPILOT),
    ],
)
def test_without_the_place_of_the_vehicle_what_needs_it_is_not_guessed(command, params, autopilot):
    """A height above home is none above the sea."""
    told = told_to(command, params, autopilot, placed=False)
    assert "is not known yet" in told


def test_a_paused_mission_of_a_copter_goes_on_where_it_is_in_auto():
    """Only there is a pause; from another mode it goes back."""
    assert short(told_to("resume_mission", mode=3)) == [(193, 1)]


def test_cameras_that_are_heard_are_spoken_to_themselves():
    """All of them, or the one that is meant."""
    told = Told(beat(), *(beat(component_id=each, role="peripheral") for each in (100, 101)))
    vehicle = told.state.vehicle

    def components(**params):
        found = orders(delivery("camera_trigger", params), vehicle, Station())
        return [each.component_id for each in found]

    assert (components(), components(camera=2), components(camera=3)) == ([100, 101], [101], [0])


def test_every_kind_has_its_orders():
    """But missions and parameters, which have protocols of their own."""
    assert set(ORDERS) | MISSIONS | PARAMETERS == set(CATALOGUE)


@pytest.mark.parametrize("name", sorted(ORDERS))
@pytest.mark.parametrize("autopilot", [ARDUPILOT, PX4, GENERIC])
def test_every_vehicle_is_told_or_told_why_not(name, autopilot):
    """Whatever it is: none is told nothing at all."""
    for kind in range(50):
        told = told_to(name, REQUIRED.get(name), autopilot, kind)
        assert told
        if not isinstance(told, str):
            assert all(each.command == each.fields.get("command", each.command) for each in told)


def test_an_order_is_the_same_by_the_other_message():
    """A place in degrees is one in whole numbers, and back."""
    (goto,) = told_to("goto", HERE)
    by_long = swapped(goto)
    assert by_long is not None
    assert (by_long.fields["param5"], by_long.fields["param7"]) == (47.41, 10)
    back = swapped(by_long)
    assert back is not None
    assert back.fields == goto.fields


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=3), st.integers()),
)  # fmt: skip


@given(
    name=st.sampled_from(sorted(ORDERS)),
    params=st.dictionaries(
        st.sampled_from(sorted({p.name for k in CATALOGUE.values() for p in k.parameters})),
        _VALUES,
    ),
    vehicle=st.builds(
        Vehicle,
        autopilot=st.sampled_from([0, 3, 12, 8, 99]),
        mav_type=st.integers(0, 60),
        custom_mode=st.integers(0, 2**32 - 1),
        altitude_msl=st.none() | st.floats(-1e4, 1e5),
        altitude_relative=st.none() | st.floats(-1e4, 1e5),
        latitude=st.none() | st.floats(-90, 90),
        longitude=st.none() | st.floats(-180, 180),
    ),
)
def test_whatever_is_asked_of_whatever_vehicle_is_told_or_refused(name, params, vehicle):
    """Never an error, and never nothing."""
    assert orders(delivery(name, REQUIRED.get(name, {}) | params), vehicle, Station())
