"""Whether the clock on the wall was set back: Bytewax sleeps by it, and would sleep for as long."""

import time
from collections.abc import Callable

# Less than this is slept through and hardly noticed.
NOTICED_SECONDS = 2.0


class Clock:
    """Compares the clock on the wall with one that only goes on."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._steady = wall, steady
        self._ahead = wall() - steady()

    def set_back(self) -> float:
        """By how many seconds it was set back since this was asked last; 0 if it was not."""
        ahead = self._wall() - self._steady()
        back, self._ahead = self._ahead - ahead, ahead
        return back if back >= NOTICED_SECONDS else 0.0
