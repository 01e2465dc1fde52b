"""The state of an entity: what was last known of it, from whom, and how long ago."""

from typing import Any, Literal

import msgspec

from flows.ontology.signals import Value
from flows.ontology.telemetry import Report

Liveness = Literal["live", "stale", "lost"]
RANK: dict[str, int] = {"live": 0, "stale": 1, "lost": 2}

# The types of entity that the registry knows.
ENTITY_TYPES = frozenset(
    (
        "aircraft_fixed_wing", "aircraft_multirotor", "aircraft_vtol", "aircraft_helicopter",
        "aircraft_airship", "ground_vehicle_wheeled", "ground_vehicle_tracked",
        "surface_vessel_usv", "underwater_vehicle", "sensor_platform", "payload_system",
        "operator_station", "waypoint", "no_fly_zone", "geofence",
    )
)  # fmt: skip

Json = dict[str, Any]


class Branch(msgspec.Struct, gc=False):
    """The signals of one branch, and where the newest of them came from."""

    values: dict[str, Value]
    seen_us: int
    device_us: int | None
    sequence: int
    message: str
    source: str


class PartText(msgspec.Struct, gc=False):
    """A status text of which more may come: from whom, since when, and what there is of it.

    ``expected`` is the number of the next part; ``severity`` is -1 where it was not said;
    ``flies`` tells whether the autopilot says it.
    """

    identity: int
    severity: int
    flies: bool
    component_id: int
    sequence: int
    at_us: int
    stored_us: int
    text: str = ""
    expected: int = 0
    complete: bool = True


class EntityState(msgspec.Struct):
    """All that is known of an entity. Times are microseconds UTC.

    ``branches`` is what telemetry said, ``foreign`` what other programs put into the
    entity's document; where both know a leaf, telemetry is right. ``sequences`` has
    the last sequence of each stream that went in. ``texts`` has the status text of each
    component that is not whole yet.
    """

    entity_id: str = ""
    org_id: str = ""
    name: str = ""
    entity_type: str = "sensor_platform"
    system_id: int = 0
    source: str = ""
    recorded: bool = False
    first_us: int = 0
    heard_us: int = 0
    liveness: Liveness = "lost"
    since_us: int = 0
    reason: str = "never heard"
    branches: dict[str, Branch] = msgspec.field(default_factory=dict)
    foreign: Json = msgspec.field(default_factory=dict)
    sequences: dict[str, int] = msgspec.field(default_factory=dict)
    texts: dict[int, PartText] = msgspec.field(default_factory=dict)


class Reported(msgspec.Struct, tag=True, gc=False):
    """The entity has said something, in this order; it is never empty."""

    reports: list[Report]

    @property
    def entity_id(self) -> str:
        return self.reports[0].entity_id


class Silenced(msgspec.Struct, tag=True, frozen=True):
    """The entity has said nothing since ``heard_us``, and for too long."""

    entity_id: str
    heard_us: int


class Documented(msgspec.Struct, tag=True, frozen=True):
    """Another program put a document for the entity into the bucket."""

    entity_id: str
    org_id: str
    name: str
    entity_type: str
    document: Json
    sequence: int
    stored_us: int


class Recalled(msgspec.Struct, tag=True, frozen=True):
    """The flow has begun and found our own document of the entity in the bucket."""

    entity_id: str
    document: bytes
    sequence: int
    heard_us: int


Change = Reported | Silenced | Documented | Recalled


class Registration(msgspec.Struct, frozen=True):
    """A row of the registry: who an entity is. Times are RFC 3339 text."""

    entity_id: str
    org_id: str
    name: str
    entity_type: str
    status: str
    priority: str
    is_live: bool
    created_at: str
    updated_at: str
    first_seen: str
    last_seen: str
    sequence: int


class LivenessEvent(msgspec.Struct, frozen=True):
    """An entity went from live to stale, from stale to lost, or came back."""

    event_type: str
    event_id: str
    entity_id: str
    org_id: str
    state: Liveness
    previous: Liveness
    reason: str
    timestamp: str


class StatusText(msgspec.Struct, frozen=True):
    """What an entity said in words; ``complete`` unless parts of it are missing."""

    event_type: str
    event_id: str
    entity_id: str
    org_id: str
    component_id: int
    severity: int | None
    severity_name: str
    text: str
    complete: bool
    timestamp: str
    recorded: bool
