"""Who has been silent for too long: a heap of deadlines for many entities.

A message costs one dictionary write whatever the number of entities; a deadline
is looked at only when it comes up, and put back if the entity has spoken since.
"""

import heapq

import msgspec

from flows.ontology.entities import Liveness, Silenced

_NEXT: dict[Liveness, Liveness] = {"live": "stale", "stale": "lost"}


class Patience(msgspec.Struct, frozen=True):
    """How much silence makes an entity stale, and lost. Microseconds."""

    stale_us: int
    lost_us: int

    def of(self, liveness: Liveness) -> int:
        return self.stale_us if liveness == "stale" else self.lost_us


class Watched(msgspec.Struct):
    """When an entity was heard last, and what it has been taken for since."""

    heard_us: int
    liveness: Liveness


class Watch:
    """The entities of one shard. ``entities`` is all there is to remember of it."""

    def __init__(self, patience: Patience, entities: dict[str, Watched]) -> None:
        self._patience = patience
        self.entities = entities
        self._deadlines = [
            (self._deadline(watched), entity)
            for entity, watched in entities.items()
            if watched.liveness != "lost"
        ]
        heapq.heapify(self._deadlines)

    def hear(self, entity: str, heard_us: int) -> None:
        """The entity has spoken."""
        watched = self.entities.get(entity)
        if watched is None:
            watched = self.entities[entity] = Watched(heard_us, "lost")
        watched.heard_us = max(watched.heard_us, heard_us)
        if watched.liveness != "live":
            # A stale entity has its deadline for "lost" still in the heap: it will do.
            if watched.liveness == "lost":
                heapq.heappush(
                    self._deadlines, (watched.heard_us + self._patience.stale_us, entity)
                )
            watched.liveness = "live"

    def overdue(self, now_us: int) -> list[tuple[str, Silenced]]:
        """Who became stale or lost by now, in the order in which they did."""
        found: list[tuple[str, Silenced]] = []
        deadlines = self._deadlines
        while deadlines and deadlines[0][0] <= now_us:
            _, entity = heapq.heappop(deadlines)
            watched = self.entities[entity]
            due = self._deadline(watched)
            if due <= now_us:
                watched.liveness = _NEXT[watched.liveness]
                found.append((entity, Silenced(watched.liveness, due, watched.heard_us)))
                if watched.liveness == "lost":
                    continue
                due = self._deadline(watched)
            heapq.heappush(deadlines, (due, entity))
        return found

    def next_due_us(self) -> int | None:
        """When to look again at the latest; None while nobody is waited for."""
        return self._deadlines[0][0] if self._deadlines else None

    def _deadline(self, watched: Watched) -> int:
        return watched.heard_us + self._patience.of(_NEXT[watched.liveness])
