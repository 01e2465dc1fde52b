"""Telemetry messages to envelopes: every form that edge programs use, one form out.

What is written as autopilots' programs mostly write it is read at once; whatever is not
is read by ``flows.steps.liberal``, which takes its time.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from flows.ontology.depth import depth
from flows.ontology.entity_types import entity_type
from flows.ontology.telemetry import Envelope, Role, microseconds, moment
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps import liberal
from flows.steps.liberal import MOST_LEVELS, STEP
from flows.steps.naming import MOST_LETTERS, MOST_NAMED, canonical, header, is_mavlink, whose
from flows.steps.times import time

# What a column of the history can hold; MAVLink itself needs far less.
_Number = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


class _Wire(msgspec.Struct, gc=False):
    """The union of the known envelopes: ours, the reference server's, Pulsar's, Aero Arc's."""

    entity_id: str | None = None
    drone_id: str | None = None
    device_id: str | None = None
    agent_id: str | None = None
    org_id: str | None = None
    organization_id: str | None = None
    message_type: str | None = None
    msg_name: str | None = None
    message_id: _Number | None = None
    msg_id: _Number | None = None
    system_id: _Number | None = None
    component_id: _Number | None = None
    sequence: _Number | None = None
    data: dict[str, Any] | None = None
    fields: dict[str, Any] | None = None
    timestamp: datetime | int | float | None = None
    timestamp_relay: datetime | int | float | None = None
    timestamp_device: datetime | int | float | None = None
    role: Role = "autopilot"
    source: str | None = None
    entity_name: str | None = None
    entity_type: str = ""
    recorded: bool = False
    origin: str = ""


_decode = msgspec.json.Decoder(_Wire, strict=True).decode


def envelope(message: Message, organization: str) -> Envelope | Rejected:
    """Read one telemetry message.

    The entity is named by the body, else by the header ``entity_id``, else by the
    subject. The organisation is the subject's where it has one, else
    ``organization``; a body or header that claims another is refused.
    """
    try:
        wire = _decode(message.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError):
        return liberal.envelope(message, organization)
    name = wire.message_type or wire.msg_name
    data = wire.data if wire.data is not None else wire.fields
    if data is None or not name:
        return liberal.envelope(message, organization)
    name = canonical(name[:MOST_LETTERS])
    autopilots = wire.system_id is not None or wire.msg_name is not None
    tree = not autopilots and not is_mavlink(name, data)
    if tree and not wire.origin:  # Flows of ours say all that they have to say in an envelope.
        return liberal.envelope(message, organization)
    named = wire.entity_id or wire.drone_id or wire.device_id or wire.agent_id
    claimed = wire.org_id or wire.organization_id
    said = ""
    if not named or not claimed:
        named = named or header(message.headers, "entity_id")
        claimed = claimed or header(message.headers, "org_id")
        said = "" if named else name
    if len(named) + len(claimed) + len(message.subject) > MOST_NAMED:
        return refuse(STEP, f"no entity can be called {named[:64]!r}", message)
    entity, org, _, trouble = whose(message.subject, named, claimed, organization, said)
    if trouble:
        return refuse(STEP, trouble, message)
    if message.data.count(b"[") + message.data.count(b"{") > MOST_LEVELS and (
        depth(data) > MOST_LEVELS
    ):
        return refuse(STEP, f"fields of more than {MOST_LEVELS} levels", message)
    heard, device = wire.timestamp, wire.timestamp_device
    if not isinstance(heard, datetime):
        heard = _known(heard) or _known(wire.timestamp_relay) or moment(message.stored_us)
    number = wire.msg_id if wire.message_id is None else wire.message_id
    source, called = wire.source or "", wire.entity_name or ""
    if wire.msg_name:
        source, called = "", called or source  # Pulsar and Aero Arc say the name there.
    # By place, since names cost a tenth of the whole.
    return Envelope(
        entity,
        org,
        name,
        heard,
        data,
        -1 if number is None else number,
        wire.system_id or 0,
        wire.component_id or 0,
        wire.sequence or 0,
        _known(device),
        wire.role,
        source[:MOST_LETTERS],
        called[:MOST_LETTERS],
        wire.recorded,
        wire.origin,
        entity_type(wire.entity_type) if wire.entity_type else "",
        tree,
    )


def _known(written: datetime | float | None) -> datetime | None:
    return written if written is None or isinstance(written, datetime) else time(written)


def heard_us(envelope: Envelope, message: Message, ahead_us: int) -> tuple[int, bool]:
    """When a message was heard, and whether its clock had to be overruled.

    A clock more than ``ahead_us`` ahead of the stream's is not believed: the time
    at which the stream took the message stands instead. So does a time before 1970.
    """
    at = microseconds(envelope.timestamp)
    if at > message.stored_us + ahead_us or at < 0:
        return message.stored_us, True
    return at, False
