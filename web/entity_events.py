"""What is asked of the registry, as the events that say it: one for each write."""

import hashlib
import itertools
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from connectors.publication import Publication
from flows.ontology.registry import (
    MOST_EVENT_BYTES,
    EntityEvent,
    EventData,
    Fields,
    beyond,
    subject,
)
from flows.ontology.subjects import BROADCAST
from web.entity_bodies import CreateEntity, UpdateEntity
from web.problems import Problem
from web.schema import BODY, Fault, invalid

SOURCE = "entity-service"
# Paths of the interface stand where these would, and a command to it would be one to all.
RESERVED = frozenset(("batch", "changes", BROADCAST))
_FIELDS = frozenset(Fields.__struct_fields__)

# What no request of another run has, nor another of this one.
_RUN, _numbers = secrets.token_hex(16), itertools.count()

Kind = Literal["created", "updated", "deleted"]


class Wanted(msgspec.Struct, frozen=True):
    """A write that is asked for: of which entity, and what JetStream is told of it."""

    kind: Kind
    org_id: str
    entity_id: str
    publication: Publication


class Writer(msgspec.Struct, frozen=True):
    """Makes the events of one request.

    ``retry`` is what the request has in common with its own retries, and with nothing else.
    """

    organization: str
    now: datetime
    retry: str

    def created(self, body: CreateEntity, place: int = 0) -> Wanted:
        """Raises Problem: 413 or 422, it says what cannot be kept."""
        given = body.entity_id
        if given in RESERVED:
            raise invalid([Fault("no entity can be called so", f"{BODY}.entity_id", given)])
        data = EventData(
            self._made(place) if given is msgspec.UNSET else given,
            self.organization,
            body.entity_type,
            body.status,
            body.priority,
            self._fields(body),
        )
        return self._wanted("created", data, place)

    def changes(self, body: UpdateEntity) -> Fields:
        """Raises Problem: 400, nothing is to be changed; 422, it says what cannot be kept."""
        fields = self._fields(body)
        if fields == Fields():
            raise Problem(400, "No updates provided")
        return fields

    def updated(
        self, entity_id: str, changes: Fields, if_match: int | None = None, place: int = 0
    ) -> Wanted:
        """Raises Problem: 413, it says more than can be kept."""
        data = EventData(entity_id, self.organization, entity=changes, if_match=if_match)
        return self._wanted("updated", data, place)

    def deleted(self, entity_id: str, reason: str, if_match: int | None = None) -> Wanted:
        data = EventData(entity_id, self.organization, reason=reason, if_match=if_match)
        return self._wanted("deleted", data, 0)

    def _made(self, place: int) -> str:
        """An id as those that are made by chance, but the same for each retry."""
        told = f"{self.organization}:{self.retry}:{place}".encode()
        return str(UUID(bytes=hashlib.sha256(told).digest()[:16], version=4))

    def _fields(self, body: CreateEntity | UpdateEntity) -> Fields:
        said: Mapping[str, Any] = {
            name: getattr(body, name) for name in body.__struct_fields__ if name in _FIELDS
        }
        fields = Fields(**said)
        too_much = beyond(fields)
        if too_much is not None:
            name, why = too_much
            raise invalid([Fault(why, f"{BODY}.{name}")])
        if isinstance(fields.expires_at, datetime) and fields.expires_at <= self.now:
            raise invalid(
                [Fault("expected a time to come", f"{BODY}.expires_at", fields.expires_at)]
            )
        return fields

    def _wanted(self, kind: Kind, data: EventData, place: int) -> Wanted:
        at = subject(self.organization, kind)
        event = EntityEvent(
            type=kind, data=data, id=data.entity_id, subject=at, timestamp=self.now, source=SOURCE
        )
        text = msgspec.json.encode(event)
        if len(text) > MOST_EVENT_BYTES:
            raise Problem(413, f"An entity may have {MOST_EVENT_BYTES} bytes at most.")
        message_id = f"{self.organization}:{data.entity_id}:{kind}:{self.retry}:{place}"
        return Wanted(kind, self.organization, data.entity_id, Publication(at, text, message_id))


def writer(organization: str, wall: float, retry: str = "") -> Writer:
    """For a request at this time, seconds since 1970; each is its own where it names no retry."""
    own = retry or f"{_RUN}:{next(_numbers)}"
    return Writer(organization, datetime.fromtimestamp(wall, UTC), own)
