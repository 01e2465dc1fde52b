"""Bodies of the entities' interface: what may be said of an entity, by whoever registers it.

Fields and limits are the registry's own. Those of v0.1.0 take no null where an entity is made;
where it is changed, null takes a field away.
"""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flows.ontology.registry import (
    EntityId,
    EntityType,
    Heading,
    Moment,
    Name,
    Position,
    Priority,
    Reason,
    Relationships,
    Status,
    Tags,
    Velocity,
    VideoConfig,
)

MOST_IN_BATCH = 1000
_Schema = Annotated[str, Meta(description="Taken, and not looked at.")]


class CreateEntity(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A new entity. Its id is made for it where none is given."""

    schema_: _Schema | UnsetType = msgspec.field(name="$schema", default=UNSET)
    entity_type: EntityType
    entity_id: EntityId | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    heading: Heading | UnsetType = UNSET
    velocity: Velocity | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET
    video_config: VideoConfig | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    components: dict[str, Any] | UnsetType = UNSET
    relationships: Relationships | UnsetType = UNSET
    expires_at: Moment | UnsetType = UNSET


class UpdateEntity(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be another: each field as a whole. What is left out stays, null is taken away."""

    schema_: _Schema | UnsetType = msgspec.field(name="$schema", default=UNSET)
    entity_type: EntityType | UnsetType = UNSET
    name: Name | UnsetType | None = UNSET
    status: Status | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    is_live: bool | UnsetType = UNSET
    position: Position | UnsetType | None = UNSET
    heading: Heading | UnsetType | None = UNSET
    velocity: Velocity | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET
    video_config: VideoConfig | UnsetType | None = UNSET
    tags: Tags | UnsetType | None = UNSET
    components: dict[str, Any] | UnsetType | None = UNSET
    relationships: Relationships | UnsetType | None = UNSET
    expires_at: Moment | UnsetType | None = UNSET


class UpdateOne(UpdateEntity, kw_only=True):
    """One of many updates: of which entity, and which revision it must have, if that matters."""

    entity_id: EntityId
    if_match: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class DeleteEntity(msgspec.Struct, forbid_unknown_fields=True):
    """Why an entity is deleted."""

    reason: Reason = ""


Creations = Annotated[list[CreateEntity], Meta(min_length=1, max_length=MOST_IN_BATCH)]
Updates = Annotated[list[UpdateOne], Meta(min_length=1, max_length=MOST_IN_BATCH)]
