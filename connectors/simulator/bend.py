"""A level curve at a steady speed, as an aircraft flies it: it rolls in, holds, and rolls out.

The turn rate rises along a half cosine to ``speed / radius``, stays, and falls again, so
that the bank, for which tan(bank) = v·rate/g = v²/(g·r), never jumps. Where a curve is cut
between two straight legs it is symmetric about the corner; whole circles may be added.

What is not a circle has no closed form: the metres of rolling in are integrated by
Gauss-Legendre quadrature, whose eight nodes are exact to far below a millimetre here.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from connectors.simulator.motion import Motion, Point

# Nodes and weights of order 8 for (-1, 1); each stands for itself and its mirror image
# (Abramowitz and Stegun, table 25.4).
_QUADRATURE = (
    (0.1834346424956498, 0.3626837833783620),
    (0.5255324099163290, 0.3137066458778873),
    (0.7966664774136267, 0.2223810344533745),
    (0.9602898564975363, 0.1012285362903763),
)


class _Turned(NamedTuple):
    """Metres forward and towards the inside, radians turned, radians per second."""

    forward: float
    inward: float
    angle: float
    rate: float


@dataclass(frozen=True, slots=True)
class Bend:
    """From a point and a heading through ``angle`` radians, clockwise where positive."""

    start: Point
    heading: float
    angle: float
    speed: float
    radius: float
    roll_seconds: float

    @property
    def rate(self) -> float:
        """The turn rate between rolling in and out; lower where the curve is too short for it."""
        return min(self.speed / self.radius, abs(self.angle) / self.roll_seconds)

    @property
    def seconds(self) -> float:
        return abs(self.angle) / self.rate + self.roll_seconds

    @property
    def reach(self) -> float:
        """Metres from the start to the corner that is cut, and from the corner to the end."""
        end, half = self._turned(self.seconds), abs(self.angle) / 2
        along = end.forward * math.cos(half) + end.inward * math.sin(half)
        return along / (2 * math.cos(half))

    def at(self, seconds: float) -> Motion:
        turned = self._turned(seconds)
        sense = math.copysign(1.0, self.angle)
        sine, cosine = math.sin(self.heading), math.cos(self.heading)
        aside = sense * turned.inward
        heading = self.heading + sense * turned.angle
        return Motion(
            Point(
                self.start.east + turned.forward * sine + aside * cosine,
                self.start.north + turned.forward * cosine - aside * sine,
                self.start.up,
            ),
            Point(self.speed * math.sin(heading), self.speed * math.cos(heading)),
            heading,
            sense * turned.rate,
        )

    def _turned(self, seconds: float) -> _Turned:
        """After so many seconds, in the frame of a curve that begins at 0, 0 and heads forward."""
        left = self.seconds - seconds
        if seconds <= self.roll_seconds:
            return self._rolling(seconds)
        if left >= self.roll_seconds:
            return self._circling(seconds)
        # Rolling out is rolling in, seen from the end: mirrored, and turned by the angle.
        corner, whole = self._circling(self.seconds - self.roll_seconds), abs(self.angle)
        sine, cosine = math.sin(whole), math.cos(whole)
        roll, rest = self._rolling(self.roll_seconds), self._rolling(max(left, 0.0))
        forward, inward = roll.forward - rest.forward, roll.inward - rest.inward
        return _Turned(
            corner.forward + cosine * forward + sine * inward,
            corner.inward + sine * forward - cosine * inward,
            whole - rest.angle,
            rest.rate,
        )

    def _circling(self, seconds: float) -> _Turned:
        """On the circle, which begins where rolling in ended."""
        roll = self._rolling(self.roll_seconds)
        rate, radius = self.rate, self.speed / self.rate
        angle = roll.angle + rate * (seconds - self.roll_seconds)
        return _Turned(
            roll.forward + radius * (math.sin(angle) - math.sin(roll.angle)),
            roll.inward + radius * (math.cos(roll.angle) - math.cos(angle)),
            angle,
            rate,
        )

    def _rolling(self, seconds: float) -> _Turned:
        """Rolling in: the turn rate grows."""
        middle = seconds / 2
        forward = inward = 0.0
        for node, weight in _QUADRATURE:
            for at in (middle - middle * node, middle + middle * node):
                angle = self._rolled(at)
                forward += weight * math.cos(angle)
                inward += weight * math.sin(angle)
        reached = self.speed * middle
        rate = self.rate * (1 - math.cos(math.pi * seconds / self.roll_seconds)) / 2
        return _Turned(forward * reached, inward * reached, self._rolled(seconds), rate)

    def _rolled(self, seconds: float) -> float:
        """Radians turned while rolling in."""
        turn = math.pi * seconds / self.roll_seconds
        return self.rate / 2 * (seconds - self.roll_seconds / math.pi * math.sin(turn))
