"""Entity events to changes: whoever made them, they are held to what REST is held to.

What the reference system publishes is read as well: it has the place of an entity in three
fields of their own, JSON in texts, and an empty text where there is nothing.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from flows.ontology import subjects
from flows.ontology.depth import depth
from flows.ontology.entry import Registered
from flows.ontology.registry import (
    EXPIRED,
    FLOW_SOURCE,
    MOST_EVENT_BYTES,
    MOST_JSON_LEVELS,
    EntityEvent,
    EventType,
    Fields,
    Refusals,
    beyond,
)
from flows.ontology.telemetry import microseconds
from flows.ontology.wire import Message, Rejected, refuse

_TYPES: dict[str, EventType] = {
    "created": "created", "updated": "updated", "deleted": "deleted", "status": "status_changed",
}  # fmt: skip
MOST_LEVELS = MOST_JSON_LEVELS + 4  # Those that an event has above its fields.
_TEXTS = ("components", "tags", "metadata", "video_config")
_PLACE = ("latitude", "longitude", "altitude")
_OF_DATA = ("entity_type", "status", "priority")


class _NoEvent(ValueError):
    """What was published is none, for a reason."""


def read_event(message: Message) -> Registered | Rejected:
    """Read a message of the stream of entities."""
    try:
        return _read(message)
    except (
        _NoEvent, msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError, ValueError,
    ) as error:  # fmt: skip
        return refuse(Refusals.INVALID, f"not an entity event: {error}", message)


def _read(message: Message) -> Registered:
    organization, kind = _address(message.subject)
    if len(message.data) > MOST_EVENT_BYTES:
        raise _NoEvent(f"{len(message.data)} bytes are more than {MOST_EVENT_BYTES}")
    body = msgspec.json.decode(message.data)
    if depth(body) > MOST_LEVELS:
        raise _NoEvent(f"more than {MOST_LEVELS} levels")
    event = msgspec.convert(_plain(body, kind), EntityEvent)
    data = event.data
    if event.type != kind:
        raise _NoEvent(f"{event.type}, published as {kind}")
    if data.org_id != organization:
        raise _NoEvent(f"published for {organization}, but of {data.org_id}")
    fields = data.entity or Fields()
    trouble = beyond(fields)
    if trouble:
        raise _NoEvent(": ".join(trouble))
    known = _fields(fields)
    for name in _OF_DATA:
        value = getattr(data, name)
        if value is not msgspec.UNSET:
            known.setdefault(name, value)
    if kind == "created" and not known.get("entity_type"):
        raise _NoEvent("created without entity_type")
    expired = event.source == FLOW_SOURCE and data.reason == EXPIRED and event.timestamp
    return Registered(
        data.entity_id,
        organization,
        kind,
        known,
        message.sequence,
        message.stored_us,
        data.if_match,
        data.reason,
        microseconds(expired) if expired else 0,
    )


def _address(subject: str) -> tuple[str, EventType]:
    match subject.removeprefix(f"{subjects.ENTITIES}.").split("."):
        case [organization, last] if last in _TYPES and subjects.is_token(organization):
            return organization, _TYPES[last]
    raise _NoEvent(f"no subject of one: {subject[:128]}")


def _fields(said: Fields) -> dict[str, Any]:
    """As JSON has them; an empty name says nothing, and nobody lives by being said to."""
    fields: dict[str, Any] = msgspec.to_builtins(said)
    fields.pop("is_live", None)
    if fields.get("name") == "":
        del fields["name"]
    if isinstance(said.expires_at, datetime):
        until = said.expires_at.astimezone(UTC)
        fields["expires_at"] = until.isoformat().replace("+00:00", "Z")
    return fields


def _plain(body: object, kind: EventType) -> object:
    """An event in one form, whichever of those that are known it has."""
    if not isinstance(body, dict):
        return body
    plain: dict[str, Any] = {"type": kind} | body
    data = plain.get("data")
    if not isinstance(data, dict):
        return plain
    data = {name: value for name, value in data.items() if name not in _OF_DATA or value != ""}
    entity = data.get("entity")
    if entity is None:
        data.pop("entity", None)
    elif isinstance(entity, dict):
        data["entity"] = _entity(entity, data, kind)
    return plain | {"data": data}


def _entity(said: dict[str, Any], data: dict[str, Any], kind: EventType) -> dict[str, Any]:
    entity = {
        name: value
        for name, value in said.items()
        if (name not in _OF_DATA or value != "") and (value is not None or kind != "created")
    }
    for name in ("entity_id", "org_id"):
        if entity.pop(name, data.get(name)) != data.get(name):
            raise _NoEvent(f"of one {name} within another")
    for name in ("created_at", "updated_at"):
        entity.pop(name, None)
    place = {name: entity.pop(name) for name in _PLACE if name in entity}
    if place.get("latitude") is not None and place.get("longitude") is not None:
        entity.setdefault("position", place)
    for name in _TEXTS:
        text = entity.get(name)
        if text == "":
            del entity[name]
        elif isinstance(text, str):
            entity[name] = msgspec.json.decode(text)
    return entity
