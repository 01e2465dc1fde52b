"""Files of what was heard are played with their own times, and from where they were."""

import os
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from on_air import EVEN, EVER_DIADEM, KLM1023, MOORED, ODD, beast, tagged

from connectors.receivers.heard import Heard, Noise, Skipped, Spoken
from connectors.receivers.recorded import APART_US, RecordingUnreadable, read_recording
from connectors.receivers.recording import RecordingSource

SECOND = 1_000_000
WRITTEN = 1_700_000_000
ROW = "MSG,8,1,1,4CA2D6,1,2008/11/28,14:53:50.594,2008/11/28,14:58:51.153,,,,,,,,,,,,0"


@pytest.fixture
def written(tmp_path):
    def write(name: str, data: bytes):
        path = tmp_path / name
        path.write_bytes(data)
        os.utime(path, (WRITTEN, WRITTEN))
        return path

    return write


def playing(path, after: int | None = None, **more: Any) -> Any:
    source = RecordingSource(path, "test", **{"speed": 0.0, **more})
    (name,) = source.list_parts()
    return source.build_part("in", name, after)


def played(path, after: int | None = None, **more: Any) -> list[Heard]:
    part = playing(path, after, **more)
    found: list[Heard] = []
    with suppress(StopIteration):
        while True:
            found.extend(part.next_batch())
    return found


def test_a_file_of_ships_is_played_with_the_times_that_it_tells(written) -> None:
    """And what tells none follows what does."""
    lines = (
        MOORED,
        tagged("c:1428621738", MOORED),
        b"# a comment",
        b"junk",
        b"$IIMWV,271.0,R,000.2,N,A*3B",
        *EVER_DIADEM,
    )
    found = played(written("ships.nmea", b"\r\n".join(lines)))

    assert [type(each) for each in found] == [Spoken, Spoken, Noise, Skipped, Spoken]
    times = [each.heard_us for each in found if not isinstance(each, Skipped)]
    base = 1_428_621_738 * SECOND
    assert times == [
        base - APART_US,
        base,
        base + APART_US,
        base + 3 * APART_US,
    ]
    assert {each.link for each in found} == {"log:ships.nmea"}


@pytest.mark.parametrize(
    ("data", "numbers"),
    [
        (f"*{ODD};\n*{EVEN};\n".encode(), [0x40621D, 0x40621D]),
        (beast(bytes.fromhex(ODD)) * 100, [0x40621D] * 100),
        (f"{ROW}\r\n{ROW}\r\n".encode(), [0x4CA2D6] * 2),
        (f'1457996402,"{KLM1023}","4840D6",4\n'.encode(), [0x4840D6]),
    ],
)
def test_a_file_of_aircraft_is_known_by_its_bytes(written, data, numbers) -> None:
    """Whatever its name."""
    found = played(written("aircraft.txt", data))
    assert [each.number for each in found] == numbers
    assert {each.system for each in found} == {"ADSB"}


def test_the_times_of_rows_and_dated_frames_are_their_own(written) -> None:
    """To the millisecond."""
    rows = f'{ROW}\n1457996402.25,"{KLM1023}","4840D6",4\n'
    found = played(written("aircraft.csv", rows.encode()))
    assert [each.heard_us for each in found] == [1_227_884_030_594_000, 1_457_996_402_250_000]


def test_ticks_say_how_much_later_a_frame_came_and_the_file_ends_when_it_was_written(
    written,
) -> None:
    """Of twelve million a second; a clock that was set back tells nothing."""
    frame = bytes.fromhex(EVEN)
    ticks = (10**9, 10**9 + 12 * SECOND, 10**9 + 42 * SECOND, 5, 12 * SECOND + 5)
    data = b"".join(beast(frame, each.to_bytes(6, "big")) for each in ticks)
    found = [each.heard_us for each in played(written("aircraft.beast", data))]
    assert [later - one for one, later in pairwise(found)] == [
        SECOND,
        2_500_000,
        APART_US,
        SECOND,
    ]
    assert found[-1] == WRITTEN * SECOND


def test_frames_that_several_receivers_made_up_have_no_ticks(written) -> None:
    """Their clock is a word."""
    data = beast(bytes.fromhex(EVEN), b"\xff\x00MLAT") * 3
    found = [each.heard_us for each in played(written("aircraft.beast", data))]
    assert [later - one for one, later in pairwise(found)] == [APART_US] * 2


def test_what_tells_no_time_ends_when_the_file_was_written(written) -> None:
    """So that it is not of the future."""
    found = played(written("ships.ais", b"\n".join([MOORED] * 100)))
    assert found[-1].heard_us == WRITTEN * SECOND
    assert found[0].heard_us == WRITTEN * SECOND - 99 * APART_US


@pytest.mark.parametrize("after", range(5))
def test_it_goes_on_where_it_was(written, after) -> None:
    """With the parts of a message that had been heard before."""
    path = written("ships.ais", b"\n".join((MOORED, EVER_DIADEM[0], MOORED, EVER_DIADEM[1], b"x")))
    whole = played(path)
    assert played(path, after) == whole[after:]


def test_each_playing_has_origins_of_its_own(written) -> None:
    """And the same file the same ones."""
    path = written("ships.ais", MOORED + b"\n" + MOORED)
    first, again, other = (
        [each.origin for each in played(path, run=run)] for run in ("a", "a", "b")
    )
    assert first == again
    assert len({*first, *other}) == 4


def test_it_is_as_slow_as_it_was_recorded(written) -> None:
    """What is not due is waited for."""
    lines = (tagged("c:1428621738", MOORED), tagged("c:1428621742", MOORED))
    part = playing(written("ships.ais", b"\n".join(lines)), speed=1.0)
    assert [each.heard_us for each in part.next_batch()] == [1_428_621_738 * SECOND]
    assert part.snapshot() == 1
    assert part.next_batch() == []
    assert part.next_awake() is not None


def test_the_end_is_told(written) -> None:
    """Also where the last lines are nothing."""
    told: list[tuple[int, int, int]] = []
    data = MOORED + b"\n# the end\n\n"
    played(written("ships.ais", data), progress=lambda *each: told.append(each))
    assert told[-1] == (len(data), len(data), 1)


@pytest.mark.parametrize("data", [b"", b"hello\n" * 100, b"\xfd\x09" * 500, b"\x1a" * 1000])
def test_what_nobody_has_heard_is_refused(written, data) -> None:
    """With what was looked for."""
    path = written("log.txt", data)
    with pytest.raises(RecordingUnreadable, match="holds no messages of ships"):
        read_recording(path)


def test_a_file_that_is_missing_is_named(tmp_path) -> None:
    """With why."""
    with pytest.raises(RecordingUnreadable, match=r"gone\.nmea cannot be read: No such file"):
        read_recording(tmp_path / "gone.nmea")
