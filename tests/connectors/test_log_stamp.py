"""When a log begins is found without decoding it, and never where there is none."""

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink import mavutil
from recorded import COPTER, FLEET, INAV

from connectors.log_stamp import FIRST_US, LAST_US, first_stamp


@pytest.mark.parametrize("path", [COPTER, FLEET, INAV], ids=lambda path: path.stem)
def test_a_log_begins_when_pymavlink_says(path: Path) -> None:
    """To the microsecond, but for its floating point."""
    log = mavutil.mavlogfile(str(path))
    expected = log.recv_msg()._timestamp * 1e6
    log.close()
    assert first_stamp(path) == pytest.approx(expected, abs=1)


@given(st.binary(max_size=300))
def test_damage_before_the_first_record_is_searched_past(tmp_path_factory, junk: bytes) -> None:
    """A record is found as soon as another follows it."""
    path = tmp_path_factory.mktemp("log") / "x.tlog"
    path.write_bytes(junk + INAV.read_bytes())
    found = first_stamp(path)
    assert found is not None
    assert FIRST_US <= found <= LAST_US


def test_times_that_no_clock_gives_are_passed_over(tmp_path: Path) -> None:
    """The next one counts."""
    data = bytearray(INAV.read_bytes())
    struct.pack_into(">Q", data, 0, 0)
    path = tmp_path / "x.tlog"
    path.write_bytes(data)
    second = 8 + 12 + data[9]
    assert first_stamp(path) == struct.unpack_from(">Q", data, second)[0]


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 8, b"no log " * 1000, random.Random(3).randbytes(500)]
)
def test_what_is_no_log_has_no_beginning(tmp_path: Path, data: bytes) -> None:
    """Neither has one of a few bytes."""
    path = tmp_path / "x.tlog"
    path.write_bytes(data)
    assert first_stamp(path) is None


@given(st.binary(max_size=600))
def test_any_bytes_can_be_asked(tmp_path_factory, data: bytes) -> None:
    """None of them raises."""
    path = tmp_path_factory.mktemp("log") / "x.tlog"
    path.write_bytes(data)
    found = first_stamp(path)
    assert found is None or FIRST_US <= found <= LAST_US
