"""Others that a vehicle has heard: aircraft and ships, which are entities of their own."""

from collections.abc import Mapping
from typing import Any

from flows.ontology.identity import transponder_number
from flows.ontology.signals import Value
from flows.steps.mavlink.message import (
    DEGREES_E7,
    U16,
    Derived,
    Message,
    Other,
    Reading,
    Valid,
    Word,
    whole,
)
from flows.steps.mavlink.words import octal, text

MOST_ICAO, MOST_MMSI = 2**24 - 1, 999_999_999
HEIGHT, CALLSIGN = 2, 16  # Of ADSB_FLAGS: they are valid.
SHIP_NAME = 4096  # Of AIS_FLAGS: the name is valid.
TURN_RATE, SIGN_ONLY = 16, 32  # Of AIS_FLAGS: the rate is valid, but only by its sign.
DIMENSIONS = 64  # Of AIS_FLAGS: they are valid, unless flags say that they are too large to send.
NO_HEADING = 51_100  # 511 degrees, as AIS says it.

# ADSB_ALTITUDE_TYPE to the height that it is.
_HEIGHTS = {0: "adsb.altitude.pressure", 1: "adsb.altitude.geometric"}
_SIZES = (
    ("ais.vessel.length", 128 | 256, "bow", "stern"),
    ("ais.vessel.beam", 512 | 1024, "port", "starboard"),
)
# AIS_NAV_STATUS, in the words of ITU-R M.1371.
_STATUS = (
    "under way using engine", "at anchor", "not under command", "restricted manoeuvrability",
    "constrained by draught", "moored", "aground", "engaged in fishing", "under way sailing",
    "reserved 9", "reserved 10", "towing astern", "pushing ahead", "reserved 13",
    "AIS-SART active",
)  # fmt: skip

SHIP = "surface_vessel_usv"
# ADSB_EMITTER_TYPE to a type of entity; aircraft that do not say are taken for airplanes.
_AIRCRAFT = {
    7: "aircraft_helicopter",
    10: "aircraft_airship",
    14: "aircraft_multirotor",
    17: "ground_vehicle_wheeled",
    18: "ground_vehicle_wheeled",
    19: "waypoint",
}


def _aircraft(data: Mapping[str, Any]) -> Other | None:
    address, emitter = whole(data, "ICAO_address"), whole(data, "emitter_type")
    if address is None or not 0 < address <= MOST_ICAO:
        return None
    sign = text(data.get("callsign")) if (whole(data, "flags") or 0) & CALLSIGN else None
    kind = _AIRCRAFT.get(emitter or 0, "aircraft_fixed_wing")
    return Other(
        "icao", address, sign or f"ICAO {transponder_number('icao', address).upper()}", kind
    )


def _ship(data: Mapping[str, Any]) -> Other | None:
    number = whole(data, "MMSI")
    if number is None or not 0 < number <= MOST_MMSI:
        return None
    name = text(data.get("name")) if (whole(data, "flags") or 0) & SHIP_NAME else None
    return Other("mmsi", number, name or f"MMSI {transponder_number('mmsi', number)}", SHIP)


def _icao(address: object) -> str | None:
    if type(address) is not int or not 0 < address <= MOST_ICAO:
        return None
    return transponder_number("icao", address)


def _mmsi(number: object) -> str | None:
    if type(number) is not int or not 0 < number <= MOST_MMSI:
        return None
    return transponder_number("mmsi", number)


def _category(emitter: object) -> str | None:
    """ADSB_EMITTER_TYPE as receivers write it: a letter for eight of them, and a digit."""
    if type(emitter) is not int or not 0 < emitter < 32:
        return None
    return f"{'ABCD'[emitter >> 3]}{emitter & 7}"


def _height(data: Mapping[str, Any], values: dict[str, Value], _: str) -> None:
    """By the altimeter or by satellites, as it says."""
    millimetres, kind = whole(data, "altitude"), whole(data, "altitude_type") or 0
    flags = whole(data, "flags")
    if millimetres is not None and kind in _HEIGHTS and (flags is None or flags & HEIGHT):
        values[_HEIGHTS[kind]] = millimetres / 1000


def _status(number: object) -> str | None:
    return _STATUS[number] if type(number) is int and 0 <= number < len(_STATUS) else None


def _size(data: Mapping[str, Any], values: dict[str, Value], _: str) -> None:
    """Length and beam of what lies to either side of the ship's antenna, unless it is too large."""
    flags = whole(data, "flags") or 0
    for path, large, *sides in _SIZES:
        lengths = [whole(data, f"dimension_{side}") for side in sides]
        if flags & DIMENSIONS and not flags & large and all(each is not None for each in lengths):
            values[path] = float(sum(each or 0 for each in lengths))


def _turn(data: Mapping[str, Any], values: dict[str, Value]) -> None:
    rate, flags = whole(data, "turn_rate"), whole(data, "flags") or 0
    if rate is not None and flags & (TURN_RATE | SIGN_ONLY) == TURN_RATE:
        values["ais.rate_of_turn"] = rate * 6.0  # Tenths of a degree in a second.


def _ship_derived(data: Mapping[str, Any], values: dict[str, Value], branch: str) -> None:
    _size(data, values, branch)
    _turn(data, values)


MESSAGES: dict[str, Message] = {
    "ADSB_VEHICLE": Message(
        (
            Reading("lat", "position.global.latitude", DEGREES_E7),
            Reading("lon", "position.global.longitude", DEGREES_E7),
            Reading("heading", "position.gps.course", 100, U16),
            Reading("hor_velocity", "position.gps.groundspeed", 100, U16),
            Reading("ver_velocity", "vfr.climb_rate", 100),
        ),
        (
            Word("ICAO_address", "adsb.icao", _icao),
            Word("callsign", "adsb.callsign", text),
            Word("emitter_type", "adsb.category", _category),
            Word("squawk", "adsb.squawk", octal),
        ),
        Derived(("altitude", "altitude_type"), tuple(_HEIGHTS.values()), _height),
        place=("lat", "lon"),
        valid=Valid(
            "flags",
            (
                (1, ("lat", "lon")),
                (4, ("heading",)),
                (8, ("hor_velocity",)),
                (CALLSIGN, ("callsign",)),
                (32, ("squawk",)),
                (128, ("ver_velocity",)),
            ),
        ),
        peripheral=True,
        other=_aircraft,
    ),
    "AIS_VESSEL": Message(
        (
            Reading("lat", "position.global.latitude", DEGREES_E7),
            Reading("lon", "position.global.longitude", DEGREES_E7),
            Reading("COG", "position.gps.course", 100, (36_000, U16)),
            Reading("heading", "position.global.heading", 100, (NO_HEADING, U16)),
            Reading("velocity", "position.gps.groundspeed", 100, U16),
            Reading("type", "ais.vessel.ship_type", 1, 0),
        ),
        (
            Word("MMSI", "ais.mmsi", _mmsi),
            Word("callsign", "ais.vessel.callsign", text),
            Word("navigational_status", "ais.navigation_status", _status),
        ),
        Derived(
            (*(f"dimension_{each}" for _, _, *sides in _SIZES for each in sides), "turn_rate"),
            (*(path for path, *_ in _SIZES), "ais.rate_of_turn"),
            _ship_derived,
        ),
        place=("lat", "lon"),
        valid=Valid(
            "flags",
            (
                (2, ("COG",)),
                (4, ("velocity",)),
                (2048, ("callsign",)),
                (SHIP_NAME, ("name",)),
            ),
        ),
        peripheral=True,
        other=_ship,
    ),
}
