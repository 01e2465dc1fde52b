"""What comes from receivers: things said, what could not be read, and what nobody reads."""

from typing import Any, Literal, Protocol

import msgspec

System = Literal["AIS", "ADSB"]

KEPT_BYTES = 64


class Spoken(msgspec.Struct, frozen=True, gc=False):
    """One message of a ship or aircraft, in the names and units of who has read it.

    ``number`` is the MMSI or the address, ``told_us`` when a station on the way says that
    it heard it, and ``origin`` the same however often it is read.
    """

    system: System
    number: int
    link: str
    origin: str
    heard_us: int
    told_us: int | None
    fields: dict[str, Any]


class Noise(msgspec.Struct, frozen=True, gc=False):
    """Sentences or frames that could not be read: why, how many, and the first of them."""

    link: str
    origin: str
    heard_us: int
    count: int
    reason: str
    data: bytes


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """Sentences and frames that are in order, and of a kind that nobody reads."""

    link: str
    count: int


Heard = Spoken | Noise | Skipped


class Said(msgspec.Struct, frozen=True, gc=False):
    """A sentence or frame that was read, before it is known whence and when it came.

    ``ticks`` is what a clock of the receiver showed that counts from nobody knows when.
    """

    number: int
    fields: dict[str, Any]
    told_us: int | None = None
    ticks: int | None = None


class Unread(msgspec.Struct, frozen=True, gc=False):
    """A sentence or frame that could not be read, and why. Empty if nobody wants to."""

    reason: str
    data: bytes = b""


UNWANTED = Unread("")

Told = Said | Unread


class Reader(Protocol):
    """Reads the bytes of one peer."""

    def feed(self, data: bytes, heard_us: int, *, whole: bool) -> list[Told]:
        """What these bytes complete; ``whole`` if nothing of it goes on in the next ones."""
        ...
