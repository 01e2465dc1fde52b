"""How a vehicle leans, from how it moves.

What glides banks for its turn, tan(bank) = v·rate/g, and pitches with its climb; what
hovers leans into its acceleration and against the air's drag; boats roll in the swell
and rovers rock over the ground.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from connectors.simulator.motion import Motion
from connectors.simulator.row import Kind, Row
from connectors.simulator.stages import Instant
from connectors.simulator.wobble import Wobble

GRAVITY = 9.80665
DRAG_PER_METRE = 0.017  # Deceleration by drag over the square of the speed, of a small copter.
ANGLE_OF_ATTACK = math.radians(2.5)
SWELL_SECONDS = 6.0


class Lean(NamedTuple):
    """Radians: right wing down, nose up."""

    roll: float
    pitch: float


def lean(row: Row, instant: Instant, seconds: float, unsteady: Wobble) -> Lean:
    """The attitude of a vehicle at a time; without the heading, which is its motion's."""
    motion = instant.motion
    steady = _LEANS[row.kind](row, motion)
    if row.kind is Kind.BOAT:
        swell = math.radians(4) * math.sin(math.tau * seconds / SWELL_SECONDS)
        return Lean(steady.roll + swell, steady.pitch + swell / 3 * unsteady.at(seconds))
    shaken = math.radians(1) * min(motion.point.up + 2 * motion.ground_speed, 1.0)
    rolled = unsteady.at(seconds) * shaken
    return Lean(steady.roll + rolled, steady.pitch + unsteady.at(seconds + 100) * shaken)


def bank(motion: Motion) -> float:
    """The bank of a coordinated turn, radians."""
    return math.atan(motion.ground_speed * motion.turn_rate / GRAVITY)


def _gliding(row: Row, motion: Motion) -> Lean:
    speed = motion.ground_speed
    lifted = min((speed / row.performance.speed) ** 2, 1.0)
    climb = math.atan2(motion.velocity.up, max(speed, 1.0))
    return Lean(bank(motion), lifted * (climb + ANGLE_OF_ATTACK))


def _hovering(_row: Row, motion: Motion) -> Lean:
    drag = DRAG_PER_METRE * motion.ground_speed**2
    return Lean(0.0, -math.atan((motion.acceleration + drag) / GRAVITY))


def _rolling(_row: Row, motion: Motion) -> Lean:
    # A body on springs or in water leans outwards, and squats as it speeds up.
    return Lean(-bank(motion) / 4, math.atan(motion.acceleration / GRAVITY) / 4)


_LEANS: dict[Kind, Callable[[Row, Motion], Lean]] = {
    Kind.COPTER: _hovering,
    Kind.PLANE: _gliding,
    Kind.VTOL: _gliding,
    Kind.ROVER: _rolling,
    Kind.BOAT: _rolling,
}
