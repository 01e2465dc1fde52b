"""Parameters are read and set in each autopilot's encoding, whatever the radio makes of it."""

import math
import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from there import There
from told import ARDUPILOT, GENERIC, PX4, SECOND, Told, beat, delivery, place, said

from flows.ontology.relayed import Relayed, Vehicle
from flows.steps.relaying import parameter_values

INT8, INT16, INT32, REAL32, INT64 = 2, 4, 6, 9, 8
C_CAST, BYTEWISE = 131_072, 16


def bytes_of(number):
    """A whole number in the bytes of a float, by struct alone."""
    return struct.unpack("<f", struct.pack("<i", number))[0]


@pytest.mark.parametrize(
    ("autopilot", "name", "value", "kind", "before"),
    [
        (PX4, "NAV_RCL_ACT", 3, "INT32", 2),
        (PX4, "NAV_RCL_ACT", -1, "INT32", 2),  # Whose bytes are not-a-number.
        (PX4, "NAV_RCL_ACT", 2_000_000_000, "INT32", 2),
        (PX4, "RTL_RETURN_ALT", 42.5, "REAL32", 30.0),
        (PX4, "RTL_RETURN_ALT", 0.1, "REAL32", 30.0),
        (ARDUPILOT, "RTL_ALT", 4500, "INT32", 3000),
        (ARDUPILOT, "FENCE_ENABLE", -1, "INT8", 0),
        (ARDUPILOT, "WP_RADIUS", 3.25, "REAL32", 2.0),
    ],
)
def test_a_parameter_is_set_and_read_in_the_encoding_of_its_autopilot(
    autopilot, name, value, kind, before
):
    """By its own type, which is asked for; and what came back is what was wanted."""
    there = There(autopilot)
    answer = there.ask("set_parameter", {"name": name, "value": value})

    assert (answer.state, answer.reason) == ("completed", "")
    near = pytest.approx(value, rel=1e-6)
    assert answer.result == {"name": name, "value": near, "type": kind, "before": before}
    assert there.heard == ["PARAM_REQUEST_READ", "PARAM_SET"]
    assert there.settings.value(name, 0.0) == near
    answer = there.ask("get_parameter", {"name": name})
    assert (answer.state, answer.result) == (
        "completed", {"name": name, "value": near, "type": kind},
    )  # fmt: skip


def test_a_value_that_comes_late_is_no_answer_to_the_next_question():
    """The radio has doubled it, and kept one for a second; and the right answer is lost then."""
    there = There(PX4)
    there.ask("get_parameter", {"name": "NAV_RCL_ACT"})
    late = iter([(0.02, 1.0), (0.02,), ()])
    there.fate = lambda name: next(late, (0.02,)) if name == "PARAM_VALUE" else (0.02,)
    assert there.ask("set_parameter", {"name": "NAV_RCL_ACT", "value": 3}).state == "completed"

    answer = there.ask("get_parameter", {"name": "NAV_RCL_ACT"})
    assert answer.result == {"name": "NAV_RCL_ACT", "value": 3, "type": "INT32"}


def test_what_a_parameter_has_already_is_not_set_again():
    """Nothing is changed by it."""
    there = There(PX4)
    answer = there.ask("set_parameter", {"name": "NAV_RCL_ACT", "value": 2})

    assert (answer.state, answer.reason) == ("completed", "it had that value")
    assert there.heard == ["PARAM_REQUEST_READ"]


def test_a_parameter_that_nobody_knows_is_not_answered():
    """Vehicles say nothing of it, or the newest that there is none."""
    there = There(PX4)
    answer = there.ask("get_parameter", {"name": "NO_SUCH"})
    assert (answer.state, answer.reason) == (
        "failed", "no answer: it may have no parameter of that name",
    )  # fmt: skip
    assert there.heard == ["PARAM_REQUEST_READ"] * 6

    told = Told(beat(PX4))
    told.take(delivery("get_parameter", {"name": "NO_SUCH"}))
    told.take(said("PARAM_ERROR", {"param_id": "NO_SUCH", "error": 1}, told.now))
    assert told.last() == ("rejected", "the vehicle has no such parameter")


@pytest.mark.parametrize(
    ("autopilot", "name", "value", "words"),
    [
        (ARDUPILOT, "FENCE_ENABLE", 200, "value: expected a whole number from -128 to 127"),
        (ARDUPILOT, "FENCE_ENABLE", 0.5, "value: expected a whole number from -128 to 127"),
        (ARDUPILOT, "RTL_ALT", 16_777_217, "value: this number cannot be carried by the protocol"),
        (PX4, "NAV_RCL_ACT", 2**31, "value: expected a whole number from -2147483648 to"),
    ],
)
def test_a_value_that_is_none_of_its_type_is_not_sent(autopilot, name, value, words):
    """A vehicle would round or cut it."""
    there = There(autopilot)
    answer = there.ask("set_parameter", {"name": name, "value": value})

    assert answer.state == "rejected"
    assert answer.reason.startswith(words)
    assert "PARAM_SET" not in there.heard


@pytest.mark.parametrize(
    "params",
    [
        {"name": "A" * 17},
        {"name": "Ä"},
        {"name": ""},
        {"name": "A\0B"},
        {"name": 3},
        {},
        {"name": "A", "value": float("nan")},
        {"name": "A", "value": 1e39},
        {"name": "A", "value": "1"},
    ],
)
def test_what_can_be_no_parameter_is_refused_at_once(params):
    """Nothing is said to the vehicle."""
    told = Told()
    told.take(delivery("set_parameter", {"value": 1} | params))

    assert told.last()[0] == "rejected"
    assert told.sent == []


def value(name, number, kind=REAL32, **more):
    fields = {"param_id": name, "param_value": number, "param_type": kind}
    return {**fields, "param_count": 1, "param_index": 65_535, **more}


def test_a_vehicle_that_keeps_its_value_has_not_done_it():
    """It is said again, as what comes may be what was said before; then it has failed."""
    told = Told()
    told.take(delivery("set_parameter", {"name": "A", "value": 5}))
    for _ in range(12):
        told.take(said("PARAM_VALUE", value("A", 3.0), told.now))
        told.wait(1.0)

    assert told.last() == ("failed", "the vehicle has 3.0 now, and not what was wanted")
    assert [each.name for each in told.sent] == ["PARAM_REQUEST_READ", *["PARAM_SET"] * 6]


def test_a_vehicle_that_takes_another_value_has_not_done_it_either():
    """As those that cut it to their range."""
    told = Told()
    told.take(delivery("set_parameter", {"name": "A", "value": 500}))
    told.take(said("PARAM_VALUE", value("A", 3.0), told.now))
    told.take(said("PARAM_VALUE", value("A", 100.0), told.now))

    assert told.last() == ("failed", "the vehicle has 100.0 now, and not what was wanted")
    assert told.of()[-1].answer.result["value"] == 100.0


def test_what_is_to_be_set_once_is_said_once():
    """Though reading it first may be tried often."""
    told = Told()
    told.take(delivery("set_parameter", {"name": "A", "value": 5}, repeatable=False))
    told.wait(2)
    told.take(said("PARAM_VALUE", value("A", 3.0), told.now))
    told.wait(30)

    assert [each.name for each in told.sent] == ["PARAM_REQUEST_READ"] * 2 + ["PARAM_SET"]
    assert [each.once for each in told.sent] == [False, False, True]
    assert told.last()[0] == "failed"


def test_an_autopilot_of_others_is_asked_how_it_says_whole_numbers():
    """Until it has said so, a number that could be either is not set."""
    told = Told(beat(GENERIC), place())
    told.take(delivery("set_parameter", {"name": "A", "value": 5}))
    assert [each.name for each in told.sent] == ["COMMAND_LONG", "PARAM_REQUEST_READ"]
    assert told.sent[0].fields["param1"] == 148
    told.take(said("PARAM_VALUE", value("A", 0.0, INT32), told.now))
    assert told.last() == ("failed", "this autopilot has not said how it takes whole numbers")

    for capable, sent in ((C_CAST, 5.0), (BYTEWISE, bytes_of(5))):
        told = Told(beat(GENERIC), place())
        told.take(delivery("set_parameter", {"name": "A", "value": 5}))
        told.take(said("AUTOPILOT_VERSION", {"capabilities": capable}, told.now))
        told.take(said("PARAM_VALUE", value("A", 0.0, INT32), told.now))
        assert told.sent[-1].fields == {"param_id": "A", "param_value": sent, "param_type": INT32}
        told.take(said("PARAM_VALUE", value("A", sent, INT32), told.now))
        assert told.last() == ("completed", "")


def test_who_is_capable_of_other_things_has_not_said_how_it_takes_whole_numbers():
    """As MAVSDK's vehicles, which go by bytes: 5 would be 1084227584 there."""
    told = Told(beat(GENERIC), place())
    told.take(said("AUTOPILOT_VERSION", {"capabilities": 0xE004}, told.now))
    told.take(delivery("set_parameter", {"name": "A", "value": 5}))
    told.take(said("PARAM_VALUE", value("A", 0.0, INT32), told.now))

    assert told.last() == ("failed", "this autopilot has not said how it takes whole numbers")
    assert [each.name for each in told.sent] == ["PARAM_REQUEST_READ"]


@pytest.mark.parametrize("autopilot", [ARDUPILOT, PX4])
def test_all_parameters_are_read(autopilot):
    """By their names, whole numbers as such."""
    there = There(autopilot)
    answer = there.ask("list_parameters")

    assert answer.state == "completed"
    rows = there.settings.rows
    assert answer.result["count"] == answer.result["read"] == len(rows)
    assert answer.result["parameters"] == {
        each.name: pytest.approx(each.value, rel=1e-6) for each in rows
    }
    assert there.heard == ["PARAM_REQUEST_LIST"]


def test_parameters_that_were_lost_are_asked_for_by_their_numbers():
    """And what never comes is told, with those that did."""
    lost = iter([False, True, True, *[False] * 1000])
    there = There(PX4, lambda name: () if name == "PARAM_VALUE" and next(lost) else (0.02,))
    answer = there.ask("list_parameters")
    assert answer.state == "completed"
    assert there.heard == ["PARAM_REQUEST_LIST", *["PARAM_REQUEST_READ"] * 2]

    kept = iter([(0.02,)] * 3)
    there = There(PX4, lambda name: next(kept, ()) if name == "PARAM_VALUE" else (0.02,))
    answer = there.ask("list_parameters")
    assert answer.state == "failed"
    assert answer.reason == f"it has said 3 of {len(there.settings.rows)} parameters, and no more"
    assert len(answer.result["parameters"]) == 3


def test_a_list_that_is_too_long_is_not_read_and_its_names_can_be_shown():
    """Whatever a vehicle calls its parameters, and however many it says there are."""
    told = Told()
    told.take(delivery("list_parameters"))
    told.take(said("PARAM_VALUE", value("A", 1.0, param_count=60_000, param_index=0), told.now))
    assert told.last() == ("failed", "it has 60000 parameters, and at most 4096 are read")

    told = Told()
    told.take(delivery("list_parameters"))
    name = "<b>\u202e\x07" + "x" * 50 + "\0junk"
    told.take(said("PARAM_VALUE", value(name, 1.0, param_index=0), told.now))
    assert told.of()[-1].answer.result["parameters"] == {"<b>??xxxxxxxxxxx": 1.0}


@given(
    st.integers(-(2**31), 2**31 - 1), st.sampled_from([INT8, INT16, INT32]), st.booleans()
)  # fmt: skip
def test_a_whole_number_that_is_fit_comes_back_as_it_was_sent(number, kind, bytewise):
    """And one that is not would come back as another."""
    vehicle = Vehicle(autopilot=PX4 if bytewise else ARDUPILOT)
    bits = {INT8: 8, INT16: 16, INT32: 32}[kind]
    fits = -(2 ** (bits - 1)) <= number < 2 ** (bits - 1)
    why = parameter_values.unfit(number, kind, bytewise=bytewise)
    if not fits:
        assert why.startswith("value: expected a whole number")
        return
    sent = parameter_values.packed(number, kind, bytewise=bytewise)
    raw = struct.pack("<f", sent)
    (heard,) = struct.unpack("<f", raw)
    fields = value("A", None if math.isnan(heard) else heard, kind)
    fields["param_value_bits"] = struct.unpack("<I", raw)[0]
    found = parameter_values.read(said("PARAM_VALUE", fields), vehicle)
    assert (found.value == number) == (not why)


@given(
    st.sampled_from([ARDUPILOT, PX4]),
    st.lists(st.tuples(st.sampled_from(["set", "get", "list"]), st.integers(-3, 3)), min_size=1,
             max_size=4),
    st.sampled_from([0.0, 0.2, 0.5]),
    st.randoms(use_true_random=False),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_each_ends_once_and_what_is_answered_is_so(autopilot, asked, bad, chance):
    """Whatever is lost, doubled or late."""
    name = {ARDUPILOT: "MIS_OPTIONS", PX4: "NAV_RCL_ACT"}[autopilot]

    def fate(_name):
        if chance.random() < bad:
            return ()
        copies = 2 if chance.random() < bad else 1
        return tuple(0.02 + bad * chance.random() for _ in range(copies))

    there = There(autopilot, fate)
    for what, number in asked:
        if what == "list":
            answer = there.ask("list_parameters")
            if answer.state == "completed":
                assert len(answer.result["parameters"]) == len(there.settings.rows)
            continue
        params = {"name": name} | ({"value": number} if what == "set" else {})
        answer = there.ask(f"{what}_parameter", params)
        assert answer.state in ("completed", "failed")
        if answer.state == "completed":
            assert answer.result["value"] == there.settings.value(name, 99)
            assert what == "get" or answer.result["value"] == number
    ends = [each.identity for each in there.told.replies if each.stage == "end"]
    assert len(ends) == len(set(ends)) == len(asked)


_values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.text(max_size=20),
    st.sampled_from([1, 6, 9, 100, "A"]),
)  # fmt: skip
_fields = ("param_id", "param_value", "param_type", "param_count", "param_index", "error",
           "param_value_bits", "capabilities")  # fmt: skip


@given(
    st.sampled_from([("get_parameter", {"name": "A"}), ("list_parameters", {}),
                     ("set_parameter", {"name": "A", "value": 3})]),
    st.sampled_from([ARDUPILOT, PX4, GENERIC]),
    st.lists(
        st.tuples(
            st.sampled_from(["PARAM_VALUE", "PARAM_ERROR", "AUTOPILOT_VERSION"]),
            st.dictionaries(st.sampled_from(_fields), _values),
        ),
        max_size=25,
    ),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_a_vehicle_says_of_its_parameters_is_survived(command, autopilot, messages):
    """Fields of any type and size; it ends once, and its state can be kept."""
    told = Told(beat(autopilot))
    told.take(delivery(*command))
    for name, fields in messages:
        told.take(said(name, {"param_id": "A"} | fields, told.now))
        kept = msgspec.msgpack.encode(told.state)
        assert msgspec.msgpack.decode(kept, type=Relayed) == told.state
        told.wait(0.3)
    told.wait(100)

    assert [each.stage for each in told.of()].count("end") == 1
    assert told.state.talks == []


def test_a_reading_is_over_in_its_time():
    """Nothing waits for ever: nine seconds, and a second set of them to set it."""
    told = Told()
    began = told.now
    told.take(delivery("get_parameter", {"name": "A"}))
    told.wait(60)
    ended = told.of()[-1].answer.at
    assert 8 < ended.timestamp() - began / SECOND < 10
