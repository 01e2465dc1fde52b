"""Telemetry that is written as nobody foresaw: envelopes of other types, a device's own JSON.

Names of an envelope are taken out of a message where they are well said, in any spelling.
What is left is a message of MAVLink, or else a device's own tree.
"""

from typing import Any

from flows.ontology.depth import depth
from flows.ontology.messages import BY_NUMBER
from flows.ontology.telemetry import Envelope, moment
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps import members, tolerate
from flows.steps.members import Members
from flows.steps.naming import (
    MOST_LETTERS,
    MOST_NAMED,
    Whose,
    canonical,
    header,
    is_mavlink,
    is_translated,
    whose,
)
from flows.steps.paths import WRAPPERS
from flows.steps.rest import unwrapped
from flows.steps.tree import says_something

STEP = "decode"
MOST_LEVELS = 32
# What a message is called that has no name.
NAMELESS = "SIGNALS"

IDS = ("entity_id", "drone_id", "device_id", "agent_id")
ORGANIZATIONS = ("org_id", "organization_id")
HEARD = ("timestamp", "timestamp_relay", "time", "ts", "tst", "datetime", "timestamp_ms")
DEVICE = ("timestamp_device", "device_time", "device_timestamp")
KINDS = ("entity_type", "device_type", "vehicle_type", "type")
CALLED = ("entity_name", "name", "device_name")
MESSAGES = ("message_type", "msg_name")
NUMBERS = ("system_id", "component_id", "sequence")
CONTAINERS = ("data", "fields")
# pymavlink's own word for a message's name: its fields stand beside it.
FLAT = "mavpackettype"
# What a message of MAVLink cannot be without, if it says it at all.
_STRICT = (*HEARD[:2], DEVICE[0], *NUMBERS, "message_id", "msg_id", "role", "recorded")


def envelope(message: Message, organization: str) -> Envelope | Rejected:
    """Read one telemetry message, however it is written."""
    try:
        body = unwrapped(tolerate.read(message.data))
    except tolerate.Unreadable as error:
        return refuse(STEP, f"not an envelope: {error}", message)
    if _too_deep(message.data, body):
        return refuse(STEP, f"fields of more than {MOST_LEVELS} levels", message)
    said = Members(body)
    flat = said.says(FLAT)
    autopilots = flat or said.has("msg_name") or said.has("system_id")
    named, claimed = _who(said, message)
    kind = "" if flat else said.take(KINDS, members.kind) or ""
    name = said.take((FLAT,) if flat else MESSAGES, members.label)
    name = name or header(message.headers, "message_type")[:MOST_LETTERS]
    if not name and not flat:
        name = said.take(("type",), members.message) or ""
    if len(named) + len(claimed) + len(message.subject) > MOST_NAMED:
        return refuse(STEP, f"no entity can be called {named[:64]!r}", message)
    found = whose(message.subject, named, claimed, organization, "" if named else name)
    if found.trouble:
        return refuse(STEP, found.trouble, message)
    name = name or found.message or (_numbered(said) if autopilots else "")
    data = next((body[each] for each in CONTAINERS if body.get(each) is not None), None)
    if autopilots and not flat and data is not None and not isinstance(data, dict):
        return refuse(STEP, "not an envelope: the fields of a message are an object", message)
    if flat or (data is None and autopilots and is_translated(canonical(name))):
        return _mavlink(message, found, said, canonical(name), kind=kind)
    if isinstance(data, dict) and name and (autopilots or is_mavlink(canonical(name), data)):
        return _mavlink(message, found, said, canonical(name), kind=kind, data=data)
    return _own(message, found, said, name, kind)


def _too_deep(written: bytes, read: object) -> bool:
    """Whether a JSON value has too many levels; mostly its brackets are fewer."""
    return written.count(b"[") + written.count(b"{") > MOST_LEVELS and depth(read) > MOST_LEVELS


def _who(said: Members, message: Message) -> tuple[str, str]:
    """The entity and the organisation that a message names, or nothing."""
    named = said.take(IDS, members.name) or header(message.headers, "entity_id")
    claimed = said.take(ORGANIZATIONS, members.name)
    for name in ORGANIZATIONS:
        claimed = claimed or header(message.headers, name)
    return named, claimed or ""


def _numbered(said: Members) -> str:
    """The name of a message of which only the number is said."""
    for each in (*MESSAGES, "message_id", "msg_id"):
        number = said.look(each)
        if type(number) is int and number in BY_NUMBER:
            return BY_NUMBER[number]
    return ""


def _mavlink(
    message: Message,
    found: Whose,
    said: Members,
    name: str,
    *,
    kind: str,
    data: dict[str, Any] | None = None,
) -> Envelope | Rejected:
    """A message of MAVLink; without ``data`` its fields are what is left of the envelope."""
    heard, device = said.take(HEARD[:2], members.time), said.take(DEVICE[:1], members.time)
    number = said.take(("message_id", "msg_id"), members.whole)
    system, component, sequence = (said.take((each,), members.whole) for each in NUMBERS)
    role = said.take(("role",), members.role)
    recorded = said.take(("recorded",), members.flag)
    for each in _STRICT:
        if said.has(each):
            wrong = str(said.look(each))[:64]
            return refuse(STEP, f"not an envelope: {each} is {wrong!r}", message)
    source = said.take(("source",), members.label) or ""
    called = said.take(("entity_name",), members.label) or ""
    if said.had("msg_name"):
        source, called = "", called or source  # Pulsar and Aero Arc say the name there.
    return Envelope(
        found.entity,
        found.organization,
        name,
        heard or moment(message.stored_us),
        said.rest if data is None else data,
        message_id=-1 if number is None else number,
        system_id=system or 0,
        component_id=component or 0,
        sequence=sequence or 0,
        timestamp_device=device,
        role=role or "autopilot",
        source=source,
        entity_name=called,
        recorded=recorded or False,
        entity_type=kind,
    )


def _own(
    message: Message, found: Whose, said: Members, name: str, kind: str
) -> Envelope | Rejected:
    """A device's own JSON: its clock is the device's, if it does not say otherwise."""
    heard, device = said.take(HEARD, members.time), said.take(DEVICE, members.time)
    called = said.take(CALLED, members.label)
    for inner in said.inside(WRAPPERS):
        heard = inner.take(HEARD, members.time) if heard is None else heard
        device = inner.take(DEVICE, members.time) if device is None else device
        called = called or inner.take(CALLED, members.label)
        kind = kind or inner.take(KINDS, members.kind) or ""
    said.take(("message_id", "msg_id", "id", "origin"), members.identity)
    system, component = (said.take((each,), members.whole) for each in NUMBERS[:2])
    said.take(("role",), members.role)
    recorded = said.take(("recorded",), members.flag)
    source = said.take(("source",), members.label)
    if not any(
        says_something(value) and not (value is None and each in CONTAINERS)
        for each, value in said.rest.items()
    ):
        return refuse(STEP, "neither a message name nor its fields, nor any signal", message)
    return Envelope(
        found.entity,
        found.organization,
        name or NAMELESS,
        heard or moment(message.stored_us),
        said.rest,
        system_id=system or 0,
        component_id=component or 0,
        timestamp_device=device or heard,
        source=source or "",
        entity_name=called or "",
        recorded=recorded or False,
        entity_type=kind,
        tree=True,
    )
