"""The signals in a document that another program put, told from the rest of it.

Programs write what they do not know as a number that no sensor could tell from a value, or
as the year 1: that is not believed, and is not kept either. What is of another kind than the
signal whose place it takes, as a text for a number, is no value of it: it stays with the rest.
"""

from typing import Any

from flows.ontology.entities import Json
from flows.ontology.signals import FAMILIES, SIGNALS, Signal, Value, find

# The reference bridge's "unknown", after its own division; -1 and 655.35 are out of range anyhow.
UNKNOWN: dict[str, tuple[float, ...]] = {
    "power.voltage": (65.535,),
    "power.current": (-0.01,),
    "position.global.altitude_msl": (-2147483.648, 2147483.647),
}
# It says the state of the system where the flight mode should be.
NO_MODES = frozenset(
    (
        "UNINIT", "BOOT", "CALIBRATING", "STANDBY", "ACTIVE", "CRITICAL", "EMERGENCY", "POWEROFF",
        "FLIGHT_TERMINATION", "UNKNOWN", "",
    )
)  # fmt: skip
# Tenths of a percent there, percent here, and nothing to tell them by.
AMBIGUOUS = frozenset(("vehicle_status.load",))
# Places that are all zero before there is one.
NOWHERE = (
    ("position.global.latitude", "position.global.longitude"),
    ("position.gps.latitude", "position.gps.longitude"),
    ("position.home.latitude", "position.home.longitude"),
    ("position.local.x", "position.local.y", "position.local.z"),
)
YEAR_ONE = "0001-01-01T00:00:00"
MOST_TEXT = 256
MOST_NUMBERS = 256

_ROOTS = frozenset(signal.path.partition(".")[0] for signal in (*SIGNALS, *FAMILIES))


def split(tree: Json) -> tuple[dict[str, Value], Json]:
    """The believable signals of a tree by their paths, and what is none of them."""
    values: dict[str, Value] = {}
    rest = {
        name: _below(name, value, values) if name in _ROOTS else _dated(value)
        for name, value in tree.items()
        if not _is_year_one(value)
    }
    for paths in NOWHERE:
        if all(values.get(path) == 0 for path in paths):
            for path in paths:
                del values[path]
    return values, {name: value for name, value in rest.items() if value is not None}


def believed(signal: Signal, value: object) -> Value | None:
    """A value as its signal has it; None for what cannot be one, or means that it is unknown."""
    read = _read(signal, value) if is_of_kind(signal, value) else None
    if read is None or not signal.holds(read) or read in UNKNOWN.get(signal.path, ()):
        return None
    if signal.path in AMBIGUOUS or (signal.path == "vehicle_status.mode" and read in NO_MODES):
        return None
    return read


def is_of_kind(signal: Signal, value: object) -> bool:
    """Whether a JSON value could be one of the signal's, be it believable or not."""
    match signal.kind:
        case "flag":
            return isinstance(value, bool)
        case "text":
            return isinstance(value, str)
        case "numbers":
            return isinstance(value, list) and all(map(_is_number, value))
        case _:
            return _is_number(value)


def _read(signal: Signal, value: Any) -> Value | None:
    """A value of the signal's kind as the state has it."""
    match signal.kind:
        case "text":
            return str(value[:MOST_TEXT])
        case "numbers":
            return [float(each) for each in value] if len(value) <= MOST_NUMBERS else None
        case "integer" | "code":
            return int(value) if value == int(value) else None
        case "number":
            return float(value)
        case _:
            return bool(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _below(path: str, value: object, values: dict[str, Value]) -> object:
    """What of a branch is no signal; what is one goes into ``values``. None if nothing is left."""
    if not isinstance(value, dict):
        return value
    rest: Json = {}
    for name, below in value.items():
        signal = None if "." in name else find(f"{path}.{name}")
        if _is_year_one(below):
            continue
        if signal is None or not is_of_kind(signal, below):
            left = _below(f"{path}.{name}", below, values) if signal is None else below
            if left is not None or below is None:
                rest[name] = left
            continue
        read = believed(signal, below)
        if read is not None:
            values[f"{path}.{name}"] = read
    return rest or (None if value else value)


def _is_year_one(value: object) -> bool:
    return isinstance(value, str) and value.startswith(YEAR_ONE)


def _dated(value: object) -> object:
    """Without times that were never set."""
    if not isinstance(value, dict):
        return value
    return {name: _dated(below) for name, below in value.items() if not _is_year_one(below)}
