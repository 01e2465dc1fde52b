"""An entity as people look at it: who it is, where it is, and what a row of the fleet shows."""

import math

import msgspec

from flows.ontology.entities import RANK, Json
from web.clock import Clock
from web.freshness import UNHEARD, Fresh, Patience, Record, State, fresh, period, records
from web.reading import SHAPES, Heading, Shape, branch, number, signal

__all__ = ["Entity", "Judged", "Patience", "State", "judge", "observe", "placed"]

NEVER_HEARD = "it has never said when it was heard"


class Entity(msgspec.Struct, frozen=True):
    """What is known of an entity. ``document`` is the JSON as it stands in the bucket.

    Degrees, metres, metres a second, percent. ``heard_us`` is never later than when
    the bucket took the document; ``received`` is our monotonic clock when an entity was
    first known to have been heard then. ``place`` is the branch that its place is of.
    """

    head: Heading
    heard_us: int | None
    received: float
    sequence: int
    document: bytes
    latitude: float | None
    longitude: float | None
    place: str
    place_records: list[Record]
    altitude: float | None
    heading: float | None
    speed: float | None
    battery: float | None
    voltage: float | None
    mode: str
    armed: bool | None

    @property
    def shape(self) -> Shape:
        return SHAPES.get(self.head.entity_type, "other")


HEIGHTS = (
    "position.global.altitude_relative",
    "position.global.altitude_msl",
    "adsb.altitude.pressure",
)
# Slower than that, the course of something that lies still is chance.
UNDER_WAY_M_S = 0.5


class Judged(msgspec.Struct, frozen=True):
    """How alive an entity is, why, and for how long it has been silent (seconds)."""

    state: State
    reason: str
    age: float | None


def observe(
    head: Heading, document: Json, data: bytes, *, sequence: int, stored_us: int, received: float
) -> Entity:
    """Read out of a document what people look at."""
    place, latitude, longitude = _place(document)
    mode, armed = signal(document, "vehicle_status.mode"), signal(document, "vehicle_status.armed")
    return Entity(
        head,
        None if head.heard_us is None else min(head.heard_us, stored_us),
        received,
        sequence,
        data,
        latitude,
        longitude,
        place,
        list(records(branch(document, "provenance"), place)),
        _first(document, *HEIGHTS),
        _heading(document),
        _speed(document),
        number(document, "power.battery_remaining"),
        number(document, "power.voltage"),
        mode if isinstance(mode, str) else "",
        armed if isinstance(armed, bool) else None,
    )


def judge(entity: Entity, clock: Clock, patience: Patience) -> Judged:
    """The worse of what its document says and what its silence says by our own clock.

    Silence is also measured since we first knew of the last sign of life, so that an
    entity or a bucket whose clock runs ahead of ours does not stay live for longer.
    """
    if entity.heard_us is None:
        return Judged("lost", NEVER_HEARD, None)
    age = max(clock.wall() - entity.heard_us / 1e6, clock.monotonic() - entity.received, 0.0)
    by_age = patience.of(age, period(entity.head.period))
    said = entity.head.liveness
    if RANK[by_age] > RANK[said] or said == "live":
        if by_age == "live":
            return Judged("replay" if entity.head.recorded else "live", "", age)
        return Judged(by_age, UNHEARD, age)
    return Judged(said, entity.head.reason or UNHEARD, age)


def placed(entity: Entity, judged: Judged, clock: Clock, patience: Patience) -> Fresh:
    """How fresh its place is: an entity that speaks may have lost it."""
    if not entity.place_records:
        return Fresh(judged.state, judged.reason, entity.heard_us, judged.age)
    found = [
        fresh(
            entity.place,
            leaf,
            entity.place_records,
            whole=judged.state,
            now=clock.wall(),
            patience=patience,
        )
        for leaf in ("latitude", "longitude")
    ]
    return max(found, key=lambda each: RANK.get(each.state, 0))


def _first(document: Json, *paths: str) -> float | None:
    for path in paths:
        value = number(document, path)
        if value is not None:
            return value
    return None


def _place(document: Json) -> tuple[str, float | None, float | None]:
    """Latitude and longitude of one source: both, or neither."""
    for source in ("position.global", "position.gps"):
        latitude = number(document, f"{source}.latitude")
        longitude = number(document, f"{source}.longitude")
        if latitude is not None and longitude is not None:
            return source, latitude, longitude
    return "", None, None


def _heading(document: Json) -> float | None:
    degrees = _first(document, "position.global.heading", "vfr.heading")
    if degrees is None:
        yaw = number(document, "attitude.euler.yaw")
        degrees = None if yaw is None else math.degrees(yaw)
    if degrees is None and (_speed(document) or 0.0) >= UNDER_WAY_M_S:
        degrees = number(document, "position.gps.course")
    return None if degrees is None else round(degrees % 360, 1) % 360


def _speed(document: Json) -> float | None:
    speed = number(document, "vfr.groundspeed")
    if speed is not None:
        return speed
    north, east = number(document, "position.global.vx"), number(document, "position.global.vy")
    if north is not None and east is not None:
        return math.hypot(north, east)
    return number(document, "position.gps.groundspeed")
