"""The live picture: every entity of the bucket as last known, by organisation.

The watcher of the bucket writes it, views read it. Who changed since a view last
looked is kept by organisation, and whoever waits on ``changed`` is woken.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from web.clock import Clock
from web.entity import Entity, Judged, Patience, State, judge, observe, placed
from web.freshness import Fresh
from web.reading import Unreadable, decode, heading
from web.rings import Rings

JUDGED_AT_ONCE = 100
_NOBODY: Mapping[str, Entity] = {}


class Picture:
    """Fed by ``put``, ``delete``, ``retain``, ``found`` and ``lost``; not thread-safe."""

    def __init__(self, patience: Patience, clock: Clock) -> None:
        self._patience = patience
        self._clock = clock
        self._organizations: dict[str, dict[str, Entity]] = defaultdict(dict)
        self._owners: dict[str, str] = {}
        self._shown: dict[str, tuple[State, State]] = {}
        self._dirty: dict[str, set[str]] = defaultdict(set)
        self._unreadable: set[str] = set()
        self.rings = Rings()
        self.changed = asyncio.Event()
        self.connected = False
        self.since = clock.wall()
        self.trouble = "the web has just been started"

    @property
    def patience(self) -> Patience:
        return self._patience

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def unreadable(self) -> int:
        """How many keys of the bucket hold something that cannot be shown."""
        return len(self._unreadable)

    def organizations(self) -> list[str]:
        return [name for name, entities in self._organizations.items() if entities]

    def entities(self, organization: str) -> Mapping[str, Entity]:
        return self._organizations.get(organization, _NOBODY)

    def entity(self, organization: str, entity_id: str) -> Entity | None:
        return self.entities(organization).get(entity_id)

    def judged(self, entity: Entity) -> Judged:
        return judge(entity, self._clock, self._patience)

    def placed(self, entity: Entity) -> Fresh:
        """How fresh an entity's place is."""
        return placed(entity, self.judged(entity), self._clock, self._patience)

    def _look(self, entity: Entity) -> tuple[State, State]:
        return self.judged(entity).state, self.placed(entity).state

    def put(self, key: str, data: bytes, sequence: int, stored_us: int) -> None:
        """The bucket holds ``data`` under ``key``.

        What cannot be read is counted, and what was last known stays: it grows old by
        itself, and whoever keeps the bucket will soon put it right.
        """
        try:
            document = decode(data)
            head = heading(key, document)
        except Unreadable:
            self._unreadable.add(key)
            return
        self._unreadable.discard(key)
        owner = self._owners.get(key)
        known = self._organizations[owner].get(key) if owner else None
        if owner is not None and owner != head.org_id:
            self.delete(key)
            known = None
        entity = observe(
            head,
            document,
            data,
            sequence=sequence,
            stored_us=stored_us,
            received=self._clock.monotonic(),
        )
        if known is not None and known.heard_us == entity.heard_us:
            # Said again, not heard again: the silence goes on.
            entity = msgspec.structs.replace(entity, received=known.received)
        self._owners[key] = head.org_id
        self._organizations[head.org_id][key] = entity
        self._shown[key] = self._look(entity)
        self.rings.record(entity)
        self._mark(head.org_id, key)

    def delete(self, key: str) -> None:
        """The bucket holds nothing under ``key`` any more."""
        self._unreadable.discard(key)
        owner = self._owners.pop(key, None)
        if owner is None:
            return
        del self._organizations[owner][key]
        del self._shown[key]
        self.rings.forget(key)
        self._mark(owner, key)

    def retain(self, keys: Iterable[str]) -> None:
        """The bucket holds these keys and no others."""
        for gone in (self._owners.keys() | self._unreadable) - set(keys):
            self.delete(gone)

    def found(self) -> None:
        """The bucket is being followed."""
        if not self.connected:
            self._connection(connected=True, trouble="")

    def lost(self, trouble: str) -> None:
        """The bucket cannot be followed, so what is shown grows old."""
        if self.connected or trouble != self.trouble:
            self._connection(connected=False, trouble=trouble)

    def _connection(self, *, connected: bool, trouble: str) -> None:
        if connected != self.connected:
            self.since = self._clock.wall()
        self.connected, self.trouble = connected, trouble
        self.changed.set()

    def judge_again(self) -> None:
        """Mark who has gone stale or lost by our own clock, with no word from the bucket."""
        for _ in self.judging():
            pass

    def judging(self) -> Iterator[None]:
        """Does that a part at a time, so that whoever waits meanwhile has their turn."""
        judged = 0
        for organization in list(self._organizations):
            for key in list(self._organizations[organization]):
                self._judge(organization, key)
                judged += 1
                if not judged % JUDGED_AT_ONCE:
                    yield

    def _judge(self, organization: str, key: str) -> None:
        entity = self.entity(organization, key)
        # Of what was never heard nothing grows old.
        if entity is None or (entity.heard_us is None and not entity.place_records):
            return
        look = self._look(entity)
        if look != self._shown[key]:
            self._shown[key] = look
            self._mark(organization, key)

    def take_changes(self) -> dict[str, set[str]]:
        """Who has changed since the last call: entity ids by organisation."""
        self.changed.clear()
        dirty, self._dirty = self._dirty, defaultdict(set)
        return dirty

    def _mark(self, organization: str, key: str) -> None:
        self._dirty[organization].add(key)
        self.changed.set()
