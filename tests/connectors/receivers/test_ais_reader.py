"""NMEA sentences are read as AIS messages, by truth that is packed bit by bit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from on_air import EVER_DIADEM, MOORED, ais, armoured, class_a, sentence, tagged

from connectors.receivers import ais as reading
from connectors.receivers.ais import AisReader
from connectors.receivers.heard import UNWANTED, Said, Told, Unread

SECOND = 1_000_000


def read(*lines: bytes, **more: Any) -> list[Told]:
    data = b"".join(line + b"\r\n" for line in lines)
    return AisReader().feed(data, more.get("heard_us", 0), whole=False)


def test_a_sentence_is_read_with_its_fields() -> None:
    """A ship that is moored at Seattle, as the literature has it."""
    (said,) = read(MOORED)

    assert isinstance(said, Said)
    assert said.number == 477553000
    fields = said.fields
    assert (fields["msg_type"], fields["status"], fields["heading"]) == (1, 5, 181)
    assert (fields["lat"], fields["lon"], fields["course"]) == (47.582833, -122.345833, 51.0)


def test_a_message_in_two_parts_is_put_together() -> None:
    """Who a ship is, as the literature has it."""
    (said,) = read(*EVER_DIADEM)

    assert isinstance(said, Said)
    assert (said.number, said.fields["shipname"]) == (351759000, "EVER DIADEM")
    assert (said.fields["imo"], said.fields["destination"]) == (9134270, "NEW YORK")


def test_parts_of_two_ships_that_come_in_turns_are_kept_apart() -> None:
    """By channel and number, as receivers send them."""
    first, second = EVER_DIADEM
    other = [
        sentence(f"AIVDM,2,{part},2,B,{payload},{fill}")
        for part, (payload, fill) in enumerate(
            (armoured((6, 5), (2, 0), (30, 123456789), (2, 0), (30, 7)), armoured((42, "CALL"))), 1
        )
    ]
    told = read(first, other[0], second, other[1])

    assert [each.number for each in told if isinstance(each, Said)] == [351759000, 123456789]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([EVER_DIADEM[1]], reading.INCOMPLETE),
        ([EVER_DIADEM[0], EVER_DIADEM[0]], reading.INCOMPLETE),
        ([MOORED.replace(b"177K", b"177L")], reading.CHECKSUM),
        ([MOORED.rpartition(b"*")[0]], reading.CHECKSUM),
        ([MOORED[:-2] + b"zz"], reading.CHECKSUM),
        ([b"GET / HTTP/1.1"], reading.NOT_NMEA),
        ([b"!AIVDM,1,1"], reading.NOT_NMEA),
        ([b"!AIVDM,1,1,,A,\xff\xfe,0*26"], reading.NOT_NMEA),
        ([sentence("AIVDM,9,9,1,A,1,0")], reading.INCOMPLETE),
        ([sentence("AIVDM,0,1,,A,1,0")], reading.NOT_NMEA),
        ([sentence("AIVDM,1,1,,A,,0")], reading.UNREADABLE),
        ([b"$GPGGA,184353.07,1929.045,S*6E"], reading.NOT_NMEA),
        ([b"x" * 2000], reading.OVERLONG),
        ([ais((6, 1), (2, 0), (30, 0), (130, 0))], reading.UNREADABLE),
        ([ais((6, 1), (2, 0), (30, 2**30 - 1), (130, 0))], reading.UNREADABLE),
        ([ais((6, 1))], reading.UNREADABLE),
    ],
)
def test_what_cannot_be_read_is_told_with_its_reason(lines, reason) -> None:
    """And with the bytes that it was."""
    (told,) = read(*lines)

    assert isinstance(told, Unread)
    assert told.reason == reason
    assert told.data


@pytest.mark.parametrize(
    "line",
    [
        b"$GPGGA,184353.07,1929.045,S,02410.506,E,1,04,2.6,100.00,M,-33.9,M,,0000*6D",
        b"$IIMWV,271.0,R,000.2,N,A*3B",
        ais((6, 8), (2, 0), (30, 227006760), (130, 0)),
        ais((6, 63), (2, 0), (30, 227006760), (130, 0)),
    ],
)
def test_what_nobody_reads_is_no_mistake(line) -> None:
    """Other instruments, and messages that say nothing of a ship."""
    assert read(line) == [UNWANTED]


def test_empty_lines_and_comments_are_nothing() -> None:
    """Files have them."""
    assert read(b"", b"  ", b"# a comment") == []


@pytest.mark.parametrize(
    ("block", "told_us"),
    [
        ("s:station,c:1428621738", 1_428_621_738 * SECOND),
        ("c:1428621738123", 1_428_621_738_123_000),
        ("g:1-2-3,n:1", None),
        ("c:12415440354", None),
        ("c:-5", None),
        ("c:" + "9" * 300, None),
        ("c:\u0661", None),
    ],
)
def test_a_tag_block_says_when_a_station_heard_it(block, told_us) -> None:
    """In seconds or milliseconds, of this age."""
    (said,) = read(tagged(block, MOORED))

    assert isinstance(said, Said)
    assert said.told_us == told_us


def test_a_tag_block_that_came_to_harm_is_not_believed() -> None:
    """The sentence behind it is unharmed."""
    harmed = tagged("c:1428621738", MOORED).replace(b"c:14", b"c:15")
    (said,) = read(harmed)

    assert isinstance(said, Said)
    assert said.told_us is None


def test_a_tag_block_of_the_first_part_speaks_for_the_message() -> None:
    """The others have none, or less."""
    first, second = EVER_DIADEM
    (said,) = read(tagged("g:1-2-7,c:1428621738", first), tagged("g:2-2-7", second))

    assert isinstance(said, Said)
    assert said.told_us == 1_428_621_738 * SECOND


def test_a_gatehouse_line_tells_when_the_next_sentence_was_heard() -> None:
    """And only that one; a line whose checksum is wrong tells nothing."""
    wrapper = b"$PGHP,1,2008,5,9,0,0,0,10,338,2,,1,09*17"
    harmed = wrapper.replace(b"2008", b"2009")
    told = read(wrapper, MOORED, MOORED, harmed, MOORED)

    said = [each.told_us for each in told if isinstance(each, Said)]
    assert said == [1_210_291_200_010_000, None, None]  # 2008-05-09T00:00:00.010Z.
    assert [each.reason for each in told if isinstance(each, Unread)] == [reading.CHECKSUM]


def test_parts_that_come_too_late_are_of_another_message() -> None:
    """Two halves of two ships never become one."""
    reader = AisReader()
    first, second = (each + b"\n" for each in EVER_DIADEM)
    assert reader.feed(first, 0, whole=False) == []
    told = reader.feed(second, 6 * SECOND, whole=False)
    assert [each.reason for each in told] == [reading.INCOMPLETE] * 2
    reader.feed(first, 10 * SECOND, whole=False)
    assert [type(each) for each in reader.feed(second, 11 * SECOND, whole=False)] == [Said]


def test_messages_that_are_never_finished_do_not_pile_up() -> None:
    """Each that is given up is told."""
    reader = AisReader()
    told = []
    for number in range(1000):
        begun = sentence(f"AIVDM,2,1,{number % 10},{number},15MrVH,0")
        told += reader.feed(begun + b"\n", 0, whole=False)

    assert len(reader._unfinished) <= reading.MOST_UNFINISHED
    assert len(told) == 1000 - len(reader._unfinished)


_SIXES = st.text("0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw", max_size=90)


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.builds(
                lambda count, number, first, rest, fill: sentence(
                    f"AIVDM,{count},{number},1,A,{first}{rest},{fill}"
                ),
                st.integers(0, 3),
                st.integers(0, 3),
                st.sampled_from("1345;>ABCEKH9<0"),
                _SIXES,
                st.integers(0, 6),
            ),
            st.builds(tagged, st.text("gcns:-,0123456789", max_size=30), st.just(MOORED)),
            st.just(b"$PGHP,1,9999,99,9,0,0,0,10,338,2,,1,09*10"),
        ),
        max_size=8,
    ),
    st.integers(),
)
def test_no_bytes_make_the_reader_raise(lines, heard_us) -> None:
    """Fields are plain numbers and texts, whatever the bits."""
    for told in read(*lines, heard_us=heard_us):
        if isinstance(told, Said):
            assert 1 <= told.number <= 999_999_999
            kinds = {type(value) for value in told.fields.values()}
            assert kinds <= {int, float, bool, str, type(None)}


def test_what_is_packed_is_what_is_read() -> None:
    """Each field of a position report, in the standard's own units."""
    line = class_a(
        status=0, turn=20, speed=123, accuracy=1, lon=-74_044_502, lat=24_413_400,
        course=2345, heading=233, second=17,
    )  # fmt: skip
    (said,) = read(line)

    assert isinstance(said, Said)
    fields = said.fields
    assert fields["speed"] == 12.3
    assert fields["turn"] == round((20 / 4.733) ** 2)
    assert fields["lon"] == pytest.approx(-74_044_502 / 600_000, abs=1e-6)
    assert fields["lat"] == pytest.approx(24_413_400 / 600_000, abs=1e-6)
    assert (fields["course"], fields["heading"], fields["second"]) == (234.5, 233, 17)
    assert fields["accuracy"] is True
