"""Whatever is said to a vehicle, it answers or not, flies on, and speaks what can be sent."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.command.cancel import read_cancel
from connectors.simulator.command.ears import HELM, Ears
from connectors.simulator.command.faults import Faults
from connectors.simulator.command.other_orders import GROUND_ORDERS, PAYLOAD_ORDERS
from connectors.simulator.fleet import ROWS
from connectors.simulator.schedule import REGULAR
from connectors.simulator.state import vehicle

VEHICLES = [vehicle(row, 7) for row in ROWS]
FLOATS = st.floats(width=32)
COMMANDS = st.sampled_from(
    [*sorted(HELM | GROUND_ORDERS | PAYLOAD_ORDERS), 510, 511, 512, 520, 224]
) | st.integers(0, 65_535)
INTEGERS = st.integers(-(2**31), 2**31 - 1)
FRAMES, KINDS, WORDS = st.integers(0, 255), st.sampled_from((0, 1, 2, 9, 255)), st.integers(0, 9)
SMALL = st.integers(0, 3)
MESSAGES = st.one_of(
    st.builds(
        mavlink.MAVLink_command_long_message, st.just(0), st.just(0), COMMANDS, SMALL,
        *[FLOATS | st.sampled_from((0.0, 1.0, 4.0))] * 7,
    ),
    st.builds(
        mavlink.MAVLink_command_int_message, st.just(0), st.just(0), FRAMES | st.just(3), COMMANDS,
        SMALL, SMALL, *[FLOATS | st.just(1.0)] * 4, INTEGERS, INTEGERS, FLOATS,
    ),
    st.builds(mavlink.MAVLink_set_mode_message, st.just(0), FRAMES, st.integers(0, 2**32 - 1)),
    st.builds(
        mavlink.MAVLink_set_position_target_global_int_message, st.just(0), st.just(0), st.just(0),
        st.just(6), st.sampled_from((0, 7, 0x0DF8)), INTEGERS, INTEGERS, *[FLOATS] * 9,
    ),
    st.builds(mavlink.MAVLink_mission_count_message, st.just(0), st.just(0), SMALL, KINDS),
    st.builds(
        mavlink.MAVLink_mission_item_int_message, st.just(0), st.just(0), SMALL,
        FRAMES | st.just(3), COMMANDS | st.sampled_from((16, 21, 22, 20, 178)), SMALL, SMALL,
        *[FLOATS] * 4, INTEGERS, INTEGERS, FLOATS, KINDS,
    ),
    st.builds(
        mavlink.MAVLink_mission_item_message, st.just(0), st.just(0), SMALL, FRAMES | st.just(3),
        COMMANDS | st.just(16), SMALL, SMALL, *[FLOATS] * 7, KINDS,
    ),
    st.builds(mavlink.MAVLink_mission_request_int_message, st.just(0), st.just(0), WORDS, KINDS),
    st.builds(mavlink.MAVLink_mission_request_message, st.just(0), st.just(0), WORDS, KINDS),
    st.builds(mavlink.MAVLink_mission_set_current_message, st.just(0), st.just(0), WORDS),
    st.builds(mavlink.MAVLink_mission_clear_all_message, st.just(0), st.just(0), KINDS),
    st.builds(
        mavlink.MAVLink_param_request_read_message, st.just(0), st.just(0),
        st.binary(max_size=16), st.integers(-32_768, 32_767),
    ),
    st.builds(
        mavlink.MAVLink_param_set_message, st.just(0), st.just(0),
        st.sampled_from((b"RTL_ALT", b"NAV_RCL_ACT", b"MIS_TAKEOFF_ALT", b"\xff")), FLOATS, FRAMES,
    ),
)  # fmt: skip


def _heard(message):
    """As a parser on the other side makes it, out of bytes."""
    return mavlink.MAVLink(None).parse_buffer(message.pack(mavlink.MAVLink(None, 255, 190)))[0]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(VEHICLES), st.booleans(), st.lists(MESSAGES, max_size=12))
def test_nothing_that_is_said_stops_a_vehicle(flown, waits, messages):
    """All that it says can be packed, and it is somewhere on earth."""
    ears, voice = Ears(flown, Faults(), 1_750_000_000_000_000, waits=waits), mavlink.MAVLink(None)
    seconds = 0.0
    for message in messages:
        said = ears.hear(_heard(message))
        seconds += 5.0
        said += ears.pass_time(seconds, 5.0)
        state = ears.state()
        for each in [reply.message for reply in said] + [
            regular.message(flown.row, state, ears.clock) for regular in REGULAR
        ]:
            each.pack(voice)
        assert all(math.isfinite(each) for each in state.place)


@given(st.binary(max_size=40))
def test_bytes_that_are_no_cancel_are_none(data):
    """Whatever they begin with."""
    assert read_cancel(data) is None
    assert read_cancel(b"\xfd\x04\0\0\0\xff\xbe\x50\0\0" + data) is None


@pytest.mark.parametrize("command", [241, 0, 65_535])
def test_a_cancel_is_read_as_it_was_packed(command):
    """With the zeros at its end that MAVLink 2 leaves out."""
    packed = mavlink.MAVLink_message(80, "COMMAND_CANCEL")._pack(
        mavlink.MAVLink(None, 255, 190), 14, command.to_bytes(2, "little") + b"\x01\x00"
    )
    assert read_cancel(bytes(packed)) == ((255, 190), 1, 0, command)
