"""Small unsteadiness that is the same whenever the same seed is asked for the same time."""

import math
import random
from dataclasses import dataclass

_PERIODS_SECONDS = (5.3, 17.0, 61.0, 211.0)


@dataclass(frozen=True, slots=True)
class Wobble:
    """A smooth wandering between -1 and 1: a few sines whose phases come from the seed."""

    phases: tuple[float, ...]

    def at(self, seconds: float) -> float:
        total = sum(
            math.sin(math.tau * seconds / period + phase)
            for period, phase in zip(_PERIODS_SECONDS, self.phases, strict=True)
        )
        return total / len(_PERIODS_SECONDS)


def wobble(seed: random.Random) -> Wobble:
    """The next wobble of a seeded row of random numbers."""
    return Wobble(tuple(seed.uniform(0.0, math.tau) for _ in _PERIODS_SECONDS))
