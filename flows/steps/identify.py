"""Packets to envelopes: which entity speaks, and whether it is the one that flies.

A system is a vehicle once one of its components has sent a heartbeat as a vehicle's
autopilot does, or the message that stands for it on a link by satellite; what it said
before is kept until then, so that nothing of a flight is missing. Ground stations, radios
and whatever else never does so never become an entity. What a radio says of its link is
the vehicle's, if that link has a name and one vehicle on it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid5

from flows.ontology.air import Air, Counted, Crew, Waiting, waiting
from flows.ontology.identity import within
from flows.ontology.telemetry import Envelope, Role, moment
from flows.ontology.vehicles import is_vehicle
from flows.ontology.wire import Noise, Packet, Rejected

AUTOPILOT_COMPONENT = 1  # MAV_COMP_ID_AUTOPILOT1
# What tells the type of the vehicle and its autopilot.
PRESENT = frozenset(("HEARTBEAT", "HIGH_LATENCY2"))
RADIOS = frozenset(("RADIO", "RADIO_STATUS"))
MOST_WAITING = 256
MOST_SYSTEMS = 255
# A step back by more than this is a vehicle that was started again.
REBOOT_MS = 10_000
_EARLIEST_US = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1e6)
_LATEST_US = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp() * 1e6)

Identified = Envelope | Counted


class Names:
    """What the entities of one organisation are called by the relay.

    Args:
        organization: whose they are.
        links: names of links on which everything that speaks is one entity.
        recording: of what recording they are; empty for vehicles that are heard now.
    """

    def __init__(
        self, organization: str, links: dict[str, str] | None = None, recording: str = ""
    ) -> None:
        self.organization = organization
        self.recorded = bool(recording)
        self._links = links or {}
        self._within = within(organization, recording)

    def key(self, packet: Packet) -> str:
        """By what a packet is told from those of others: its link if that has a name."""
        return self._links.get(packet.link) or str(packet.system_id)

    def entity(self, link: str, system_id: int, first: bool) -> tuple[str, str]:  # noqa: FBT001
        """Id and name of a system: the link's, for the first that flies there."""
        name = self._links.get(link, "")
        if not name:
            return str(uuid5(self._within, str(system_id))), ""
        return (name, name) if first else (f"{name}-{system_id}", f"{name}-{system_id}")


def identify(air: Air, packets: Sequence[Packet], names: Names) -> list[Identified]:
    """Say for each packet whose it is.

    Args:
        air: who is known on this link or under this system id; it is changed.
        packets: in the order in which they were heard.
        names: what entities are called.

    Returns:
        An envelope for each packet of a vehicle, and counts of what is not told.
    """
    said: list[Identified] = []
    for packet in packets:
        crew = air.crews.get(packet.system_id)
        if crew is None:
            crew = air.crews[packet.system_id] = Crew(packet.system_id)
        gap = _gap(crew, packet)
        if gap:
            said.append(Counted("gaps", packet.link, gap))
        if packet.name in PRESENT:
            _muster(air, crew, packet, names)
        if crew.autopilot < 0 and packet.name in RADIOS:
            crew = _alone(air) or crew
        if crew.autopilot < 0:
            crew.waiting.append(waiting(packet))
            if len(crew.waiting) > MOST_WAITING:
                said.append(Counted("unclaimed", crew.waiting.pop(0).link, 1))
            continue
        if crew.waiting:
            said.extend(_envelope(crew, each, names) for each in crew.waiting)
            crew.waiting = []
        said.append(_envelope(crew, packet, names))
    return said


def refuse_noise(noise: Noise) -> Rejected:
    """Bytes that are no MAVLink, or a frame that was not let in, as they are kept."""
    step = "signature" if noise.reason else "frame"
    reason = noise.reason or f"{noise.count} bytes are no MAVLink"
    return Rejected(step, reason, "", noise.origin, 0, noise.heard_us, noise.data)


def _muster(air: Air, crew: Crew, packet: Packet, names: Names) -> None:
    """Learn from a heartbeat which component flies. Component 1 outranks all others."""
    fields = packet.fields
    if not is_vehicle(fields.get("type"), fields.get("autopilot")):
        return
    if not crew.entity_id:
        first = not any(each.entity_id for each in air.crews.values())
        crew.entity_id, crew.entity_name = names.entity(packet.link, crew.system_id, first)
    if crew.autopilot < 0 or packet.component_id == AUTOPILOT_COMPONENT:
        crew.autopilot = packet.component_id


def _alone(air: Air) -> Crew | None:
    """The vehicle of a link, if there is just one."""
    flying = [crew for crew in air.crews.values() if crew.autopilot >= 0]
    return flying[0] if len(flying) == 1 else None


def _gap(crew: Crew, packet: Packet) -> int:
    """How many sequence numbers of a component are missing before this packet."""
    key = f"{packet.component_id}@{packet.link}"
    last = crew.sequences.get(key)
    if last is None and len(crew.sequences) >= MOST_SYSTEMS:
        crew.sequences.clear()
    crew.sequences[key] = packet.sequence
    missing = 0 if last is None else (packet.sequence - last - 1) % 256
    return missing if missing < 128 else 0  # More is a step back, not a gap.


def _envelope(crew: Crew, packet: Packet | Waiting, names: Names) -> Envelope:
    flies = packet.component_id == crew.autopilot and packet.system_id == crew.system_id
    role: Role = "autopilot" if flies else "peripheral"
    device_us = _device_us(crew, packet.name, packet.fields) if role == "autopilot" else None
    return Envelope(
        crew.entity_id,
        names.organization,
        packet.name,
        moment(packet.heard_us),
        packet.fields,
        packet.message_id,
        packet.system_id,
        packet.component_id,
        packet.sequence,
        None if device_us is None else moment(device_us),
        role,
        packet.link,
        crew.entity_name,
        names.recorded,
        packet.origin,
    )


def _device_us(crew: Crew, name: str, fields: dict[str, object]) -> int | None:
    """The vehicle's own clock in UTC, where its SYSTEM_TIME has told when it was started."""
    boot_ms = fields.get("timestamp" if name == "HIGH_LATENCY2" else "time_boot_ms")
    if type(boot_ms) is int:
        if boot_ms < crew.newest_boot_ms - REBOOT_MS:
            crew.boot_us = crew.newest_boot_ms = 0
        crew.newest_boot_ms = max(crew.newest_boot_ms, boot_ms)
        unix_us = fields.get("time_unix_usec") if name == "SYSTEM_TIME" else None
        if type(unix_us) is int and _EARLIEST_US < unix_us < _LATEST_US:
            crew.boot_us = unix_us - boot_ms * 1000
        return crew.boot_us + boot_ms * 1000 if crew.boot_us else None
    stamp = _timesync_us(fields) if name == "TIMESYNC" else fields.get("time_usec")
    if type(stamp) is not int or stamp >= _LATEST_US:
        return None
    # Some autopilots count from their start here, and some from 1970.
    if stamp > _EARLIEST_US:
        return stamp
    return crew.boot_us + stamp if crew.boot_us else None


def _timesync_us(fields: dict[str, object]) -> object:
    """The clock of who sends it: in a request the second time stamp, in an answer the first."""
    answered, asked = fields.get("tc1"), fields.get("ts1")
    stamp = answered or asked
    return stamp // 1000 if type(stamp) is int and stamp > 0 else None
