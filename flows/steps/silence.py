"""Who has been silent for too long: a heap of when to look at which of many entities.

A message costs one dictionary write whatever the number of entities; an entity is looked
at only when that comes up, and later if it has spoken since. Whoever is silent is looked at
as it becomes stale and lost by its own rate, and between at intervals that double, for
the branches of one that seldom speaks grow old while it lives.
"""

import heapq
from collections.abc import Sequence
from zlib import crc32

import msgspec

from flows.ontology.entities import Silenced
from flows.ontology.rate import GRAIN_US, Liveness, Patience, Rate

__all__ = ["Alarm", "Heard", "Patience", "Watch", "Watched", "next_due_us", "shard", "watch"]

SHARDS = 16
# What an alarm is set by goes its own way: it is known by then.
SOONEST_US = 1_000_000


class Heard(msgspec.Struct, frozen=True, gc=False):
    """An entity has spoken; the stream took it then, and what it said just before at ``earlier``.

    ``period_us`` is what was known of its rate before, if anything.
    """

    entity_id: str
    heard_us: int
    earlier: list[int] = []
    period_us: int = 0


class Alarm(msgspec.Struct, frozen=True, gc=False):
    """Whatever an entity says until then, it is to be looked at when it is so late."""

    entity_id: str
    due_us: int


class Watched(msgspec.Struct, array_like=True):
    """When an entity was heard last, and what it has been taken for since.

    ``due_us`` is its one entry in the heap that counts: others there were overtaken.
    ``looked_us`` is how long it had been silent when it was last looked at.
    """

    heard_us: int
    liveness: Liveness = "lost"
    due_us: int = 0
    rate: Rate = msgspec.field(default_factory=Rate)
    looked_us: int = 0


class Watch(msgspec.Struct):
    """The entities of one shard, and heaps of when to look at which: for silence, and anyhow."""

    entities: dict[str, Watched] = msgspec.field(default_factory=dict)
    deadlines: list[tuple[int, str]] = msgspec.field(default_factory=list)
    now_us: int = 0
    alarms: list[tuple[int, str]] = msgspec.field(default_factory=list)


def shard(entity_id: str) -> str:
    """Which watch an entity belongs to."""
    return str(crc32(entity_id.encode()) % SHARDS)


def watch(
    state: Watch, heard: Sequence[Heard | Alarm], now_us: int, patience: Patience
) -> list[Silenced]:
    """Take in who has spoken; say who is to be judged again, for it has been silent."""
    if now_us < state.now_us - patience.lost_us:
        _set_back(state, now_us, patience)
    state.now_us = now_us
    for each in heard:
        if isinstance(each, Alarm):
            due_us = max(each.due_us, now_us + SOONEST_US)
            heapq.heappush(state.alarms, (due_us, each.entity_id))
        else:
            _hear(state, each, now_us, patience)
    found = _ring(state, now_us)
    deadlines = state.deadlines
    while deadlines and deadlines[0][0] <= now_us:
        due_us, entity = heapq.heappop(deadlines)
        watched = state.entities.get(entity)
        if watched is None or due_us != watched.due_us:
            continue
        if _due_us(watched, patience) <= now_us:
            watched.looked_us = now_us - watched.heard_us
            watched.liveness = patience.judge(watched.looked_us, watched.rate.period_us)
            found.append(Silenced(entity, watched.heard_us))
        if watched.liveness != "lost":
            _schedule(state, entity, watched, patience)
    return found


def next_due_us(state: Watch) -> int | None:
    """When to look again at the latest; None while nobody is waited for."""
    due = [heads[0][0] for heads in (state.deadlines, state.alarms) if heads]
    return min(due, default=None)


def _ring(state: Watch, now_us: int) -> list[Silenced]:
    """Who is to be looked at; nobody watches any more for the silence of one that is lost."""
    found: list[Silenced] = []
    while state.alarms and state.alarms[0][0] <= now_us:
        entity = heapq.heappop(state.alarms)[1]
        watched = state.entities.get(entity)
        if watched is not None and watched.liveness == "lost":
            del state.entities[entity]
        found.append(Silenced(entity, 0 if watched is None else watched.heard_us))
    return found


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
        watched.rate.period_us = heard.period_us
    rate = watched.rate
    for at_us in heard.earlier:
        if not 0 <= at_us - rate.mark_us < GRAIN_US:
            rate.hear(at_us)
    rate.hear(heard.heard_us)
    if heard_us >= watched.heard_us or watched.heard_us > now_us + patience.lost_us:
        watched.heard_us, watched.looked_us = heard_us, 0
    if watched.liveness != "live":
        watched.liveness = "live"
        _schedule(state, heard.entity_id, watched, patience)


def _schedule(state: Watch, entity: str, watched: Watched, patience: Patience) -> None:
    watched.due_us = _due_us(watched, patience)
    heapq.heappush(state.deadlines, (watched.due_us, entity))


def _due_us(watched: Watched, patience: Patience) -> int:
    """When to look at an entity: as it becomes something else, or in twice the time."""
    looked_us, period_us = watched.looked_us, watched.rate.period_us
    again_us = patience.stale_us << (looked_us // patience.stale_us).bit_length()
    looks = (again_us, patience.of("stale", period_us), patience.of("lost", period_us))
    return watched.heard_us + min(each for each in looks if each > looked_us)
