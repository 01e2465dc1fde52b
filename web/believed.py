"""What has been looked up, believed for a little while; those who ask at once share a look-up."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

import anyio.to_thread

from web.clock import Clock

# Also how long what is changed by another process is not known here.
SECONDS = 0.9
MOST = 10_000

Found = TypeVar("Found")


class _Since(Generic[Found]):
    """What is known, and what is being looked up, since all was forgotten."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[float, Found]] = {}
        self.looking: dict[str, asyncio.Task[Found]] = {}


class Believed(Generic[Found]):
    """``look_up`` finds something by its name; it is called in another thread."""

    def __init__(self, look_up: Callable[[str], Found], clock: Clock) -> None:
        self._look_up = look_up
        self._clock = clock
        self._since: _Since[Found] = _Since()

    async def find(self, name: str) -> Found:
        """What stands under a name, or stood there not long ago. Raises as ``look_up`` does."""
        now = self._clock.monotonic()
        known = self._since.known.get(name)
        if known is not None and now - known[0] < SECONDS:
            return known[1]
        looking = self._since.looking.get(name)
        if looking is None:
            looking = asyncio.create_task(self._look(name, now, self._since))
            self._since.looking[name] = looking
        # Whoever leaves while they wait does not end it for the others.
        return await asyncio.shield(looking)

    def forget(self) -> None:
        """Believe no look-up that began before: what it finds may have been changed since."""
        self._since = _Since()

    async def _look(self, name: str, now: float, since: _Since[Found]) -> Found:
        try:
            found = await anyio.to_thread.run_sync(self._look_up, name)
        finally:
            del since.looking[name]
        if len(since.known) >= MOST:
            since.known.clear()
        since.known[name] = now, found
        return found
