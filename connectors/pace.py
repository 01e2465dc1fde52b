"""When what was recorded is due, at a speed; no clock that was wrong then holds anything up now."""

import time

LONGEST_PAUSE_SECONDS = 5.0


class Pace:
    """Records are as far apart as they were, but for long pauses, which are cut short.

    Pauses never take longer in all than the rest does: clocks that jump to and fro make
    no more than a log that is played at half its speed. Both in the recording's own time.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._due: float | None = None
        self._last_us = 0
        self._allowed = LONGEST_PAUSE_SECONDS

    def wait(self, heard_us: int) -> float:
        """Seconds until a record of that time is due; zero or less when it is."""
        if not self._speed:
            return 0.0
        now = time.monotonic()
        if self._due is None:
            self._due, self._last_us = now, heard_us
        apart = max((heard_us - self._last_us) / 1e6, 0.0)
        pause = apart > LONGEST_PAUSE_SECONDS
        if pause:
            apart = min(LONGEST_PAUSE_SECONDS, self._allowed)
        due = self._due + apart / self._speed
        if due <= now:
            # What was late stays due when it was, so that the whole keeps its speed.
            self._allowed += -apart if pause else apart
            self._due, self._last_us = due, heard_us
        return due - now
