"""How values are worded on a page: states, ages, numbers with their units."""

import math

from flows.ontology.signals import Signal, Value
from web.entity import State

STATES: dict[State, str] = {
    "live": "LIVE",
    "stale": "STALE",
    "lost": "LOST",
    "replay": "REPLAY",
}
NOTHING = "\N{EN DASH}"
# UCUM codes as people write them.
UNITS = {
    "1": "", "deg": "°", "Cel": "°C", "m/s2": "m/s²", "us": "µs", "mA.h": "mAh", "cm2": "cm²",
    "MiBy": "MiB", "deg/min": "°/min",
}  # fmt: skip


def whole(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.0f}"


def tenth(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}"


def bearing(degrees: float | None) -> str:
    """Three digits, as bearings are said."""
    return NOTHING if degrees is None else f"{round(degrees) % 360:03d}"


def age(seconds: float | None) -> str:
    """How long ago, in one unit."""
    if seconds is None:
        return "never"
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"


def value(signal: Signal, value: Value) -> str:
    """A signal's value, with as many digits as it deserves."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list():
            return ", ".join(_number(each) for each in value)
        case int():
            return str(value)
        case _:
            return f"{value:.7f}" if signal.leaf in ("latitude", "longitude") else _number(value)


def unit(signal: Signal) -> str:
    return UNITS.get(signal.unit, signal.unit)


def _number(value: float) -> str:
    """Four significant digits, never in powers of ten below a million."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(digits, 4)}f}"
