"""Programs that follow what changes: each is left a note of who has changed, and no more than that.

A note is an entity's id, so one who reads slowly has at most one for each entity, and is
told how things are when it reads, not how they were in between.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

import msgspec

from web.picture import Picture

MOST_FOLLOWERS = 200
MOST_OF_ONE = 20  # Of one key or session.
MOST_REMEMBERED = 10_000  # Deletions.


class Place(msgspec.Struct, frozen=True):
    """How far in which bucket: its sequence, and when the bucket was made."""

    bucket: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.sequence}-{self.bucket:x}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """A place as we have written it; None for anything else."""
        sequence, _, bucket = text.partition("-")
        try:
            return cls(int(bucket, 16), int(sequence)) if len(text) <= 64 else None
        except ValueError:
            return None


class Follower:
    """One of them. ``place`` is how far its notes go."""

    def __init__(self, organization: str, place: Place) -> None:
        self.organization = organization
        self.place = place
        self._changed: dict[str, None] = {}
        self._woken = asyncio.Event()
        self.closed = False

    def leave(self, changed: AbstractSet[str], place: Place) -> None:
        """Leave notes of who has changed by then."""
        self.place = place
        if changed:
            self._changed |= dict.fromkeys(changed)
            self._woken.set()

    def close(self) -> None:
        self.closed = True
        self._woken.set()

    async def take(self, seconds: float) -> tuple[list[str], Place]:
        """Who has changed since the last call, and by when; nobody when none has in that time."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return [], self.place
        self._woken.clear()
        changed, self._changed = list(self._changed), {}
        return changed, self.place


class Following:
    """All of them. ``tell`` is called with everything that changes."""

    def __init__(self, picture: Picture, place: Callable[[], Place]) -> None:
        self._picture = picture
        self._place = place
        self._followers: dict[Follower, str] = {}
        self._deleted: deque[tuple[int, str, str]] = deque(maxlen=MOST_REMEMBERED)
        self._since: Place | None = None  # All deletions after it are remembered.
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def count(self) -> int:
        return len(self._followers)

    def full(self, who: str) -> bool:
        """Whether there are too many, or too many by one key or session."""
        own = sum(each == who for each in self._followers.values())
        return self._closed or self.count >= MOST_FOLLOWERS or own >= MOST_OF_ONE

    @contextmanager
    def follow(self, organization: str, who: str) -> Iterator[Follower]:
        """Follow an organisation for as long as the block lasts."""
        follower = Follower(organization, self._place())
        if self._closed:
            follower.close()
        self._followers[follower] = who
        try:
            yield follower
        finally:
            del self._followers[follower]

    def tell(self, changes: Mapping[str, AbstractSet[str]]) -> bool:
        """Leave notes of who has changed, by organisation; whether anybody is left one."""
        place = self._place()
        if not self._picture.connected:  # What is deleted meanwhile nobody may tell of.
            self._since = None
        elif self._since is None or place.bucket != self._since.bucket:
            self._since = place
            self._deleted.clear()
        for organization, changed in changes.items():
            known = self._picture.entities(organization)
            for name in changed:
                if name not in known:
                    self._remember(place.sequence, organization, name)
        for follower in self._followers:
            follower.leave(changes.get(follower.organization, frozenset()), place)
        return any(changes.get(each.organization) for each in self._followers)

    def missed(self, organization: str, since: Place) -> list[str] | None:
        """Who has changed, been deleted or fallen silent since; None where that is not known."""
        first, last = self._since, self._place()
        if first is None or not first.bucket == since.bucket == last.bucket:
            return None
        if not first.sequence <= since.sequence <= last.sequence:
            return None
        deleted = {
            name
            for sequence, owner, name in self._deleted
            if owner == organization and sequence > since.sequence
        }
        known = self._picture.entities(organization)
        changed = [
            name
            for name, entity in known.items()
            if entity.sequence > since.sequence or self._picture.judged(entity).state != "live"
        ]
        return [*changed, *(deleted - known.keys())]

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed = True
        for follower in self._followers:
            follower.close()

    def _remember(self, sequence: int, organization: str, name: str) -> None:
        if len(self._deleted) == MOST_REMEMBERED and self._since is not None:
            self._since = Place(self._since.bucket, self._deleted[0][0])
        self._deleted.append((sequence, organization, name))
