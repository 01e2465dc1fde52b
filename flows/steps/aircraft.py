"""ADS-B messages to envelopes: positions, motion, who an aircraft is (RTCA DO-260B).

An aircraft says its place by halves, in turns. Once two that fit have been heard, each
half is enough with the place before, if the aircraft can have come from there. Heights
are by the standard atmosphere or above the ellipsoid; neither is above mean sea level.
"""

import re
from collections.abc import Mapping
from typing import Any

from flows.ontology.signals import Value
from flows.ontology.telemetry import Envelope
from flows.ontology.traffic import Craft, Fix, Frame, Listener, Spoken
from flows.ontology.wire import Rejected
from flows.steps.cpr import Place, local, metres, paired
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

STEP = "aircraft"

FOOT = 0.3048  # [m]
FOOT_A_MINUTE = FOOT / 60  # [m/s]
# Two halves tell one place only if they were said together.
LONGEST_APART_US = 10_000_000
# By then an aircraft may be half a zone away, 333 km in the air, 83 km on the ground.
LONGEST_FIX_US = 300_000_000
FASTEST_M_S, FASTEST_ON_GROUND_M_S = 700.0, 100.0
ROOM_M = 3000.0
# So many places in a row that cannot be reached are right, and the one before was wrong.
MOST_DOUBTS = 3
# How old a height by the atmosphere may be to which a difference is added.
LONGEST_ALTITUDE_US = 5_000_000
DEFAULT_TYPE = "aircraft_fixed_wing"

_MOTION = (
    Reading("groundspeed", "position.gps.groundspeed", KNOT),
    Reading("track", "position.gps.course"),
    Reading("vertical_rate", "vfr.climb_rate", FOOT_A_MINUTE),
    Reading("TAS", "adsb.air.airspeed_true", KNOT),
    Reading("IAS", "adsb.air.airspeed_indicated", KNOT),
    Reading("heading", "adsb.air.heading_magnetic"),
    Reading("selected_altitude", "adsb.selected.altitude", FOOT),
    Reading("selected_heading", "adsb.selected.heading"),
    Reading("barometric_setting", "adsb.selected.barometric_setting"),
)
_PLACE = (Reading("latitude", LATITUDE), Reading("longitude", LONGITUDE))
_TYPES = {
    "A7": "aircraft_helicopter",
    "B2": "aircraft_airship",
    "B6": "aircraft_multirotor",
    "C1": "ground_vehicle_wheeled",
    "C2": "ground_vehicle_wheeled",
    "C3": "waypoint",
    "C4": "waypoint",
    "C5": "waypoint",
}
NO_EMERGENCY = "no emergency"  # A text that is no word for an absent value.
EMERGENCIES = {"7500": "unlawful_interference", "7600": "no_communication", "7700": "general"}
# Navigation accuracy category to the radius that holds 95 % of positions [m].
_ACCURACY = {
    11: 3.0, 10: 10.0, 9: 30.0, 8: 92.6, 7: 185.2, 6: 555.6, 5: 926.0, 4: 1852.0, 3: 3704.0,
    2: 7408.0, 1: 18_520.0,
}  # fmt: skip
_CALLSIGN = re.compile(r"[A-Z0-9][A-Z0-9 ]{0,7}", re.ASCII)
_CATEGORY = re.compile(r"[A-D][1-7]", re.ASCII)
_SQUAWK = re.compile(r"[0-7]{4}", re.ASCII)


def aircraft(craft: Craft, spoken: Spoken, listener: Listener) -> list[Envelope | Rejected]:
    """What a message says of who sent it.

    Args:
        craft: who that is; it is changed.
        spoken: the message.
        listener: whose receivers heard it.

    Returns:
        An envelope, and a refusal of what in it cannot be believed.
    """
    fields = spoken.fields
    values: dict[str, Value] = {"adsb.icao": called(spoken).removeprefix("ICAO ").lower()}
    craft.heard_us = spoken.heard_us
    craft.entity_type = craft.entity_type or DEFAULT_TYPE
    _identity(craft, fields, values)
    _altitude(craft, fields, values, spoken.heard_us)
    read(fields, _MOTION, values)
    _ground(fields, values)
    _emergency(craft, fields, values)
    accuracy = _ACCURACY.get(int(number(fields.get("NACp")) or 0))
    if accuracy is not None:
        values["adsb.accuracy.horizontal"] = accuracy
    if "latitude" in fields:
        read(fields, _PLACE, values)
    else:
        place = _place(craft, fields, spoken.heard_us, listener.place)
        if place is not None:
            values[LATITUDE], values[LONGITUDE] = place
    beyond = believed(values)
    form = number(fields.get("df"))
    told: list[Envelope | Rejected] = [
        envelope(spoken, craft, listener, values, message_id=-1 if form is None else int(form))
    ]
    if beyond:
        told.append(refused(spoken, STEP, beyond))
    return told


def _identity(craft: Craft, fields: Mapping[str, Any], values: dict[str, Value]) -> None:
    callsign = text(fields.get("callsign"))
    if _CALLSIGN.fullmatch(callsign):
        values["adsb.callsign"] = craft.name = callsign
    category = text(fields.get("category"))
    if _CATEGORY.fullmatch(category):
        values["adsb.category"] = category
        craft.entity_type = _TYPES.get(category, DEFAULT_TYPE)


def _altitude(
    craft: Craft, fields: Mapping[str, Any], values: dict[str, Value], heard_us: int
) -> None:
    feet = number(fields.get("altitude"))
    if feet is not None and fields.get("source") == "GNSS":
        values["adsb.altitude.geometric"] = feet * FOOT
    elif feet is not None:
        values["adsb.altitude.pressure"] = feet * FOOT
        craft.altitude_ft, craft.altitude_us = feet, heard_us
    above = number(fields.get("geo_minus_baro"))
    if above is not None and 0 <= heard_us - craft.altitude_us <= LONGEST_ALTITUDE_US:
        values["adsb.altitude.geometric"] = (craft.altitude_ft + above) * FOOT


def _ground(fields: Mapping[str, Any], values: dict[str, Value]) -> None:
    said = fields.get("on_ground")
    if isinstance(said, bool):
        values["adsb.on_ground"] = said
    elif fields.get("bds") in ("05", "06"):
        values["adsb.on_ground"] = fields["bds"] == "06"
    elif fields.get("capability") in ("ground", "airborne"):
        values["adsb.on_ground"] = fields["capability"] == "ground"
    ident = fields.get("ident")
    if isinstance(ident, bool):
        values["adsb.ident"] = ident


def _emergency(craft: Craft, fields: Mapping[str, Any], values: dict[str, Value]) -> None:
    """What is declared in words, and else by the code that the transponder was set to."""
    squawk = text(fields.get("squawk"))
    has_squawk = _SQUAWK.fullmatch(squawk) is not None
    declared = fields.get("emergency_state")
    if fields.get("bds") == "61" and fields.get("subtype") != "emergency_priority":
        return
    if has_squawk:
        values["adsb.squawk"] = craft.squawk = squawk
    if isinstance(declared, str) and declared not in ("none", "reserved"):
        values["adsb.emergency"] = text(declared)
    elif fields.get("emergency") is True:
        values["adsb.emergency"] = EMERGENCIES.get(craft.squawk, "general")
    elif has_squawk or isinstance(fields.get("emergency"), bool):
        values["adsb.emergency"] = EMERGENCIES.get(craft.squawk, NO_EMERGENCY)


def _place(
    craft: Craft, fields: Mapping[str, Any], heard_us: int, receiver: Place | None
) -> Place | None:
    """Where the aircraft is, if this half of a place is enough to tell."""
    latitude, longitude = (number(fields.get(half)) for half in ("lat_cpr", "lon_cpr"))
    if latitude is None or longitude is None or fields.get("bds") not in ("05", "06"):
        return None
    surface = fields["bds"] == "06"
    odd = fields.get("parity") == "odd"
    frame = Frame(odd, surface, int(latitude), int(longitude), heard_us)
    if odd:
        craft.odd = frame
    else:
        craft.even = frame
    place = _reached(craft, frame) if craft.fix else _met(craft, frame, receiver)
    if place is not None:
        craft.fix, craft.doubts = Fix(*place, heard_us), 0
    return place


def _reached(craft: Craft, frame: Frame) -> Place | None:
    """The place by the one before, if it can be reached from there."""
    fix = craft.fix
    if fix is None:
        return None
    near = (fix.latitude, fix.longitude)
    apart_us = frame.at_us - fix.at_us
    if not 0 <= apart_us <= LONGEST_FIX_US:
        # An airport does not move: from the ground, an old place still tells the region.
        return _met(craft, frame, near if frame.surface else None)
    place = local(frame, near)
    fastest = FASTEST_ON_GROUND_M_S if frame.surface else FASTEST_M_S
    if place is not None and metres(near, place) <= ROOM_M + fastest * apart_us / 1e6:
        return place
    craft.doubts += 1
    if craft.doubts >= MOST_DOUBTS:
        craft.fix, craft.doubts = None, 0
        craft.even, craft.odd = (None, frame) if frame.odd else (frame, None)
    return None


def _met(craft: Craft, newest: Frame, near: Place | None) -> Place | None:
    """The place by two halves that were said together."""
    even, odd = craft.even, craft.odd
    if even is None or odd is None or even.surface != odd.surface:
        return None
    if abs(even.at_us - odd.at_us) > LONGEST_APART_US:
        return None
    return paired(even, odd, newest, near)
