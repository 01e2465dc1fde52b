"""What is registered of an entity, as its document and its row tell it, and back from a document.

A registered name, type, status and priority are right over what telemetry says. A registered
place is shown where nothing else tells where the entity is: it is no sign of life.
"""

from datetime import datetime
from typing import NamedTuple

import msgspec

from flows.ontology.entities import EntityState, Json
from flows.ontology.entry import Entry, expiry
from flows.ontology.telemetry import microseconds, moment

# These stand in the document under their own names, the rest under ``registered``.
_TREES = ("tags", "metadata", "components", "video_config", "relationships", "expires_at")
_PLACES = ("position.global", "position.gps")
# By the signal that it is shown as.
_PLACE = {"latitude": "latitude", "longitude": "longitude", "altitude_msl": "altitude"}


class Called(NamedTuple):
    """What an entity is taken for."""

    name: str
    entity_type: str
    status: str
    priority: str


def called(state: EntityState) -> Called:
    """What an entity is taken for: by its entry, else by what was heard."""
    if state.entry is None:
        return Called(state.name, state.entity_type, "active", "normal")
    said = state.entry.fields
    return Called(
        said.get("name") or state.name or state.entity_id,
        said.get("entity_type") or state.entity_type,
        said.get("status") or "active",
        said.get("priority") or "normal",
    )


def entered(state: EntityState) -> Json:
    """What a document says of what is registered, and after which deletion an entity is anew."""
    anew = {"anew_since": moment(state.buried_us)} if state.buried_us else {}
    entry = state.entry
    if entry is None:
        return anew
    fields = entry.fields
    return anew | {
        "revision": entry.revision,
        "created_at": moment(entry.created_us),
        "updated_at": moment(entry.updated_us),
        **{name: fields[name] for name in _TREES if name in fields},
        "registered": {name: each for name, each in fields.items() if name not in _TREES},
    }


def read_entry(document: Json) -> Entry | None:
    """The entry that a document of ours was made with; what it said of it is taken out.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: it was made with none such.
    """
    registered = document.pop("registered", None)
    if registered is None:
        return None
    fields = registered | {name: document.pop(name) for name in _TREES if name in document}
    created, updated = (document.pop(name) for name in ("created_at", "updated_at"))
    return Entry(
        document.pop("revision"), _time(created), _time(updated), fields, expiry(fields)
    )  # fmt: skip


def place(state: EntityState) -> Json:
    """Where an entity is by its entry, as signals of a place; empty where it tells itself."""
    said = state.entry.fields.get("position") if state.entry else None
    if said is None or any(
        "latitude" in part.values
        for path in _PLACES
        if path in state.branches
        for part in state.branches[path].all
    ):
        return {}
    return {name: said[field] for name, field in _PLACE.items() if said.get(field) is not None}


def beneath(state: EntityState) -> Json:
    """What a document says where no signal does: of others, and the registered place."""
    placed = place(state) if state.entry else None
    if not placed:
        return state.foreign
    position = state.foreign.get("position")
    position = position if isinstance(position, dict) else {}
    within = position.get("global")
    within = within if isinstance(within, dict) else {}
    return {**state.foreign, "position": {**position, "global": {**within, **placed}}}


def without_place(tree: Json, entry: Entry | None) -> None:
    """Take the registered place out of what is left of a document."""
    within = tree.get("position")
    within = within.get("global") if isinstance(within, dict) else None
    said = entry.fields.get("position") if entry else None
    if isinstance(within, dict) and said is not None:
        for name, field in _PLACE.items():
            if name in within and within[name] == said.get(field):
                del within[name]


def _time(text: str) -> int:
    return microseconds(msgspec.convert(text, datetime))
