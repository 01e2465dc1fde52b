"""Telemetry logs are played as they were recorded, damaged ones as far as they go."""

import random
import struct
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink import mavutil
from recorded import COPTER, FLEET, INAV, others

from connectors.log_stamp import FIRST_US, LAST_US
from connectors.mavlink import Heard, Noise, Packet
from connectors.mavlink_log import LogUnreadable, MavlinkLogSource, fingerprint, read_log
from connectors.mavlink_records import Played, records


@cache
def whole(path: Path) -> list[tuple[Heard, int]]:
    return list(records(path.read_bytes(), "log:x"))


def packets(path: Path) -> list[Packet]:
    return [each for each, _ in whole(path) if isinstance(each, Packet)]


def theirs(path: Path) -> list[Any]:
    """The messages of a log as pymavlink's own reader gives them."""
    log = mavutil.mavlogfile(str(path))
    messages = []
    while (message := log.recv_msg()) is not None:
        messages.append(message)
    log.close()
    return messages


@pytest.mark.parametrize("path", [COPTER, INAV], ids=lambda path: path.stem)
def test_a_log_is_read_as_pymavlink_reads_it(path: Path) -> None:
    """Every message, whose it is and when it was recorded."""
    expected = [
        (each.get_type(), each.get_srcSystem(), each.get_seq(), round(each._timestamp * 1e6))
        for each in theirs(path)
    ]
    found = [(each.name, each.system_id, each.sequence, each.heard_us) for each in packets(path)]

    # Its times are floating point, and off by a fraction of a microsecond.
    assert [each[:3] for each in found] == [each[:3] for each in expected]
    assert max(abs(a[3] - b[3]) for a, b in zip(found, expected, strict=True)) <= 1


def test_what_is_known_of_the_recordings_is_found() -> None:
    """Numbers that were read off with other tools when they were recorded."""
    assert len({each.name for each in packets(COPTER)}) == 45
    vehicles = Counter(each.system_id for each in packets(FLEET))
    assert sum(vehicles.values()) == 53_787
    assert set(vehicles) == {11, 12, 13, 14, 255}
    assert {each.system_id for each in packets(INAV)} == {42}


@pytest.mark.parametrize(
    ("path", "expected"),
    [(COPTER, {"total": 11_853, "bad": 0}), *others("S[12]*.tlog")],
    ids=lambda each: getattr(each, "stem", ""),
)
def test_logs_hold_what_was_found_in_them(path: Path, expected: dict[str, Any]) -> None:
    """A thousand damaged records among them."""
    assert len(packets(path)) == expected["total"]
    assert any(isinstance(each, Noise) for each, _ in whole(path)) == (expected["bad"] > 0)


@given(st.integers(0, len(INAV.read_bytes())), st.binary(max_size=400))
def test_a_log_that_was_overwritten_loses_only_what_was(at: int, junk: bytes) -> None:
    """Wherever it happens, the records before and behind are found, and every byte is told."""
    data = INAV.read_bytes()
    damaged = data[:at] + junk + data[at + len(junk) :]
    found = {
        (end, each.name, each.sequence)
        for each, end in records(damaged, "log:x")
        if isinstance(each, Packet)
    }
    kept = {
        (end, each.name, each.sequence)
        for (each, end), start in zip(whole(INAV), starts(INAV), strict=True)
        if isinstance(each, Packet) and (end <= at or start >= at + len(junk))
    }
    assert kept <= found
    assert len(found) <= len(whole(INAV))


def starts(path: Path) -> list[int]:
    return [0, *(end for _, end in whole(path))][:-1]


def test_a_log_that_was_cut_off_ends_with_its_last_whole_record() -> None:
    """What is left of the next one is told."""
    data = INAV.read_bytes()
    end = whole(INAV)[100][1]
    found = [each for each, _ in records(data[: end + 12], "log:x")]

    assert len(found) == 102
    assert isinstance(found[101], Noise)
    assert found[101].count == 12


def stamped(path: Path, stamps: dict[int, int]) -> bytes:
    """A log with other times at some of its records."""
    data = bytearray(path.read_bytes())
    for number, stamp in stamps.items():
        struct.pack_into(">Q", data, starts(path)[number], stamp)
    return bytes(data)


@pytest.mark.parametrize("stamp", [0, 1, FIRST_US - 1, LAST_US + 1, 2**63, 2**64 - 1])
def test_a_time_that_no_clock_gives_is_replaced_by_the_one_before(stamp: int) -> None:
    """The message is as good as any."""
    times = [each.heard_us for each in packets(INAV)]
    found = [each for each, _ in records(stamped(INAV, {0: stamp, 9: stamp, 10: stamp}), "log:x")]

    assert [each.heard_us for each in found[:2]] == [FIRST_US, times[1]]
    assert [each.heard_us for each in found[8:12]] == [times[8]] * 3 + [times[11]]


@given(st.integers(0, 514), st.sets(st.integers(0, 514), max_size=300))
def test_playing_goes_on_where_it_ended(number: int, garbage: set[int]) -> None:
    """From any record on, with the same origins and the same times, though some are garbage."""
    data = stamped(INAV, dict.fromkeys(garbage, 0))
    before = list(records(data, "log:x"))
    heard, end = before[number]

    assert list(records(data, "log:x", after=Played(end, heard.heard_us))) == before[number + 1 :]


def played(
    source: MavlinkLogSource, after: Played | None = None
) -> tuple[list[Heard], list[Played]]:
    """All that a source gives, and what it would resume from after each batch."""
    part = source.build_part("log", source.path.name, after)
    found, snapshots = [], []
    while True:
        try:
            batch = part.next_batch()
        except StopIteration:
            break
        found.extend(batch)
        snapshots.append(part.snapshot())
    part.close()
    return found, snapshots


def test_a_source_plays_the_log_and_resumes() -> None:
    """In batches; what it says of its progress ends with all of the file."""
    told: list[tuple[int, int, int]] = []
    source = MavlinkLogSource(COPTER, "test", 0, progress=lambda *each: told.append(each))
    found, snapshots = played(source)
    size = COPTER.stat().st_size

    assert len(found) == 11_853
    assert len(snapshots) > 10
    assert told[-1] == (size, size, 11_853)
    rest, _ = played(source, snapshots[3])
    assert rest == found[2000:]
    assert played(source, snapshots[-1])[0] == []
    assert source.list_parts() == [COPTER.name]


def test_origins_tell_playings_apart_and_not_readings() -> None:
    """A log that is played a second time says something new; one that is read again does not."""
    once = played(MavlinkLogSource(INAV, "test", 0, "run1"))[0]
    again = played(MavlinkLogSource(INAV, "test", 0, "run1"))[0]
    another = played(MavlinkLogSource(INAV, "test", 0, "run2"))[0]

    assert once == again
    assert len({each.origin for each in once}) == len(once)
    assert not {each.origin for each in once} & {each.origin for each in another}
    assert {each.link for each in once} == {f"log:{INAV.name}"}


def test_a_log_is_known_by_its_bytes(tmp_path: Path) -> None:
    """Under whatever name it lies."""
    copy = tmp_path / "copy.tlog"
    copy.write_bytes(INAV.read_bytes())
    assert MavlinkLogSource(copy, "t").recording == MavlinkLogSource(INAV, "t").recording
    assert fingerprint(b"a") != fingerprint(b"b")


def test_a_log_takes_its_time() -> None:
    """Nothing comes before it is due, and the source says when it will be."""
    part = MavlinkLogSource(INAV, "test", 0.001).build_part("log", INAV.name, None)
    first = part.next_batch()
    due = part.next_awake()

    assert 0 < len(first) < len(packets(INAV))
    assert due is not None
    assert part.next_batch() == []
    assert part.snapshot() == Played(whole(INAV)[len(first) - 1][1], first[-1].heard_us)
    part.close()


def test_long_pauses_and_clocks_that_jump_hold_nothing_up(tmp_path: Path) -> None:
    """A day between two records is some seconds, and a step back is none."""
    times = [each.heard_us for each in packets(INAV)]
    day = 86_400_000_000
    log = tmp_path / "jumps.tlog"
    log.write_bytes(stamped(INAV, {1: times[0] + day, 2: times[0], 3: times[0] + 3 * day}))
    found, _ = played(MavlinkLogSource(log, "test", 1e6))

    assert len(found) == len(times)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file"),
        (b"", "holds no MAVLink, neither as"),
        (b"not a log at all" * 1000, "holds no MAVLink, neither as"),
        (random.Random(2).randbytes(70_000), "holds no MAVLink, neither as"),
    ],
    ids=["missing", "empty", "text", "chance"],
)
def test_a_file_that_is_no_log_is_refused_by_name(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    """Before anything is played."""
    path = tmp_path / "file.tlog"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(LogUnreadable, match=reason) as error:
        read_log(path)
    assert str(path) in str(error.value)
    with pytest.raises(LogUnreadable):
        MavlinkLogSource(path, "test").build_part("log", path.name, None)


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    """It is named, too."""
    with pytest.raises(LogUnreadable, match="Is a directory"):
        read_log(tmp_path)
