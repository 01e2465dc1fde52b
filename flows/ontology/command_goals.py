"""What a command is done by, where a vehicle's own telemetry tells that it is."""

from typing import Literal

import msgspec

# Higher than, at a height, on the ground, there and switched off, at a place, at the last item
# of the mission, armed or not, in a mode.
By = Literal["climbed", "height", "landed", "returned", "place", "items", "armed", "mode"]


class Goal(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be seen in what was heard after ``after_us``, microseconds UTC.

    ``above`` and ``sea`` are heights above home and the sea; ``near`` and ``level`` are how many
    metres from a place and a height are there. ``begun`` is how high, or how far from the
    place, it was in the beginning.
    """

    by: By
    after_us: int = 0
    latitude: float | None = None
    longitude: float | None = None
    above: float | None = None
    sea: float | None = None
    near: float = 0.0
    level: float = 0.0
    begun: float | None = None
    mode: str = ""
    armed: bool = False
