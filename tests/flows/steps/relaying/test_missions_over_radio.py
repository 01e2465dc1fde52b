"""Lists of mission items go to vehicles and come back, whatever the radio makes of it."""

import struct
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from there import There
from told import ARDUPILOT, PX4, SECOND, Told, beat, delivery, place, said

from flows.ontology.missions import MOST_ITEMS, Item
from flows.ontology.relayed import Relayed
from flows.steps.relaying.carry import Relay
from flows.steps.relaying.mission_items import crc32, read, words

AUTOPILOTS = pytest.mark.parametrize("autopilot", [ARDUPILOT, PX4], ids=["ardupilot", "px4"])
TYPES = {"mission": 0, "fence": 1, "rally": 2}


def waypoint(n=0, **more):
    place = {"latitude": (47_400 + n) / 1000, "longitude": (8_500 - n) / 1000}
    place["altitude"] = 50.5 + n
    return {"command": 16, "frame": 3, "param4": 0.0, **place, **more}


JUMP = {"command": 177, "frame": 2, "param1": 1.0, "param2": 3.0, "param4": 0.0}
LISTS = {
    "mission": [waypoint(0, command=22), waypoint(1), waypoint(2, frame=0), JUMP],
    "fence": [waypoint(n, command=5001, param1=3.0) for n in range(3)],
    "rally": [waypoint(n, command=5100) for n in range(2)],
}


def on_board(there, mission_type="mission"):
    """What a vehicle has, as plain numbers."""
    return [
        (each.command, each.x, each.y, each.z, each.params[0])
        for each in there.plans.lists[TYPES[mission_type]]
    ]


def as_given(items):
    found = [msgspec.convert(each, Item) for each in items]
    return [
        (
            each.command, round(each.latitude * 1e7), round(each.longitude * 1e7),
            each.altitude, each.param1,
        )
        for each in found
    ]  # fmt: skip


@AUTOPILOTS
@pytest.mark.parametrize("mission_type", TYPES)
def test_a_list_is_given_item_by_item_and_read_back(autopilot, mission_type):
    """Of an ArduPilot's mission, item 0 is home, and what jumps, jumps one further."""
    there, items = There(autopilot), LISTS[mission_type]
    answer = there.ask(
        "upload_mission",
        {"mission_type": mission_type, "items": items, "mission_id": "m1", "version": 3},
    )

    assert (answer.state, answer.reason) == ("completed", "")
    result = answer.result
    assert result["verified"]
    assert (result["items"], result["sent"]) == (len(items), len(items))
    assert (result["mission_id"], result["version"]) == ("m1", 3)
    expected = as_given(items)
    kept = on_board(there, mission_type)
    if (autopilot, mission_type) == (ARDUPILOT, "mission"):
        assert kept[0] == (16, 474_000_000, 85_000_000, 488.0, 0.0)
        kept, expected = kept[1:], [*expected[:3], (177, 0, 0, 0.0, 2.0)]
    assert kept == expected
    assert there.heard.count("MISSION_ITEM_INT") == len(there.plans.lists[TYPES[mission_type]])
    assert there.told.states("c0")[:2] == ["received", "progress"]


@AUTOPILOTS
@pytest.mark.parametrize("mission_type", TYPES)
def test_what_was_given_is_read_as_it_was_given(autopilot, mission_type):
    """Without home, with the same checksums, and as the stored one would be written."""
    there, items = There(autopilot), LISTS[mission_type]
    given = there.ask("upload_mission", {"mission_type": mission_type, "items": items})
    answer = there.ask("download_mission", {"mission_type": mission_type})

    assert (answer.state, answer.reason) == ("completed", "")
    assert msgspec.convert(answer.result["items"], list[Item]) == [
        msgspec.convert(each, Item) for each in items
    ]
    assert answer.result["count"] == len(items)
    assert answer.result["checksum"] == given.result["checksum"]
    assert answer.result["crc32"] == given.result["crc32"]
    assert ("home" in answer.result) == ((autopilot, mission_type) == (ARDUPILOT, "mission"))


@AUTOPILOTS
def test_a_list_is_forgotten_and_read_as_nothing(autopilot):
    """The other lists stay."""
    there = There(autopilot)
    there.ask("upload_mission", {"mission_type": "fence", "items": LISTS["fence"]})

    assert there.ask("clear_mission", {"mission_type": "mission"}).state == "completed"
    assert there.plans.lists[0] == []
    assert len(there.plans.lists[1]) == 3
    answer = there.ask("download_mission")
    assert (answer.state, answer.result["items"]) == ("completed", [])


def test_progress_is_told_once_a_second_at_most():
    """Items sent of items, in percent; then the reading back."""
    there = There(PX4, lambda _: (0.05,))
    items = [waypoint(n) for n in range(40)]
    answer = there.ask("upload_mission", {"items": items})
    told = [each.answer for each in there.told.of("c0")[1:-1]]

    assert answer.state == "completed"
    assert told[0].reason == "1 of 40 items"
    assert told[0].result == {"sent": 1, "items": 40}
    percent = [each.progress for each in told]
    assert percent == sorted(percent)
    assert percent[0] < 5
    assert 50 < percent[-1] < 100
    times = [each.at for each in told]
    assert all((b - a).total_seconds() >= 1 for a, b in pairwise(times))


def test_whose_last_word_was_lost_has_the_list_all_the_same():
    """It is seen by reading it back."""
    there = There(PX4, lambda name: () if name == "MISSION_ACK" else (0.02,))
    answer = there.ask("upload_mission", {"items": LISTS["mission"]})

    assert (answer.state, answer.result["verified"]) == ("completed", True)


def test_a_list_that_is_read_back_in_floats_is_the_one_that_was_given():
    """Where only the words of long ago get through, a place is known to a metre or so."""

    def fate(name):
        lost = name == "MISSION_ITEM_INT" and "MISSION_REQUEST_LIST" in there.heard
        return () if lost else (0.02,)

    there = There(PX4, fate)
    answer = there.ask("upload_mission", {"items": LISTS["mission"]})

    assert "MISSION_REQUEST" in there.heard
    assert (answer.state, answer.result["verified"]) == ("completed", True)


def test_who_never_asks_for_the_last_items_has_not_got_them():
    """The vehicle gives up before we do, and says so."""

    def fate(name):
        return () if name == "MISSION_ITEM_INT" and there.heard.count(name) == 2 else (0.02,)

    there = There(PX4, fate)
    there.plans.lists[0] = []
    answer = there.ask("upload_mission", {"items": LISTS["mission"]})

    assert answer.state == "failed"
    assert answer.reason == "item 2: the vehicle has given it up"


def test_a_vehicle_that_is_gone_does_not_answer():
    """Six times a second and a half; nothing is said of what it has."""
    there = There(PX4, lambda _: ())
    for command, word in (("upload_mission", "MISSION_COUNT"),
                          ("download_mission", "MISSION_REQUEST_LIST"),
                          ("clear_mission", "MISSION_CLEAR_ALL")):  # fmt: skip
        began, before = there.told.now, len(there.told.sent)
        answer = there.ask(command, {"items": []} if command == "upload_mission" else {})
        assert (answer.state, answer.reason) == ("failed", "no answer")
        assert [each.name for each in there.told.sent[before:]] == [word] * 6
        assert 9 <= (there.told.now - began) / SECOND < 11


def told_upload(items, autopilot=PX4, **more):
    """A relay that has told how many there are, and hears what a test says."""
    told = Told(beat(autopilot), place())
    told.take(delivery("upload_mission", {"items": items}, **more))
    return told


def hear(told, name, **fields):
    target = {"target_system": 255, "target_component": 190, "mission_type": 0}
    told.take(said(name, target | fields, told.now))


@pytest.mark.parametrize(
    ("number", "asked", "state", "words"),
    [
        (4, 0, "rejected", "the vehicle has no room for so many items"),
        (14, 0, "rejected", "the vehicle does not take it from this station, or not now"),
        (2, 2, "failed", "item 1: the vehicle does not know its frame"),
        (3, 1, "failed", "item 0: the vehicle does not know its command, or no such list"),
        (10, 1, "failed", "item 0: the vehicle does not take its x, the latitude"),
        (15, 2, "failed", "item 1: the vehicle has given it up"),
        (99, 1, "failed", "item 0: the vehicle answers 99, which nobody knows"),
    ],
)
def test_each_refusal_of_a_list_has_a_sentence(number, asked, state, words):
    """With the item that it is about."""
    told = told_upload(LISTS["mission"])
    for n in range(asked):
        hear(told, "MISSION_REQUEST_INT", seq=n)
    hear(told, "MISSION_ACK", type=number)

    assert told.last() == (state, words)


def test_what_is_said_to_others_or_of_another_list_is_no_answer():
    """Nor what comes too early: that is of something before."""
    told = told_upload(LISTS["mission"])
    hear(told, "MISSION_REQUEST_INT", seq=0, target_system=254)
    hear(told, "MISSION_REQUEST_INT", seq=0, mission_type=1)
    told.take(said("MISSION_REQUEST_INT", {"seq": 0}, told.now, component_id=50))
    hear(told, "MISSION_ACK", type=0)
    hear(told, "MISSION_REQUEST_INT", seq=9)
    hear(told, "MISSION_REQUEST_INT", seq=-1)

    assert [each.name for each in told.sent] == ["MISSION_COUNT"]
    assert told.states() == ["received"]


def test_who_asks_in_the_words_of_long_ago_is_told_in_those():
    """Once it is seen that it does not take others; its places are floats."""
    told = told_upload(LISTS["mission"])
    for _ in range(3):
        hear(told, "MISSION_REQUEST", seq=0)

    names = [each.name for each in told.sent]
    assert names == ["MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_ITEM_INT", "MISSION_ITEM"]
    assert told.sent[-1].fields["x"] == 47.4
    assert told.sent[-2].fields["x"] == 474_000_000


def test_who_asks_for_the_same_over_and_over_is_told_so_no_longer():
    """It comes to an end, however long the vehicle goes on."""
    told = told_upload(LISTS["mission"])
    for _ in range(60):
        hear(told, "MISSION_REQUEST_INT", seq=1)

    assert told.last() == ("failed", "the vehicle asks for item 1 over and over")
    assert len(told.sent) < 50
    assert told.sent[-1].fields["type"] == 15


def test_a_vehicle_that_has_another_list_than_it_said_is_found_out():
    """What leads elsewhere is a failure; what it keeps otherwise is told."""
    there = There(PX4)
    items = LISTS["mission"]
    there.plans._set = lambda *_: None  # It says that it has taken it.
    there.plans.lists[0] = []
    answer = there.ask("upload_mission", {"items": items})
    assert answer.state == "failed"
    assert "it has 0 items in place of 4" in answer.reason
    assert "verified" not in answer.result

    there = There(PX4)
    take = there.plans._set

    def lower(kind, kept, helm):
        kept[1].z -= 10
        take(kind, kept, helm)

    there.plans._set = lower
    answer = there.ask("upload_mission", {"items": items})
    assert answer.state == "failed"
    assert answer.reason.endswith("item 1: altitude 41.5 in place of 51.5")


def test_a_parameter_that_a_vehicle_keeps_otherwise_is_told_of_a_list_that_it_has():
    """As ArduPilot rounds how long to stay."""
    there = There(ARDUPILOT)
    take = there.plans._set

    def rounded(kind, kept, helm):
        for each in kept:
            each.params = (float(int(each.params[0])), 0.0, 0.0, 0.0)
        take(kind, kept, helm)

    there.plans._set = rounded
    answer = there.ask("upload_mission", {"items": [waypoint(1, param1=2.5)]})

    assert answer.state == "completed"
    assert answer.reason == "the vehicle keeps some otherwise: item 0: param1 2 in place of 2.5"


def test_a_list_that_is_taken_back_is_given_up_at_the_vehicle_too():
    """It keeps the one that it had."""
    there = There(PX4)
    before = on_board(there)
    asked = delivery("upload_mission", {"items": [waypoint(n) for n in range(30)]})
    there.told.take(asked)
    while there.heard.count("MISSION_ITEM_INT") < 5:
        there.step()
    there.told.take(msgspec.structs.replace(asked, cancel=True))
    for _ in range(100):
        there.step()

    state, reason = there.told.last()
    assert state == "failed"
    assert reason.startswith("cancelled after ")
    assert reason.endswith(" of 30 items: the vehicle keeps what it had")
    assert there.plans.upload is None
    assert on_board(there) == before


def test_nothing_begins_after_it_has_expired_but_what_has_begun_goes_on():
    """Half a mission is worth nothing."""
    there = There(PX4, lambda _: (0.05,))
    items = [waypoint(n) for n in range(40)]
    answer = there.ask("upload_mission", {"items": items}, seconds=1.0)
    assert answer.state == "completed"
    silent = There(PX4, lambda _: ())
    silent.ask("upload_mission", {"items": items}, seconds=2.0)
    assert len(silent.told.sent) == 2


def test_one_list_is_moved_at_a_time():
    """They could not be told apart."""
    there = There(PX4)
    for n, name in enumerate(("download_mission", "upload_mission")):
        params = {"items": LISTS["mission"]} if n else {}
        there.told.take(delivery(name, params, command_id=f"d{n}"))
    there.step()
    assert {each.name for each in there.told.sent} == {"MISSION_REQUEST_LIST"}

    assert there.end_of("d0").state == "completed"
    assert there.end_of("d1").state == "completed"


def test_what_cannot_be_a_list_is_refused_at_once():
    """Nothing is said to the vehicle."""
    for params, word in (
        ({"items": [{"command": -1}]}, "items"),
        ({"items": [waypoint()] * (MOST_ITEMS + 1)}, "at most"),
        ({"items": [], "mission_type": "all"}, "mission_type"),
        ({}, "items"),
    ):
        told = Told()
        told.take(delivery("upload_mission", params))
        state, reason = told.last()
        assert state == "rejected"
        assert word in reason
        assert told.sent == []


def test_a_list_that_is_longer_than_any_is_not_read():
    """The vehicle is told so."""
    told = Told()
    told.take(delivery("download_mission"))
    hear(told, "MISSION_COUNT", count=65_535)

    assert told.last() == ("rejected", "it has 65535 items, and at most 1000 are read")
    assert told.sent[-1].fields == {"type": 4, "mission_type": 0}


def test_what_had_been_said_before_a_crash_is_not_said_again_if_it_is_to_be_done_once():
    """The relay that was started anew does not remember it."""
    told = Told()
    told.relay = Relay(told.relay.station, frozenset(("v1:c1:1",)))
    told.take(delivery("upload_mission", {"items": LISTS["mission"]}, repeatable=False))

    assert told.last() == ("failed", "not known whether it was sent")
    assert told.sent == []


def test_a_checksum_that_a_vehicle_offers_is_told():
    """Beside ours, which is the same if it has the same."""
    told = told_upload([waypoint()])
    hear(told, "MISSION_REQUEST_INT", seq=0)
    hear(told, "MISSION_ACK", type=0)
    told.take(said("MISSION_CHECKSUM", {"mission_type": 0, "checksum": 0xBEEF}, told.now))
    hear(told, "MISSION_COUNT", count=1)
    fields = words(msgspec.convert(waypoint(), Item), 0, 0)
    hear(told, "MISSION_ITEM_INT", **fields)

    assert told.of()[-1].answer.state == "completed"
    assert told.of()[-1].answer.result["vehicle_crc32"] == "0000beef"


_floats = st.floats(-1e6, 1e6, width=32)
_items = st.builds(
    Item, command=st.integers(0, 65_535), frame=st.integers(0, 21), param1=_floats,
    param2=st.none() | _floats, param3=_floats, param4=st.none() | _floats,
    latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), altitude=_floats,
    autocontinue=st.booleans(),
)  # fmt: skip


@given(_items, st.booleans())
def test_an_item_is_read_as_it_was_written(item, whole):
    """To what MAVLink's numbers carry: 1e-7 degrees, 1e-4 metres, or whole numbers."""
    name = "MISSION_ITEM_INT" if whole else "MISSION_ITEM"
    back = read(said(name, words(item, 0, 0, whole=whole)))

    near = 0.5 if item.frame == 2 else 1e-4 if item.frame not in (0, 3, 5, 6, 10, 11) else 1e-7
    assert abs(back.latitude - item.latitude) <= near
    assert abs(back.longitude - item.longitude) <= near
    place = {"latitude": 0.0, "longitude": 0.0}
    assert msgspec.structs.replace(back, **place) == msgspec.structs.replace(item, **place)


@given(st.lists(_items, max_size=5))
def test_the_checksum_is_that_of_mavlink(items):
    """Bit by bit, as the standard writes it down: nothing before, nothing after."""
    told = 0
    for each in items:
        params = [each.param1, each.param2, each.param3, each.param4]
        numbers = [float("nan") if each is None else each for each in params]
        data = struct.pack("<B", each.frame) + struct.pack("<H", each.command)
        data += struct.pack("<B", each.autocontinue)
        place = (each.latitude, each.longitude, each.altitude)
        data += b"".join(struct.pack("<f", number) for number in (*numbers, *place))
        for byte in data:
            told ^= byte
            for _ in range(8):
                told = told >> 1 ^ (0xEDB88320 if told & 1 else 0)

    assert crc32(items) == told


@given(
    st.sampled_from([ARDUPILOT, PX4]),
    st.sampled_from(sorted(TYPES)),
    st.lists(st.sampled_from(["upload_mission", "download_mission", "clear_mission"]),
             min_size=1, max_size=3),
    st.sampled_from([0.0, 0.1, 0.3, 0.6]),
    st.randoms(use_true_random=False),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_each_ends_once_whatever_is_lost_doubled_or_late(autopilot, kind, commands, bad, chance):
    """And one that ended well is what the vehicle has."""

    def fate(_name):
        if chance.random() < bad:
            return ()
        copies = 2 if chance.random() < bad / 2 else 1
        late = 0.3 if chance.random() < bad else 0.0
        return tuple(0.02 + late * chance.random() for _ in range(copies))

    there, items = There(autopilot, fate), LISTS[kind]
    for command in commands:
        params = {"mission_type": kind} | ({"items": items} if command[0] == "u" else {})
        before = on_board(there, kind)
        answer = there.ask(command, params)
        has = on_board(there, kind)
        shift = int((autopilot, kind) == (ARDUPILOT, "mission"))
        if answer.state == "completed" and command == "upload_mission":
            assert [row[:4] for row in has[shift:]] == [row[:4] for row in as_given(items)]
        if answer.state == "completed" and command == "clear_mission":
            assert has == []
        if command == "download_mission":
            assert has == before
            if answer.state == "completed":
                assert len(answer.result["items"]) == max(len(has) - shift, 0)
    for _ in range(300):
        there.step()

    assert there.told.state.talks == []
    ends = [each.identity for each in there.told.replies if each.stage == "end"]
    assert len(ends) == len(set(ends)) == len(commands)


_values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.text(max_size=5),
    st.integers(0, 4), st.sampled_from([3, 16, 190, 255]),
)  # fmt: skip
_names = ("MISSION_REQUEST_INT", "MISSION_REQUEST", "MISSION_ACK", "MISSION_COUNT",
          "MISSION_ITEM_INT", "MISSION_ITEM", "MISSION_CHECKSUM", "AUTOPILOT_VERSION")  # fmt: skip
_fields = ("seq", "count", "type", "checksum", "capabilities", "command", "frame", "x", "y", "z",
           "param1", "param2", "autocontinue", "mission_type", "target_system")  # fmt: skip


@given(
    st.sampled_from(["upload_mission", "download_mission", "clear_mission"]),
    st.lists(
        st.tuples(
            st.sampled_from(_names), st.dictionaries(st.sampled_from(_fields), _values),
            st.sampled_from([0.0, 0.3, 2.0]),
        ),
        max_size=25,
    ),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_a_vehicle_says_of_its_lists_is_survived(command, messages):
    """Fields of any type and size; it ends once, and its state can be kept."""
    told = Told()
    told.take(delivery(command, {"items": LISTS["mission"]} if command[0] == "u" else {}))
    for name, fields, seconds in messages:
        told.take(said(name, {"target_system": 255} | fields, told.now))
        kept = msgspec.msgpack.encode(told.state)
        assert msgspec.msgpack.decode(kept, type=Relayed) == told.state
        told.wait(seconds)
    told.wait(200)

    assert [each.stage for each in told.of()].count("end") == 1
    assert told.state.talks == []
