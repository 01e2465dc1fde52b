"""ADS-B messages to envelopes: positions, motion, who an aircraft is (RTCA DO-260B).

Heights are by the standard atmosphere or above the ellipsoid; neither is above mean sea
level.
"""

import re
from collections.abc import Mapping
from typing import Any

from flows.ontology.signals import Value
from flows.ontology.telemetry import Envelope
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
from flows.steps.placing import placed

STEP = "aircraft"

FOOT = 0.3048  # [m]
FOOT_A_MINUTE = FOOT / 60  # [m/s]
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
        place = placed(craft, fields, spoken.heard_us, listener.place)
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
