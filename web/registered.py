"""Entities as v0.1.0 of the interface has them: as registered, and as live as the picture."""

import zlib
from typing import Any

import msgspec

from web.database import Row, Tables
from web.site import Site

_ONE = "SELECT * FROM entities WHERE org_id = ? AND entity_id = ?"
_ALL = "SELECT * FROM entities WHERE org_id = ? ORDER BY created_at, entity_id"
_PLACE = ("latitude", "longitude", "altitude", "heading", "velocity")


class Entity(msgspec.Struct, omit_defaults=True):
    """An entity. What is not known is left out; ``components`` and the like are JSON as text."""

    entity_id: str
    org_id: str
    name: str
    entity_type: str
    status: str
    priority: str
    is_live: bool
    created_at: str
    updated_at: str
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    heading: float | None = None
    velocity: float | None = None
    components: str | None = None
    tags: str | None = None
    metadata: str | None = None
    video_config: str | None = None
    expires_at: str | None = None
    schema_: str = msgspec.field(name="$schema", default="")


_ALWAYS = Entity.__struct_fields__[:9]
_LATER = Entity.__struct_fields__[9:-1]


def row_of(tables: Tables, organization: str, entity_id: str) -> Row | None:
    """An entity's row of the registry; there is none before the flow that writes it has run.

    For the event loop: see ``Tables.glance``.
    """
    rows = tables.glance(_ONE, (organization, entity_id)) if tables.has("entities") else []
    return rows[0] if rows else None


def rows_of(tables: Tables, organization: str) -> list[Row]:
    """The rows of all of an organisation's entities, the oldest first."""
    return tables.read(_ALL, (organization,)) if tables.has("entities") else []


def registered(here: Site, row: Row) -> Entity:
    """An entity by its row, and by the picture where that knows more."""
    return _shown(row, _seen(here, row))


def tagged(here: Site, row: Row) -> tuple[Entity, str]:
    """The same, and its ETag, which tells it from how it was."""
    seen = _seen(here, row)
    return _shown(row, seen), _tag(row, seen)


def revision(row: Row) -> int:
    """The sequence of the last event that changed what is registered; 0 where none has."""
    return row.get("revision") or 0


def _shown(row: Row, seen: dict[str, Any]) -> Entity:
    # Registries of older versions lack some columns.
    known: list[Any] = [row[name] or "" for name in _ALWAYS]
    entity = Entity(*known, *map(row.get, _LATER))
    for name, value in seen.items():
        setattr(entity, name, value)
    return entity


def _tag(row: Row, seen: dict[str, Any]) -> str:
    """Its revision, and what the picture knows besides."""
    if len(seen) == 1:
        return f'"{revision(row)}"'
    return f'"{revision(row)}-{zlib.crc32(msgspec.json.encode(seen)):08x}"'


def _seen(here: Site, row: Row) -> dict[str, Any]:
    """What the live picture knows: whether it lives, and place and motion where it has heard them.

    For an ``Entity``, by its fields.
    """
    live = here.picture.entity(row["org_id"], row["entity_id"])
    if live is None:
        return {"is_live": False}
    is_live = here.picture.judged(live).state == "live"
    if live.heard_us is None:
        return {"is_live": is_live}
    values = (live.latitude, live.longitude, live.altitude, live.heading, live.speed)
    pairs = zip(_PLACE, values, strict=True)
    return {name: value for name, value in pairs if value is not None} | {"is_live": is_live}
