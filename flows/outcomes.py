"""What follows from the rules of state, as the wires take it: puts, rows, events, refusals."""

from collections.abc import Iterable

import msgspec

from connectors.kv import Purge, Put, Version
from connectors.projection import Done, Forget, Projected, Record, Removal
from connectors.publish import Publication
from connectors.sqlite import SqliteTable
from flows.ontology import registry, subjects
from flows.ontology.entities import LivenessEvent, Registration, StatusText
from flows.ontology.entry import REMEMBERED_US, Buried, Forgotten, Overdue
from flows.ontology.entry import Projected as Told
from flows.ontology.registry import EXPIRED, FLOW_SOURCE, EntityEvent, EventData
from flows.ontology.telemetry import moment
from flows.ontology.wire import Rejected
from flows.rejections import REJECTIONS, row
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
        "revision": int,
        "expires_at": str,
        "latitude": float,
        "longitude": float,
        "altitude": float,
        "heading": float,
        "velocity": float,
        "components": str,
        "tags": str,
        "metadata": str,
        "video_config": str,
        "relationships": str,
    },
    key="entity_id",
    newer="sequence",
    indexes=(("org_id",),),
)

Keyed = list[tuple[str, Outcome]]

_json = msgspec.json.Encoder().encode


def projections(name: str, batch: Keyed) -> list[tuple[str, Projected]]:
    """What goes into the bucket and the registry, in the order in which it is to be written."""
    return [(key, item) for key, each in batch for item in _projections(name, each)]


def _projections(name: str, each: Outcome) -> Iterable[Projected]:
    match each:
        case Stored():
            return (Put(each.entity_id, each.document, Version(each.sequences, each.rank)),)
        case Registration():
            columns = {column: getattr(each, column) for column in REGISTRY.columns}
            return (Record(REGISTRY.name, columns, each.entity_id, Version(each.sequences)),)
        case Buried():
            version = Version(each.sequences)
            return (
                Purge(each.entity_id, version, REMEMBERED_US // 1_000_000),
                Removal(REGISTRY.name, each.entity_id, version),
            )
        case Rejected(stream=registry.STREAM):
            return (refusal(name, each),)
        case Forgotten():
            return (Forget(each.entity_id),)
        case Told():
            return (Done(each.sequence),)
    return ()


def refusal(name: str, rejected: Rejected) -> Record:
    """A refusal of an event, for whoever waits for its projection."""
    return Record(REJECTIONS.name, row(name, rejected))


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


def deletions(batch: Keyed) -> Iterable[tuple[str, Publication]]:
    """Entities whose time is over: that they are deleted is an event as if somebody did it."""
    return [(key, _deletion(each)) for key, each in batch if isinstance(each, Overdue)]


def _deletion(overdue: Overdue) -> Publication:
    subject = registry.subject(overdue.org_id, "deleted")
    event = EntityEvent(
        id=overdue.entity_id,
        type="deleted",
        subject=subject,
        data=EventData(overdue.entity_id, overdue.org_id, reason=EXPIRED),
        timestamp=moment(overdue.expires_us),
        source=FLOW_SOURCE,
    )
    identity = f"{overdue.entity_id}-expired-{overdue.revision}"
    return Publication(subject, _json(event), identity)
