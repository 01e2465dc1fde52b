"""A raw stream is played whole, whatever else is in it, and told from a log by its bytes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_streams import beats, played, recorded, stream
from recorded import COPTER, FLEET, INAV, others

from connectors.mavlink import Noise, Packet
from connectors.mavlink_log import MavlinkLogSource, read_log
from connectors.mavlink_records import Played


@given(st.integers(0, 514), st.binary(max_size=300))
def test_playing_goes_on_where_it_ended(number: int, junk: bytes) -> None:
    """From any message on, with the same times and origins; every byte is told."""
    data = stream(INAV)[:20_000] + junk + stream(INAV)[20_000:]
    before = played(data)
    found, end = before[number]
    rest = played(data, Played(end, found.heard_us))

    assert rest == before[number + 1 :]
    assert [end for _, end in before] == sorted({end for _, end in before})
    assert before[-1][1] == len(data)


@given(st.binary(max_size=600))
def test_any_bytes_can_be_played(data: bytes) -> None:
    """All are told, and none twice."""
    ends = [0, *(end for _, end in played(data))]
    assert ends == sorted(set(ends))
    assert ends[-1] == len(data)


def test_a_stream_that_was_cut_off_ends_with_its_last_whole_message() -> None:
    """What is left of the next one is told as noise, even when it looks like a longer frame."""
    found = played(beats(2) + b"\xfd\xff\x00" + beats(1)[:-1])
    assert [type(each) for each, _ in found] == [Packet, Packet, Noise]
    assert found[2][0].count == 3 + len(beats(1)) - 1


@pytest.mark.parametrize("path", [COPTER, FLEET, INAV], ids=lambda path: path.stem)
def test_its_bytes_say_what_a_file_is(path: Path, tmp_path: Path) -> None:
    """Whatever it is called."""
    named = {"flight.tlog": stream(path), "flight.raw": path.read_bytes()}
    for name, data in named.items():
        (tmp_path / name).write_bytes(data)

    assert not read_log(tmp_path / "flight.raw").raw
    assert read_log(tmp_path / "flight.tlog").raw
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
