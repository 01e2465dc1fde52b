"""What a document says of an entity, as far as it can be believed.

The bucket is open to other programs, so a document may have any shape: what is
missing, of the wrong type or out of range is left out, and never an error.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from flows.ontology.entities import RANK, Json
from flows.ontology.rate import Liveness
from flows.ontology.signals import BY_PATH, Signal, Value
from flows.ontology.subjects import is_token
from flows.ontology.telemetry import microseconds

Shape = Literal["copter", "plane", "vtol", "rover", "boat", "sub", "other"]

SHAPES: Mapping[str, Shape] = {
    "aircraft_multirotor": "copter",
    "aircraft_helicopter": "copter",
    "aircraft_fixed_wing": "plane",
    "aircraft_airship": "plane",
    "aircraft_vtol": "vtol",
    "ground_vehicle_wheeled": "rover",
    "ground_vehicle_tracked": "rover",
    "surface_vessel_usv": "boat",
    "underwater_vehicle": "sub",
}
LONGEST_TEXT = 256
MOST_NUMBERS = 64
DEEPEST = 64  # Levels: far from what would exhaust the stack of whoever walks a document.

_PARTS = {path: tuple(path.split(".")) for path in BY_PATH}


class Unreadable(ValueError):
    """A document that is nobody's: no JSON object, or without a key or organisation to trust."""


class Heading(msgspec.Struct, frozen=True):
    """What a document says of itself before its signals. Times are microseconds UTC."""

    entity_id: str
    org_id: str
    name: str
    entity_type: str
    status: str
    priority: str
    source: str
    recorded: bool
    liveness: Liveness
    since_us: int | None
    reason: str
    period: object
    heard_us: int | None
    first_us: int | None


def decode(data: bytes) -> Json:
    """The JSON object in ``data``.

    Raises:
        Unreadable: it holds something else, or nests deeper than can be read.
    """
    try:
        document = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable("not JSON") from error
    if not isinstance(document, dict):
        raise Unreadable("not a JSON object")
    # Most documents open fewer brackets than that, so cannot nest any deeper.
    brackets = data.count(b"{") + data.count(b"[")
    if brackets > DEEPEST and _deeper(document, DEEPEST):
        raise Unreadable("nested too deeply")
    return document


def _deeper(tree: object, levels: int) -> bool:
    """Whether a JSON value has more levels than that, found without recursion."""
    layer = [tree]
    for _ in range(levels):
        layer = [
            below
            for each in layer
            if isinstance(each, dict | list)
            for below in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(each, dict | list) for each in layer)


def heading(key: str, document: Json) -> Heading:
    """Read the head of a document that stands under ``key``.

    Raises:
        Unreadable: the key or the organisation could not be one of ours.
    """
    organization = document.get("org_id")
    if not is_token(key):
        raise Unreadable("the key is no entity id")
    if not isinstance(organization, str) or not is_token(organization):
        raise Unreadable("no organisation")
    said = document.get("liveness")
    liveness: Json = said if isinstance(said, dict) else {}
    state = liveness.get("state")
    return Heading(
        key,
        organization,
        text(document.get("name")) or key,
        text(document.get("entity_type")) or "sensor_platform",
        text(document.get("status")),
        text(document.get("priority")),
        text(document.get("source")),
        document.get("recorded") is True,
        state if isinstance(state, str) and state in RANK else "live",  # type: ignore[arg-type]
        time_us(liveness.get("since")),
        text(liveness.get("reason")),
        liveness.get("period"),
        time_us(document.get("last_seen")),
        time_us(document.get("first_seen")),
    )


def text(value: object) -> str:
    """A text that can be shown: bounded, and without characters that steer the display."""
    if not isinstance(value, str):
        return ""
    bounded = value[:LONGEST_TEXT].strip()
    if bounded.isprintable():
        return bounded
    return "".join(each if each.isprintable() else "\ufffd" for each in bounded)


def time_us(value: object) -> int | None:
    """RFC 3339 text as microseconds UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return microseconds(msgspec.convert(value, datetime))
    except (msgspec.ValidationError, OverflowError, ValueError):
        return None


def branch(document: Json, path: str) -> Json:
    """The object at a path, or an empty one."""
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def signal(document: Json, path: str) -> Value | None:
    """The value of a declared signal; None where there is none that can be believed."""
    value: Any = document
    for name in _PARTS[path]:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return believed(BY_PATH[path], value)


def number(document: Json, path: str) -> float | None:
    """As ``signal``, for one that is a number."""
    value = signal(document, path)
    return value if isinstance(value, float) else None


def believed(signal: Signal, value: object) -> Value | None:
    """The value if its kind and range are the signal's; None if not. NaN is in no range."""
    match signal.kind:
        case "flag":
            return value if isinstance(value, bool) else None
        case "text":
            return text(value) or None
        case "numbers":
            if not isinstance(value, list):
                return None
            numbers = [_within(signal, each) for each in value[:MOST_NUMBERS]]
            return [each for each in numbers if each is not None] or None
        case "integer" | "code":
            whole = _within(signal, value)
            return int(whole) if whole is not None and whole.is_integer() else None
        case _:
            return _within(signal, value)


def _within(signal: Signal, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if signal.low <= value <= signal.high else None
