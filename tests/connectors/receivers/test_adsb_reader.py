"""Beast, AVR and SBS are told apart and read, however their bytes come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from on_air import EVEN, KLM1023, all_call, avr, beast, reply, squitter

from connectors.receivers import adsb, mode_s
from connectors.receivers.adsb import AdsbReader
from connectors.receivers.heard import UNWANTED, Said, Told, Unread

FRAMES = [bytes.fromhex(EVEN), bytes.fromhex(KLM1023)]
ROW = b"MSG,8,1,1,4CA2D6,1,2008/11/28,14:53:50.594,2008/11/28,14:58:51.153,,,,,,,,,,,,0\r\n"


def read(data: bytes, form: str = "") -> list[Told]:
    return AdsbReader(form).feed(data, 0, whole=False)


def numbers(told: list[Told]) -> list[int]:
    return [each.number for each in told if isinstance(each, Said)]


@pytest.mark.parametrize("packed", [beast, avr])
@given(cuts=st.lists(st.integers(1, 40)))
def test_frames_do_not_depend_on_how_they_come(packed, cuts) -> None:
    """In one piece or in many, with escape bytes in all places."""
    escapes = squitter(0x1A1A1A, 0x201A1A1A1A1A1A)
    data = b"".join(packed(frame) for frame in (*FRAMES, escapes, *FRAMES))
    reader = AdsbReader()
    told = []
    for size in [*cuts, len(data) + 1]:
        told += reader.feed(data[:size], 0, whole=False)
        data = data[size:]

    assert numbers(told) == [0x40621D, 0x4840D6, 0x1A1A1A, 0x40621D, 0x4840D6]
    assert len(told) == 5


def test_the_forms_may_be_mixed() -> None:
    """Each frame and each line is known by how it begins."""
    data = beast(FRAMES[0]) + ROW + avr(FRAMES[1]) + beast(FRAMES[1]) + b"\n# a comment\r\n"
    assert numbers(read(data)) == [0x40621D, 0x4CA2D6, 0x4840D6, 0x4840D6]


@pytest.mark.parametrize(
    ("form", "number"),
    [("beast", 0x40621D), ("sbs", 0x4CA2D6), ("avr", 0x4840D6)],
)
def test_a_receiver_that_has_a_form_is_read_in_no_other(form, number) -> None:
    """The rest is told."""
    told = read(beast(FRAMES[0]) + ROW + avr(FRAMES[1]), form)
    assert numbers(told) == [number]
    assert [each.reason for each in told if isinstance(each, Unread)] == [adsb.FORM] * 2


@pytest.mark.parametrize(
    "line",
    [
        f"*{EVEN};\n",
        f"*{EVEN.lower()};\r\n",
        f":{EVEN};\n",
        f"@0123456789AB{EVEN};\n",
        f"%0123456789AB{EVEN};\n",
        f"<0123456789ABFF{EVEN};\n",
        f"*{EVEN}\n",
        f'1457996402,"{EVEN}","40621D",11\n',
        f"1457996402.25,{EVEN}\n",
    ],
)
def test_avr_may_have_a_clock_before_the_frame(line) -> None:
    """And a log the time of day."""
    (told,) = read(line.encode())
    assert isinstance(told, Said)
    assert told.number == 0x40621D
    seconds = line.partition(",")[0]
    assert told.told_us == (float(seconds) * 1e6 if seconds[0] == "1" else None)


def test_several_frames_may_stand_in_a_line() -> None:
    """Each ends with a semicolon."""
    assert len(numbers(read(f"*{EVEN};*{KLM1023};\n".encode()))) == 2


def test_modes_a_and_c_and_the_state_of_the_receiver_are_passed_over() -> None:
    """They name no aircraft."""
    state = b"\x1a4" + bytes(21)
    relayed = b"\x1a\xe3" + bytes(8)
    told = read(beast(b"\x12\x34") + b"*7700;\n" + state + relayed + beast(FRAMES[0]))
    assert told[:-1] == [UNWANTED] * 4
    assert numbers(told) == [0x40621D]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hello\n", adsb.NOT_A_LINE),
        (b"*8D40621D;\n", adsb.NOT_A_LINE),
        (b"*" + b"Z" * 28 + b";\n", adsb.NOT_A_LINE),
        (f"*{EVEN[:-1]}0;\n".encode(), mode_s.CHECKSUM),
        (f"*{EVEN}\xb2;\n".encode(), adsb.NOT_A_LINE),
        (b"x" * 3000 + b"\n", adsb.OVERLONG),
        (b"\x1a9", adsb.NOT_BEAST),
        (b"\x1a3\x00\x01\x1a2", adsb.NOT_BEAST),
    ],
)
def test_what_cannot_be_read_is_told_once(data, reason) -> None:
    """With the first of it."""
    (told,) = read(data)
    assert isinstance(told, Unread)
    assert told.reason == reason


def test_a_reader_that_comes_in_the_middle_finds_its_way() -> None:
    """Of the frame that is cut, something is told."""
    data = beast(FRAMES[0])[9:] + beast(FRAMES[1]) + beast(FRAMES[0])
    told = read(data)
    assert numbers(told) == [0x4840D6, 0x40621D]
    assert isinstance(told[0], Unread)


def test_a_frame_that_is_cut_short_costs_only_itself() -> None:
    """The next one begins where its escape byte stands."""
    data = beast(FRAMES[0])[:12] + beast(FRAMES[1])
    assert numbers(read(data)) == [0x4840D6]


def test_a_datagram_stands_for_itself() -> None:
    """What is cut off at its end is told, and nothing of it goes on in the next."""
    reader = AdsbReader()
    told = reader.feed(beast(FRAMES[0])[:12], 0, whole=True)
    assert [type(each) for each in told] == [Unread]
    assert numbers(reader.feed(avr(FRAMES[0]).strip(), 0, whole=True)) == [0x40621D]


def test_replies_count_only_of_aircraft_that_have_said_their_address() -> None:
    """Any bytes are a reply of somebody; the longest silent are forgotten."""
    answer = reply(0x406B90, bytes.fromhex("28001A1B"))
    reader = AdsbReader()

    def hear(frame: bytes, seconds: float) -> list[int]:
        return numbers(reader.feed(avr(frame), int(seconds * 1e6), whole=False))

    assert hear(answer, 0) == []
    assert hear(all_call(0x406B90, radar=5), 1) == []
    assert hear(squitter(0x406B90, 0), 2) == [0x406B90]
    assert hear(answer, 3) == [0x406B90]
    assert hear(all_call(0x406B90, radar=5), 4) == [0x406B90]
    assert hear(answer, 3 + adsb.KNOWN_US / 1e6 + 60) == []


def test_anybody_may_send_and_addresses_do_not_pile_up() -> None:
    """Of many, those heard last are known."""
    reader = AdsbReader()
    for address in range(1, adsb.MOST_KNOWN + 500):
        reader.feed(avr(all_call(address)), 0, whole=False)
    assert len(reader._known) == adsb.MOST_KNOWN


def test_noise_without_end_is_not_kept() -> None:
    """Of any kind."""
    for byte in (b"\x1a", b"*", b"x", b"\x00", b"\x1a3"):
        reader = AdsbReader()
        for _ in range(50):
            reader.feed(byte * 4000, 0, whole=False)
        assert len(reader._tail) < 2000


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([b"\x1a", b"\x1a3", b"*", b";\n", b"MSG,3,", ROW, beast(FRAMES[0])]),
        ),
        max_size=12,
    ),
    st.booleans(),
    st.sampled_from(["", "sbs", "beast", "avr"]),
)
def test_no_bytes_make_the_reader_raise(pieces, whole, form) -> None:
    """And it always goes on."""
    reader = AdsbReader(form)
    for piece in pieces:
        reader.feed(piece, 0, whole=whole)
    told = reader.feed(b"\n" + beast(FRAMES[0]) * 3, 0, whole=whole)
    if form in ("", "beast"):
        assert 0x40621D in numbers(told)
