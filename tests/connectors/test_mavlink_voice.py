"""What we say is MAVLink as pymavlink reads it, in either protocol, numbered and signed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink_frame import V1, V2
from connectors.mavlink_signing import Signing
from connectors.mavlink_voice import Unspeakable, Voice

NOON_US = 1_790_000_000_000_000
KEY = hashlib.sha256(b"ours").digest()
LONG = {"command": 400, "confirmation": 0, **{f"param{n}": 0.0 for n in range(1, 8)}}


def voice(signing: Signing | None = None) -> Voice:
    return Voice(255, 190, signing, lambda: NOON_US)


def read(frame: bytes, key: bytes | None = None) -> dialect.MAVLink_message:
    mavlink = dialect.MAVLink(None)
    mavlink.robust_parsing = True
    if key:
        mavlink.signing.secret_key = key
        mavlink.signing.timestamp = (NOON_US - 1_420_070_400_000_000) // 10
    (message,) = mavlink.parse_buffer(frame)
    return message


@pytest.mark.parametrize("version", [V1, V2])
def test_a_message_is_from_us_to_whom_it_is_for(version):
    """In the protocol of whoever is to hear it."""
    frame = voice().frame("peer", (7, 1), version, "COMMAND_LONG", LONG | {"param4": None})
    message = read(frame)

    assert (frame[0], message.get_type(), message.command) == (version, "COMMAND_LONG", 400)
    assert (message.get_srcSystem(), message.get_srcComponent()) == (255, 190)
    assert (message.target_system, message.target_component) == (7, 1)
    assert message.param4 != message.param4


def test_each_listener_has_numbers_of_its_own():
    """So that none counts losses that there are not."""
    ours = voice()
    numbers = [
        read(ours.frame(peer, (1, 1), V2, "HEARTBEAT", BEAT)).get_seq()
        for peer in ("a", "a", "b", "a")
    ]
    assert numbers == [0, 1, 0, 2]


BEAT = {
    "type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4,
    "mavlink_version": 3,
}  # fmt: skip


def test_what_is_signed_is_believed_by_who_has_the_key_only():
    """It is MAVLink 2 then, whatever was heard; and a later one has a later time."""
    ours = voice(Signing(KEY, required=True))
    first, second = (ours.frame("peer", (1, 1), V1, "COMMAND_LONG", LONG) for _ in range(2))

    assert first[0] == V2
    assert read(first, KEY).get_type() == "COMMAND_LONG"
    assert read(first, hashlib.sha256(b"theirs").digest()).get_type() == "BAD_DATA"
    assert int.from_bytes(second[-12:-6], "little") > int.from_bytes(first[-12:-6], "little")


def test_a_command_can_be_called_back():
    """COMMAND_CANCEL, laid out as common.xml has it: number, then whom it is for."""
    frame = voice().frame("peer", (7, 1), V2, "COMMAND_CANCEL", {"command": 241})

    assert int.from_bytes(frame[7:10], "little") == 80
    assert frame[10:-2] == bytes((241, 0, 7, 1))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("NONSENSE", {}),
        ("COMMAND_LONG", {"command": 400}),
        ("COMMAND_LONG", LONG | {"command": 70_000}),
        ("COMMAND_LONG", LONG | {"param1": "1"}),
        ("COMMAND_LONG", LONG | {"param1": 1e300}),
        ("COMMAND_LONG", LONG | {"other": 1}),
        ("SET_MODE", {"base_mode": 1, "custom_mode": None}),
    ],
)
def test_what_cannot_be_said_is_an_error_of_its_own(name, fields):
    """And the next is said."""
    ours = voice()
    with pytest.raises(Unspeakable, match=name):
        ours.frame("peer", (1, 1), V2, name, fields)
    assert read(ours.frame("peer", (1, 1), V2, "HEARTBEAT", BEAT)).get_type() == "HEARTBEAT"


@given(
    st.dictionaries(
        st.sampled_from([*LONG, "x"]),
        st.none() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    )
)
def test_whatever_the_fields_are_it_is_said_or_not(fields):
    """Never another error."""
    try:
        frame = voice().frame("peer", (1, 1), V2, "COMMAND_LONG", LONG | fields)
    except Unspeakable:
        return
    assert read(frame).get_type() == "COMMAND_LONG"
