"""Messages of the stream of commands to what they tell the desk."""

from collections.abc import Callable

import msgspec

from flows.ontology import subjects
from flows.ontology.command_desk import (
    Answered,
    Asked,
    Decided,
    Departed,
    Echo,
    Heard,
    Passed,
    Told,
)
from flows.ontology.commands import Answer, Control, Decision, Delivery, Status
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps.commands.request import Unreadable, kept, known_request, liberal_request, plain

MOST_ANSWER_BYTES = 256 * 1024
_PREFIX = f"{subjects.COMMANDS}."
_WRONG = (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError, ValueError)


class _Named(msgspec.Struct):
    command_id: str = ""


class _Organization(msgspec.Struct):
    id: str


_DELETED = f"{subjects.ORGANIZATIONS}.deleted"
_organization = msgspec.json.Decoder(_Organization).decode
_named = msgspec.json.Decoder(_Named).decode
_decision = msgspec.json.Decoder(Decision).decode
_answer = msgspec.json.Decoder(Answer).decode
_status = msgspec.json.Decoder(Status).decode
_control = msgspec.json.Decoder(Control).decode
_delivery = msgspec.json.Decoder(Delivery).decode


def hear(message: Message, began: int) -> Told | Rejected:
    """What a message of the stream of commands tells.

    Args:
        message: of any of its subjects.
        began: up to which sequence the desk is told what it has said itself.
    """
    organization, entity, part = _address(message.subject)
    if not organization:
        return refuse("request", "the subject names no entity of an organisation", message)
    if part in _OURS and message.sequence > began:
        return Passed(message.sequence)
    read = _PARTS.get(part)
    if read is None:
        return refuse("request", "nothing is said of commands there", message)
    try:
        return read(message, organization, entity)
    except _WRONG as error:
        step, what = _WORDS[part]
        return refuse(step, f"not {what}: {error}", message)


def departed(message: Message) -> Departed | None:
    """That an organisation was deleted; None of what else is said of organisations."""
    if message.subject != _DELETED:
        return None
    try:
        return Departed(_organization(message.data).id, message.stored_us)
    except _WRONG:
        return None


def _address(subject: str) -> tuple[str, str, str]:
    """Organisation, entity and part; the last is empty where a client asks."""
    tokens = subject.removeprefix(_PREFIX).split(".") if subject.startswith(_PREFIX) else []
    match tokens:
        case [organization, entity] if subjects.is_token(organization) and subjects.is_token(
            entity
        ):
            return organization, entity, ""
        case [organization, entity, part] if part and subjects.is_token(entity):
            return organization, entity, part
    return "", "", ""


def _heard(message: Message) -> Heard:
    return Heard(message.subject, message.sequence, message.stored_us)


def _liberal(message: Message, organization: str, entity: str) -> Told:
    return Asked(_heard(message), liberal_request(message, organization, entity))


def _asked(message: Message, organization: str, entity: str) -> Told:
    return Asked(_heard(message), known_request(message, organization, entity))


def _decided(message: Message, organization: str, entity: str) -> Told:
    said = _decision(message.data)
    _same(said.org_id, said.entity_id, organization, entity)
    said = msgspec.structs.replace(said, reason=plain(said.reason))
    return Decided(_heard(message), said)


def _answered(message: Message, organization: str, entity: str) -> Told:
    if len(message.data) > MOST_ANSWER_BYTES:
        raise Unreadable(f"{len(message.data)} bytes are more than {MOST_ANSWER_BYTES}")
    said = _answer(message.data)
    if not kept(said.result):
        raise Unreadable("result has numbers that are too large, or is too deep")
    progress = None if said.progress is None else min(max(said.progress, 0.0), 100.0)
    said = msgspec.structs.replace(said, reason=plain(said.reason), progress=progress)
    return Answered(_heard(message), organization, entity, said)


def _told(message: Message, organization: str, entity: str) -> Told:
    named = _named(message.data).command_id
    told = _status(message.data) if named else _control(message.data)
    _same(told.org_id, told.entity_id, organization, entity)
    return Echo(_heard(message), told)


def _delivered(message: Message, organization: str, entity: str) -> Told:
    told = _delivery(message.data)
    _same(told.org_id, told.entity_id, organization, entity)
    return Echo(_heard(message), told)


def _same(said_org: str, said_entity: str, organization: str, entity: str) -> None:
    if (said_org, said_entity) != (organization, entity):
        raise Unreadable(f"said for {entity} of {organization}, but of another")


_OURS = frozenset((subjects.STATUS, subjects.DELIVER))
_PARTS: dict[str, Callable[[Message, str, str], Told]] = {
    "": _liberal,
    subjects.REQUEST: _asked,
    subjects.DECISION: _decided,
    subjects.ACK: _answered,
    subjects.STATUS: _told,
    subjects.DELIVER: _delivered,
}
_WORDS = {
    "": ("request", "a request"),
    subjects.REQUEST: ("request", "a request"),
    subjects.DECISION: ("decision", "a decision"),
    subjects.ACK: ("answer", "an answer"),
    subjects.STATUS: ("status", "what the flow says"),
    subjects.DELIVER: ("status", "what the flow says"),
}
