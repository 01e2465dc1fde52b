"""Mode S frames are read where they came unharmed, by the literature's frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from on_air import (
    AIR_SPEED,
    EVEN,
    GROUND_SPEED,
    KLM1023,
    SURFACE_ODD,
    all_call,
    parity,
    reply,
    squitter,
)

from connectors.receivers import mode_s
from connectors.receivers.heard import UNWANTED, Said, Unread


def said(hexadecimal: str) -> Said:
    told = mode_s.read(bytes.fromhex(hexadecimal))
    assert isinstance(told, Said)
    return told


@given(st.binary(min_size=4, max_size=11))
def test_the_remainder_is_that_of_a_long_division(data) -> None:
    """Nothing is left of a frame behind which it stands."""
    frame = data + parity(data).to_bytes(3, "big")
    assert mode_s.remainder(frame) == 0
    assert mode_s.remainder(data + bytes(3)) == parity(data)


def test_frames_of_the_literature_say_what_it_says() -> None:
    """A call sign, a velocity over ground and one through the air, a taxiing aircraft."""
    assert said(KLM1023).number == 0x4840D6
    assert (said(KLM1023).fields["callsign"], said(KLM1023).fields["category"]) == ("KLM1023", "A0")
    over_ground = said(GROUND_SPEED).fields
    assert over_ground["groundspeed"] == pytest.approx(159.20, abs=0.01)
    assert over_ground["track"] == pytest.approx(182.88, abs=0.01)
    assert (over_ground["vertical_rate"], over_ground["geo_minus_baro"]) == (-832, 550)
    through_air = said(AIR_SPEED).fields
    assert (through_air["TAS"], through_air["vertical_rate"]) == (375, -2304)
    assert through_air["heading"] == pytest.approx(243.98, abs=0.01)
    taxiing = said(SURFACE_ODD).fields
    assert (taxiing["bds"], taxiing["parity"]) == ("06", "odd")
    assert said(EVEN).fields["altitude"] == 38_000


@pytest.mark.parametrize("bit", range(0, 112, 5))
def test_a_frame_with_one_bit_wrong_is_not_read(bit) -> None:
    """Whichever it is; where it makes another kind of frame of it, nobody reads it either."""
    harmed = (int(EVEN, 16) ^ 1 << bit).to_bytes(14, "big")
    told = mode_s.read(harmed)
    assert told is UNWANTED or isinstance(told, Unread) or told.fields["df"] in mode_s.REPLIES


@pytest.mark.parametrize(
    ("letter", "form"),
    [("A", 4), ("B", 3), ("C", 2), ("D", 1)],
)
def test_the_category_is_written_as_the_standard_does(letter, form) -> None:
    """A letter for the set, a digit for what it is."""
    told = mode_s.read(squitter(0x406B90, (form << 3 | 5) << 48 | 0x820820820820))
    assert isinstance(told, Said)
    assert told.fields["category"] == f"{letter}5"


def test_a_radars_number_over_the_checksum_is_none_of_ours() -> None:
    """Seven bits of an all-call may be that; more are harm."""
    for radar in (0, 1, 79, 127):
        told = mode_s.read(all_call(0x406B90, radar=radar))
        assert isinstance(told, Said)
        assert (told.number, told.fields["df"]) == (0x406B90, 11)
    assert isinstance(mode_s.read(all_call(0x406B90, radar=128)), Unread)


def test_a_reply_to_a_radar_gives_the_address_it_is_folded_with() -> None:
    """The squawk of somebody."""
    told = mode_s.read(reply(0x406B90, bytes.fromhex("28001A1B")))
    assert isinstance(told, Said)
    assert (told.number, told.fields["squawk"]) == (0x406B90, "3615")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        bytes.fromhex(EVEN)[:7],
        bytes.fromhex(EVEN) + b"\0",
        bytes.fromhex("5D484020A5F6D1") + b"\0",
    ],
)
def test_a_frame_is_as_long_as_it_says(frame) -> None:
    """The driver would read what is not there."""
    assert mode_s.read(frame) == Unread(mode_s.LENGTH, frame)


@pytest.mark.parametrize(
    "frame",
    [
        squitter(0, 0x58C382D690C8AC),
        squitter(0x406B90, 0x58C382D690C8AC, form=18, capability=1),
        squitter(0x406B90, 0x58C382D690C8AC, form=18, capability=5),
        bytes((24 << 3,)) + bytes(13),
        bytes((19 << 3,)) + bytes(13),
    ],
)
def test_what_is_no_aircrafts_own_word_is_passed_over(frame) -> None:
    """Nobody's address, what ground stations repeat, and what only soldiers read."""
    assert mode_s.read(frame) is UNWANTED


def test_an_emitter_without_transponder_has_an_address_too() -> None:
    """A vehicle on an airfield."""
    told = mode_s.read(squitter(0x406B90, 0x58C382D690C8AC, form=18, capability=0))
    assert isinstance(told, Said)


@given(st.binary(min_size=14, max_size=14), st.sampled_from([11, 17, 17, 17, 18, 0, 4, 5, 20, 21]))
def test_no_frame_makes_the_driver_end_the_process(data, form) -> None:
    """Its panics are no exceptions of Python's: whatever it is given has to be read."""
    body = bytes((form << 3 | data[0] & 7,)) + data[1 : 11 if form >= 16 else 4]
    frame = body + parity(body).to_bytes(3, "big")
    told = mode_s.read(frame)
    if isinstance(told, Said):
        assert 0 < told.number < 2**24
        assert {type(value) for value in told.fields.values()} <= {int, float, bool, str}
