"""Where the fleet operates, and metres on the ground as latitudes and longitudes.

The area is the coast of Cascais in Portugal, from Cabo Raso to the aerodrome at Tires:
land, a bay and a runway within a few kilometres.
"""

import math
from typing import NamedTuple

EARTH_RADIUS_METRES = 6_371_008.8  # Mean radius R1 of GRS 80.


class Place(NamedTuple):
    """Degrees of latitude and longitude (WGS 84), metres above mean sea level."""

    latitude: float
    longitude: float
    altitude: float


CENTRE = Place(38.715, -9.415, 0.0)
RADIUS_METRES = 7_500.0


def moved(place: Place, east: float, north: float, up: float = 0.0) -> Place:
    """A place some metres away, on the plane that touches the earth at ``place``.

    Within five kilometres the plane and the sphere differ by less than a metre.
    """
    latitude = place.latitude + math.degrees(north / EARTH_RADIUS_METRES)
    parallel = EARTH_RADIUS_METRES * math.cos(math.radians(place.latitude))
    longitude = place.longitude + math.degrees(east / parallel)
    return Place(latitude, longitude, place.altitude + up)


def metres_between(one: Place, other: Place) -> float:
    """Distance over the ground, by the haversine formula; altitudes are left out."""
    south, north = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin(across / 2) ** 2
    return 2 * EARTH_RADIUS_METRES * math.asin(math.sqrt(half))
