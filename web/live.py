"""One picture, rendered once a tick for each thing that people look at, sent to all who look.

A change is sent at once and then the next no sooner than ``GAP`` later: sparse
changes are quick, dense ones cost one rendering a tick whatever the number of clients.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Protocol

from web import frames
from web.clock import Clock
from web.frames import Frame
from web.mailbox import Mailbox

GAP = 0.15  # Seconds; a little less than the fifth of a second that sources like to keep.
BURST = 0.005  # Changes that come together go together.
JUDGE_EVERY = 1.0
BEAT_EVERY = 2.0
MOST_CLIENTS = 200

_NOBODY: AbstractSet[str] = frozenset()


class View(Protocol):
    """Something that people look at."""

    def snapshot(self) -> str: ...
    def delta(self, changed: AbstractSet[str]) -> str: ...


class Source(Protocol):
    """Where changes come from: names by organisation, which views know what to do with."""

    changed: asyncio.Event

    @property
    def clock(self) -> Clock: ...
    def take_changes(self) -> Mapping[str, AbstractSet[str]]: ...
    def judging(self) -> Iterator[None]: ...


class Channel:
    """A view and those who look at it. All share what is rendered."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._snapshot: Frame | None = None
        self.mailboxes: set[Mailbox] = set()

    def tick(self, changed: AbstractSet[str]) -> bool:
        """Send what has changed, if anything has; whether it had."""
        events = self._view.delta(changed)
        if events:
            self._snapshot = None
            self.offer(Frame(events))
        return bool(events)

    def offer(self, frame: Frame) -> None:
        for mailbox in self.mailboxes:
            mailbox.offer(frame)

    def snapshot(self) -> Frame:
        if self._snapshot is None:
            self._snapshot = Frame(self._view.snapshot())
        return self._snapshot


class Live:
    """Who looks at what. ``keep_up`` is to run for as long as anybody does.

    ``gap`` is how many seconds lie between two frames at least.
    """

    def __init__(self, source: Source, gap: float = GAP) -> None:
        self.source = source
        self._gap = gap
        self._channels: dict[tuple[str, str], Channel] = {}
        # Others who are told of all that changes; they say whether that matters to anybody.
        self.told: list[Callable[[Mapping[str, AbstractSet[str]]], bool]] = []
        self._closed = False

    @property
    def clients(self) -> int:
        return sum(len(channel.mailboxes) for channel in self._channels.values())

    @property
    def full(self) -> bool:
        return self._closed or self.clients >= MOST_CLIENTS

    @contextmanager
    def look(
        self, organization: str, what: str, view: Callable[[], View], shared: Mailbox | None = None
    ) -> Iterator[tuple[Channel, Mailbox]]:
        """Look at something for as long as the block lasts; ``shared`` with another look."""
        key = organization, what
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = Channel(view())
        mailbox = shared or Mailbox()
        if self._closed:
            mailbox.close()
        channel.mailboxes.add(mailbox)
        try:
            yield channel, mailbox
        finally:
            channel.mailboxes.discard(mailbox)
            if not channel.mailboxes and self._channels.get(key) is channel:
                del self._channels[key]

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed = True
        for channel in self._channels.values():
            for mailbox in channel.mailboxes:
                mailbox.close()

    async def keep_up(self) -> None:
        """Send what changes, judge again each second, beat every other second."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send())
            tasks.create_task(self._judge())
            tasks.create_task(self._beat())

    async def _send(self) -> None:
        last = 0.0
        while True:
            await self.source.changed.wait()
            await asyncio.sleep(max(BURST, last + self._gap - time.monotonic()))
            began = time.monotonic()
            if self.tick():
                last = began

    def tick(self) -> bool:
        """Send what has changed since the last tick to whoever looks; whether anything had."""
        changes = self.source.take_changes()
        others = [tell(changes) for tell in self.told]
        told = [
            channel.tick(changes.get(organization, _NOBODY))
            for (organization, _), channel in self._channels.items()
        ]
        return any(told) or any(others)

    async def _judge(self) -> None:
        while True:
            await asyncio.sleep(JUDGE_EVERY)
            for _ in self.source.judging():
                await asyncio.sleep(0)
            if self._channels:  # A branch can fall silent while its entity speaks.
                self.source.changed.set()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY)
            frame = Frame(frames.beat(int(self.source.clock.wall() * 1000)))
            for channel in self._channels.values():
                channel.offer(frame)
