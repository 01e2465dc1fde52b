"""A flight: stages one after the other, over and over again."""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import accumulate
from typing import NamedTuple

from connectors.simulator.motion import Motion, Path


class Phase(Enum):
    """What a vehicle is about."""

    PARKED = auto()  # Disarmed, charging.
    READY = auto()  # Armed, at rest on the ground or the water.
    TAKEOFF = auto()
    MISSION = auto()
    HOLD = auto()  # Hovering or circling at a waypoint, or waiting at it.
    RETURN = auto()
    LANDING = auto()


class Wings(Enum):
    """What carries a vehicle that can both hover and glide."""

    ROTORS = auto()
    TO_WINGS = auto()
    WINGS = auto()
    TO_ROTORS = auto()


@dataclass(frozen=True, slots=True)
class Stage:
    """One path with what is true all along it.

    Args:
        phase: what the vehicle is about.
        path: how it moves.
        amps: current drawn from the battery.
        waypoint: the number of the mission item that is flown to or held at; 0 for home.
        says: a sentence to tell the ground when the stage begins, or nothing.
        reached: whether the waypoint is reached as the stage begins.
        wings: what carries it.
    """

    phase: Phase
    path: Path
    amps: float
    waypoint: int = 0
    says: str = ""
    reached: bool = False
    wings: Wings = Wings.ROTORS


class Instant(NamedTuple):
    """A flight at a time: the stage, the motion, ampere-hours used since the battery was full."""

    stage: Stage
    motion: Motion
    used: float


@dataclass(frozen=True, slots=True)
class Flight:
    """Stages that repeat for ever. The first is parked: there the battery is filled again."""

    stages: tuple[Stage, ...]
    _ends: tuple[float, ...] = field(init=False)
    _used: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        used = (stage.amps * stage.path.seconds / 3600 for stage in self.stages[1:])
        seconds = (stage.path.seconds for stage in self.stages)
        object.__setattr__(self, "_ends", tuple(accumulate(seconds)))
        object.__setattr__(self, "_used", tuple(accumulate(used, initial=0.0)))

    @property
    def period(self) -> float:
        """Seconds from one departure to the next."""
        return self._ends[-1]

    @property
    def most_used(self) -> float:
        """Ampere-hours that a whole flight takes."""
        return self._used[-1]

    def at(self, seconds: float) -> Instant:
        """The flight so many seconds after it began to be parked for the first time."""
        number, since = self._find(seconds % self.period)
        stage = self.stages[number]
        if number == 0:
            used = self.most_used * (1 - since / stage.path.seconds)
        else:
            used = self._used[number - 1] + stage.amps * since / 3600
        return Instant(stage, stage.path.at(since), used)

    def begun(self, since: float, until: float) -> Iterator[Stage]:
        """The stages that began after ``since`` and not after ``until``, of the last period."""
        since = max(since, until - self.period)
        for flown in range(int(since // self.period), int(until // self.period) + 1):
            start = flown * self.period
            for stage, end in zip(self.stages, self._ends, strict=True):
                if since < start <= until:
                    yield stage
                start = flown * self.period + end

    def _find(self, seconds: float) -> tuple[int, float]:
        number = min(bisect.bisect_right(self._ends, seconds), len(self.stages) - 1)
        start = self._ends[number - 1] if number else 0.0
        return number, min(seconds - start, self.stages[number].path.seconds)
