"""The table read: raw fields of a message to values that can be believed."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from flows.ontology.signals import Signal, Value, find
from flows.steps.mavlink import MESSAGES
from flows.steps.mavlink.message import LARGEST, Instance, Message, Other, Reading, Valid, numbered

LARGEST_NUMBER = 255  # Of a battery, port, camera or component.
MOST_KNOWN = 4096

# (field, path, divisor if any, absent values, low, high, whole), so that the loop below, which
# every field of every message goes through, only reads tuples.
_Row = tuple[str, str, float | None, tuple[float, ...], float, float, bool]
_Word = tuple[str, str, Callable[[Any], Value | None]]
_Checked = tuple[str, Signal]

FIELDS: dict[str, frozenset[str]] = {name: message.fields for name, message in MESSAGES.items()}
OTHERS: dict[str, Callable[[Mapping[str, Any]], Other | None]] = {
    name: message.other for name, message in MESSAGES.items() if message.other
}


class _Plan(msgspec.Struct, frozen=True):
    """A message as the loop wants it."""

    rows: tuple[_Row, ...]
    words: tuple[_Word, ...]
    message: Message
    branch: str = ""
    # Whether some fields may be skipped; whether there is more than ``rows``, and what it sets.
    conditional: bool = False
    more: bool = False
    checked: tuple[_Checked, ...] = ()


def signals(
    name: str, data: Mapping[str, Any], component: int, *, flies: bool
) -> tuple[dict[str, Value], list[str]]:
    """What the fields of a message say, by path, and what of it cannot be believed.

    Args:
        name: of the message, as MAVLink spells it.
        data: its fields, which may be of any type and value.
        component: who speaks.
        flies: whether that is the autopilot; others set only what is their own.
    """
    values: dict[str, Value] = {}
    beyond: list[str] = []
    plan = _PLANS.get(name)
    if plan is None or not (flies or plan.message.peripheral):
        return values, beyond
    instance = plan.message.instance
    if instance is not None:
        number = _number(instance, data, component)
        if number is None:
            return values, beyond
        plan = _numbered(name, number, flies)
    skipped = _skipped(plan.message, data) if plan.conditional else ()
    for field, path, divisor, absent, low, high, whole in plan.rows:
        raw: Any = data.get(field)
        kind = type(raw)  # Exactly: bool is an int to isinstance.
        if (kind is not int and kind is not float) or raw in absent or field in skipped:
            continue
        value = raw / divisor if divisor and -LARGEST < raw < LARGEST else raw
        if low <= value <= high and (not whole or value == int(value)):
            values[path] = int(value) if whole else value
        else:
            beyond.append(f"{field} is {raw}")
    if plan.more:
        _more(plan, data, values, skipped)
        beyond.extend(_beyond(values, plan.checked))
    return values, beyond


def _more(
    plan: _Plan, data: Mapping[str, Any], values: dict[str, Value], skipped: tuple[str, ...]
) -> None:
    """What takes more than arithmetic."""
    for field, path, read in plan.words:
        word = None if field in skipped else read(data.get(field))
        if word is not None:
            values[path] = word
    if plan.message.derived:
        plan.message.derived.derive(data, values, plan.branch)


def _number(instance: Instance, data: Mapping[str, Any], component: int) -> int | None:
    """Which of many; None where no number of MAVLink's says so."""
    said: object = data.get(instance.field, 0) if instance.field else 0
    if type(said) is not int or not 0 <= said <= LARGEST_NUMBER:
        return None
    number = component if instance.component and not said else said + instance.plus
    return (instance.always or number) if 0 <= number <= LARGEST_NUMBER + 1 else None


@lru_cache(MOST_KNOWN)
def _numbered(name: str, number: int, flies: bool) -> _Plan:  # noqa: FBT001 - lru_cache has no names.
    """The plan for one of many. What others say never stands for the vehicle's first."""
    message = MESSAGES[name]
    instance = message.instance
    if instance is None:
        return _PLANS[name]
    branch = numbered(instance.branch, number)
    if instance.first and not number and flies:
        branch = instance.first
    return _plan(message, instance.branch, branch)


def _plan(message: Message, family: str = "", branch: str = "") -> _Plan:
    def placed(path: str) -> str:
        return path.replace(family, branch, 1) if family else path

    beside = [word.path for word in message.words]
    beside += message.derived.paths if message.derived else ()
    return _Plan(
        tuple(_row(row, placed(row.path)) for row in message.readings),
        tuple((word.field, placed(word.path), word.read) for word in message.words),
        message,
        branch,
        message.place is not None or message.valid is not None,
        bool(beside),
        tuple((placed(path), _signal(placed(path))) for path in beside),
    )


def _row(row: Reading, path: str) -> _Row:
    signal = _signal(path)
    return (
        row.field,
        path,
        None if row.divisor == 1 else row.divisor,
        row.unknown,
        signal.low,
        signal.high,
        signal.whole,
    )


def _signal(path: str) -> Signal:
    """The signal of a row; KeyError where the catalogue does not have it."""
    signal = find(path)
    if signal is None:
        raise KeyError(path)
    return signal


def _skipped(message: Message, data: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that say nothing: of no position yet, and those that flags call invalid."""
    place = message.place
    nowhere = place and data.get(place[0]) == 0 and data.get(place[1]) == 0
    skipped = place if place and nowhere else ()
    return skipped + _invalid(message.valid, data) if message.valid else skipped


def _invalid(valid: Valid, data: Mapping[str, Any]) -> tuple[str, ...]:
    flags = data.get(valid.flags)
    if type(flags) is not int:
        return ()  # Whoever does not send them cannot mean them.
    return tuple(field for bit, fields in valid.fields if not flags & bit for field in fields)


def _beyond(values: dict[str, Value], checked: tuple[_Checked, ...]) -> list[str]:
    """Take out what lies outside of its signal's range, and say so."""
    wrong = []
    for path, signal in checked:
        value = values.get(path)
        if value is not None and not signal.holds(value):
            wrong.append(f"{path} is {values.pop(path)}")
    return wrong


_PLANS: dict[str, _Plan] = {
    name: _plan(message, *(2 * (message.instance.branch,) if message.instance else ()))
    for name, message in MESSAGES.items()
}
