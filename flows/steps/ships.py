"""AIS messages to envelopes: positions, who a ship is, where it goes (ITU-R M.1371-5)."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flows.ontology.signals import Value
from flows.ontology.telemetry import Envelope, microseconds
from flows.ontology.traffic import Craft, Listener, Spoken
from flows.ontology.wire import Rejected
from flows.steps.craft import (
    KNOT,
    LATITUDE,
    LONGITUDE,
    Reading,
    believed,
    called,
    envelope,
    number,
    read,
    refused,
    text,
)
from flows.steps.stations import AID, AIRCRAFT, BASE_STATION, entity_type

STEP = "ships"

SECOND_US, MINUTE_US = 1_000_000, 60_000_000

_PLACE = (Reading("lat", LATITUDE, absent=(91,)), Reading("lon", LONGITUDE, absent=(181,)))
_COURSE = Reading("course", "position.gps.course", absent=(360, 511))
_SPEED, _FAST = "position.gps.groundspeed", (102.2, 102.3)  # The former is that, or faster.
_HEADING = Reading("heading", "position.global.heading", absent=(511,))
# A turn of which only the side is known is 127 to either.
_TURN = Reading("turn", "ais.rate_of_turn", absent=(-128, -127, 127))
_CLASS_A = (*_PLACE, _COURSE, Reading("speed", _SPEED, KNOT, _FAST), _HEADING, _TURN)
_CLASS_B = (*_PLACE, _COURSE, Reading("speed", _SPEED, KNOT, _FAST), _HEADING)
_SHIP = (
    Reading("imo", "ais.vessel.imo", absent=(0,)),
    Reading("ship_type", "ais.vessel.ship_type", absent=(0,)),
)
_AIRBORNE = (
    *_PLACE,
    _COURSE,
    Reading("speed", _SPEED, KNOT, (1022, 1023)),
    Reading("alt", "position.global.altitude_msl", absent=(4094, 4095)),
)

READINGS: dict[int, tuple[Reading, ...]] = {
    1: _CLASS_A,
    2: _CLASS_A,
    3: _CLASS_A,
    BASE_STATION: _PLACE,
    5: (*_SHIP, Reading("draught", "ais.voyage.draught", absent=(0,))),
    AIRCRAFT: _AIRBORNE,
    11: _PLACE,
    18: _CLASS_B,
    19: (*_CLASS_B, *_SHIP),
    AID: (*_PLACE, Reading("aid_type", "ais.vessel.aid_type", absent=(0,))),
    24: _SHIP,
    27: (*_PLACE, _COURSE, Reading("speed", _SPEED, KNOT, (63,))),
}
TEXTS: dict[str, str] = {
    "callsign": "ais.vessel.callsign",
    "destination": "ais.voyage.destination",
    "text": "ais.safety_text",
}
STATUSES = (
    "under way using engine", "at anchor", "not under command", "restricted manoeuvrability",
    "constrained by draught", "moored", "aground", "engaged in fishing", "under way sailing",
    "reserved 9", "reserved 10", "towing astern", "pushing ahead", "reserved 13",
    "AIS-SART active",
)  # fmt: skip


def ship(craft: Craft, spoken: Spoken, listener: Listener) -> list[Envelope | Rejected]:
    """What a message says of who sent it.

    Args:
        craft: who that is; it is changed.
        spoken: the message.
        listener: whose receivers heard it.

    Returns:
        An envelope, and a refusal of what in it cannot be believed.
    """
    fields = spoken.fields
    kind = int(number(fields.get("msg_type")) or 0)
    values: dict[str, Value] = {"ais.mmsi": called(spoken).removeprefix("MMSI ")}
    read(fields, READINGS.get(kind, ()), values)
    for field, path in TEXTS.items():
        said = text(fields.get(field))
        if said:
            values[path] = said
    _size(fields, values)
    _status(kind, fields, values)
    eta = _eta(fields) if kind == 5 else ""
    if eta:
        values["ais.voyage.eta"] = eta
    for path in ("ais.vessel.imo", "ais.vessel.ship_type", "ais.vessel.aid_type"):
        if path in values:
            values[path] = int(number(values[path]) or 0)
    beyond = believed(values)
    _motion(values)
    accurate = fields.get("accuracy")
    if isinstance(accurate, bool) and LATITUDE in values:
        values["ais.position_accurate"] = accurate
    craft.heard_us = spoken.heard_us
    craft.name = _name(fields) or craft.name
    craft.entity_type = entity_type(kind, spoken.number)
    said_us = _said_us(kind, spoken)
    told: list[Envelope | Rejected] = [
        envelope(spoken, craft, listener, values, message_id=kind, device_us=said_us)
    ]
    if beyond:
        told.append(refused(spoken, STEP, beyond))
    return told


def _size(fields: Mapping[str, Any], values: dict[str, Value]) -> None:
    for ends, path in (
        (("to_bow", "to_stern"), "ais.vessel.length"),
        (("to_port", "to_starboard"), "ais.vessel.beam"),
    ):
        size = sum(number(fields.get(end)) or 0.0 for end in ends)
        if size:
            values[path] = size


def _status(kind: int, fields: Mapping[str, Any], values: dict[str, Value]) -> None:
    status = number(fields.get("status"))
    if status is not None and status in range(len(STATUSES)):
        values["ais.navigation_status"] = STATUSES[int(status)]
    off, second = fields.get("off_position"), number(fields.get("second"))
    # Where the second is not told, whether it is off its place is not either.
    if kind == AID and isinstance(off, bool) and second is not None and second < 60:
        values["ais.off_position"] = off


def _motion(values: dict[str, Value]) -> None:
    """Velocity to the north and east, where speed and course are both known."""
    speed, course = number(values.get(_SPEED)), number(values.get(_COURSE.path))
    if speed is not None and course is not None:
        values["position.global.vx"] = speed * math.cos(math.radians(course))
        values["position.global.vy"] = speed * math.sin(math.radians(course))


def _eta(fields: Mapping[str, Any]) -> str:
    """Month, day and time of arrival; AIS has no year."""
    month, day = (_whole(fields.get(part), 0) for part in ("month", "day"))
    hour, minute = (_whole(fields.get(part), 99) for part in ("hour", "minute"))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    time = f" {hour:02d}:{minute:02d}" if 0 <= hour < 24 and 0 <= minute < 60 else ""
    return f"{month:02d}-{day:02d}{time}"


def _whole(value: object, otherwise: int) -> int:
    whole = number(value)
    return otherwise if whole is None else int(whole)


def _name(fields: Mapping[str, Any]) -> str:
    name = text(fields.get("shipname"))
    return name or text(text(fields.get("name")) + text(fields.get("name_ext")))


def _said_us(kind: int, spoken: Spoken) -> int | None:
    """When it was said, by the sender's clock: base stations tell the date, others the second."""
    fields = spoken.fields
    second = number(fields.get("second"))
    if second is None or not 0 <= second < 60:
        return None
    if kind in (BASE_STATION, 11):
        year, month, day = (_whole(fields.get(part), 0) for part in ("year", "month", "day"))
        hour, minute = (_whole(fields.get(part), 99) for part in ("hour", "minute"))
        try:
            return microseconds(datetime(year, month, day, hour, minute, int(second), tzinfo=UTC))
        except (ValueError, OverflowError):
            return None
    heard_us = spoken.heard_us if spoken.told_us is None else spoken.told_us
    apart_us = (round(second) * SECOND_US - heard_us) % MINUTE_US
    said_us = heard_us + apart_us - (MINUTE_US if apart_us >= MINUTE_US // 2 else 0)
    return said_us if said_us >= 0 else None
