"""Entities as v0.1.0 of the interface has them: as registered, and as live as the picture."""

import zlib
from typing import Any

import msgspec

from web.database import Row, Tables
from web.entity import Entity as Seen
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
    live = here.picture.entity(row["org_id"], row["entity_id"])
    known: dict[str, Any] = {name: row[name] or "" for name in _ALWAYS}
    known |= {name: row.get(name) for name in _LATER} | _seen(live)
    known["is_live"] = live is not None and here.picture.judged(live).state == "live"
    return Entity(**known)


def revision(row: Row) -> int:
    """The sequence of the last event that changed what is registered; 0 where none has."""
    return row.get("revision") or 0


def etag(here: Site, row: Row) -> str:
    """What tells an entity from how it was: its revision, and what the picture knows besides."""
    seen = _seen(here.picture.entity(row["org_id"], row["entity_id"]))
    if not seen:
        return f'"{revision(row)}"'
    known = {**seen, "is_live": registered(here, row).is_live}
    return f'"{revision(row)}-{zlib.crc32(msgspec.json.encode(known)):08x}"'


def _seen(live: Seen | None) -> dict[str, float]:
    """Place and motion of the live picture, where it has heard them."""
    if live is None or live.heard_us is None:
        return {}
    values = (live.latitude, live.longitude, live.altitude, live.heading, live.speed)
    pairs = zip(_PLACE, values, strict=True)
    return {name: value for name, value in pairs if value is not None}
