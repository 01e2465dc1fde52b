"""A vehicle's end of the mission and parameter protocols, in plain messages."""

import struct

import pytest
from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.area import moved
from connectors.simulator.command.fly import fly
from connectors.simulator.command.helm import parked
from connectors.simulator.command.plans import MOST_ITEMS, Plans
from connectors.simulator.command.settings import Settings
from connectors.simulator.command.ways import Doing, doing
from connectors.simulator.fleet import ROWS

COPTER, TERN, PLANE, PETREL, ROVER, OSPREY, FALCON, BOAT = ROWS
ACCEPTED, FRAME, COMMAND, SPACE, SEQUENCE, DENIED = 0, 2, 3, 4, 13, 14
PARAM5, CANCELLED = 10, 15


def _from(message, system=255, component=190):
    """A message as if it had come from there."""
    header = mavlink.MAVLink_header(message.get_msgId(), srcSystem=system, srcComponent=component)
    message._header = header
    return message


def _count(count, kind=0):
    return _from(mavlink.MAVLink_mission_count_message(1, 1, count, kind))


def _item(row, number, east=0, up=10, *, command=16, kind=0, frame=6, x=None):
    place = moved(row.home, east, 0)
    x = round(1e7 * place.latitude) if x is None else x
    return _from(mavlink.MAVLink_mission_item_int_message(
        1, 1, number, frame, command, 0, 1, 0, 0, 0, 0, x, round(1e7 * place.longitude), up, kind
    ))  # fmt: skip


def _told(messages):
    """Their kinds and what matters of them."""
    told = {"MISSION_REQUEST_INT": "seq", "MISSION_ACK": "type", "MISSION_COUNT": "count"}
    return [
        (each.get_type(), getattr(each, told[each.get_type()]), each.mission_type)
        for each in messages
    ]


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_a_list_is_asked_for_item_by_item_and_taken_whole(kind):
    """Said twice or too early, the missing one is asked for; the last one is taken again."""
    plans = Plans(TERN)
    items = [_item(TERN, number, 10 * number, 20, kind=kind) for number in range(3)]
    before = plans.lists[kind]

    assert _told(plans.hear(_count(3, kind), None)) == [("MISSION_REQUEST_INT", 0, kind)]
    assert _told(plans.hear(items[0], None)) == [("MISSION_REQUEST_INT", 1, kind)]
    assert _told(plans.hear(items[0], None)) == [("MISSION_REQUEST_INT", 1, kind)]
    assert _told(plans.hear(items[2], None)) == [("MISSION_REQUEST_INT", 1, kind)]
    assert _told(plans.hear(items[1], None)) == [("MISSION_REQUEST_INT", 2, kind)]
    assert plans.lists[kind] is before
    for _ in range(2):
        assert _told(plans.hear(items[2], None)) == [("MISSION_ACK", ACCEPTED, kind)]
    assert [(each.x, each.y, each.z) for each in plans.lists[kind]] == [
        (each.x, each.y, each.z) for each in items
    ]
    ask = _from(mavlink.MAVLink_mission_request_list_message(1, 1, kind))
    assert _told(plans.hear(ask, None)) == [("MISSION_COUNT", 3, kind)]
    ask = _from(mavlink.MAVLink_mission_request_int_message(1, 1, 2, kind))
    (read,) = plans.hear(ask, None)
    assert (read.seq, read.x, read.y, read.z) == (2, items[2].x, items[2].y, 20)


def test_an_item_that_does_not_come_is_asked_for_again_and_given_up_in_the_end():
    """The list that was there stays."""
    plans = Plans(COPTER)
    before = plans.lists[0]
    plans.hear(_count(2), None)
    said = [_told(plans.pass_time(0.5)) for _ in range(16)]

    assert said == [[], [("MISSION_REQUEST_INT", 0, 0)]] * 7 + [
        [], [("MISSION_ACK", CANCELLED, 0)],
    ]  # fmt: skip
    assert plans.lists[0] is before
    assert plans.pass_time(9.0) == []


@pytest.mark.parametrize(
    ("item", "result"),
    [
        ({"frame": 1}, FRAME),
        ({"command": 0}, COMMAND),
        ({"command": 60_000}, COMMAND),
        ({"x": 900_000_001}, PARAM5),
    ],
)
def test_an_item_that_cannot_be_flown_ends_the_upload(item, result):
    """With the reason, and the next one is of no upload."""
    plans = Plans(COPTER)
    plans.hear(_count(2), None)

    assert _told(plans.hear(_item(COPTER, 0, **item), None)) == [("MISSION_ACK", result, 0)]
    assert _told(plans.hear(_item(COPTER, 1), None)) == [("MISSION_ACK", SEQUENCE, 0)]


def test_one_uploads_at_a_time_and_not_more_than_there_is_room_for():
    """Another is denied until the first is done; none is a list of nothing."""
    plans = Plans(COPTER)
    assert _told(plans.hear(_count(MOST_ITEMS + 1), None)) == [("MISSION_ACK", SPACE, 0)]
    plans.hear(_count(2), None)
    other = _from(mavlink.MAVLink_mission_count_message(1, 1, 2, 0), system=254)
    assert _told(plans.hear(other, None)) == [("MISSION_ACK", DENIED, 0)]
    assert _told(plans.hear(_count(0), None)) == [("MISSION_ACK", ACCEPTED, 0)]
    assert plans.lists[0] == []
    assert _told(plans.hear(other, None)) == [("MISSION_REQUEST_INT", 0, 0)]


def test_all_lists_are_cleared_together_or_one_alone():
    """255 is all of them."""
    plans = Plans(COPTER)
    for kind in (1, 2):
        plans.hear(_count(1, kind), None)
        plans.hear(_item(COPTER, 0, kind=kind, command=5001), None)
    plans.hear(_from(mavlink.MAVLink_mission_clear_all_message(1, 1, 1)), None)
    assert [len(each) for each in plans.lists.values()] == [5, 0, 1]
    plans.hear(_from(mavlink.MAVLink_mission_clear_all_message(1, 1, 255)), None)
    assert [len(each) for each in plans.lists.values()] == [0, 0, 0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_vehicle_flies_its_mission_to_the_end(row):
    """All its items one after the other, each reached once."""
    plans = Plans(row)
    helm = parked(row, plans.lists[0])
    helm.armed = True
    helm.enter(doing(row, Doing.MISSION))
    reached = []
    for _ in range(3600):
        fly(helm, 1.0)
        reached += helm.reached
        helm.reached.clear()
        if helm.finished:
            break

    assert helm.finished
    assert [number for number in reached if number] == list(range(1, len(row.route) + 1))


@pytest.mark.parametrize(
    ("row", "name", "kind", "value"),
    [(TERN, "NAV_RCL_ACT", 6, 3), (TERN, "RTL_RETURN_ALT", 9, 42.5),
     (COPTER, "RTL_ALT", 6, 4500), (COPTER, "FENCE_ENABLE", 2, 1), (COPTER, "WP_RADIUS", 9, 3.5)],
)  # fmt: skip
def test_a_parameter_is_set_and_said_as_its_autopilot_encodes_it(row, name, kind, value):
    """PX4's integers by their bytes, ArduPilot's by a cast."""
    settings = Settings(row)
    sent = float(value)
    if row is TERN and kind == 6:
        (sent,) = struct.unpack("<f", struct.pack("<i", value))
    (said,) = settings.hear(_named(mavlink.MAVLink_param_set_message(1, 1, b"", sent, kind), name))
    (read,) = settings.hear(_named(mavlink.MAVLink_param_request_read_message(1, 1, b"", -1), name))

    for each in (said, read):
        assert (each.param_id, each.param_type) == (name, kind)
        assert each.param_value == pytest.approx(sent, rel=1e-6, abs=0)
    assert settings.value(name, -1.0) == value


def test_what_is_no_value_of_a_parameter_leaves_it_as_it_was():
    """Answered with the value that it has; what does not exist is not answered."""
    ardupilot, px4 = Settings(COPTER), Settings(TERN)
    bad = mavlink.MAVLink_param_set_message(1, 1, b"", float("nan"), 9)
    assert ardupilot.hear(_named(bad, "WP_RADIUS"))[0].param_value == 2.0
    wrong = mavlink.MAVLink_param_set_message(1, 1, b"", 3.0, 9)
    px4.hear(_named(wrong, "NAV_RCL_ACT"))
    assert px4.value("NAV_RCL_ACT", 0.0) == 2
    large = mavlink.MAVLink_param_set_message(1, 1, b"", 3e38, 2)
    assert ardupilot.hear(_named(large, "FENCE_ENABLE"))[0].param_value == 127
    assert ardupilot.hear(_named(large, "NO_SUCH")) == []


def test_a_list_of_parameters_comes_in_parts_and_whole():
    """Each with its index and the count of all."""
    settings = Settings(COPTER)
    settings.hear(mavlink.MAVLink_param_request_list_message(1, 1))
    parts = []
    while part := settings.go_on():
        parts.append(part)
    said = [each for part in parts for each in part]

    assert len(parts) > 1
    assert [each.param_index for each in said] == list(range(len(settings.rows)))
    assert {each.param_count for each in said} == {len(said)}


def _named(message, name):
    """As a parser makes it, which tells names as text."""
    message.param_id = name
    return message
