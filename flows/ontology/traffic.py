"""Ships and aircraft as the traffic flow knows them: what they say, and what is kept of it."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import msgspec

System = Literal["AIS", "ADSB"]


class Spoken(Protocol):
    """One message of a ship or aircraft, in the names and units of who has read its bits.

    ``told_us`` is when a station on the way says that it heard it.
    """

    @property
    def system(self) -> System: ...
    @property
    def number(self) -> int: ...
    @property
    def link(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def heard_us(self) -> int: ...
    @property
    def told_us(self) -> int | None: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...


class Noise(Protocol):
    """Sentences or frames that could not be read: why, how many, and the first of them."""

    @property
    def link(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def heard_us(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def data(self) -> bytes: ...


class Listener(msgspec.Struct, frozen=True):
    """Whose receivers hear, and where they are, if that is known, in degrees.

    ``recording`` is of what recording it is; empty for what is heard now.
    """

    organization: str
    recording: str = ""
    place: tuple[float, float] | None = None


class Frame(msgspec.Struct, array_like=True, gc=False):
    """Half a position: one of the two forms in which an aircraft says its place by turns."""

    odd: bool
    surface: bool
    latitude: int
    longitude: int
    at_us: int


class Fix(msgspec.Struct, array_like=True, gc=False):
    """Where an aircraft was, in degrees."""

    latitude: float
    longitude: float
    at_us: int


class Craft(msgspec.Struct):
    """One ship or aircraft: what has to be remembered from one message to the next.

    ``doubts`` is how many places in a row could not be reached from the one before.
    Altitude is in feet, as it was said.
    """

    name: str = ""
    entity_type: str = ""
    heard_us: int = 0
    even: Frame | None = None
    odd: Frame | None = None
    fix: Fix | None = None
    doubts: int = 0
    altitude_ft: float = 0.0
    altitude_us: int = 0
    squawk: str = ""
