"""The last transitions of an organisation's commands: one log for all who follow them.

Who follows is only a place in it, so that whoever reads slowly costs nothing. A place that
the log has left behind is told so, and begins anew.
"""

from collections import deque
from itertools import takewhile

import msgspec

from web.command_bodies import Command

MOST = 2000
MOST_BYTES = 4 * 1024 * 1024


class Entry(msgspec.Struct, frozen=True):
    """A transition, and where in the stream it is; ``size`` is how much of memory it takes."""

    sequence: int
    command: Command
    size: int


class Log:
    """Remembers all that was told after ``since``."""

    def __init__(self, since: int) -> None:
        self._since = since
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > MOST or self._bytes > MOST_BYTES:
            gone = self._entries.popleft()
            self._bytes -= gone.size
            self._since = gone.sequence

    def after(self, sequence: int) -> list[Entry] | None:
        """What was told after a place; None where some of that is not remembered."""
        if sequence < self._since:
            return None
        found = takewhile(lambda each: each.sequence > sequence, reversed(self._entries))
        return [*found][::-1]
