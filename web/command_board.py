"""The board: the commands of every organisation as they stand, and who controls what.

One reader of the stream writes it; pages and programs that follow look at it, and nobody
asks the ledger again. All that is open is on it, and what has ended last.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

from flows.ontology.commands import Control
from web.clock import Clock
from web.command_bodies import Command
from web.command_log import Entry
from web.command_side import Side
from web.command_told import Told
from web.following import MOST_FOLLOWERS, MOST_OF_ONE, Place

# What names an entity's control among the ids of commands, of which none begins so.
MARK = "@"
_NOTHING: Mapping[str, Command] = {}


class Board:
    """Fed by ``begin``, ``recall``, ``put``, ``found`` and ``lost``; not thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.changed = asyncio.Event()
        self.begun = asyncio.Event()
        self.place = Place(0, 0)
        self.trouble = "Commands are not followed yet: the web has just been started."
        # Why nothing that is asked for is judged now; empty while the flow runs that does.
        self.unjudged = "It is not known yet."
        self._since = 0
        self._sides: dict[str, Side] = {}
        self._dirty: dict[str, set[str]] = defaultdict(set)
        self._waiting: dict[asyncio.Event, str] = {}
        self.closed = False

    def command(self, organization: str, command_id: str) -> Command | None:
        return self.commands(organization).get(command_id)

    def commands(self, organization: str) -> Mapping[str, Command]:
        """All that are known of an organisation."""
        side = self._sides.get(organization)
        return _NOTHING if side is None else side.commands

    def open(self, organization: str) -> Mapping[str, Command]:
        """Those that have not ended."""
        side = self._sides.get(organization)
        return _NOTHING if side is None else side.open

    def holder(self, organization: str, entity_id: str) -> Control | None:
        """Who controls an entity now; None if nobody does."""
        side = self._sides.get(organization)
        known = None if side is None else side.controls.get(entity_id)
        if known is None or not known.by.id:
            return None
        until = known.until
        return known if until is None or until.timestamp() > self.clock.wall() else None

    def after(self, organization: str, place: Place) -> list[Entry] | None:
        """The transitions after a place; None where some are not known any more."""
        if place.bucket != self.place.bucket or place.sequence > self.place.sequence:
            return None
        side = self._sides.get(organization)
        if side is None:
            return None if place.sequence < self._since else []
        return side.log.after(place.sequence)

    def begin(self, stream: int, since: int) -> None:
        """Forget all: it is another stream, and what it says after ``since`` will be told."""
        self._sides.clear()
        self._since = since
        self.place = Place(stream, since)

    def recall(self, told: Iterable[Told]) -> None:
        """Take over what the ledger has; what was told since then stands."""
        for each in told:
            self._take(each)

    def put(self, told: Told | None, sequence: int, size: int) -> None:
        """What the stream says at a place, or nothing that can be read."""
        self.place = Place(self.place.bucket, sequence)
        if told is None:
            return
        side = self._take(told)
        if isinstance(told, Command):
            side.log.add(Entry(sequence, told, size))

    def found(self) -> None:
        """Commands are followed."""
        self.trouble = ""
        self.begun.set()
        self._wake()

    def lost(self, trouble: str) -> None:
        """Commands cannot be followed, so what is shown grows old."""
        self.trouble = trouble
        self.changed.set()

    def judged(self, trouble: str) -> None:
        """Whether the flow that judges runs, or what is wrong with it."""
        if trouble != self.unjudged:
            self.unjudged = trouble
            self.changed.set()

    def forget(self, organization: str) -> None:
        """Let go of an organisation that is no more."""
        self._sides.pop(organization, None)

    def judging(self) -> Iterator[None]:
        """Mark whose control has run out, though nobody says so: one organisation at a time."""
        for organization, side in list(self._sides.items()):
            for entity_id, control in side.controls.items():
                if control.by.id and self.holder(organization, entity_id) is None:
                    self._dirty[organization].add(MARK + entity_id)
                    gone = Control(
                        org_id=organization, entity_id=entity_id, number=control.number,
                        at=control.at, previous=control.by,
                    )  # fmt: skip
                    side.controls[entity_id] = gone
            if self._dirty:
                self.changed.set()
            yield

    def take_changes(self) -> Mapping[str, AbstractSet[str]]:
        """What has changed since the last call, by organisation: ids, and marked entities."""
        self.changed.clear()
        dirty, self._dirty = self._dirty, defaultdict(set)
        return dirty

    def full(self, who: str) -> bool:
        """Whether too many follow, or too many by one key or session."""
        own = sum(each == who for each in self._waiting.values())
        return self.closed or len(self._waiting) >= MOST_FOLLOWERS or own >= MOST_OF_ONE

    @property
    def followers(self) -> int:
        return len(self._waiting)

    @contextmanager
    def follow(self, who: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever a command's state changes, while the block lasts."""
        event = asyncio.Event()
        self._waiting[event] = who
        try:
            yield event
        finally:
            del self._waiting[event]

    def close(self) -> None:
        """End all who follow, so that the server can stop."""
        self.closed = True
        self._wake()

    def _take(self, told: Told) -> Side:
        side = self._sides.get(told.org_id)
        if side is None:
            side = self._sides[told.org_id] = Side(self._since)
        if isinstance(told, Command):
            news, name = side.put(told), told.command_id
        else:
            news, name = side.hold(told), MARK + told.entity_id
        if news:
            self._dirty[told.org_id].add(name)
            self._wake()
        return side

    def _wake(self) -> None:
        self.changed.set()
        for each in self._waiting:
            each.set()
