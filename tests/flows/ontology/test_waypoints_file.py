"""Waypoint files: as pymavlink writes and reads them, and as they come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from missions_made import HOME, MISSION, anything
from pymavlink import mavutil
from pymavlink.dialects.v20 import ardupilotmega
from pymavlink.mavwp import MAVWPLoader

from flows.ontology.mission_commands import FENCES, JUMP, RALLY
from flows.ontology.missions import MOST_ITEMS, Item
from flows.ontology.stored_missions import Mission, plain
from flows.ontology.waypoints_file import read_waypoints, write_waypoints

HEAD = b"QGC WPL 110\n"
HOME_ROW = b"0\t1\t0\t16\t0\t0\t0\t0\t47.3977\t8.5456\t488\t1\n"


@pytest.fixture(autouse=True)
def second(monkeypatch):
    """MAVLink 2, whichever pymavlink was asked for before in this process."""
    monkeypatch.setenv("MAVLINK20", "1")
    mavutil.set_dialect("ardupilotmega")


def test_what_pymavlink_has_saved_is_read(tmp_path):
    """Home is row 0 there, from which jumps count."""
    loader, path = MAVWPLoader(), tmp_path / "mission.waypoints"
    rows = [
        (0, 16, (0, 0, 0, 0), 47.3977, 8.5456, 488),
        (3, 22, (15, 0, 0, 0), 0, 0, 30),
        (3, 16, (0, 0, 0, 0), 47.4, 8.55, 50),
        (0, 177, (2, 3, 0, 0), 0, 0, 0),
    ]
    for seq, (frame, command, params, x, y, z) in enumerate(rows):
        loader.add(
            ardupilotmega.MAVLink_mission_item_message(
                1, 1, seq, frame, command, 0, 1, *params, x, y, z
            )
        )
    loader.save(str(path))
    found = read_waypoints(path.read_bytes())

    assert found.faults == []
    assert found.mission.home == HOME
    assert [each.command for each in found.mission.items] == [22, 16, 177]
    assert found.mission.items[2].param1 == 1
    assert found.mission.items[1].latitude == pytest.approx(47.4, abs=1e-7)


def test_pymavlink_reads_what_is_written(tmp_path):
    """Item for item, after home."""
    path = tmp_path / "mission.waypoints"
    path.write_bytes(write_waypoints(MISSION))
    loader = MAVWPLoader()
    loader.load(str(path))

    assert loader.count() == 1 + len(MISSION.items)
    assert (loader.wp(0).x, loader.wp(0).y, loader.wp(0).z) == (47.3977, 8.5456, 488)
    for seq, item in enumerate(MISSION.items, 1):
        said = loader.wp(seq)
        assert (said.seq, said.command, said.frame) == (seq, item.command, item.frame)
        assert (said.x, said.y, said.z) == (item.latitude, item.longitude, item.altitude)
    assert loader.wp(5).param1 == 2


def test_what_is_written_reads_back_the_same():
    """Each of its lists, with home, jumps, and what is left to the vehicle."""
    assert read_waypoints(write_waypoints(MISSION)).mission == Mission(
        items=MISSION.items, home=HOME
    )
    fence = read_waypoints(write_waypoints(MISSION, "fence")).mission
    assert (fence.items, fence.fence) == ([], MISSION.fence)
    assert read_waypoints(write_waypoints(MISSION, "rally")).mission.rally == MISSION.rally
    assert read_waypoints(write_waypoints(Mission())).mission == Mission()


@given(st.lists(anything, max_size=6))
def test_any_items_read_back_the_same(items):
    """Whatever numbers they have, each in its list."""
    items = [each for each in items if each.command not in FENCES | {RALLY, JUMP}]
    mission = plain(Mission(items=items))

    assert read_waypoints(write_waypoints(mission)).mission == mission


def test_a_file_without_home_begins_with_its_first_item():
    """As those have it who do not know of home."""
    text = (
        b"QGC WPL 110\r\n0 1 3 22 0 0 0 nan 0 0 30 1\r\n\r\n1 0 3 16 0 0 0 0 1.5 2.5 30 0 # x\r\n"
    )
    found = read_waypoints(text).mission

    assert [each.command for each in found.items] == [22, 16]
    assert (found.home, found.items[0].param4, found.items[1].autocontinue) == (None, None, False)


FAULTY = [
    (b"", 'it does not begin with "QGC WPL 110"'),
    (b"QGC WPL 120\n" + HOME_ROW, 'it does not begin with "QGC WPL 110"'),
    (b"\xff\xfe", "it is no text in UTF-8"),
    (HEAD + HOME_ROW + b"1 0 3\n", "item 1 of the file: it has 3 columns, and not 12"),
    (HEAD + HOME_ROW * 2, "item 1 of the file: its number is 0"),
    (HEAD + b"0 1 3 x 0 0 0 0 0 0 0 1", "item 0 of the file: its command is no number"),
    (HEAD + b"0 1 3 1.5 0 0 0 0 0 0 0 1",
     "item 0 of the file: its command is no whole number from 0 to 65535"),
    (HEAD + b"0 1 22 22 0 0 0 0 0 0 0 1",
     "item 0 of the file: its frame is no whole number from 0 to 21"),
    (HEAD + b"0 1 3 22 0 0 0 0 inf 0 0 1", "item 0 of the file: its latitude is too large"),
    (HEAD + b"0 1 3 22 nan 0 0 1e99 0 0 0 1",
     "item 0 of the file: its parameter 4 is too large"),
    (HEAD + b"0 1 0 16 0 0 0 0 91 0 0 1", "home, item 0 of the file, is not on the Earth"),
    (HEAD + b"nan 1 0 16 0 0 0 0 1 0 0 1", "item 0 of the file: its number is nan"),
    (HEAD + b"0 1 nan 16 0 0 0 0 1 0 0 1", "item 0 of the file: its frame is no number"),
    (HEAD + HOME_ROW * (MOST_ITEMS + 2), "it has more than 1000 items"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "says"), FAULTY)
def test_what_is_wrong_is_a_sentence_with_the_items_number(data, says):
    """And there is no mission then."""
    found = read_waypoints(data)

    assert (found.faults, found.mission) == ([says], None)


rows = st.lists(st.lists(st.sampled_from(["0", "1", "nan", "-1e38", "x", "177", "5001"])))


@given(rows, st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(said, more):
    """Never an error."""
    text = HEAD + HOME_ROW + "\n".join(" ".join(each) for each in said).encode() + more
    for data in (more, HEAD + more, text):
        found = read_waypoints(data)
        assert (found.mission is None) == bool(found.faults)
        assert found.mission is None or all(isinstance(each, Item) for each in found.mission.items)
