"""The whole state of a vehicle as a pure function of its row, the seed and the time."""

import math
import random
from dataclasses import dataclass
from typing import NamedTuple

from connectors.simulator.area import Place, moved
from connectors.simulator.attitude import Lean, lean
from connectors.simulator.battery import Charge, charge
from connectors.simulator.kinds import WINGED, flight
from connectors.simulator.motion import Motion
from connectors.simulator.row import Row
from connectors.simulator.stages import Flight, Instant, Stage
from connectors.simulator.wobble import Wobble, wobble

RATE_SECONDS = 0.02  # Over which the rates of roll and pitch are measured.
GPS_ERROR_METRES = 0.8
BAROMETER_DRIFT_METRES = 1.5
MOST_WIND = 4.0  # Metres per second.
MOST_LATER_SECONDS = 20.0


class Told(NamedTuple):
    """What is true only of a vehicle under command: it is not as its row's phases have it.

    Attributes:
        armed: whether its motors may run.
        mode: HEARTBEAT's custom_mode.
        by_hand: whether that is a mode in which a person has the sticks.
        landed: MAV_LANDED_STATE.
        home: where it returns to.
        mission: MISSION_CURRENT's seq, total and mission_state.
    """

    armed: bool
    mode: int
    by_hand: bool
    landed: int
    home: Place
    mission: tuple[int, int, int]


class State(NamedTuple):
    """A vehicle at a time.

    Attributes:
        seconds: since it was switched on.
        stage: what it is about.
        motion: metres, metres per second and radians, from home.
        place: where that is on earth.
        lean: roll and pitch, radians.
        lean_rates: radians per second.
        charge: its battery.
        airspeed: metres per second; over the ground where it has no wings.
        barometric: metres above mean sea level, as the barometer believes.
        gps: the place as the receiver believes.
        satellites: that the receiver sees.
        dilution: of the receiver's precision, horizontally.
        load: of the autopilot's processor, 0 to 1.
        used: ampere-hours drawn since the battery was full.
        told: what it was commanded to, or None while it flies as its row says.
    """

    seconds: float
    stage: Stage
    motion: Motion
    place: Place
    lean: Lean
    lean_rates: Lean
    charge: Charge
    airspeed: float
    barometric: float
    gps: Place
    satellites: int
    dilution: float
    load: float
    used: float
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A row made to fly, with a wind and an unsteadiness of its own."""

    row: Row
    flight: Flight
    begun: float
    wind_east: float
    wind_north: float
    attitude: Wobble
    receiver: Wobble
    barometer: Wobble

    def age(self, seconds: float) -> float:
        """Seconds since it was switched on, at that time of the simulation."""
        return self.begun + seconds

    def begin(self, since: float, until: float) -> list[Stage]:
        """The stages that begin between two times of the simulation."""
        return list(self.flight.begun(self.age(since), self.age(until)))

    def at(self, seconds: float) -> State:
        """The state at a time of the simulation, in seconds since its start."""
        age = self.age(seconds)
        instant, soon = self.flight.at(age), self.flight.at(age + RATE_SECONDS)
        return self.seen(age, instant, soon)

    def seen(self, age: float, instant: Instant, later: Instant) -> State:
        """The state at an instant, and another a moment later, however it came to that."""
        motion = instant.motion
        place = moved(self.row.home, *motion.point)
        here = self._lean(age, instant)
        soon = self._lean(age + RATE_SECONDS, later)
        rates = ((after - before) / RATE_SECONDS for before, after in zip(here, soon, strict=True))
        error = GPS_ERROR_METRES * self.receiver.at(age)
        aside = GPS_ERROR_METRES * self.receiver.at(age + 1000)
        up = 2 * GPS_ERROR_METRES * self.receiver.at(age + 2000)
        sky = self.receiver.at(age / 10)
        return State(
            age,
            instant.stage,
            motion,
            place,
            here,
            Lean(*rates),
            charge(self.row.power, instant),
            self._airspeed(motion),
            place.altitude + BAROMETER_DRIFT_METRES * self.barometer.at(age / 10),
            moved(place, error, aside, up),
            round(15 + 3 * sky),
            0.8 - 0.2 * sky,
            0.35 + 0.1 * self.attitude.at(age),
            instant.used,
        )

    def _lean(self, age: float, instant: Instant) -> Lean:
        return lean(self.row, instant, age, self.attitude)

    def _airspeed(self, motion: Motion) -> float:
        if self.row.kind not in WINGED or not motion.point.up:
            return motion.ground_speed
        east, north = motion.velocity.east - self.wind_east, motion.velocity.north - self.wind_north
        return math.hypot(east, north)


def vehicle(row: Row, seed: int) -> Vehicle:
    """A vehicle whose chances all come from the seed and its system id.

    Raises:
        ValueError: the row's route cannot be flown.
    """
    chances = random.Random(f"{seed}:{row.system_id}")  # noqa: S311 - play, not secrets
    later = chances.uniform(0.0, MOST_LATER_SECONDS)
    wind, towards = chances.uniform(0.0, MOST_WIND), chances.uniform(0.0, math.tau)
    return Vehicle(
        row,
        flight(row),
        row.begun + later,
        wind * math.sin(towards),
        wind * math.cos(towards),
        wobble(chances),
        wobble(chances),
        wobble(chances),
    )
