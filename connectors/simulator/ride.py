"""How far along a path at what time: speed changes along a half cosine, so that nothing jerks.

speed  to  ┐          ╭─────          from + (to - from)(1 - cos πu)/2,   u = t/T
      from ┘ ─────────╯               its steepest slope is π|to - from|/2T
"""

import math
from dataclasses import dataclass
from typing import NamedTuple


class Along(NamedTuple):
    """Metres from the start of a path, metres per second, metres per second squared."""

    metres: float
    speed: float
    acceleration: float


@dataclass(frozen=True, slots=True)
class Ramp:
    """A change from one speed to another within a time; a steady ride where they are equal."""

    seconds: float
    before: float
    after: float

    @property
    def metres(self) -> float:
        return (self.before + self.after) / 2 * self.seconds

    def at(self, seconds: float) -> Along:
        change = self.after - self.before
        if not change:
            return Along(self.before * seconds, self.before, 0.0)
        turn = math.pi * seconds / self.seconds
        gained = change / 2 * (seconds - self.seconds / math.pi * math.sin(turn))
        return Along(
            self.before * seconds + gained,
            self.before + change * (1 - math.cos(turn)) / 2,
            change * math.pi / (2 * self.seconds) * math.sin(turn),
        )


@dataclass(frozen=True, slots=True)
class Ride:
    """Ramps one after the other."""

    ramps: tuple[Ramp, ...]

    @property
    def seconds(self) -> float:
        return sum(ramp.seconds for ramp in self.ramps)

    def at(self, seconds: float) -> Along:
        """Along the path after so many seconds; before its start and after its end, the ends."""
        seconds, metres = max(seconds, 0.0), 0.0
        for ramp in self.ramps[:-1]:
            if seconds <= ramp.seconds:
                break
            seconds -= ramp.seconds
            metres += ramp.metres
        else:
            ramp = self.ramps[-1]
        along = ramp.at(min(seconds, ramp.seconds))
        return Along(metres + along.metres, along.speed, along.acceleration)


def ride(
    metres: float, top: float, acceleration: float, enter: float = 0.0, leave: float = 0.0
) -> Ride:
    """Ride so far: from one speed up to the top speed, and down to another at the end.

    Args:
        metres: length of the path.
        top: metres per second that are reached where the path is long enough.
        acceleration: most metres per second squared, speeding up and slowing down.
        enter: speed at the start.
        leave: speed at the end.

    Raises:
        ValueError: the path is too short to change from ``enter`` to ``leave`` on it.
    """
    # A ramp between v and w takes π|w - v|/2a seconds and therefore π|w² - v²|/4a metres.
    reached = math.sqrt((4 * acceleration * metres / math.pi + enter**2 + leave**2) / 2)
    top = min(top, reached)
    if top < max(enter, leave) * (1 - 1e-9):
        raise ValueError(f"{metres:.0f} m are too short to go from {enter} m/s to {leave} m/s.")
    top = max(top, enter, leave)
    up = Ramp(math.pi * (top - enter) / (2 * acceleration), enter, top)
    down = Ramp(math.pi * (top - leave) / (2 * acceleration), top, leave)
    steady = Ramp(max(metres - up.metres - down.metres, 0.0) / top, top, top)
    return Ride(tuple(ramp for ramp in (up, steady, down) if ramp.seconds > 0))


def run_up(speed: float, acceleration: float) -> float:
    """Metres that it takes from rest to a speed, or from a speed to rest."""
    return math.pi * speed**2 / (4 * acceleration)
