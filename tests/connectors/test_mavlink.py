"""Bytes of a link become packets, however they are cut and whatever lies between them."""

import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import all as dialect
from recorded import COPTER, others

from connectors.mavlink import (
    KEPT_NOISE_BYTES,
    Decoder,
    Framer,
    Heard,
    Noise,
    Packet,
)
from connectors.mavlink_frame import V1, V2, frame_length, header

U8 = st.integers(0, 255)
# Bytes among which no frame can begin, and all others.
QUIET = st.binary(min_size=1, max_size=40).filter(lambda data: not {V1, V2} & set(data))


def sender(system: int, component: int, sequence: int, *, signed: bool = False) -> dialect.MAVLink:
    mavlink = dialect.MAVLink(None, system, component)
    mavlink.seq = sequence
    if signed:
        mavlink.signing.secret_key = b"k" * 32
        mavlink.signing.sign_outgoing = True
        mavlink.signing.link_id = 1
        mavlink.signing.timestamp = 1
    return mavlink


MESSAGES = st.one_of(
    st.builds(lambda mode: ("heartbeat", (2, 3, mode, 4, 4, 3)), U8),
    st.builds(
        lambda lat, alt: ("global_position_int", (1, lat, 2, alt, 0, 0, 0, 0, 9000)),
        st.integers(-(2**31), 2**31 - 1),
        st.integers(-(2**31), 2**31 - 1),
    ),
    st.builds(
        lambda text: ("statustext", (6, text)),
        st.binary(max_size=50).filter(lambda text: b"\0" not in text),
    ),
)


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """One frame of either protocol, signed or not, as pymavlink packs it."""
    name, arguments = draw(MESSAGES)
    first = draw(st.booleans())
    mavlink = sender(draw(U8), draw(U8), draw(U8), signed=not first and draw(st.booleans()))
    message = getattr(mavlink, f"{name}_encode")(*arguments)
    return bytes(message.pack(mavlink, force_mavlink1=first))


def heard(chunks: list[bytes]) -> list[Heard]:
    framer = Framer(Decoder(), "udp:1")
    return [
        each for number, data in enumerate(chunks) for each in framer.feed(data, 5, f"o{number}")
    ]


def facts(found: list[Heard]) -> list[tuple[Any, ...]]:
    """Packets without where they were read."""
    return [
        (each.system_id, each.component_id, each.sequence, each.name, each.fields)
        for each in found
        if isinstance(each, Packet)
    ]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(st.lists(frames(), max_size=8), st.lists(QUIET, min_size=9, max_size=9), st.data())
def test_packets_are_the_same_however_a_stream_is_cut(
    sent: list[bytes], noise: list[bytes], data: st.DataObject
) -> None:
    """With noise before, between and after them; every byte of it is told."""
    whole = b"".join(part for pair in zip(noise, sent, strict=False) for part in pair) + noise[-1]
    places = data.draw(st.lists(st.integers(0, len(whole)), max_size=12))
    expected = [Decoder().decode(frame, "udp:1", "", 5) for frame in sent]
    found = heard(cut(whole, places))

    assert facts(found) == facts(expected)
    told = sum(each.count for each in found if isinstance(each, Noise))
    assert told == len(whole) - sum(map(len, sent))


@given(st.lists(frames(), min_size=1, max_size=4), st.binary(max_size=60))
def test_noise_that_looks_like_frames_holds_nothing_up_for_long(
    sent: list[bytes], noise: bytes
) -> None:
    """After as many bytes as the longest frame has, everything that followed has been found."""
    rest = bytes(280)
    found = facts(heard([noise, *sent, rest]))
    expected = facts([Decoder().decode(frame, "udp:1", "", 5) for frame in sent])
    assert [each for each in found if not each[3].startswith("UNKNOWN_")] == expected


@given(frames(), st.data())
def test_a_changed_bit_is_noticed(frame: bytes, data: st.DataObject) -> None:
    """Whatever is found then, it is not that message."""
    place = data.draw(st.integers(1, len(frame) * 8 - 1))
    # A signature is not ours to check, without its key; the second byte says the length.
    changed = bytearray(frame)
    changed[place // 8] ^= 1 << place % 8
    if frame[0] == V2 and frame[2] and place // 8 >= len(frame) - 13:
        return
    found = [
        each for each in facts(heard([bytes(changed) + bytes(280)])) if each[3][:8] != "UNKNOWN_"
    ]
    assert found == []


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_any_bytes_can_be_heard(chunks: list[bytes]) -> None:
    """None is counted twice."""
    told = sum(each.count for each in heard(chunks) if isinstance(each, Noise))
    assert told <= sum(map(len, chunks))


def unknown_frame(
    message_id: int = 9_000_000, payload: bytes = b"\x01\x02", sequence: int = 9
) -> bytes:
    ids = struct.pack("<I", message_id)[:3]
    return bytes((V2, len(payload), 0, 0, sequence, 42, 191)) + ids + payload + b"??"


def beat(sequence: int = 1) -> bytes:
    mavlink = sender(42, 1, sequence)
    return bytes(mavlink.heartbeat_encode(2, 3, 81, 4, 4).pack(mavlink))


@pytest.mark.parametrize(
    "after", [b"", beat(2), unknown_frame(9_000_001)], ids=["end", "known", "unknown"]
)
def test_frames_of_unknown_messages_keep_their_header_and_all_bytes(after: bytes) -> None:
    """They cannot be checked, so they count where frames follow each other."""
    frame = unknown_frame()
    found = heard([beat() + frame + after])

    assert isinstance(found[1], Packet)
    assert (found[1].system_id, found[1].component_id, found[1].sequence) == (42, 191, 9)
    assert (found[1].message_id, found[1].name, found[1].known) == (
        9_000_000,
        "UNKNOWN_9000000",
        False,
    )
    assert found[1].fields == {"frame": frame.hex()}


@pytest.mark.parametrize("data", [b"?" + unknown_frame() + b"?", unknown_frame() + b"noise"])
def test_what_looks_like_an_unknown_message_within_noise_is_noise(data: bytes) -> None:
    """Else any three bytes could be one."""
    assert [(type(each), each.count) for each in heard([data])] == [(Noise, len(data))]


def test_noise_is_told_once_with_its_beginning_and_place() -> None:
    """So that it can be seen what it was."""
    found = heard([b"x" * 100 + beat(), b"y" * 3 + beat(2)])

    assert [type(each) for each in found] == [Noise, Packet, Noise, Packet]
    assert found[0] == Noise("udp:1", "o0:0", 5, 100, b"x" * KEPT_NOISE_BYTES)
    assert found[2] == Noise("udp:1", "o1:0", 5, 3, b"yyy")


def test_a_packet_says_where_it_was_read() -> None:
    """Origins differ, and are the same when the same is read again."""
    chunks = [beat(1) + beat(2), beat(3)]
    origins = [each.origin for each in heard(chunks)]

    assert len(set(origins)) == 3
    assert origins == [each.origin for each in heard(chunks)]


def test_a_frame_that_is_not_whole_is_waited_for() -> None:
    """And is there with its last byte."""
    frame = beat()
    framer = Framer(Decoder(), "udp:1")

    for place in range(len(frame) - 1):
        assert list(framer.feed(frame[place : place + 1], 5, "o")) == []
    assert len(facts(list(framer.feed(frame[-1:], 5, "o")))) == 1


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (bytes((V1,)), None),
        (bytes((V1, 9)), 17),
        (bytes((V2, 9)), None),
        (bytes((V2, 9, 0)), 21),
        (bytes((V2, 9, 1)), 34),
        (bytes((V2, 255, 1)), 280),
        (bytes((V2, 9, 2)), 0),
        (b"\x55\x09\x00", 0),
    ],
)
def test_a_frame_says_its_own_length(data: bytes, length: int | None) -> None:
    """None while that is not known, zero where no frame begins."""
    assert frame_length(data, 0) == length


@given(frames())
def test_the_header_is_read_from_the_bytes(frame: bytes) -> None:
    """As pymavlink reads it."""
    message = dialect.MAVLink(None).decode(bytearray(frame))
    theirs = (
        message.get_srcSystem(),
        message.get_srcComponent(),
        message.get_seq(),
        message.get_msgId(),
    )
    assert header(frame) == theirs


def test_fields_are_what_json_can_carry() -> None:
    """Text without its padding, no number for what is none, lists for arrays."""
    mavlink = sender(1, 1, 0)
    altitude = mavlink.altitude_encode(1, math.nan, math.inf, -math.inf, 0.5, 0, 0)
    text = mavlink.statustext_encode(6, b"caf\xc3\xa9 \xff")
    battery = mavlink.battery_status_encode(0, 0, 0, 0, [4000] * 10, 1, 1, 1, 50)
    decoder = Decoder()
    read = [
        decoder.decode(bytes(each.pack(mavlink)), "", "", 5) for each in (altitude, text, battery)
    ]

    assert None not in read
    names = ("altitude_monotonic", "altitude_amsl", "altitude_local", "altitude_relative")
    assert [read[0].fields[name] for name in names] == [None, None, None, 0.5]
    assert read[1].fields["text"] == "café \ufffd"
    assert read[2].fields["voltages"] == [4000] * 10


def as_stream(path: Path) -> bytes:
    """The frames of a log, without the times between them, as pymavlink's own parser cuts them."""
    data, at, parts = path.read_bytes(), 0, []
    while at < len(data):
        frame = data[at + 8 :]
        size = frame[1] + (8 if frame[0] == V1 else 12) + (13 if frame[0] == V2 and frame[2] else 0)
        parts.append(frame[:size])
        at += 8 + size
    return b"".join(parts)


@pytest.mark.parametrize("size", [1, 263, 100_000])
def test_a_recorded_flight_is_heard_as_pymavlink_hears_it(size: int) -> None:
    """Message by message, in pieces of any size."""
    stream = as_stream(COPTER)[:150_000]
    theirs = dialect.MAVLink(None)
    theirs.robust_parsing = True
    expected = [
        (each.get_srcSystem(), each.get_srcComponent(), each.get_seq(), each.get_type())
        for each in theirs.parse_buffer(bytearray(stream))
    ]
    found = heard([stream[at : at + size] for at in range(0, len(stream), size)])

    assert len(expected) > 3000
    assert [each[:4] for each in facts(found)] == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [(COPTER, {"total": 11_853, "unknown_n": 0}), *others("S*.raw")],
    ids=lambda each: getattr(each, "stem", ""),
)
def test_recordings_hold_what_was_found_in_them(path: Path, expected: dict[str, Any]) -> None:
    """As many messages, and as many of them unknown."""
    data = as_stream(path) if path.suffix == ".tlog" else path.read_bytes()
    packets = [
        each
        for each in heard([data[at : at + 1000] for at in range(0, len(data), 1000)])
        if isinstance(each, Packet)
    ]
    assert len(packets) == expected["total"]
    assert sum(not each.known for each in packets) == expected["unknown_n"]
