"""Fences: what is within them, by another method than theirs, wherever on the Earth they are."""

from math import cos, radians, sin, tau
from typing import Any, Literal

import msgspec
import pytest
from drawn import DEGREE_M, haversine, seen, walked
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.jetstream import Message
from flows.ontology import subjects
from flows.steps.commands.fences import Fence, contains, holds, meets, read_fence
from flows.steps.commands.sphere import vector

# As far as an edge may be beside where it was drawn, with something to spare.
BESIDE_M = 1.0
SQUARE = [[8.0, 47.0], [8.1, 47.0], [8.1, 47.1], [8.0, 47.1], [8.0, 47.0]]


def document(metadata: Any, **more: Any) -> dict[str, Any]:
    said = {
        "entity_id": "f1", "org_id": "north", "name": "Airfield", "entity_type": "no_fly_zone",
        "status": "active", "registered": {}, "metadata": metadata,
    }  # fmt: skip
    return said | more


def read(said: Any, entity: str = "f1") -> Fence | None:
    data = said if isinstance(said, bytes) else msgspec.json.encode(said)
    return read_fence(Message(subjects.BUCKET_STREAM, subjects.state(entity), data, 1, 1))


def fence(geometry: Any, **metadata: Any) -> Fence:
    found = read(document({"geometry": geometry, **metadata}))
    assert found is not None
    return found


def polygon(*rings: Any) -> Fence:
    return fence({"type": "Polygon", "coordinates": [*rings]})


def star(
    middle: tuple[float, float], corners: list[tuple[float, float]], size: float
) -> list[tuple[float, float]]:
    """A ring round a place: each corner in a direction and at a share of the size."""
    lat, lon = middle
    wide = size / max(cos(radians(lat)), 0.02)
    return [
        (
            _wrapped(lon + share * wide * cos(turn * tau)),
            max(-89.9, min(89.9, lat + share * size * sin(turn * tau))),
        )
        for turn, share in corners
    ]


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


shares = st.floats(0, 1)
places = st.tuples(st.floats(-85, 85), st.sampled_from([179.99, -179.99, 0.0, 8.5, -120.0]))
sizes = st.sampled_from([0.001, 0.05, 1.0, 8.0])
crossing = st.lists(st.tuples(shares, st.floats(0.1, 1)), min_size=3, max_size=9)
offs = st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))


def beside(
    middle: tuple[float, float], off: tuple[float, float], size: float
) -> tuple[float, float]:
    lat, lon = middle
    wide = size / max(cos(radians(lat)), 0.02)
    return max(-89.9, min(89.9, lat + off[0] * size)), _wrapped(lon + off[1] * wide)


@given(places, sizes, crossing, st.none() | crossing, offs)
def test_a_place_is_within_as_angles_round_it_tell(middle, size, corners, inner, off) -> None:
    """Whatever the ring: over the antimeridian, crossing itself, with holes beyond it."""
    drawn = [star(middle, corners, size)]
    if inner is not None:
        drawn.append(star(middle, inner, size * 0.6))
    made = polygon(*[[list(each) for each in ring] for ring in drawn])
    assume(not made.broken)
    at = beside(middle, off, size)
    wanted = seen(drawn, *at)
    assume(wanted.clear_m > BESIDE_M)
    assert holds(made, vector(*at)) is wanted.within


@given(places, sizes, crossing, st.none() | crossing, offs, offs)
def test_a_way_meets_and_leaves_as_steps_on_it_tell(  # noqa: PLR0917  (as they are drawn)
    middle, size, corners, inner, first, second
) -> None:
    """As long as no step is so near to an edge that it could be either."""
    drawn = [star(middle, corners, size)]
    if inner is not None:
        drawn.append(star(middle, inner, size * 0.6))
    made = polygon(*[[list(each) for each in ring] for ring in drawn])
    assume(not made.broken)
    start, end = beside(middle, first, size), beside(middle, second, size)
    steps = [seen(drawn, *each) for each in walked(start, end, 40)]
    ways = vector(*start), vector(*end)
    if any(each.within and each.clear_m > BESIDE_M for each in steps):
        assert meets(made, *ways)
    if any(not each.within and each.clear_m > BESIDE_M for each in steps):
        assert not contains(made, *ways)
    # Nothing that is between two steps is further from them than half of one.
    clear = haversine(start, end) / 80 + BESIDE_M
    if all(each.clear_m > clear for each in steps):
        assert meets(made, *ways) is any(each.within for each in steps)
        assert contains(made, *ways) is all(each.within for each in steps)


@given(
    st.sampled_from([1, -1]), st.floats(30, 88), st.integers(4, 12), st.sampled_from([0, 1]),
    st.floats(-90, 90), st.floats(-180, 180),
)  # fmt: skip
def test_a_ring_round_a_pole_has_the_pole(  # noqa: PLR0917  (as they are drawn)
    side: int, edge: float, corners: int, back: Literal[0, 1], lat: float, lon: float
) -> None:
    """Its edges are along a parallel: what is nearer to the pole is within."""
    ring = [[_wrapped(360 * n / corners), side * edge] for n in range(corners)]
    made = polygon([*ring[::-1], ring[-1]] if back else [*ring, ring[0]])
    assert not made.broken
    assume(abs(side * lat - edge) * DEGREE_M > 10)
    assert holds(made, vector(lat, lon)) is (side * lat > edge)


@given(places, st.floats(1, 2e6), offs)
def test_a_circle_is_round_on_the_earth(middle, radius, off) -> None:
    """And holds what is no further from its middle than its radius."""
    made = fence({"center": {"latitude": middle[0], "longitude": middle[1]}, "radius": radius})
    at = beside(middle, off, radius / DEGREE_M)
    far = haversine(middle, at)
    assume(abs(far - radius) > max(1e-3, radius * 1e-9))
    assert holds(made, vector(*at)) is (far < radius)


def test_a_way_through_a_circle_meets_it() -> None:
    """Also where both ends are outside; and one that only ends short of it does not."""
    made = fence({"center": [8.0, 47.0], "radius": 1000})
    west, east, north = vector(47, 7.9), vector(47, 8.1), vector(47.1, 8)
    assert meets(made, west, east)
    assert not contains(made, west, east)
    assert not meets(made, west, vector(47, 7.98))
    assert not meets(made, vector(47.02, 7.9), north)
    inside = vector(47.001, 8.0), vector(46.999, 8.001)
    assert contains(made, *inside)
    assert meets(made, *inside)


def test_a_way_that_is_half_round_the_earth_meets_what_lies_on_it() -> None:
    """The part of it that is near is looked at."""
    made = polygon(SQUARE)
    assert meets(made, vector(47.05, 8.05), vector(-40, -120))
    assert meets(made, vector(10, 8.05), vector(80, 8.05))
    assert not meets(made, vector(-10, 8.05), vector(-80, 8.05))
    assert not meets(made, vector(-47, -172), vector(-46, -171))


def test_what_is_drawn_twice_is_within() -> None:
    """A ring that goes round a place two times does not leave it out."""
    twice = [*SQUARE[:-1], [8.02, 46.98], [8.12, 46.98], [8.12, 47.12], [8.02, 47.12], [8.0, 47.0]]
    assert holds(polygon(twice), vector(47.05, 8.05))


def test_holes_are_outside_however_they_lie() -> None:
    """One over another, and one beyond the edge of what it is a hole in."""
    hole = [[8.02, 47.02], [8.06, 47.02], [8.06, 47.06], [8.02, 47.06], [8.02, 47.02]]
    other = [[x + 0.02, y + 0.02] for x, y in hole]
    beyond = [[x + 0.06, y] for x, y in hole]
    made = polygon(SQUARE, hole, other, beyond)
    for place in ((47.05, 8.05), (47.03, 8.03), (47.07, 8.07), (47.04, 8.11)):
        assert not holds(made, vector(*place)), place
    assert holds(made, vector(47.01, 8.01))


def test_several_polygons_are_one_fence() -> None:
    """A Feature of a MultiPolygon: within any is within."""
    other = [[x + 1, y] for x, y in SQUARE]
    made = fence(
        {"type": "Feature",
         "geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE], [other]]}}
    )  # fmt: skip
    assert holds(made, vector(47.05, 8.05))
    assert holds(made, vector(47.05, 9.05))
    assert not holds(made, vector(47.05, 8.5))


HEIGHTS = [
    ((None, None), (10, 20), True), ((None, None), (None, None), True),
    ((100, 200), (10, 99.9), False), ((100, 200), (10, 100), True),
    ((100, 200), (150, 160), True), ((100, 200), (200, 300), True),
    ((100, 200), (200.1, 300), False), ((100, 200), (50, 500), True),
    ((100, 200), (None, None), True), ((None, 200), (201, 300), False),
    ((100, None), (10, 99), False), ((100, None), (10, 1e6), True),
]  # fmt: skip


@pytest.mark.parametrize(("band", "heights", "wanted"), HEIGHTS)
def test_a_fence_is_nothing_above_and_below_its_heights(band, heights, wanted) -> None:
    """Metres above the sea; where they are not known, it is something."""
    low, high = band
    made = fence({"type": "Polygon", "coordinates": [SQUARE]}, altitude_min=low, altitude_max=high)
    assert made.spans(*heights) is wanted


BROKEN = [
    {"type": "Polygon"}, {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[]]}, {"type": "Polygon", "coordinates": [SQUARE[:2]]},
    {"type": "Polygon", "coordinates": [[[8, 47]] * 5]},
    {"type": "Polygon", "coordinates": [[[8, 47], [8.1, 47.1], [8.2, 47.2], [8, 47]]]},
    {"type": "Polygon", "coordinates": [[[179.9, 1], [-179.9, 1], [-179.8, 1], [179.9, 1]]]},
    {"type": "Polygon", "coordinates": [[[8, 95], [9, 95], [9, 96]]]},
    {"type": "Polygon", "coordinates": [[["8", 47], [9, 47], [9, 48]]]},
    {"type": "Polygon", "coordinates": [[[8], [9, 47], [9, 48]]]},
    {"type": "Polygon", "coordinates": [[[True, 47], [9, 47], [9, 48]]]},
    {"type": "Polygon", "coordinates": [[[10**400, 47], [9, 47], [9, 48]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [120, 0], [-120, 0], [0, 10]]]},
    {"type": "Polygon", "coordinates": [[[n / 2000, n % 2] for n in range(30_000)]]},
    {"type": "MultiPolygon", "coordinates": []}, {"type": "MultiPolygon", "coordinates": [[]]},
    {"type": "MultiPolygon", "coordinates": [[SQUARE], 7]},
    {"type": "Point", "coordinates": [8, 47]}, {"type": "Feature"}, {"type": "Feature"} | {
        "geometry": {"type": "LineString", "coordinates": SQUARE}},
    {"center": [8, 47]}, {"center": [8, 47], "radius": 0}, {"center": [8, 47], "radius": -5},
    {"center": [8, 47], "radius": 6e6}, {"center": [8, 47], "radius": "far"},
    {"center": {"lat": 95, "lon": 8}, "radius": 5}, {"center": None, "radius": 5},
    [], "here", 7, {}, True,
]  # fmt: skip


@pytest.mark.parametrize("geometry", BROKEN, ids=lambda each: str(each)[:60])
def test_what_cannot_be_read_is_a_fence_that_says_why(geometry: object) -> None:
    """Somebody has meant it: it is not passed over."""
    made = fence(geometry)
    assert made.broken
    assert made.shape is None
    assert not holds(made, vector(47, 8))


@pytest.mark.parametrize(
    "heights",
    [{"altitude_min": 5, "altitude_max": 4}, {"altitude_min": "low"}, {"altitude_max": 1e12},
     {"altitude_max": True}, {"altitude_max": 10**400}],
    ids=str,
)  # fmt: skip
def test_heights_that_are_none_break_a_fence(heights: dict[str, Any]) -> None:
    """As a shape that is none does."""
    assert fence({"type": "Polygon", "coordinates": [SQUARE]}, **heights).broken


def test_what_is_no_fence_in_force_is_none() -> None:
    """A mark without a shape, one that is switched off, and what nobody has registered."""
    shape = {"geometry": {"type": "Polygon", "coordinates": [SQUARE]}}
    assert read(document(shape)) is not None
    assert read(document({})) is None
    assert read(document(None)) is None
    assert read(document({"geometry": None})) is None
    assert read(document(shape, status="inactive")) is None
    assert read(document(shape, registered=None)) is None
    assert read(document(shape, entity_type="sensor")) is None
    assert read(document(shape), entity="f2") is None
    assert read(b"") is None
    assert read(b"\xff{") is None


def test_geometry_that_is_deep_is_broken_and_stops_nothing() -> None:
    """A Feature in a Feature, and so on."""
    deep: dict[str, Any] = {"type": "Polygon", "coordinates": [SQUARE]}
    for _ in range(400):
        deep = {"type": "Feature", "geometry": deep}
    made = read(document({"geometry": deep}))
    assert made is None or made.broken or holds(made, vector(47.05, 8.05))
    assert read(b'{"geometry":' * 100_000) is None


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3) | st.sampled_from(["Polygon", "MultiPolygon", "Feature"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["type", "coordinates", "geometry", "center", "radius", "lat", "lon"]),
        inner,
    ),
), st.floats(-90, 90), st.floats(-180, 180))  # fmt: skip
def test_no_geometry_raises(geometry: object, lat: float, lon: float) -> None:
    """A shape, or why there is none."""
    made = read(document({"geometry": geometry}))
    if made is not None:
        assert (made.shape is None) is bool(made.broken)
        meets(made, vector(lat, lon), vector(lon / 2, lat))
        assert not made.broken or not holds(made, vector(lat, lon))


@given(st.lists(
    st.lists(st.tuples(st.floats(-360, 360), st.floats(-90, 90)), max_size=6), max_size=3
), offs, offs)  # fmt: skip
def test_no_ring_on_earth_raises(rings, one, other) -> None:
    """However it is drawn; and all of a way within is some of it within."""
    made = polygon(*[[list(each) for each in ring] for ring in rings])
    start, end = vector(one[0] * 60, one[1] * 120), vector(other[0] * 60, other[1] * 120)
    holds(made, start)
    assert meets(made, start, end) or not contains(made, start, end)
