"""What of a vehicle's messages matters to commands, and what is known by them."""

from collections.abc import Iterable

from flows.ontology.relayed import MOST_COMPONENTS, Vehicle
from flows.ontology.telemetry import Envelope, microseconds

SECOND = 1_000_000
# By message, how much of it is enough: microseconds from one of a vehicle to the next.
ENOUGH: dict[str, int] = {
    "HEARTBEAT": 0,
    "HIGH_LATENCY2": 0,
    "COMMAND_ACK": 0,
    "STATUSTEXT": 0,
    "MISSION_REQUEST_INT": 0,
    "MISSION_REQUEST": 0,
    "MISSION_ACK": 0,
    "MISSION_COUNT": 0,
    "MISSION_ITEM_INT": 0,
    "MISSION_ITEM": 0,
    "MISSION_CHECKSUM": 0,
    "PARAM_VALUE": 0,
    "PARAM_ERROR": 0,
    "AUTOPILOT_VERSION": 0,
    "GLOBAL_POSITION_INT": SECOND,
}
_DEGREE, _METRE = 1e7, 1e3
_MOST_CAPABLE = 2**64
_BEATS = ("HEARTBEAT", "HIGH_LATENCY2")


def matter(envelopes: Iterable[Envelope], last: dict[tuple[str, str], int]) -> list[Envelope]:
    """Those that matter, and of those that come often as much as is enough.

    Args:
        envelopes: each is looked at once, and most do not matter.
        last: when the newest of a message that comes often was let through; kept up to date.
    """
    found = []
    for each in envelopes:
        enough = ENOUGH.get(each.message_type)
        if enough is None:
            continue
        if enough:
            key, at_us = (each.entity_id, each.message_type), microseconds(each.timestamp)
            if 0 <= at_us - last.get(key, 0) < enough:
                continue
            last[key] = at_us
        found.append(each)
    return found


def know(vehicle: Vehicle, said: Envelope) -> None:
    """Learn what a message tells of its vehicle."""
    if said.message_type in _BEATS:
        _know_beat(vehicle, said)
    elif said.message_type == "GLOBAL_POSITION_INT" and said.role == "autopilot":
        _know_place(vehicle, said)
    elif said.message_type == "AUTOPILOT_VERSION" and said.role == "autopilot":
        capable = said.data.get("capabilities")
        if type(capable) is int and 0 <= capable < _MOST_CAPABLE:
            vehicle.capabilities = capable


def _know_beat(vehicle: Vehicle, said: Envelope) -> None:
    if len(vehicle.links) < MOST_COMPONENTS or said.component_id in vehicle.links:
        vehicle.links[said.component_id] = said.source
    if said.role != "autopilot":
        return
    vehicle.entity_id, vehicle.org_id = said.entity_id, said.org_id
    vehicle.system_id, vehicle.component_id = said.system_id, said.component_id
    vehicle.link, vehicle.heard_us = said.source, microseconds(said.timestamp)
    for name, field in (
        ("autopilot", "autopilot"),
        ("mav_type", "type"),
        ("custom_mode", "custom_mode"),
        ("base_mode", "base_mode"),
    ):
        value = said.data.get(field)
        if type(value) is int:  # A flag is no number.
            setattr(vehicle, name, value)


def _know_place(vehicle: Vehicle, said: Envelope) -> None:
    values = [said.data.get(name) for name in ("lat", "lon", "alt", "relative_alt")]
    latitude, longitude, altitude, above = values
    if type(altitude) is not int or type(above) is not int:
        return
    vehicle.altitude_msl, vehicle.altitude_relative = altitude / _METRE, above / _METRE
    if type(latitude) is int and type(longitude) is int:
        vehicle.latitude, vehicle.longitude = latitude / _DEGREE, longitude / _DEGREE
