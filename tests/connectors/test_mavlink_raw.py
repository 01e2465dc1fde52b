"""A raw stream is played by the clocks that its messages tell, whatever else is in it."""

import os
import statistics
import struct
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import all as dialect
from recorded import COPTER, FLEET, INAV, others

from connectors.log_stamp import FIRST_US
from connectors.mavlink import Noise, Packet
from connectors.mavlink_frame import V1
from connectors.mavlink_log import MavlinkLogSource, read_log
from connectors.mavlink_raw import (
    LONGEST_STEP_US,
    STEADY_US,
    UNCLOCKED,
    began_us,
    raw_records,
)
from connectors.mavlink_records import Played

SECOND = 1_000_000
NOON_US = 1_790_000_000 * SECOND


def recorded(path: Path) -> list[tuple[int, bytes]]:
    """Time and frame of each record of a sound log, cut by its own bytes."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        (stamp,) = struct.unpack_from(">Q", data, at)
        head = data[at + 8 : at + 11]
        size = head[1] + (8 if head[0] == V1 else 12) + (13 if head[0] != V1 and head[2] else 0)
        found.append((stamp, data[at + 8 : at + 8 + size]))
        at += 8 + size
    return found


@cache
def stream(path: Path) -> bytes:
    return b"".join(frame for _, frame in recorded(path))


def heard(data: bytes, began: int = NOON_US) -> list:
    return [each for each, _ in raw_records(data, "log:x", "o", began)]


@pytest.mark.parametrize("path", [COPTER, FLEET, INAV], ids=lambda path: path.stem)
def test_a_log_without_its_times_is_played_at_the_pace_of_the_log(path: Path) -> None:
    """Message by message the clocks of the vehicles tell what the log's times tell."""
    truth = [stamp for stamp, _ in recorded(path)]
    times = [each.heard_us for each in heard(stream(path))]
    off = [(a - times[0]) - (b - truth[0]) for a, b in zip(times, truth, strict=True)]
    middle = statistics.median(off)
    whole = truth[-1] - truth[0]

    assert times == sorted(times)
    # What lay in buffers before the recording began, and clocks that start late, shift the whole.
    assert statistics.median(abs(each - middle) for each in off) < 0.3 * SECOND
    assert abs((times[-1] - times[0]) - whole) < 0.1 * whole


def vehicle() -> dialect.MAVLink:
    return dialect.MAVLink(None, 1, 1)


def packed(mavlink: dialect.MAVLink, message: dialect.MAVLink_message) -> bytes:
    mavlink.seq = (mavlink.seq + 1) % 256
    return bytes(message.pack(mavlink))


def attitudes(*boot_ms: int) -> bytes:
    mavlink = vehicle()
    return b"".join(
        packed(mavlink, mavlink.attitude_encode(each, 0, 0, 0, 0, 0, 0)) for each in boot_ms
    )


def beats(count: int) -> bytes:
    mavlink = vehicle()
    return b"".join(packed(mavlink, mavlink.heartbeat_encode(2, 3, 81, 4, 4)) for _ in range(count))


def elapsed(data: bytes) -> list[float]:
    """Milliseconds after the beginning."""
    return [(each.heard_us - NOON_US) / 1000 for each in heard(data)]


@pytest.mark.parametrize(
    ("boot_ms", "expected"),
    [
        ((1000, 1100, 1250), [0, 100, 250]),
        ((1000, 900, 1000), [0, 0, 100]),  # Started again, or out of order.
        ((1000, 2**31, 2**31 + 50), [0, 0, 50]),  # Garbage, or a clock that was set.
        ((0, 0, 0), [0, 0, 0]),
        ((2**32 - 10, 5, 25), [0, 0, 20]),  # After 50 days it begins anew.
        ((1000, 1000 + LONGEST_STEP_US // 1000, 62_000), [0, 60_000, 61_000]),
    ],
)
def test_time_goes_on_by_the_vehicles_clock(boot_ms, expected) -> None:
    """Never back, and not by leaps."""
    assert elapsed(attitudes(*boot_ms)) == expected


def test_messages_without_a_time_are_heard_with_those_that_have_one() -> None:
    """And where there is no clock at all, time goes on steadily."""
    steady = STEADY_US / 1000
    assert elapsed(beats(2) + attitudes(5, 15) + beats(2)) == [0, 0, 0, 10, 10, 10]
    assert elapsed(beats(UNCLOCKED + 3))[-3:] == [steady, 2 * steady, 3 * steady]
    assert elapsed(attitudes(5, 15) + beats(UNCLOCKED + 2))[-3:] == [
        10,
        10 + steady,
        10 + 2 * steady,
    ]


def system_time(unix_us: int, boot_ms: int) -> bytes:
    mavlink = vehicle()
    return packed(mavlink, mavlink.system_time_encode(unix_us, boot_ms))


def test_the_day_is_what_a_vehicle_says() -> None:
    """Reckoned back to the first message; before it knows, it says none."""
    data = attitudes(1000, 1500) + system_time(0, 1500) + attitudes(2500)
    told = data + system_time(NOON_US, 2500)

    assert began_us(told, 7) == NOON_US - 1500 * 1000
    assert began_us(told + system_time(NOON_US * 2, 2600), 7) == NOON_US - 1500 * 1000


def test_without_a_day_it_ended_when_its_file_was_written(tmp_path: Path) -> None:
    """As long ago as its clocks say that it lasted."""
    data = attitudes(*range(1000, 11_000, 100))
    assert began_us(data, NOON_US) == NOON_US - 9900 * 1000
    path = tmp_path / "stream.bin"
    path.write_bytes(data)
    os.utime(path, ns=(NOON_US * 1000, NOON_US * 1000))
    times = [each.heard_us for each, _ in read_log(path).records("x")]
    assert (times[0], times[-1]) == (NOON_US - 9900 * 1000, NOON_US)
    os.utime(path, ns=(0, 0))
    assert next(read_log(path).records("x"))[0].heard_us == FIRST_US


@given(st.integers(0, 514), st.binary(max_size=300))
def test_playing_goes_on_where_it_ended(number: int, junk: bytes) -> None:
    """From any message on, with the same times and origins; every byte is told."""
    data = stream(INAV)[:20_000] + junk + stream(INAV)[20_000:]
    before = list(raw_records(data, "log:x", "o", NOON_US))
    found, end = before[number]
    rest = list(raw_records(data, "log:x", "o", NOON_US, Played(end, found.heard_us)))

    assert rest == before[number + 1 :]
    assert [end for _, end in before] == sorted({end for _, end in before})
    assert before[-1][1] == len(data)


@given(st.binary(max_size=600))
def test_any_bytes_can_be_played(data: bytes) -> None:
    """All are told, and none twice."""
    ends = [0, *(end for _, end in raw_records(data, "x", "o", NOON_US))]
    assert ends == sorted(set(ends))
    assert ends[-1] == len(data)


def test_a_stream_that_was_cut_off_ends_with_its_last_whole_message() -> None:
    """What is left of the next one is told as noise, even when it looks like a longer frame."""
    found = list(raw_records(beats(2) + b"\xfd\xff\x00" + beats(1)[:-1], "x", "o", NOON_US))
    assert [type(each) for each, _ in found] == [Packet, Packet, Noise]
    assert found[2][0].count == 3 + len(beats(1)) - 1


@pytest.mark.parametrize("path", [COPTER, FLEET, INAV], ids=lambda path: path.stem)
def test_its_bytes_say_what_a_file_is(path: Path, tmp_path: Path) -> None:
    """Whatever it is called."""
    named = {"flight.tlog": stream(path), "flight.raw": path.read_bytes()}
    for name, data in named.items():
        (tmp_path / name).write_bytes(data)

    assert read_log(tmp_path / "flight.raw").began_us is None
    assert read_log(tmp_path / "flight.tlog").began_us is not None
    counts = []
    for name in named:
        part = MavlinkLogSource(tmp_path / name, "test", 0).build_part("in", name, None)
        found = 0
        try:
            while True:
                found += sum(isinstance(each, Packet) for each in part.next_batch())
        except StopIteration:
            counts.append(found)
    assert counts == [len(recorded(path))] * 2


@pytest.mark.parametrize(
    ("path", "expected"), others("S[45]*.raw"), ids=lambda each: getattr(each, "stem", "")
)
def test_recorded_streams_are_whole_and_last_as_long_as_they_did(path, expected) -> None:
    """Those of others: what they hold was found by other means, their length by their clocks."""
    found = [each for each, _ in read_log(path).records("log:x")]
    packets = [each for each in found if isinstance(each, Packet)]
    boots = [
        each.fields["time_boot_ms"]
        for each in packets
        if each.name == "ATTITUDE" and each.component_id == 1
    ]

    assert len(packets) == expected["total"]
    assert sum(not each.known for each in packets) == expected["unknown_n"]
    lasted = (found[-1].heard_us - found[0].heard_us) / 1000
    assert abs(lasted - (boots[-1] - boots[0])) < 500
    unknown = [each for each in packets if not each.known]
    assert all(
        bytes.fromhex(each.fields["frame"])[4:7]
        == bytes((each.sequence, each.system_id, each.component_id))
        for each in unknown
    )
