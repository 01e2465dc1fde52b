"""What is known of an entity that matters to its commands."""

from typing import Literal

import msgspec

from flows.ontology.rate import Liveness

# MAV_LANDED_STATE in words; nothing where it is not known.
Landed = Literal["", "on_ground", "in_air", "takeoff", "landing"]
LANDED: dict[int, Landed] = {1: "on_ground", 2: "in_air", 3: "takeoff", 4: "landing"}


class Facts(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the newest document of an entity says. None, empty and 0 are what it does not say.

    Degrees, metres, metres a second, and microseconds UTC. ``gone``: the entity was deleted,
    and nothing else is said. ``recorded``: what is heard of it is played from a recording.
    ``period_us``: how often it speaks, as far as it is known. Mission items have the vehicle's
    own numbers. ``position_us``, ``status_us``, ``landed_us``, ``item_us``, ``reached_us``
    and ``state_us`` are when the stream took what says the place, the mode, the landed state,
    the current item, the item that was reached last and the mission's state; 0 where nothing
    says it.
    """

    entity_id: str
    org_id: str = ""
    name: str = ""
    entity_type: str = ""
    gone: bool = False
    recorded: bool = False
    live: Liveness = "lost"
    heard_us: int = 0
    period_us: int = 0
    autopilot: int | None = None
    vehicle_type: int | None = None
    mode: str = ""
    armed: bool | None = None
    landed: Landed = ""
    latitude: float | None = None
    longitude: float | None = None
    altitude_msl: float | None = None
    altitude_relative: float | None = None
    speed: float | None = None
    home_latitude: float | None = None
    home_longitude: float | None = None
    home_altitude: float | None = None
    mission_item: int | None = None
    mission_reached: int | None = None
    mission_total: int | None = None
    mission_state: int | None = None
    position_us: int = 0
    status_us: int = 0
    landed_us: int = 0
    item_us: int = 0
    reached_us: int = 0
    state_us: int = 0

    @property
    def placed(self) -> bool:
        """Whether it is known where it is."""
        return self.latitude is not None and self.longitude is not None

    @property
    def ground_msl(self) -> float | None:
        """The height of home above the sea: as it is said, or as its two heights tell."""
        if self.home_altitude is not None:
            return self.home_altitude
        if self.altitude_msl is None or self.altitude_relative is None:
            return None
        return self.altitude_msl - self.altitude_relative

    @property
    def grounded(self) -> bool | None:
        """Whether it stands; what is not armed does not fly. None where nothing tells."""
        if self.landed:
            return self.landed == "on_ground"
        return True if self.armed is False else None


class Limits(msgspec.Struct, frozen=True):
    """How far commands may lead: metres above home, and from it; 0 for as far as one likes.

    What was heard no longer than ``lost_us`` ago is believed.
    """

    altitude: float
    distance: float
    lost_us: int
