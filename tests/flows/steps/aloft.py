"""Messages of ships and aircraft as steps take them, and what comes of them by path."""

from typing import Any

from connectors.receivers import mode_s
from connectors.receivers.heard import Said, Spoken
from flows.ontology.telemetry import Envelope
from flows.ontology.traffic import Craft, Frame, Listener
from flows.steps.aircraft import aircraft
from flows.steps.cpr import SCALE, longitude_zones

NOON = 1_790_000_000_000_000
SECOND = 1_000_000
NORTH = Listener("north")
LATITUDE, LONGITUDE = "position.global.latitude", "position.global.longitude"


def signals(envelope: Envelope) -> dict[str, Any]:
    """The signals of an envelope by path."""
    found: dict[str, Any] = {}

    def walk(path: str, tree: dict[str, Any]) -> None:
        for name, value in tree.items():
            if isinstance(value, dict):
                walk(f"{path}{name}.", value)
            else:
                found[f"{path}{name}"] = value

    walk("", envelope.data)
    return found


def halves(latitude: float, longitude: float, *, surface: bool = False) -> tuple[Frame, Frame]:
    """Both frames of a place, by the standard's encoding."""
    found = []
    for odd in (False, True):
        turn = 90 if surface else 360
        height = turn / (60 - odd)
        y = int((latitude % height) / height * SCALE + 0.5)
        said = height * (y / SCALE + latitude // height)
        width = turn / max(longitude_zones(said) - odd, 1)
        x = int((longitude % width) / width * SCALE + 0.5)
        found.append(Frame(odd, surface, y % SCALE, x % SCALE, 0))
    return found[0], found[1]


def spoken(fields: dict[str, Any], at: float = 0, number: int = 0x406B90) -> Spoken:
    return Spoken("ADSB", number, "tcp:radio:30005", "1", NOON + int(at * SECOND), None, fields)


def hear(craft: Craft, fields: dict[str, Any], at: float = 0) -> Envelope:
    """The envelope of a message that is in order."""
    (envelope,) = aircraft(craft, spoken(fields, at), NORTH)
    assert isinstance(envelope, Envelope)
    return envelope


def said(frame: str | bytes, craft: Craft | None = None, at: float = 0) -> Envelope:
    told = mode_s.read(bytes.fromhex(frame) if isinstance(frame, str) else frame)
    assert isinstance(told, Said)
    (envelope,) = aircraft(craft or Craft(), spoken(told.fields, at, told.number), NORTH)
    assert isinstance(envelope, Envelope)
    return envelope


def half(place: tuple[float, float], *, odd: bool, surface: bool = False) -> dict[str, Any]:
    """One half of a place, as the reader gives it."""
    frame = halves(*place, surface=surface)[odd]
    return {
        "bds": "06" if surface else "05",
        "parity": "odd" if odd else "even",
        "lat_cpr": frame.latitude,
        "lon_cpr": frame.longitude,
    }


def place_of(envelope: Envelope) -> tuple[float, float] | None:
    found = signals(envelope)
    return (found[LATITUDE], found[LONGITUDE]) if LATITUDE in found else None
