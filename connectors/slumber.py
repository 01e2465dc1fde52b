"""How a worker waits while there is nothing to do.

Bytewax looks up a thousand times a second, whatever its sources say, and a look costs about
as much as an item. So sources wait themselves, in their turn, until something comes. Meanwhile
no step is worked at: what was given must be through the graph before. It is once the worker
has gone to sleep by itself, as it does only where no step has anything to do.
"""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol
from weakref import WeakSet

# For so long the worker is left to itself between two looks...
BREATH = timedelta(milliseconds=1)
# ...and if it has slept for most of it, and then came in time, nothing is under way.
SLEPT_SECONDS = 0.0005
IN_TIME_SECONDS = 0.002
# Steps that wait for a time, and what other workers pass on, come so much later at most.
LONGEST_SECONDS = 0.02


class Sleeper(Protocol):
    """A partition that waits with the others of its worker."""

    due: float  # Before that it is not to be looked at, by the monotonic clock.

    def stirs(self) -> bool:
        """Whether it has something to give."""
        ...


class Slumber:
    """What the partitions of one worker wait by: whichever has its turn waits for all."""

    def __init__(self) -> None:
        self._bell = threading.Event()
        self._sleepers: WeakSet[Sleeper] = WeakSet()
        self._left = self._worked = 0.0
        self._under_way = False

    def join(self, sleeper: Sleeper) -> None:
        self._sleepers.add(sleeper)

    def leave(self, sleeper: Sleeper) -> None:
        self._sleepers.discard(sleeper)

    def ring(self) -> None:
        """Something has come. From any thread."""
        self._bell.set()

    def wait(self) -> None:
        """Wait until one has something, or is due; not at all while steps may be at work."""
        if not self._is_quiet():
            return
        self._bell.clear()
        now = time.monotonic()
        longest = LONGEST_SECONDS
        for each in self._sleepers:
            if each.due > now:
                longest = min(longest, each.due - now)
            elif each.stirs():
                return
        self._bell.wait(longest)

    def left(self, given: int) -> datetime:
        """A look is over, by which so many items were given; when the next is to be."""
        if given:
            self._under_way = True
        self._left, self._worked = time.monotonic(), time.thread_time()
        return datetime.now(UTC) + BREATH

    def _is_quiet(self) -> bool:
        gone = time.monotonic() - self._left
        worked = time.thread_time() - self._worked
        if gone - worked < SLEPT_SECONDS or gone > BREATH.total_seconds() + IN_TIME_SECONDS:
            return False
        # A step may have waited for a disk: that looks the same, but hardly twice.
        was_under_way, self._under_way = self._under_way, False
        return not was_under_way


_of_thread = threading.local()


def slumber() -> Slumber:
    """That of this worker, whatever sources it has: a worker is a thread."""
    try:
        found: Slumber = _of_thread.slumber
    except AttributeError:
        found = _of_thread.slumber = Slumber()
    return found
