"""Who is on the air: MAVLink systems as the relay knows them, and what it counts of them."""

from typing import Literal

import msgspec

from flows.ontology.wire import Packet

# What is counted and not said: messages of systems that are no vehicles, gaps in the
# sequence numbers of those that are.
What = Literal["unclaimed", "gaps"]


class Counted(msgspec.Struct, frozen=True, gc=False):
    """So many of something happened on a link."""

    what: What
    link: str
    count: int


class Waiting(msgspec.Struct, gc=False, array_like=True):
    """A packet of a system that has not said yet whether it is a vehicle."""

    link: str
    origin: str
    heard_us: int
    system_id: int
    component_id: int
    sequence: int
    message_id: int
    name: str
    fields: dict[str, object]


class Crew(msgspec.Struct):
    """One system of MAVLink: what of it is a vehicle, and how its clocks and counts stand.

    ``autopilot`` is the component that flies, -1 while no heartbeat has told. ``boot_us``
    is what the vehicle's own clock said in UTC when it was started, 0 while unknown.
    ``sequences`` has each component's last sequence number by link.
    """

    system_id: int
    entity_id: str = ""
    entity_name: str = ""
    autopilot: int = -1
    boot_us: int = 0
    newest_boot_ms: int = 0
    sequences: dict[str, int] = msgspec.field(default_factory=dict)
    waiting: list[Waiting] = msgspec.field(default_factory=list)


class Air(msgspec.Struct):
    """The systems that speak on one named link, or one system on whichever link it speaks."""

    crews: dict[int, Crew] = msgspec.field(default_factory=dict)


def waiting(packet: Packet) -> Waiting:
    """The packet as it is kept."""
    return Waiting(
        packet.link,
        packet.origin,
        packet.heard_us,
        packet.system_id,
        packet.component_id,
        packet.sequence,
        packet.message_id,
        packet.name,
        packet.fields,
    )
