"""Compact position reporting: two halves of a place as degrees (RTCA DO-260B, A.1.7).

Latitude is cut into 60 zones by even and into 59 by odd frames, longitude into as many
as the latitude has room for. A frame says where in its zone the aircraft is; which zone
it is follows from a frame of the other kind, or from a place that is not far off.
"""

from bisect import bisect_left
from math import acos, asin, cos, degrees, floor, pi, radians, sin, sqrt

from flows.ontology.traffic import Frame

Place = tuple[float, float]

ZONES = 60
SCALE = 2**17
EARTH_RADIUS_M = 6_371_000.0


def _upper(zones: int) -> float:
    """The latitude up to which there is room for so many zones of longitude."""
    return degrees(acos(sqrt((1 - cos(pi / (2 * 15))) / (1 - cos(2 * pi / zones)))))


_UPPER = tuple(_upper(zones) for zones in range(59, 1, -1))


def longitude_zones(latitude: float) -> int:
    """How many zones of longitude there are at a latitude: 59 at the equator, 1 at the poles."""
    return 59 - bisect_left(_UPPER, abs(latitude))


def paired(even: Frame, odd: Frame, newest: Frame, near: Place | None) -> Place | None:
    """The place that two frames tell together.

    Args:
        even: the one.
        odd: the other.
        newest: whichever of them came last; the place is where it was said.
        near: a place not far off, without which frames from the ground tell nothing.

    Returns:
        Degrees; None where the frames do not fit together.
    """
    turn = _turn(newest)
    if newest.surface and near is None:
        return None
    y_even, y_odd = even.latitude / SCALE, odd.latitude / SCALE
    x_even, x_odd = even.longitude / SCALE, odd.longitude / SCALE
    band = floor((ZONES - 1) * y_even - ZONES * y_odd + 0.5)
    lat_even = turn / ZONES * (band % ZONES + y_even)
    lat_odd = turn / (ZONES - 1) * (band % (ZONES - 1) + y_odd)
    if newest.surface and near is not None:
        lat_even, lat_odd = (
            min(each, each - 90, key=lambda to: abs(to - near[0])) for each in (lat_even, lat_odd)
        )
    else:
        lat_even, lat_odd = (each - 360 if each >= 270 else each for each in (lat_even, lat_odd))
    zones = longitude_zones(lat_even)
    latitude = lat_odd if newest.odd else lat_even
    if zones != longitude_zones(lat_odd) or abs(latitude) > 90:
        return None
    index = floor(x_even * (zones - 1) - x_odd * zones + 0.5)
    count = max(zones - newest.odd, 1)
    longitude = turn / count * (index % count + (x_odd if newest.odd else x_even))
    if newest.surface and near is not None:
        longitude = min(
            (longitude + quarter for quarter in (0, 90, 180, 270)),
            key=lambda to: abs(_around(to - near[1])),
        )
    return latitude, _around(longitude)


def local(frame: Frame, near: Place) -> Place | None:
    """The place that a frame tells, where one is known within half a zone of it."""
    turn = _turn(frame)
    height = turn / (ZONES - frame.odd)
    latitude = _nearest(near[0], height, frame.latitude / SCALE)
    if abs(latitude) > 90:
        return None
    width = turn / max(longitude_zones(latitude) - frame.odd, 1)
    return latitude, _around(_nearest(near[1], width, frame.longitude / SCALE))


def metres(one: Place, other: Place) -> float:
    """How far apart two places are."""
    (lat1, lon1), (lat2, lon2) = ((radians(lat), radians(lon)) for lat, lon in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))


def _turn(frame: Frame) -> float:
    """Zones on the ground are of a quarter of the size."""
    return 90.0 if frame.surface else 360.0


def _nearest(near: float, size: float, within: float) -> float:
    """So far within that zone of a size in which it is nearest."""
    return size * (floor(near / size - within + 0.5) + within)


def _around(longitude: float) -> float:
    return (longitude + 180) % 360 - 180
