"""How often something is heard, learned from when it was, and how much silence that excuses.

What is said within ``GRAIN_US`` is one word, so that a sensor which says ten things at once
each minute is one that speaks each minute. A gap counts for no more than the one before it:
one outage is forgotten, two pauses in a row are a habit. Only the times at which the stream
took the messages count, one by one, so that neither batches nor a reading at speed matter.
"""

from typing import Literal

import msgspec

Liveness = Literal["live", "stale", "lost"]

GRAIN_US = 500_000
LONGEST_US = 3_600_000_000  # Nobody is excused for more than what this period gives.
SMOOTHING = 4  # So much less than all of what a gap says is believed at once.
STEADY = 8  # What differs by a smaller part than this is the same period.
STALE_PERIODS, LOST_PERIODS = 3, 10


class Rate(msgspec.Struct, array_like=True, gc=False):
    """``period_us`` is what was learned, 0 before that; ``mark_us`` is when a word began."""

    mark_us: int = 0
    gap_us: int = 0
    period_us: int = 0

    def hear(self, at_us: int) -> bool:
        """Learn from a word; whether the period is another now.

        Most words are part of the one before: callers in a hurry may look for themselves.
        """
        gap = at_us - self.mark_us
        if 0 <= gap < GRAIN_US:
            return False
        before, known, self.mark_us = self.gap_us, self.mark_us, at_us
        # The first word of all has no gap, nor has one before which the clock was set back.
        self.gap_us = gap if known and gap > 0 else 0
        agreed, period = min(self.gap_us, before, LONGEST_US), self.period_us
        if not agreed or abs(agreed - period) * STEADY <= period:
            return False
        self.period_us = period + (agreed - period) // SMOOTHING if period else agreed
        return True


class Patience(msgspec.Struct, frozen=True):
    """How much silence makes something stale, and lost. Microseconds.

    What speaks seldom is given more: some of its own periods, where those are longer.
    """

    stale_us: int
    lost_us: int

    def of(self, liveness: Liveness, period_us: int = 0) -> int:
        """The silence at which that begins."""
        if liveness == "stale":
            return max(self.stale_us, STALE_PERIODS * period_us)
        return max(self.lost_us, LOST_PERIODS * period_us) if liveness == "lost" else 0

    def judge(self, silent_us: int, period_us: int = 0) -> Liveness:
        """What so much silence makes of something."""
        if silent_us < self.stale_us or silent_us < STALE_PERIODS * period_us:
            return "live"
        lost = silent_us >= self.lost_us and silent_us >= LOST_PERIODS * period_us
        return "lost" if lost else "stale"

    def believed(self, heard_us: int, now_us: int) -> int:
        """When it was heard; now, where that is to come: then the clock has been set back."""
        return heard_us if heard_us <= now_us + self.lost_us else now_us
