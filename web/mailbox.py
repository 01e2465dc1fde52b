"""What one client has still to be sent: bounded, and the latest wins.

A client that does not keep up loses the changes that it has not been sent and gets
a whole snapshot instead: it falls behind by a few frames, never by minutes.
"""

import asyncio
from dataclasses import dataclass, field

from web.frames import Frame

MOST_FRAMES = 3


@dataclass(eq=False)
class Mailbox:
    """Begins by asking for a snapshot."""

    _frames: list[Frame] = field(default_factory=list)
    _resync: bool = True
    _closed: bool = False
    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._event.set()

    def offer(self, frame: Frame) -> None:
        """Leave a frame; when there are too many, all give way to a snapshot."""
        if not self._resync:
            if len(self._frames) >= MOST_FRAMES:
                self._frames.clear()
                self._resync = True
            else:
                self._frames.append(frame)
        self._event.set()

    def close(self) -> None:
        """Nothing more will come: ``take`` returns None from now on."""
        self._closed = True
        self._event.set()

    async def take(self) -> tuple[bool, list[Frame]] | None:
        """Wait for mail: whether a snapshot must come first, and the frames after it."""
        await self._event.wait()
        self._event.clear()
        if self._closed:
            self._event.set()
            return None
        frames, self._frames = self._frames, []
        resync, self._resync = self._resync, False
        return resync, frames
