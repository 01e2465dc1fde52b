"""A vehicle as the relay commands it: where it is heard, what it is, and what is under way."""

from typing import Any

import msgspec

from flows.ontology.commands import Delivery
from flows.ontology.transfers import Moving

# Of components beyond so many nobody knows any more where they are heard.
MOST_COMPONENTS = 64


class Vehicle(msgspec.Struct):
    """A system of MAVLink with an autopilot, as its newest messages have it.

    ``component_id`` is the one that flies; ``links`` is where each component was heard last.
    Degrees, and metres above the sea and home; None while nobody has said. Times are
    microseconds UTC. ``capabilities`` are MAV_PROTOCOL_CAPABILITY, 0 while nobody has said.
    """

    entity_id: str = ""
    org_id: str = ""
    system_id: int = 0
    component_id: int = 0
    link: str = ""
    autopilot: int = 0
    mav_type: int = 0
    custom_mode: int = 0
    base_mode: int = 0
    heard_us: int = 0
    capabilities: int = 0
    latitude: float | None = None
    longitude: float | None = None
    altitude_msl: float | None = None
    altitude_relative: float | None = None
    links: dict[int, str] = {}

    @property
    def home_msl(self) -> float | None:
        """How high home is above the sea."""
        if self.altitude_msl is None or self.altitude_relative is None:
            return None
        return self.altitude_msl - self.altitude_relative


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message of a command: ``fields`` without whom it is for.

    ``command`` is the number that a COMMAND_ACK answers, 0 where nothing does. One that is not
    ``needed`` may be refused. ``instead`` is said where the vehicle does not know it.
    """

    name: str
    fields: dict[str, Any]
    command: int
    component_id: int = 0
    needed: bool = True
    instead: list["Order"] = []


class Commanding(msgspec.Struct, tag=True):
    """A command that is said by MAVLink's command protocol: its orders, one after the other.

    ``at`` is the order that is said, ``tries`` how often it was, ``sent`` how often any was, and
    ``unheard`` how many of those were not answered. Progress is in percent, -1 if unknown.
    """

    delivery: Delivery
    lanes: list[str]
    orders: list[Order]
    due_us: int = 0
    ended: bool = False
    at: int = 0
    tries: int = 0
    sent: int = 0
    unheard: int = 0
    in_progress: bool = False
    progress: int = -1
    told: int = 0
    told_us: int = 0
    cancelled: bool = False
    text: str = ""
    notes: list[str] = []


# Protocols that talk with a vehicle; each has ``delivery``, ``lanes``, ``due_us``, ``ended`` and
# ``sent``. Two that share a lane cannot be told apart by their answers: one waits.
Talk = Commanding | Moving


class Relayed(msgspec.Struct):
    """All that the relay knows of one vehicle.

    ``waiting`` are deliveries behind a talk in the same lane. ``done`` has commands that ended,
    and until when each is remembered; ``rests`` lanes in which late answers may still come,
    and until when. ``beats`` is when it heard us last, by link.
    """

    vehicle: Vehicle = msgspec.field(default_factory=Vehicle)
    talks: list[Talk] = []
    waiting: list[Delivery] = []
    done: dict[str, int] = {}
    rests: dict[str, int] = {}
    beats: dict[str, int] = {}
