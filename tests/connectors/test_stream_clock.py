"""What time it is in a recording without times is what its messages tell, and never goes back."""

import os
import statistics
from pathlib import Path

import pytest
from raw_streams import NOON_US, SECOND, beats, heard, packed, recorded, stream, vehicle
from recorded import COPTER, FLEET, INAV

from connectors.log_stamp import FIRST_US
from connectors.mavlink_log import read_log
from connectors.mavlink_raw import frames
from connectors.stream_clock import LONGEST_STEP_US, STEADY_US, UNCLOCKED, began_us


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


def attitudes(*boot_ms: int) -> bytes:
    mavlink = vehicle()
    return b"".join(
        packed(mavlink, mavlink.attitude_encode(each, 0, 0, 0, 0, 0, 0)) for each in boot_ms
    )


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

    assert began_us(frames(told), 1, 7) == NOON_US - 1500 * 1000
    told += system_time(NOON_US * 2, 2600)
    assert began_us(frames(told), 1, 7) == NOON_US - 1500 * 1000


def test_without_a_day_it_ended_when_its_file_was_written(tmp_path: Path) -> None:
    """As long ago as its clocks say that it lasted."""
    data = attitudes(*range(1000, 11_000, 100))
    assert began_us(frames(data), 1, NOON_US) == NOON_US - 9900 * 1000
    assert began_us(frames(data), 0.5, NOON_US) == NOON_US - 2 * 9900 * 1000
    path = tmp_path / "stream.bin"
    path.write_bytes(data)
    os.utime(path, ns=(NOON_US * 1000, NOON_US * 1000))
    times = [each.heard_us for each, _ in read_log(path).records("x")]
    assert (times[0], times[-1]) == (NOON_US - 9900 * 1000, NOON_US)
    os.utime(path, ns=(0, 0))
    assert next(read_log(path).records("x"))[0].heard_us == FIRST_US


def test_a_log_of_a_station_without_a_clock_is_played_by_those_of_the_vehicles(tmp_path) -> None:
    """Its times are of 1970, as on a small computer that has not been told the day."""
    truth = recorded(COPTER)
    log = tmp_path / "1970.tlog"
    log.write_bytes(
        b"".join((stamp - truth[0][0]).to_bytes(8, "big") + frame for stamp, frame in truth)
    )
    os.utime(log, ns=(NOON_US * 1000, NOON_US * 1000))
    read = read_log(log)
    times = [each.heard_us for each, _ in read.records("log:x")]

    assert not read.raw
    assert len(times) == len(truth)
    assert times == sorted(times)
    lasted = truth[-1][0] - truth[0][0]
    assert abs((times[-1] - times[0]) - lasted) < 0.1 * lasted
