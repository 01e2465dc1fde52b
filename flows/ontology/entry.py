"""What has been registered of an entity, how that changes, and what follows from it."""

from datetime import datetime
from typing import Any

import msgspec

from flows.ontology.registry import EventType
from flows.ontology.telemetry import microseconds

# What stands in a document for what is registered, whoever else has put something there.
REGISTERED = frozenset(
    (
        "created_at", "updated_at", "expires_at", "components", "tags", "metadata",
        "video_config", "relationships",
    )
)  # fmt: skip
# So long a deletion is remembered: longer than the streams keep what was said before it.
REMEMBERED_US = 8 * 24 * 3_600_000_000


class Entry(msgspec.Struct, omit_defaults=True):
    """What is registered of an entity. Times are microseconds UTC.

    ``fields`` are as JSON has them, and none of them is null. ``revision`` is the sequence of
    the event that changed it last.
    """

    revision: int
    created_us: int
    updated_us: int
    fields: dict[str, Any]
    expires_us: int = 0


class Registered(msgspec.Struct, tag=True, frozen=True):
    """An event tells what is registered of an entity, or that it is deleted.

    Of ``fields`` null is what is taken away. ``expired_us`` is the end of its time, where that
    is why it is deleted.
    """

    entity_id: str
    org_id: str
    event: EventType
    fields: dict[str, Any]
    sequence: int
    stored_us: int
    if_match: int | None = None
    reason: str = ""
    expired_us: int = 0


class Unearthed(msgspec.Struct, tag=True, frozen=True):
    """The flow has begun and found in the bucket that it had deleted the entity."""

    entity_id: str
    sequences: dict[str, int]
    stored_us: int


class Buried(msgspec.Struct, frozen=True):
    """An entity was deleted; ``sequences`` are what went into its state until then."""

    entity_id: str
    sequences: dict[str, int]


class Forgotten(msgspec.Struct, frozen=True):
    """An entity was deleted so long ago that nothing is remembered of it."""

    entity_id: str


class Overdue(msgspec.Struct, frozen=True):
    """The time of a registered entity is over: it is to be deleted."""

    entity_id: str
    org_id: str
    revision: int
    expires_us: int


class Projected(msgspec.Struct, frozen=True):
    """All that follows from the event of this sequence has been told."""

    sequence: int


def expiry(fields: dict[str, Any]) -> int:
    """When the time of what is registered is over, microseconds UTC; 0 for never."""
    until = fields.get("expires_at")
    # Whatever was over before 1970 is over.
    return max(1, microseconds(msgspec.convert(until, datetime))) if until else 0
