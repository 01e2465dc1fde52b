"""A part of the world between two meridians and two parallels, across the antimeridian as well."""

import math

import msgspec

MOST_LATITUDE, MOST_LONGITUDE = 90.0, 180.0


class NoBox(ValueError):
    """The text is no box, and says why."""


class Box(msgspec.Struct, frozen=True):
    """Degrees. Where ``west`` is greater than ``east``, it goes across the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def read(cls, text: str) -> "Box":
        """``west,south,east,north``.

        Raises:
            NoBox: it is none.
        """
        try:
            west, south, east, north = (float(each) for each in text.split(","))
        except ValueError:
            raise NoBox("expected four numbers: west,south,east,north") from None
        if not all(map(math.isfinite, (west, south, east, north))):
            raise NoBox("expected numbers that are finite")
        if max(abs(west), abs(east)) > MOST_LONGITUDE:
            raise NoBox("expected west and east from -180 to 180")
        if max(abs(south), abs(north)) > MOST_LATITUDE or south > north:
            raise NoBox("expected south and north from -90 to 90, the lesser first")
        return cls(west, south, east, north)

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a place is inside, or on the edge."""
        if not self.south <= latitude <= self.north:
            return False
        # The antimeridian has two names.
        names = (longitude, -longitude) if abs(longitude) == MOST_LONGITUDE else (longitude,)
        if self.west <= self.east:
            return any(self.west <= each <= self.east for each in names)
        return any(each >= self.west or each <= self.east for each in names)
