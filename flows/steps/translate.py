"""Envelopes to reports: raw fields to believable signals of the tree.

Absent is not zero and unknown is not a value: a field that is missing, has
MAVLink's "unknown" value, has a wrong type or lies outside of its signal's range
sets nothing. What is out of range is refused by name, and the rest stands.
"""

from typing import Any

from flows.ontology.signals import BY_PATH, Value, find
from flows.ontology.telemetry import LATEST_US, Envelope, Report, microseconds
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps.decode import heard_us
from flows.steps.derive import DERIVATIONS, USED
from flows.steps.mavlink import ALIASES, ENUMERATIONS, PLACES, READINGS

STEP = "translate"
# No field of MAVLink is larger, and JSON may have integers that no float can be.
_LARGEST = 2**64

# (field, path, divisor if any, absent, low, high, whole), so that the loop below, which every
# field of every message goes through, only reads tuples.
_Row = tuple[str, str, float | None, float | None, float, float, bool]
_ROWS: dict[str, tuple[_Row, ...]] = {
    name: tuple(
        (
            row.field,
            row.path,
            None if row.divisor == 1 else row.divisor,
            row.absent,
            BY_PATH[row.path].low,
            BY_PATH[row.path].high,
            BY_PATH[row.path].kind == "integer",
        )
        for row in rows
    )
    for name, rows in READINGS.items()
}
_TAKEN: dict[str, frozenset[str]] = {
    name: frozenset(row.field for row in rows) | USED.get(name, frozenset())
    for name, rows in READINGS.items()
}


def report(envelope: Envelope, message: Message, ahead_us: int) -> tuple[Report, Rejected | None]:
    """What an envelope says, and what of it cannot be believed.

    Args:
        envelope: the message, in raw units.
        message: where it was stored; its time bounds the device's.
        ahead_us: how far ahead of that a clock may be.
    """
    name = envelope.message_type
    data = _spelled(name, envelope.data)
    values: dict[str, Value] = {}
    beyond: list[str] = []
    if envelope.role == "autopilot":
        skipped = _no_place(name, data)
        for field, path, divisor, absent, low, high, whole in _ROWS.get(name, ()):
            raw: Any = data.get(field)
            kind = type(raw)  # Exactly: bool is an int to isinstance.
            if (kind is not int and kind is not float) or raw == absent or field in skipped:
                continue
            value = raw / divisor if divisor and -_LARGEST < raw < _LARGEST else raw
            if low <= value <= high and (not whole or value == int(value)):
                values[path] = int(value) if whole else value
            else:
                beyond.append(f"{field} is {raw}")
        derive = DERIVATIONS.get(name)
        if derive:
            derive(data, values)
            beyond.extend(_beyond(values))
    at_us, clamped = heard_us(envelope, message, ahead_us)
    understood = Report(
        envelope.entity_id,
        envelope.org_id,
        name,
        message.sequence,
        message.stored_us,
        at_us,
        values,
        data,
        _device_us(envelope),
        clamped,
        envelope.sequence,
        envelope.system_id,
        envelope.component_id,
        envelope.role,
        envelope.source,
        envelope.entity_name,
        envelope.recorded,
        envelope.entity_type,
    )
    refused = refuse(STEP, f"{name}: {', '.join(beyond)}", message) if beyond else None
    return understood, refused


def extra(understood: Report) -> dict[str, Any]:
    """The fields that no signal took: they are kept as they came."""
    taken = _TAKEN.get(understood.message_type) if understood.values else None
    if not taken:
        return understood.extra
    return {field: value for field, value in understood.extra.items() if field not in taken}


def _device_us(envelope: Envelope) -> int | None:
    """The device's clock; None where it has not told, or what no clock can show in UTC."""
    if envelope.timestamp_device is None:
        return None
    device_us = microseconds(envelope.timestamp_device)
    return device_us if 0 <= device_us <= LATEST_US else None


def _beyond(values: dict[str, Value]) -> list[str]:
    """Take out what lies outside of its signal's range, and say so."""
    wrong = [
        path for path, value in values.items() if (signal := find(path)) and not signal.holds(value)
    ]
    return [f"{path} is {values.pop(path)}" for path in wrong]


def _no_place(name: str, data: dict[str, Any]) -> tuple[str, ...]:
    fields = PLACES.get(name)
    if fields and data.get(fields[0]) == 0 and data.get(fields[1]) == 0:
        return fields
    return ()


def _spelled(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """The fields in MAVLink's spelling, and enumerations by their numbers."""
    aliases = ALIASES.get(name)
    if aliases and not data.keys().isdisjoint(aliases):
        data = {aliases.get(field, field): value for field, value in data.items()}
    if name not in ENUMERATIONS:
        return data
    for field, numbers in ENUMERATIONS[name].items():
        value = data.get(field)
        if isinstance(value, str) and value in numbers:
            data = {**data, field: numbers[value]}
    return data
