"""Read a list of mission items that a vehicle has, or make it forget one."""

from typing import Any

import msgspec

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_parameters import checked
from flows.ontology.commands import Delivery
from flows.ontology.missions import MISSION_TYPES
from flows.ontology.radio import Station
from flows.ontology.relayed import Vehicle
from flows.ontology.stored_missions import checksum
from flows.ontology.telemetry import Envelope, microseconds
from flows.ontology.transfers import Clearing, Downloading, Reading
from flows.steps.relaying import reading
from flows.steps.relaying.mission_items import crc32, ours, spare
from flows.steps.relaying.mission_results import ACCEPTED, refusal
from flows.steps.relaying.talk import (
    EXPIRED,
    Said,
    end,
    is_to_us,
    may_be_said,
    progress,
    say,
    whole,
)
from flows.steps.relaying.upload import LANE, hexadecimal


def begin_reading(delivery: Delivery, _vehicle: Vehicle, _station: Station) -> Downloading | str:
    """How a list is read, or in a sentence why it cannot be."""
    mission_type = _type(delivery)
    if isinstance(mission_type, str):
        return mission_type
    return Downloading(delivery, [LANE], reading=Reading(mission_type))


def hear_reading(
    talk: Downloading, vehicle: Vehicle, said: Envelope, station: Station
) -> list[Said]:
    """Take what the vehicle says."""
    read = talk.reading
    if not read.tries and read.count < 0:
        return []  # It is not asked yet.
    if not is_to_us(said, vehicle, station) or _other(said, read.mission_type):
        return []
    if said.message_type == "MISSION_CHECKSUM":
        talk.checksum = whole(said, "checksum")
        return []
    out, new = reading.hear(read, said)
    if read.failed:
        return [*out, *end(talk, "failed" if read.items else "rejected", read.failed)]
    if read.done:
        return [*out, *end(talk, "completed", "", _found(talk, vehicle))]
    if not new:
        return [*out]
    talk.due_us, talk.unheard = 0, 0
    done, of = len(read.items), read.count
    told = {"read": done, "items": of}
    now_us = microseconds(said.timestamp)
    return [*out, *progress(talk, 100.0 * done / of, f"{done} of {of} items", told, now_us)]


def tick_reading(
    talk: Downloading, _vehicle: Vehicle, _station: Station, now_us: int
) -> list[Said]:
    """Ask for what is next by now, or give up."""
    read = talk.reading
    if not read.tries and read.count < 0 and now_us >= microseconds(talk.delivery.expires_at):
        return end(talk, "failed", EXPIRED)
    said, wait_us = reading.tick(read)
    talk.due_us, talk.unheard = now_us + wait_us, 1
    return [*said] if said else end(talk, "failed", read.failed)


def cancel_reading(talk: Downloading, _station: Station, _now_us: int) -> list[Said]:
    """Read no more of it."""
    read = talk.reading
    why = f"cancelled after {len(read.items)} items"
    return [reading.give_up(read), *end(talk, "failed", why)]


def begin_clearing(delivery: Delivery, _vehicle: Vehicle, _station: Station) -> Clearing | str:
    """How a list is forgotten, or in a sentence why it cannot be."""
    mission_type = _type(delivery)
    if isinstance(mission_type, str):
        return mission_type
    return Clearing(delivery, [LANE], mission_type=mission_type)


def hear_clearing(talk: Clearing, vehicle: Vehicle, said: Envelope, station: Station) -> list[Said]:
    """Take the vehicle's word that it has forgotten."""
    if said.message_type != "MISSION_ACK" or not talk.sent:
        return []
    number = whole(said, "type")
    if not is_to_us(said, vehicle, station) or _other(said, talk.mission_type) or number is None:
        return []
    talk.unheard = 0
    return end(talk, "completed") if number == ACCEPTED else end(talk, "rejected", refusal(number))


def tick_clearing(talk: Clearing, _vehicle: Vehicle, _station: Station, now_us: int) -> list[Said]:
    """Say it (again), or give up."""
    why = may_be_said(talk, now_us)
    if why:
        return end(talk, "failed", why)
    return say(talk, "MISSION_CLEAR_ALL", {"mission_type": talk.mission_type}, now_us)


def cancel_clearing(talk: Clearing, _station: Station, _now_us: int) -> list[Said]:
    """What was said cannot be taken back."""
    said = (
        "after it was said, and the vehicle has not answered" if talk.sent else "before it was said"
    )
    return end(talk, "failed", f"cancelled {said}")


def _type(delivery: Delivery) -> int | str:
    params, faults = checked(CATALOGUE[delivery.command], delivery.params)
    if faults:
        name, expected = faults[0]
        return f"{name}: {expected}"
    return MISSION_TYPES[params["mission_type"]]


def _other(said: Envelope, mission_type: int) -> bool:
    """Whether that is of another list; MAVLink 1 knows missions only."""
    return bool(said.data.get("mission_type", 0) != mission_type)


def _found(talk: Downloading, vehicle: Vehicle) -> dict[str, Any]:
    read = talk.reading
    shift = spare(vehicle, read.mission_type)
    items = ours(read.items, shift)
    home = msgspec.to_builtins(read.items[0]) if shift and read.items else None
    return {
        "items": msgspec.to_builtins(items), "count": len(items), "home": home,
        "checksum": checksum(items), "crc32": f"{crc32(items):08x}",
        "vehicle_crc32": hexadecimal(talk.checksum),
    }  # fmt: skip
