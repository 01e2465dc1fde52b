"""Envelopes to reports: raw fields to believable signals of the tree.

Absent is not zero and unknown is not a value: a field that is missing, has
MAVLink's "unknown" value, has a wrong type or lies outside of its signal's range
sets nothing. What is out of range is refused by name, and the rest stands.
"""

from typing import Any

from flows.ontology.identity import transponder_entity
from flows.ontology.telemetry import LATEST_US, Envelope, Report, microseconds
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps import own
from flows.steps.decode import heard_us
from flows.steps.liberal import NAMELESS
from flows.steps.mavlink.message import Other
from flows.steps.mavlink.read import FIELDS, OTHERS, signals
from flows.steps.respell import respelled

STEP = "translate"


def report(envelope: Envelope, message: Message, ahead_us: int) -> tuple[Report, Rejected | None]:
    """What an envelope says, and what of it cannot be believed.

    Args:
        envelope: the message, in raw units.
        message: where it was stored; its time bounds the device's.
        ahead_us: how far ahead of that a clock may be.
    """
    name = envelope.message_type
    if envelope.tree:
        data: dict[str, Any] = {}
        values, beyond = own.signals(envelope.data, "" if name == NAMELESS else name)
    else:
        data = envelope.data if envelope.origin else respelled(name, envelope.data)
        flies = envelope.role == "autopilot"
        values, beyond = signals(name, data, envelope.component_id, flies=flies)
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
    of = OTHERS.get(name)
    if of is not None and not envelope.tree:
        _readdress(understood, of(data))
    refused = refuse(STEP, f"{name}: {', '.join(beyond)}", message) if beyond else None
    return understood, refused


def extra(understood: Report) -> dict[str, Any]:
    """The fields that no signal took: they are kept as they came."""
    taken = FIELDS.get(understood.message_type) if understood.values else None
    if not taken:
        return understood.extra
    if understood.extra.keys() <= taken:  # As it mostly is, and sooner told.
        return {}
    return {field: value for field, value in understood.extra.items() if field not in taken}


def _readdress(understood: Report, other: Other | None) -> None:
    """Make it a report of whom it tells of; nothing is known where that is nobody."""
    if other is None:
        understood.values = {}
        return
    recording = understood.source if understood.recorded else ""
    understood.heard_by = understood.entity_id
    understood.entity_id = transponder_entity(
        understood.org_id, other.kind, other.number, recording
    )
    understood.entity_name, understood.entity_type = other.name, other.entity_type
    understood.device_us = None  # That was the clock of who has heard it.


def _device_us(envelope: Envelope) -> int | None:
    """The device's clock; None where it has not told, or what no clock can show in UTC."""
    if envelope.timestamp_device is None:
        return None
    device_us = microseconds(envelope.timestamp_device)
    return device_us if 0 <= device_us <= LATEST_US else None
