"""Fences: what is registered as a geofence, which is to be kept in, or as a no-fly zone.

``metadata`` of such an entity has its ``geometry``, and may have ``altitude_min`` and
``altitude_max``, metres above the sea, outside of which it is nothing. One with a geometry that
cannot be read lets nobody go anywhere: somebody has meant it. Without one it is a mark on the
map, and one with the status ``inactive`` is not in force.
"""

from itertools import pairwise
from math import sqrt
from typing import Any

import msgspec

from flows.ontology import subjects
from flows.ontology.wire import Message
from flows.steps.commands.shapes import Shape, shape
from flows.steps.commands.sphere import Point, Vector, flat, stretch

KEEP_IN, KEEP_OUT = "geofence", "no_fly_zone"
TYPES = frozenset((KEEP_IN, KEEP_OUT))
_WORDS = {KEEP_IN: "the geofence", KEEP_OUT: "the no-fly zone"}


class Fence(msgspec.Struct, frozen=True):
    """A fence in force; with ``broken``, which tells why, it has no shape."""

    entity_id: str
    org_id: str
    name: str
    kind: str
    shape: Shape | None = None
    low: float | None = None
    high: float | None = None
    broken: str = ""

    @property
    def keeps_out(self) -> bool:
        return self.kind == KEEP_OUT

    @property
    def called(self) -> str:
        """What people are told that it is."""
        return f"{_WORDS[self.kind]} {self.name or self.entity_id}"

    @property
    def bounded(self) -> bool:
        """Whether there are heights at which it is nothing."""
        return self.low is not None or self.high is not None

    def spans(self, low: float | None, high: float | None) -> bool:
        """Whether it is anything between two heights above the sea; where unknown, it is."""
        if high is not None and self.low is not None and high < self.low:
            return False
        return low is None or self.high is None or low <= self.high


class _Document(msgspec.Struct):
    entity_id: str
    org_id: str
    name: str
    entity_type: str
    status: str = ""
    registered: dict[str, Any] | None = None
    metadata: Any = None


_document = msgspec.json.Decoder(_Document).decode


def read_fence(message: Message) -> Fence | None:
    """The fence that a document of the flow of entities is of; None where it is of none."""
    entity = message.subject.removeprefix(f"{subjects.BUCKET_SUBJECT}.")
    try:
        read = _document(message.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    if read.entity_id != entity or read.entity_type not in TYPES:
        return None
    metadata = read.metadata if isinstance(read.metadata, dict) else {}
    if read.registered is None or read.status == "inactive" or metadata.get("geometry") is None:
        return None
    try:
        low, high = _heights(metadata)
        found = shape(metadata["geometry"])
    except ValueError as error:
        return Fence(entity, read.org_id, read.name, read.entity_type, broken=str(error))
    except RecursionError:
        return Fence(entity, read.org_id, read.name, read.entity_type, broken="it is too deep")
    return Fence(entity, read.org_id, read.name, read.entity_type, found, low, high)


def holds(fence: Fence, place: Vector) -> bool:
    """Whether a place is within a fence, whatever its height."""
    if fence.shape is None:
        return False
    point = flat(fence.shape.on, place)
    return point is not None and _within(fence.shape, point)


def meets(fence: Fence, start: Vector, end: Vector) -> bool:
    """Whether any of the shortest way between two places is within a fence."""
    way = None if fence.shape is None else stretch(fence.shape.on, start, end)
    if fence.shape is None or way is None or _beside(fence.shape, *way):
        return False
    return any(_pieces(fence.shape, *way))


def contains(fence: Fence, start: Vector, end: Vector) -> bool:
    """Whether all of the shortest way between two places is within a fence."""
    if fence.shape is None or not (holds(fence, start) and holds(fence, end)):
        return False
    way = stretch(fence.shape.on, start, end)
    return way is not None and all(_pieces(fence.shape, *way))


def _heights(metadata: dict[str, Any]) -> tuple[float | None, float | None]:
    low, high = _height(metadata, "altitude_min"), _height(metadata, "altitude_max")
    if low is not None and high is not None and low > high:
        raise ValueError("its altitude_min is more than its altitude_max")
    return low, high


def _height(metadata: dict[str, Any], name: str) -> float | None:
    value = metadata.get(name)
    if value is None:
        return None
    if type(value) not in (int, float) or abs(value) > 1e9:
        raise ValueError(f"its {name} is no height")
    return float(value)


def _beside(of: Shape, start: Point, end: Point) -> bool:
    """Whether a way is beside all of a shape, as most are."""
    left, bottom, right, top = of.box
    return (
        max(start[0], end[0]) < left
        or min(start[0], end[0]) > right
        or max(start[1], end[1]) < bottom
        or min(start[1], end[1]) > top
    )


def _pieces(of: Shape, start: Point, end: Point) -> list[bool]:
    """A way is cut where it crosses an edge: whether each piece is within.

    Each is judged by its middle, so that nothing hangs on whether a corner is met exactly.
    """
    cuts = sorted({0.0, 1.0, *_crossings(of, start, end)})
    found = [_within(of, start), _within(of, end)]
    for one, other in pairwise(cuts):
        if other - one > 1e-9:
            share = (one + other) / 2
            across = start[0] + share * (end[0] - start[0])
            along = start[1] + share * (end[1] - start[1])
            found.append(_within(of, (across, along)))
    return found


def _crossings(of: Shape, start: Point, end: Point) -> list[float]:
    """Where on a way it crosses an edge, as shares of it."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    if not of.polygons:
        return _round(of.radius, start, dx, dy)
    found: list[float] = []
    for polygon in of.polygons:
        for ring in polygon:
            x, y = ring[-1]
            for a, b in ring:
                ex, ey = a - x, b - y
                across = dx * ey - dy * ex
                if across:
                    on_way = ((x - start[0]) * ey - (y - start[1]) * ex) / across
                    on_edge = ((x - start[0]) * dy - (y - start[1]) * dx) / across
                    if 0 < on_way < 1 and -1e-9 <= on_edge <= 1 + 1e-9:
                        found.append(on_way)
                x, y = a, b
    return found


def _round(radius: float, start: Point, dx: float, dy: float) -> list[float]:
    square, half = dx * dx + dy * dy, start[0] * dx + start[1] * dy
    rest = start[0] * start[0] + start[1] * start[1] - radius * radius
    below = half * half - square * rest
    if not square or below <= 0:
        return []
    root = sqrt(below)
    return [each for each in ((-half - root) / square, (-half + root) / square) if 0 < each < 1]


def _within(of: Shape, point: Point) -> bool:
    x, y = point
    if not of.polygons:
        return x * x + y * y <= of.radius * of.radius
    return any(_is_in(polygon, x, y) for polygon in of.polygons)


def _is_in(polygon: tuple[tuple[Point, ...], ...], x: float, y: float) -> bool:
    """Within the first ring and none of its holes."""
    return _goes_round(polygon[0], x, y) and not any(_goes_round(h, x, y) for h in polygon[1:])


def _goes_round(ring: tuple[Point, ...], x: float, y: float) -> bool:
    """Whether a ring goes round a point, however often: what is drawn twice is not left out.

    A line to the right crosses it as often upwards as downwards where it does not.
    """
    times = 0
    x1, y1 = ring[-1]
    for x2, y2 in ring:
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            times += 1 if y2 > y1 else -1
        x1, y1 = x2, y2
    return times != 0
