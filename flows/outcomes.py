"""What follows from the rules of state, as the wires take it: puts, rows, events, refusals."""

from collections.abc import Iterable

import msgspec

from connectors.kv import Put, Version
from connectors.publish import Publication
from connectors.sqlite import Row, SqliteTable
from flows.ontology import subjects
from flows.ontology.entities import LivenessEvent, Registration, StatusText
from flows.ontology.wire import Rejected
from flows.steps.reduce import Outcome, Stored

REGISTRY = SqliteTable(
    "entities",
    {
        "entity_id": str,
        "org_id": str,
        "name": str,
        "entity_type": str,
        "status": str,
        "priority": str,
        "is_live": int,
        "created_at": str,
        "updated_at": str,
        "first_seen": str,
        "last_seen": str,
        "sequence": int,
    },
    key="entity_id",
    newer="sequence",
    indexes=(("org_id",),),
)

Keyed = list[tuple[str, Outcome]]

_json = msgspec.json.Encoder().encode


def puts(batch: Keyed) -> Iterable[tuple[str, Put]]:
    """States for the bucket."""
    return [
        (key, Put(key, each.document, Version(each.sequences, each.rank)))
        for key, each in batch
        if isinstance(each, Stored)
    ]


def registrations(batch: Keyed) -> Iterable[tuple[str, Row]]:
    """Rows of the registry."""
    return [
        (key, {name: getattr(each, name) for name in REGISTRY.columns})
        for key, each in batch
        if isinstance(each, Registration)
    ]


def events(batch: Keyed) -> Iterable[tuple[str, Publication]]:
    """Entities that went from live to stale, from stale to lost, or came back; what they said."""
    return [
        (
            each.entity_id,
            Publication(
                subjects.event(each.event_type, each.org_id, each.entity_id),
                _json(each),
                each.event_id,
            ),
        )
        for _, each in batch
        if isinstance(each, LivenessEvent | StatusText)
    ]


def refusals(batch: Keyed) -> Iterable[Rejected]:
    """What the rules do not let in."""
    return [each for _, each in batch if isinstance(each, Rejected)]
