"""A device's value as a signal's: of its kind, and in its unit."""

from flows.ontology.signals import Signal, Value
from flows.steps.plain import number
from flows.steps.spellings import Spelling
from flows.steps.tree import Leaf

_FLAGS = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False}


def of_kind(signal: Signal | None, leaf: Leaf) -> Value | None:
    """A leaf as a value of the signal's kind; None if it cannot be one."""
    kind = signal.kind if signal else "number"
    match kind:
        case "flag":
            return _flag(leaf)
        case "text":
            return leaf if isinstance(leaf, str) else None
        case "numbers":
            return leaf if isinstance(leaf, list) else None
    value = number(leaf) if isinstance(leaf, str) else leaf
    if value is None or isinstance(value, bool | list):
        return None
    if signal and signal.whole:
        return int(value) if value == int(value) else None
    return value


def _flag(leaf: Leaf) -> bool | None:
    if isinstance(leaf, str):
        return _FLAGS.get(leaf.strip().lower())
    return bool(leaf) if not isinstance(leaf, list) and leaf in (0, 1) else None


def in_unit(spelling: Spelling, value: Value, *, whole: bool) -> Value:
    """A value in the unit of the signal."""
    if isinstance(value, bool | str | list):
        return value
    if spelling.converts:
        value = value * spelling.factor + spelling.offset
        return int(value) if whole else value
    return value + 360 if spelling.turns and -360 <= value < 0 else value
