"""What a battery shows of its charge: volts, amperes, and how much is left."""

from typing import NamedTuple

from connectors.simulator.row import Power
from connectors.simulator.stages import Instant, Phase

# A lithium-polymer cell at rest, volts: when empty, and how much more when full.
EMPTY_VOLTS, FULLER_VOLTS = 3.5, 0.7
SAG_VOLTS = 0.12  # Of a cell, at the largest current.
LOW_PER_CENT = 25.0


class Charge(NamedTuple):
    """A battery at a time.

    Attributes:
        remaining: per cent of a full charge, 0 to 100.
        cell_volts: of each cell, under load.
        amps: drawn by the vehicle; a charger's current does not pass the sensor.
        used: ampere-hours since it was full.
        charging: whether it is being charged.
    """

    remaining: float
    cell_volts: float
    amps: float
    used: float
    charging: bool

    @property
    def low(self) -> bool:
        return self.remaining < LOW_PER_CENT and not self.charging


def charge(power: Power, instant: Instant) -> Charge:
    """The battery at an instant of a flight."""
    left = 1 - instant.used / power.amp_hours
    amps = instant.stage.amps
    sag = SAG_VOLTS * amps / max(power.lift, power.cruise)
    volts = EMPTY_VOLTS + FULLER_VOLTS * left - sag
    return Charge(100 * left, volts, amps, instant.used, instant.stage.phase is Phase.PARKED)
