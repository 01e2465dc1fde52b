"""Rows of SBS are read by their columns, and only those that their kind says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.receivers import sbs
from connectors.receivers.heard import UNWANTED, Said, Unread

WHEN = "2008/11/28,14:53:50.594,2008/11/28,14:58:51.153"
TOLD_US = 1_227_884_030_594_000


def row(kind: int, *columns: str, address: str = "4CA2D6") -> bytes:
    """A row of that kind, with its last twelve columns."""
    return f"MSG,{kind},1,1,{address},1,{WHEN},{','.join(columns)}".encode()


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (row(1, "RYR1427 ", *[""] * 11), {"callsign": "RYR1427"}),
        (
            row(2, "", "0", "12", "90.5", "51.4", "-0.4", "", "", "", "", "", "-1"),
            {
                "altitude": 0.0, "groundspeed": 12.0, "track": 90.5, "latitude": 51.4,
                "longitude": -0.4, "on_ground": True,
            },
        ),
        (
            row(3, "", "37000", "", "", "51.45735", "-1.02826", "", "", "0", "0", "0", "0"),
            {
                "altitude": 37000.0, "latitude": 51.45735, "longitude": -1.02826,
                "emergency": False, "ident": False, "on_ground": False,
            },
        ),
        (
            row(4, "", "", "420", "179", "", "", "-64", "", "", "", "", "0"),
            {"groundspeed": 420.0, "track": 179.0, "vertical_rate": -64.0, "on_ground": False},
        ),
        (row(5, "", "35000", *[""] * 10), {"altitude": 35000.0}),
        (
            row(6, "", "35000", "", "", "", "", "", "7700", "1", "-1", "0", "0"),
            {
                "altitude": 35000.0, "squawk": "7700", "emergency": True, "ident": False,
                "on_ground": False,
            },
        ),
        (row(7, "", "35000", *[""] * 10), {"altitude": 35000.0}),
        (row(8, *[""] * 11, "1"), {"on_ground": True}),
    ],
)  # fmt: skip
def test_each_kind_of_row_says_its_own(line, fields) -> None:
    """In feet, knots and feet a minute."""
    (number,) = (int(line.split(b",")[1]),)
    assert sbs.read(line) == Said(0x4CA2D6, {**fields, "sbs": number}, TOLD_US)


def test_columns_that_a_kind_does_not_say_are_not_read() -> None:
    """Some programs repeat there what they heard before."""
    told = sbs.read(row(1, "RYR1427", "1", "2", "3", "4", "5", "6", "7777", "0", "0", "0", "0"))
    assert isinstance(told, Said)
    assert told.fields == {"callsign": "RYR1427", "sbs": 1}


@pytest.mark.parametrize(
    "line",
    [
        b"MSG",
        b"MSG,3,1,1",
        row(9, *[""] * 12),
        row(3, "", "high", *[""] * 10),
        row(3, "", "37000", *[""] * 10, address="4CA2D"),
        row(3, "", "37000", *[""] * 10, address="XXXXXX"),
        row(3, "", "37000", *[""] * 10, address="0x12ab"),
        row(3, "", "\u0663", *[""] * 10),
    ],
)
def test_a_row_that_cannot_be_read_is_told(line) -> None:
    """With the row."""
    told = sbs.read(line)
    assert told == (UNWANTED if line == b"MSG" else Unread(sbs.NOT_SBS, line))


@pytest.mark.parametrize(
    "line",
    [b"STA,,5,179,400AE7,10103,RM", b"AIR,,1", row(3, *[""] * 12, address="~2A3B4C")],
)
def test_rows_of_the_receivers_own_and_addresses_of_nobody_are_passed_over(line) -> None:
    """They are in order."""
    assert sbs.read(line) is UNWANTED


@pytest.mark.parametrize("when", ["2008/11/28,14:53:50", "2008-11-28,14:53:50.000"])
def test_the_time_may_have_no_fraction(when) -> None:
    """And other signs between."""
    told = sbs.read(row(8, *[""] * 12).replace(WHEN.encode(), f"{when},,".encode()))
    assert isinstance(told, Said)
    assert told.told_us == 1_227_884_030_000_000


@pytest.mark.parametrize("when", [",", "today,now", "0001/01/01,00:00:00", "9999/12/31,23:59:59"])
def test_a_time_that_cannot_be_is_not_told(when) -> None:
    """The rest of the row stands."""
    told = sbs.read(row(8, *[""] * 12).replace(WHEN.encode(), f"{when},,".encode()))
    assert isinstance(told, Said)
    assert told.told_us is None


@given(st.lists(st.text(max_size=12), max_size=24))
def test_no_row_makes_the_reader_raise(columns) -> None:
    """Whatever stands between its commas."""
    sbs.read(f"MSG,{','.join(columns)}".encode(errors="replace"))
