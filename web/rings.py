"""The last ten minutes of a few signals, in memory, for the charts of an entity's page.

One point a second at most. Memory is bounded: ``MOST_ENTITIES`` rings of some 24 kB.
Beyond that, an entity gets a ring when somebody looks at it, in place of the one
that has been silent for longest.
"""

from array import array
from collections.abc import Mapping
from operator import attrgetter

from web.entity import Entity

SECONDS = 600
SPACING = 0.95  # Seconds: a source of one a second is kept whole despite its jitter.
MOST_ENTITIES = 500
MISSING = float("nan")

Column = list[float | None]

# Chart id to title, unit, and the value it draws.
CHARTS: Mapping[str, tuple[str, str]] = {
    "altitude": ("Altitude", "m"),
    "speed": ("Ground speed", "m/s"),
    "battery": ("Battery", "%"),
    "voltage": ("Voltage", "V"),
}
_values = attrgetter(*CHARTS)


class Ring:
    """Points of one entity: a column of times (seconds since 1970) and one of each chart."""

    def __init__(self) -> None:
        self._times = array("d")
        self._columns = {name: array("d") for name in CHARTS}
        self.total = 0

    @property
    def newest(self) -> float:
        return self._times[-1] if self._times else 0.0

    def add(self, seconds: float, values: tuple[float | None, ...]) -> None:
        if seconds < self.newest + SPACING:
            return
        self._times.append(seconds)
        for column, value in zip(self._columns.values(), values, strict=True):
            column.append(MISSING if value is None else value)
        self.total += 1
        # Trimmed in one go now and then: cheaper than moving every column each second.
        if len(self._times) > SECONDS * 1.25:
            surplus = len(self._times) - SECONDS
            for column in (self._times, *self._columns.values()):
                del column[:surplus]

    def points(self, after: int, until: int) -> tuple[Column, dict[str, Column]]:
        """Times and columns of the points numbered from ``after`` to ``until``, counted from 0."""
        first = self.total - len(self._times)
        begin = max(after - first, until - first - SECONDS, 0)
        end = max(until - first, begin)
        cut = slice(begin, end)
        return list(self._times[cut]), {
            name: [None if value != value else round(value, 3) for value in column[cut]]  # noqa: PLR0124
            for name, column in self._columns.items()
        }


class Rings:
    def __init__(self, most: int = MOST_ENTITIES) -> None:
        self._most = most
        self._rings: dict[str, Ring] = {}

    def __len__(self) -> int:
        return len(self._rings)

    def record(self, entity: Entity) -> None:
        """Take the entity's values, if it has a ring or one is free."""
        key = entity.head.entity_id
        ring = self._rings.get(key)
        if ring is None:
            if len(self._rings) >= self._most:
                return
            ring = self._rings[key] = Ring()
        if entity.heard_us is not None:
            ring.add(entity.heard_us / 1e6, _values(entity))

    def view(self, entity_id: str) -> Ring:
        """The ring of an entity that somebody looks at."""
        ring = self._rings.get(entity_id)
        if ring is None:
            if len(self._rings) >= self._most:
                del self._rings[min(self._rings, key=lambda key: self._rings[key].newest)]
            ring = self._rings[entity_id] = Ring()
        return ring

    def forget(self, entity_id: str) -> None:
        self._rings.pop(entity_id, None)
