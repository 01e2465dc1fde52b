"""Telemetry messages to envelopes: every form that edge programs use, one form out."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from flows.ontology import subjects
from flows.ontology.telemetry import Envelope, Role, microseconds, moment
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps.document import depth
from flows.steps.mavlink import MESSAGE_NAMES

STEP = "decode"
MOST_LEVELS = 32
# What a column of the history can hold; MAVLink itself needs far less.
_Number = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_FOLDED = frozenset(MESSAGE_NAMES)
# Every message names its entity and what it is, and there are few of either: each is read
# once. Keys are short, and only so many are kept, for anybody may think of new ones.
MOST_LETTERS = 128
MOST_KNOWN = 4096


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
    timestamp: datetime | None = None
    timestamp_relay: datetime | None = None
    timestamp_device: datetime | int | float | None = None
    role: Role = "autopilot"
    source: str | None = None
    entity_name: str | None = None
    recorded: bool = False


_decode = msgspec.json.Decoder(_Wire, strict=True).decode


def envelope(message: Message, organization: str) -> Envelope | Rejected:
    """Read one telemetry message.

    The entity is named by the body, else by the header ``entity_id``, else by the
    subject. The organisation is the subject's where it has one, else
    ``organization``; a body that claims another is refused.
    """
    try:
        wire = _decode(message.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        return refuse(STEP, f"not an envelope: {error}", message)
    named = wire.entity_id or wire.drone_id or wire.device_id or wire.agent_id
    named = named or (message.headers or {}).get("entity_id") or ""
    address = _address(message.subject, named if len(named) <= MOST_LETTERS else "")
    entity = named or address.entity
    if len(entity) > MOST_LETTERS or not _is_token(entity):
        return refuse(STEP, f"no entity can be called {entity[:64]!r}", message)
    org = address.organization or organization
    if not _is_token(org):
        return refuse(STEP, f"no organisation can be called {org[:64]!r}", message)
    claimed = wire.org_id or wire.organization_id
    if claimed and claimed != org:
        return refuse(STEP, f"said to {org}, but of {claimed[:64]!r}", message)
    name = wire.message_type or wire.msg_name or address.message
    data = wire.data if wire.data is not None else wire.fields
    if not name or data is None:
        return refuse(STEP, "neither a message name nor its fields", message)
    if message.data.count(b"[") + message.data.count(b"{") > MOST_LEVELS and (
        depth(data) > MOST_LEVELS
    ):
        return refuse(STEP, f"fields of more than {MOST_LEVELS} levels", message)
    device = wire.timestamp_device
    return Envelope(
        entity,
        org,
        _canonical(name[:MOST_LETTERS]),
        wire.timestamp or wire.timestamp_relay or moment(message.stored_us),
        data,
        message_id=_message_id(wire),
        system_id=wire.system_id or 0,
        component_id=wire.component_id or 0,
        sequence=wire.sequence or 0,
        timestamp_device=device if isinstance(device, datetime) else None,
        role=wire.role,
        source=(wire.source or "")[:MOST_LETTERS],
        entity_name=(wire.entity_name or "")[:MOST_LETTERS],
        recorded=wire.recorded,
    )


_is_token = lru_cache(MOST_KNOWN)(subjects.is_token)


@lru_cache(MOST_KNOWN)
def _address(subject: str, named: str) -> subjects.Address:
    return subjects.telemetry_address(subject, _FOLDED, named)


@lru_cache(MOST_KNOWN)
def _canonical(name: str) -> str:
    """MAVLink's spelling of a message's name; of one that is not known, its own."""
    return MESSAGE_NAMES.get(subjects.folded(name), name)


def _message_id(wire: _Wire) -> int:
    if wire.message_id is not None:
        return wire.message_id
    return -1 if wire.msg_id is None else wire.msg_id


def heard_us(envelope: Envelope, message: Message, ahead_us: int) -> tuple[int, bool]:
    """When a message was heard, and whether its clock had to be overruled.

    A clock more than ``ahead_us`` ahead of the stream's is not believed: the time
    at which the stream took the message stands instead. So does a time before 1970.
    """
    at = microseconds(envelope.timestamp)
    if at > message.stored_us + ahead_us or at < 0:
        return message.stored_us, True
    return at, False
