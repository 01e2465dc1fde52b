"""What changes, as programs are told: all that there is, that this was all, then each change.

Events are ``snapshot`` for each entity that there is, ``ready``, and from then on
``change``, ``delete``, and ``leave`` for one that is no longer among those asked for.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Literal

import msgspec

from web.box import Box
from web.entity import Entity
from web.entity_filter import EntityFilter
from web.following import Follower, Following, Place
from web.picture import Picture

Kind = Literal["snapshot", "ready", "change", "delete", "leave"]
# How soon one whose key is revoked is told no more.
LOOK_SECONDS = 1.0

_encode = msgspec.json.Encoder().encode


class Change(msgspec.Struct, frozen=True):
    """One event: JSON on one line. ``place`` is there when all up to it has been told."""

    event: Kind
    data: bytes
    place: Place | None = None


class Told(msgspec.Struct, frozen=True):
    """What an event says of an entity; of one that is gone there is no document."""

    event: Kind
    entity_id: str
    sequence: int | None = None
    state: str | None = None
    document: msgspec.Raw | None = None


class Ready(msgspec.Struct, frozen=True):
    """That all has been told up to this place; ``resumed`` where only what had been missed was."""

    event: Kind
    place: str
    resumed: bool


class Changes:
    """What one program is told of an organisation's entities."""

    def __init__(
        self, picture: Picture, organization: str, wanted: EntityFilter, box: Box | None
    ) -> None:
        self._picture = picture
        self._organization = organization
        self._wanted = wanted
        self._box = box
        self._shown: set[str] = set()

    async def tell(
        self, following: Following, follower: Follower, since: Place | None
    ) -> AsyncIterator[list[Change]]:
        """Events, as they come; an empty list now and then when none do."""
        place = follower.place
        missed = None if since is None else following.missed(self._organization, since)
        if missed is None:
            for batch in self._begin():
                yield batch
        else:
            # Whoever comes back may know any of them.
            self._shown = set(self._picture.entities(self._organization)) | set(missed)
            yield self._changes(missed)
        ready = Ready("ready", str(place), missed is not None)
        yield [Change("ready", _encode(ready), place)]
        while not follower.closed:
            changed, place = await follower.take(LOOK_SECONDS)
            told = self._changes(changed)
            if told:
                told[-1] = msgspec.structs.replace(told[-1], place=place)
            yield told

    def _begin(self, at_once: int = 100) -> Iterable[list[Change]]:
        names = list(self._picture.entities(self._organization))
        for first in range(0, len(names), at_once):
            yield [
                each
                for name in names[first : first + at_once]
                if (each := self._change(name, "snapshot")) is not None
            ]

    def _changes(self, names: Iterable[str]) -> list[Change]:
        return [each for name in names if (each := self._change(name, "change")) is not None]

    def _change(self, name: str, kind: Kind) -> Change | None:
        entity = self._picture.entity(self._organization, name)
        if entity is None:
            known = name in self._shown
            self._shown.discard(name)
            return _gone("delete", name) if known else None
        state = self._picture.judged(entity).state
        if not self._wanted.takes(entity, self._box, live=state == "live"):
            known = name in self._shown
            self._shown.discard(name)
            return _gone("leave", name) if known else None
        self._shown.add(name)
        told = Told(kind, name, entity.sequence, state, msgspec.Raw(_line(entity)))
        return Change(kind, _encode(told))


def _gone(kind: Kind, name: str) -> Change:
    return Change(kind, _encode({"event": kind, "entity_id": name}))


def _line(entity: Entity) -> bytes:
    """Its document, on one line."""
    text = entity.document
    if b"\n" in text or b"\r" in text:
        return _encode(msgspec.json.decode(text))
    return text
