"""Give a vehicle a list of mission items, and read it back: by MAVLink's mission protocol.

The vehicle is told how many there are, and asks for one after the other; it takes the list once
it is whole, and says so. What it has then decides, not whether its last word was heard.
https://mavlink.io/en/services/mission.html#uploading_mission
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_parameters import checked
from flows.ontology.commands import Delivery
from flows.ontology.missions import MISSION_TYPES, Item
from flows.ontology.radio import Station, Word
from flows.ontology.relayed import Vehicle
from flows.ontology.stored_missions import checksum
from flows.ontology.telemetry import Envelope, microseconds
from flows.ontology.transfers import Reading, Uploading
from flows.steps.relaying import reading
from flows.steps.relaying.compare import differences
from flows.steps.relaying.mission_items import crc32, ours, spare, theirs, words
from flows.steps.relaying.mission_results import (
    ACCEPTED,
    CANCELLED,
    INVALID_SEQUENCE,
    refusal,
)
from flows.steps.relaying.reading import ITEM_US, acknowledgment
from flows.steps.relaying.talk import (
    Said,
    end,
    is_to_us,
    may_be_said,
    progress,
    say,
    whole,
)

LANE = "mission"
# How often a vehicle may ask for what it was told: PX4 does so 20 times of one item.
MOST_AGAIN = 40
# Who asks for an item so often in the words of long ago may know no others.
LEGACY_AGAIN = 2


def begin(delivery: Delivery, vehicle: Vehicle, _station: Station) -> Uploading | str:
    """How it begins, or in a sentence why it cannot."""
    params, faults = checked(CATALOGUE[delivery.command], delivery.params)
    if faults:
        name, expected = faults[0]
        return f"{name}: {expected}"
    mission_type = MISSION_TYPES[params["mission_type"]]
    items = msgspec.convert(params["items"], list[Item])
    return Uploading(
        replace(delivery, params={}),  # Its items are here.
        [LANE],
        mission_type=mission_type,
        items=theirs(items, vehicle, mission_type),
        spare=spare(vehicle, mission_type),
        mission_id=params["mission_id"],
        version=params["version"],
    )


def hear(talk: Uploading, vehicle: Vehicle, said: Envelope, station: Station) -> list[Said]:
    """Take what the vehicle says."""
    if not is_to_us(said, vehicle, station) or not talk.sent:
        return []
    if said.data.get("mission_type", 0) != talk.mission_type:
        return []
    now_us = microseconds(said.timestamp)
    if said.message_type == "MISSION_CHECKSUM":
        talk.checksum = whole(said, "checksum")
    elif talk.reading is not None:
        return _read_back(talk, talk.reading, said, now_us)
    elif said.message_type in ("MISSION_REQUEST_INT", "MISSION_REQUEST"):
        return _give(
            talk, whole(said, "seq"), now_us, legacy=said.message_type == "MISSION_REQUEST"
        )
    elif said.message_type == "MISSION_ACK":
        return _acknowledged(talk, whole(said, "type"))
    return []


def tick(talk: Uploading, _vehicle: Vehicle, _station: Station, now_us: int) -> list[Said]:
    """Say what is to be said by now, or give up."""
    if talk.reading is not None:
        said, wait_us = reading.tick(talk.reading)
        talk.due_us = now_us + wait_us
        return [*said] if said else _ended(talk, talk.reading)
    if not talk.asked:
        why = may_be_said(talk, now_us)
        if why:
            return end(talk, "failed", talk.text or why, _result(talk))
        many = {"count": len(talk.items), "mission_type": talk.mission_type}
        return say(talk, "MISSION_COUNT", many, now_us)
    if talk.waited >= len(ITEM_US):
        talk.text = talk.text or f"the vehicle has asked for {_share(talk)} items, and no more"
        return _look(talk)
    talk.due_us = now_us + ITEM_US[talk.waited]
    talk.waited += 1
    return [_item(talk, legacy=talk.coarse)]


def cancel(talk: Uploading, _station: Station, _now_us: int) -> list[Said]:
    """Take it back, unless the vehicle has it already."""
    if talk.reading is not None:
        read = reading.give_up(talk.reading)
        return [read, *end(talk, "failed", "cancelled when the vehicle had it", _result(talk))]
    if not talk.sent:
        return end(talk, "failed", "cancelled before it was said")
    why = f"cancelled after {_share(talk)} items: the vehicle keeps what it had"
    return [acknowledgment(talk.mission_type, CANCELLED), *end(talk, "failed", why, _result(talk))]


def _give(talk: Uploading, number: int | None, now_us: int, *, legacy: bool) -> list[Said]:
    if number is None or not 0 <= number < len(talk.items):
        return []
    again = number < talk.asked
    talk.again = talk.again + 1 if again else 0
    if talk.again > MOST_AGAIN:
        why = f"the vehicle asks for item {number - talk.spare} over and over"
        over = acknowledgment(talk.mission_type, CANCELLED)
        return [over, *end(talk, "failed", why, _result(talk))]
    if not again:
        talk.asked, talk.waited = number + 1, 1
    talk.last, talk.unheard = number, 0
    talk.coarse = talk.coarse or (legacy and talk.again >= LEGACY_AGAIN)
    # The next is to be asked for soon; if nothing comes, this one is said once more.
    talk.due_us = now_us + ITEM_US[talk.waited - 1]
    told = progress(
        talk, 50.0 * talk.asked / len(talk.items), f"{_share(talk)} items",
        {"sent": _ours(talk), "items": len(talk.items) - talk.spare}, now_us,
    )  # fmt: skip
    return [_item(talk, legacy=talk.coarse), *told]


def _item(talk: Uploading, *, legacy: bool) -> Word:
    fields = words(talk.items[talk.last], talk.last, talk.mission_type, whole=not legacy)
    return Word("MISSION_ITEM" if legacy else "MISSION_ITEM_INT", fields)


def _acknowledged(talk: Uploading, number: int | None) -> list[Said]:
    if number is None:
        return []
    if number == ACCEPTED:
        # One that comes before all was asked for answers to something else.
        return _look(talk) if talk.asked == len(talk.items) else []
    words = refusal(number)
    if number == INVALID_SEQUENCE:  # Said of what came twice, too.
        talk.text = words
        return []
    where = f"item {talk.last - talk.spare}: " if talk.last >= talk.spare else ""
    return end(talk, "failed" if talk.asked else "rejected", where + words, _result(talk))


def _look(talk: Uploading) -> list[Said]:
    """See what the vehicle has now."""
    talk.reading, talk.unheard, talk.due_us = Reading(talk.mission_type), 0, 0
    return []


def _read_back(talk: Uploading, read: Reading, said: Envelope, now_us: int) -> list[Said]:
    out, new = reading.hear(read, said)
    if read.failed or read.done:
        return [*out, *_ended(talk, read)]
    if not new:
        return [*out]
    talk.due_us = 0
    share = 50.0 + 50.0 * len(read.items) / max(read.count, 1)
    result = {"sent": _ours(talk), "items": len(talk.items) - talk.spare}
    return [*out, *progress(talk, share, "it is read back", result, now_us)]


def _ended(talk: Uploading, read: Reading) -> list[Said]:
    result = _result(talk)
    if read.failed:
        told = talk.text or "the vehicle has taken it"
        return end(talk, "failed", f"{told}; it cannot be read back: {read.failed}", result)
    given, has = ours(talk.items, talk.spare), ours(read.items, talk.spare)
    coarse = talk.coarse or read.coarse
    found = differences(given, has, talk.mission_type, coarse=coarse)
    if found.other:
        told = talk.text or "the vehicle has another list than it was given"
        return end(talk, "failed", f"{told}: {'; '.join(found.other)}", result)
    told = f"the vehicle keeps some otherwise: {'; '.join(found.kept)}" if found.kept else ""
    return end(talk, "completed", told, {**result, "verified": True})


def _result(talk: Uploading) -> dict[str, Any]:
    given = ours(talk.items, talk.spare)
    return {
        "items": len(given), "sent": _ours(talk), "mission_id": talk.mission_id,
        "version": talk.version or None, "checksum": checksum(given),
        "crc32": f"{crc32(given):08x}", "vehicle_crc32": hexadecimal(talk.checksum),
    }  # fmt: skip


def hexadecimal(number: int | None) -> str | None:
    """A checksum in hexadecimal figures, as long as nobody has said one None."""
    return None if number is None else f"{number & 0xFFFF_FFFF:08x}"


def _ours(talk: Uploading) -> int:
    return max(talk.asked - talk.spare, 0)


def _share(talk: Uploading) -> str:
    return f"{_ours(talk)} of {len(talk.items) - talk.spare}"
