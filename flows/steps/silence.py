"""Who has been silent for too long: a heap of deadlines for many entities.

A message costs one dictionary write whatever the number of entities; a deadline
is looked at only when it comes up, and put back if the entity has spoken since.
"""

import heapq
from zlib import crc32

import msgspec

from flows.ontology.entities import Liveness, Silenced

SHARDS = 16
_NEXT: dict[Liveness, Liveness] = {"live": "stale", "stale": "lost"}


class Patience(msgspec.Struct, frozen=True):
    """How much silence makes an entity stale, and lost. Microseconds."""

    stale_us: int
    lost_us: int

    def of(self, liveness: Liveness) -> int:
        """The silence at which that begins."""
        return {"live": 0, "stale": self.stale_us, "lost": self.lost_us}[liveness]

    def judge(self, silent_us: int) -> Liveness:
        """What so much silence makes of an entity."""
        if silent_us < self.stale_us:
            return "live"
        return "stale" if silent_us < self.lost_us else "lost"

    def believed(self, heard_us: int, now_us: int) -> int:
        """When it was heard; now, where that is to come: then the clock has been set back."""
        return heard_us if heard_us <= now_us + self.lost_us else now_us


class Heard(msgspec.Struct, frozen=True, gc=False):
    """An entity has spoken; the stream took it then."""

    entity_id: str
    heard_us: int


class Watched(msgspec.Struct, array_like=True):
    """When an entity was heard last, and what it has been taken for since.

    ``due_us`` is its one deadline in the heap that counts: others there were overtaken.
    """

    heard_us: int
    liveness: Liveness = "lost"
    due_us: int = 0


class Watch(msgspec.Struct):
    """The entities of one shard, and a heap of when to look at which."""

    entities: dict[str, Watched] = msgspec.field(default_factory=dict)
    deadlines: list[tuple[int, str]] = msgspec.field(default_factory=list)


def shard(entity_id: str) -> str:
    """Which watch an entity belongs to."""
    return str(crc32(entity_id.encode()) % SHARDS)


def watch(state: Watch, heard: list[Heard], now_us: int, patience: Patience) -> list[Silenced]:
    """Take in who has spoken; say who has become stale or lost by now, in that order."""
    if state.deadlines and state.deadlines[0][0] > now_us + 2 * patience.lost_us:
        _set_back(state, now_us, patience)
    for each in heard:
        _hear(state, each, now_us, patience)
    found: list[Silenced] = []
    deadlines = state.deadlines
    while deadlines and deadlines[0][0] <= now_us:
        due_us, entity = heapq.heappop(deadlines)
        watched = state.entities[entity]
        if due_us != watched.due_us:
            continue
        if _deadline(watched, patience) <= now_us:
            watched.liveness = _NEXT[watched.liveness]
            found.append(Silenced(entity, watched.heard_us))
        if watched.liveness != "lost":
            _schedule(state, entity, watched, patience)
    return found


def next_due_us(state: Watch) -> int | None:
    """When to look again at the latest; None while nobody is waited for."""
    return state.deadlines[0][0] if state.deadlines else None


def _set_back(state: Watch, now_us: int, patience: Patience) -> None:
    """Without this, whoever was live would be taken for it until that time comes again."""
    state.deadlines.clear()
    for entity, watched in state.entities.items():
        watched.heard_us = patience.believed(watched.heard_us, now_us)
        if watched.liveness != "lost":
            _schedule(state, entity, watched, patience)


def _hear(state: Watch, heard: Heard, now_us: int, patience: Patience) -> None:
    heard_us = patience.believed(heard.heard_us, now_us)
    watched = state.entities.get(heard.entity_id)
    if watched is None:
        watched = state.entities[heard.entity_id] = Watched(heard_us)
    watched.heard_us = max(patience.believed(watched.heard_us, now_us), heard_us)
    if watched.liveness != "live":
        watched.liveness = "live"
        _schedule(state, heard.entity_id, watched, patience)


def _schedule(state: Watch, entity: str, watched: Watched, patience: Patience) -> None:
    watched.due_us = _deadline(watched, patience)
    heapq.heappush(state.deadlines, (watched.due_us, entity))


def _deadline(watched: Watched, patience: Patience) -> int:
    return watched.heard_us + patience.of(_NEXT[watched.liveness])
