"""How far places of a mission are from each other, on a sphere."""

from math import asin, cos, radians, sin, sqrt
from typing import Protocol

EARTH_M = 6_371_008.8


class Place(Protocol):
    """What has a latitude and a longitude, in degrees."""

    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...


def metres(one: Place, other: Place) -> float:
    """The shortest way between two places."""
    south, north = radians(one.latitude), radians(other.latitude)
    across = radians(other.longitude - one.longitude) / 2
    share = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(across) ** 2
    return 2 * EARTH_M * asin(sqrt(max(0.0, min(1.0, share))))
