"""Entity events: what people and devices register of an entity, and the limits of all of it.

An event is the whole of a write: REST publishes one and waits until it is projected, a device
may publish one itself. Both are held to the types and limits here.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flows.ontology.depth import depth

STREAM = "CONSTELLATION_ENTITIES"
# The row of the table ``projections`` that says how far the events of the stream are in the
# registry and in the bucket.
PROJECTION = "entities"
# Who says that an entity's time is over, and why.
FLOW_SOURCE, EXPIRED = "entities", "expired"

MOST_EVENT_BYTES = 256 * 1024
MOST_JSON_BYTES = 64 * 1024  # Each of ``metadata`` and ``components``.
MOST_JSON_LEVELS = 16
# Line ends and other control characters, and those that turn the direction of writing.
_PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]*(?![\s\S])"
_TOKEN = r"^[A-Za-z0-9_=-]*(?![\s\S])"  # noqa: S105  (of a subject)

EventType = Literal["created", "updated", "deleted", "status_changed"]
EntityType = Literal[
    "aircraft_fixed_wing", "aircraft_multirotor", "aircraft_vtol", "aircraft_helicopter",
    "aircraft_airship", "ground_vehicle_wheeled", "ground_vehicle_tracked",
    "surface_vessel_usv", "underwater_vehicle", "sensor_platform", "payload_system",
    "operator_station", "waypoint", "no_fly_zone", "geofence",
]  # fmt: skip
# What the REST interface takes, and what the reference system's pages and devices say as well.
Status = Literal["active", "inactive", "unknown"]
AnyStatus = Literal[
    "active", "inactive", "unknown", "maintenance", "online", "offline", "connected",
    "disconnected",
]  # fmt: skip
Priority = Literal["low", "normal", "high", "critical"]
Name = Annotated[str, Meta(max_length=255, pattern=_PLAIN)]
Reason = Annotated[str, Meta(max_length=255, pattern=_PLAIN)]
Tag = Annotated[str, Meta(min_length=1, max_length=64, pattern=_PLAIN)]
Tags = Annotated[list[Tag], Meta(max_length=64)]
EntityId = Annotated[str, Meta(min_length=1, max_length=128, pattern=_TOKEN)]
Heading = Annotated[float, Meta(ge=0, le=360)]
Velocity = Annotated[float, Meta(ge=0, le=100_000)]
Moment = Annotated[datetime, Meta(tz=True)]
_Url = Annotated[str, Meta(max_length=2048, pattern=_PLAIN)]


class Position(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A place: degrees, and metres above the sea."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    altitude: Annotated[float, Meta(ge=-100_000, le=1_000_000_000)] | None = None


class VideoConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where the video of an entity is to be had."""

    protocol: Literal["rtsp", "rtmp", "srt", "hls"] | UnsetType = UNSET
    port: Annotated[int, Meta(ge=0, le=65_535)] | UnsetType = UNSET
    stream_url: _Url | UnsetType = UNSET
    overlay_url: _Url | UnsetType = UNSET
    webrtc_url: _Url | UnsetType = UNSET
    overlay_webrtc_url: _Url | UnsetType = UNSET
    hls_url: _Url | UnsetType = UNSET


class Relationship(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What another entity is to this one, as ``carries`` or ``part_of``."""

    type: Annotated[str, Meta(min_length=1, max_length=64, pattern=_TOKEN)]
    entity_id: EntityId


Relationships = Annotated[list[Relationship], Meta(max_length=256)]


class Fields(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is registered of an entity. What is not set is not said; None takes it away.

    Each field is replaced as a whole. ``is_live`` is taken and not believed: an entity lives
    by what is heard of it.
    """

    name: Name | UnsetType | None = UNSET
    entity_type: EntityType | UnsetType | None = UNSET
    status: AnyStatus | UnsetType | None = UNSET
    priority: Priority | UnsetType | None = UNSET
    position: Position | UnsetType | None = UNSET
    heading: Heading | UnsetType | None = UNSET
    velocity: Velocity | UnsetType | None = UNSET
    is_live: bool | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET
    video_config: VideoConfig | UnsetType | None = UNSET
    tags: Tags | UnsetType | None = UNSET
    components: dict[str, Any] | UnsetType | None = UNSET
    relationships: Relationships | UnsetType | None = UNSET
    expires_at: Moment | UnsetType | None = UNSET


class EventData(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """Of which entity an event tells, and what.

    ``entity_type``, ``status`` and ``priority`` stand for those of ``entity`` where that leaves
    them out. ``if_match`` is the revision that the entity must have, 0 for one that only
    telemetry knows; ``reason`` is why it is deleted.
    """

    entity_id: EntityId
    org_id: EntityId
    entity_type: EntityType | UnsetType = UNSET
    status: AnyStatus | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    entity: Fields | UnsetType = UNSET
    if_match: Annotated[int, Meta(ge=0)] | None = None
    reason: Reason = ""


class EntityEvent(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A message on ``constellation.entities.{org}.{created|updated|deleted|status}``.

    ``id``, ``subject`` and ``timestamp`` are the sender's, and not relied on: an event has its
    sequence, where it was published, and the time at which the stream took it.
    """

    type: EventType
    data: EventData
    id: Annotated[str, Meta(max_length=255)] = ""
    subject: Annotated[str, Meta(max_length=512)] = ""
    timestamp: Moment | None = None
    source: Annotated[str, Meta(max_length=255)] = ""


class Refusals:
    """Why an event was refused: the ``step`` of its row in the table ``rejections``."""

    INVALID = "register"  # It is no event, or says what cannot be.
    FOREIGN = "register:foreign"  # The entity is another organisation's.
    EXISTS = "register:exists"  # Created, although it is registered.
    UNKNOWN = "register:unknown"  # Updated or deleted, and nobody knows it.
    REVISION = "register:revision"  # It has another revision than ``if_match``.


def subject(organization: str, event_type: EventType) -> str:
    """Where an event is published."""
    last = "status" if event_type == "status_changed" else event_type
    return f"constellation.entities.{organization}.{last}"


def beyond(fields: Fields) -> tuple[str, str] | None:
    """The field whose JSON is more than can be kept, and why; None where all of it can be."""
    for name in ("metadata", "components"):
        value = getattr(fields, name)
        if not isinstance(value, dict):
            continue
        if depth(value) > MOST_JSON_LEVELS:
            return name, f"more than {MOST_JSON_LEVELS} levels"
        try:
            # States are kept in this form, which has no integers of more than 64 bits.
            size = len(msgspec.msgpack.encode(value))
        except (OverflowError, msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
            return name, f"cannot be kept: {error}"
        if size > MOST_JSON_BYTES:
            return name, f"{size} bytes are more than {MOST_JSON_BYTES}"
    return None
