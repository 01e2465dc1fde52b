"""What a ship or aircraft said as an envelope: its signals as a tree, and what is not believed."""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from flows.ontology.identity import Transponder, transponder_entity, transponder_number
from flows.ontology.signals import Value, find
from flows.ontology.telemetry import Envelope, moment
from flows.ontology.traffic import Craft, Listener, Noise, Spoken, System
from flows.ontology.wire import Rejected

KINDS: dict[System, Transponder] = {"AIS": "mmsi", "ADSB": "icao"}
KNOT = 1852 / 3600  # [m/s]
LONGEST_TEXT = 160


class Reading(NamedTuple):
    """A row of a table: a field, the signal that it is, its unit in ours, and what means absent."""

    field: str
    path: str
    factor: float = 1.0
    absent: tuple[float, ...] = ()


def key(spoken: Spoken) -> str:
    """By what a ship or aircraft is told from others."""
    return f"{spoken.system}:{spoken.number}"


def refuse_noise(noise: Noise) -> Rejected:
    """Sentences and frames that could not be read, as they are kept."""
    reason = f"{noise.reason} ({noise.count})"
    return Rejected("receive", reason, "", noise.origin, 0, noise.heard_us, noise.data)


def number(value: object) -> float | None:
    """The value if it is a number that can be reckoned with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -1e15 < value < 1e15 and math.isfinite(value) else None


def text(value: object) -> str:
    """The value if it is text, without what surrounds it and what cannot be shown."""
    if not isinstance(value, str):
        return ""
    bounded = value[:LONGEST_TEXT].strip(" @")
    return "".join(each for each in bounded if each.isprintable())


def read(fields: Mapping[str, Any], rows: Iterable[Reading], values: dict[str, Value]) -> None:
    """Set the signals of these rows that are numbers and not absent."""
    for row in rows:
        value = number(fields.get(row.field))
        if value is not None and value not in row.absent:
            values[row.path] = value if row.factor == 1.0 else value * row.factor


def believed(values: dict[str, Value]) -> list[str]:
    """Take out what lies outside of its signal's range, and say so.

    A latitude goes with its longitude: a place of which half is old is nowhere.
    """
    wrong = [
        path for path, value in values.items() if (signal := find(path)) and not signal.holds(value)
    ]
    said = [f"{path} is {values.pop(path)}" for path in wrong]
    if (LATITUDE in values) != (LONGITUDE in values):
        values.pop(LATITUDE, None)
        values.pop(LONGITUDE, None)
    return said


LATITUDE, LONGITUDE = "position.global.latitude", "position.global.longitude"


def envelope(
    spoken: Spoken,
    craft: Craft,
    listener: Listener,
    values: dict[str, Value],
    *,
    message_id: int = -1,
    device_us: int | None = None,
) -> Envelope:
    """The message as it is published.

    Args:
        spoken: what was said.
        craft: by whom.
        listener: whose receivers heard it.
        values: the signals that it sets, by path.
        message_id: its number among the messages of its system.
        device_us: when it was said, by the clock of who said it.
    """
    kind = KINDS[spoken.system]
    return Envelope(
        transponder_entity(listener.organization, kind, spoken.number, listener.recording),
        listener.organization,
        spoken.system,
        moment(spoken.heard_us),
        tree(values),
        message_id,
        timestamp_device=None if device_us is None else moment(device_us),
        source=spoken.link,
        entity_name=craft.name or called(spoken),
        recorded=bool(listener.recording),
        origin=spoken.origin,
        entity_type=craft.entity_type,
    )


def called(spoken: Spoken) -> str:
    """What a ship or aircraft is called that has not said its name."""
    number = transponder_number(KINDS[spoken.system], spoken.number)
    return f"MMSI {number}" if spoken.system == "AIS" else f"ICAO {number.upper()}"


def refused(spoken: Spoken, step: str, beyond: list[str]) -> Rejected:
    """What of a message cannot be believed, by name."""
    reason = f"{spoken.system} of {called(spoken)}: {', '.join(beyond)}"
    return Rejected(step, reason[:512], "", spoken.origin, 0, spoken.heard_us)


def tree(values: Mapping[str, Value]) -> dict[str, Any]:
    """Signals by path as a tree."""
    root: dict[str, Any] = {}
    for path, value in values.items():
        *branches, leaf = _parts(path)
        here = root
        for name in branches:
            here = here.setdefault(name, {})
        here[leaf] = value
    return root


@lru_cache(1024)
def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


Take = Callable[[Craft, Spoken, Listener], list[Envelope | Rejected]]
