"""Rows of SBS (BaseStation) as messages of aircraft: somebody else has read the bits.

``MSG,3,1,1,4CA2D6,1,2008/11/28,14:53:50.594,2008/11/28,14:58:51.153,,37000,,,51.457,-1.028,,,0,0,0,0``
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from connectors.receivers.heard import UNWANTED, Said, Told, Unread

KINDS = frozenset((b"MSG", b"SEL", b"ID", b"AIR", b"STA", b"CLK"))
FIRST_US, LAST_US = 631_152_000_000_000, 4_102_444_800_000_000  # 1990 and 2100.
NOT_SBS = "a row of SBS that cannot be read"
_ADDRESS = re.compile(r"[0-9A-Fa-f]{6}", re.ASCII)


def _flag(text: str) -> bool:
    return int(text) != 0  # Some write -1 for true, some 1.


_COLUMN: dict[str, tuple[int, Callable[[str], Any]]] = {
    "callsign": (10, str.strip),
    "altitude": (11, float),
    "groundspeed": (12, float),
    "track": (13, float),
    "latitude": (14, float),
    "longitude": (15, float),
    "vertical_rate": (16, float),
    "squawk": (17, str),
    "emergency": (19, _flag),
    "ident": (20, _flag),
    "on_ground": (21, _flag),
}
# What is written in other columns of such a row was not said by this message.
_SAYS: dict[str, tuple[str, ...]] = {
    "1": ("callsign",),
    "2": ("altitude", "groundspeed", "track", "latitude", "longitude", "on_ground"),
    "3": ("altitude", "latitude", "longitude", "emergency", "ident", "on_ground"),
    "4": ("groundspeed", "track", "vertical_rate", "on_ground"),
    "5": ("altitude", "ident", "on_ground"),
    "6": ("altitude", "squawk", "emergency", "ident", "on_ground"),
    "7": ("altitude", "on_ground"),
    "8": ("on_ground",),
}


def is_sbs(line: bytes) -> bool:
    """Whether a line begins as a row does."""
    return line.partition(b",")[0] in KINDS


def read(line: bytes) -> Told:
    """What a row says, in feet, knots and feet a minute."""
    if not line.startswith(b"MSG,"):
        return UNWANTED
    try:
        columns = line.decode("ascii").split(",")
        fields = {
            name: read(text)
            for name in _SAYS[columns[1]]
            for column, read in (_COLUMN[name],)
            if (text := columns[column].strip())
        }
        address = _address(columns[4])
    except (ValueError, IndexError, KeyError):
        return Unread(NOT_SBS, line)
    # Addresses that are nobody's have a sign before them.
    if address is None:
        return UNWANTED
    return Said(address, {**fields, "sbs": int(columns[1])}, _told_us(columns[6], columns[7]))


def _address(text: str) -> int | None:
    if text.startswith("~"):
        return None
    if not _ADDRESS.fullmatch(text):
        raise ValueError(text)
    return int(text, 16) or None


def _told_us(day: str, time: str) -> int | None:
    """The receiver's clock, taken for UTC; None where it has told none."""
    try:
        moment = datetime.fromisoformat(f"{day.replace('/', '-')}T{time}").replace(tzinfo=UTC)
    except ValueError:
        return None
    told_us = round(moment.timestamp() * 1_000_000)
    return told_us if FIRST_US <= told_us <= LAST_US else None
