"""Requests: those of the web, which knows who asks, and those of any client of NATS.

Of a client's all spellings are taken that programs have for the same thing, but not its word
for who it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args
from uuid import uuid5

import msgspec
from msgspec.structs import replace

from flows.ontology import subjects
from flows.ontology.commands import (
    MOST_REQUEST_BYTES,
    MOST_SECONDS,
    RESERVED_IDS,
    Actor,
    Priority,
    Request,
)
from flows.ontology.depth import depth
from flows.ontology.identity import within
from flows.ontology.telemetry import LATEST_US, microseconds, moment
from flows.ontology.wire import Message

MOST_LEVELS = 16
MOST_TEXT = 255
MOST_NAME = 64
MOST_ENTITIES = 1000
# Whoever speaks NATS with the right to ask for commands.
SOMEBODY = Actor("nats", means="nats")

_LATEST = LATEST_US // 1_000_000 - 1
_ID_HEADER = "Nats-Msg-Id"
_COMMAND = ("command", "action", "type", "name")
_PARAMS = ("params", "parameters", "args")
_PRIORITIES: tuple[Priority, ...] = get_args(Priority)
_request = msgspec.json.Decoder(Request).decode


class Unreadable(ValueError):
    """What was said is no request, for a reason."""


def known_request(message: Message, organization: str, entity: str) -> Request:
    """A request as the web says it.

    Raises:
        Unreadable: it is none. And what msgspec raises.
    """
    _fits(message.data)
    said = _request(message.data)
    if (said.org_id, said.entity_id) != (organization, entity):
        raise Unreadable(f"said for {entity} of {organization}, but of another")
    return _checked(said, message, said.requested_at)


def liberal_request(message: Message, organization: str, entity: str) -> Request:
    """A request as clients of NATS say it. Raises as ``known_request`` does."""
    _fits(message.data)
    body = msgspec.json.decode(message.data)
    if not isinstance(body, dict):
        raise Unreadable("not an object")
    for key, expected in (("org_id", organization), ("entity_id", entity)):
        if body.get(key, expected) != expected:
            raise Unreadable(f"{key} is said to be another than in the subject")
    params = _first(body, _PARAMS)
    entities = body.get("entities")
    said = Request(
        command_id=_identity(body, message),
        org_id=organization,
        entity_id=entity,
        command=_text(_first(body, _COMMAND), "command"),
        params={} if params is None else _object(params),
        expires_at=_moment(body.get("expires_at")),
        priority=_priority(body.get("priority")),
        reason=_text(body.get("reason", ""), "reason"),
        confirmed=body.get("confirmed") is True,
        forced=body.get("forced") is True,
        by=SOMEBODY,
        entities=[] if entities is None else _texts(entities),
    )
    return _checked(said, message, None)


def _checked(said: Request, message: Message, requested_at: datetime | None) -> Request:
    """Within bounds: asked for when the stream took it, or shortly before."""
    if not subjects.is_token(said.command_id):
        raise Unreadable("command_id is no id: letters, digits, _, = and -, at most 128")
    if said.command_id in RESERVED_IDS:
        raise Unreadable(f"command_id may not be {said.command_id}")
    if not said.command or len(said.command) > MOST_NAME or not said.command.isprintable():
        raise Unreadable(f"command is no name of at most {MOST_NAME} letters")
    if len(said.entities) > MOST_ENTITIES or not all(map(subjects.is_token, said.entities)):
        raise Unreadable(f"entities are no list of at most {MOST_ENTITIES} ids")
    _kept(said.params)
    stored = message.stored_us
    asked = stored if requested_at is None else microseconds(requested_at)
    asked = max(min(asked, stored), stored - round(MOST_SECONDS * 1e6), 0)
    until = said.expires_at
    if until is not None:
        last = asked + round(MOST_SECONDS * 1e6)
        until = moment(min(max(microseconds(until), 0), last, LATEST_US))
    by = said.by
    return replace(
        said,
        requested_at=moment(asked),
        expires_at=until,
        reason=plain(said.reason),
        by=Actor(by.id[:MOST_TEXT], plain(by.name), by.means),
        # Only a broadcast has parts, and makes them itself.
        parent_id="",
    )


def plain(text: str) -> str:
    """A text of one line, as long as texts may be."""
    return "".join(each if each.isprintable() else " " for each in text[:MOST_TEXT]).strip()


def kept(tree: Mapping[str, Any]) -> bool:
    """Whether an object can be kept: not too deep, and of numbers that others can read."""
    if depth(tree) > MOST_LEVELS:
        return False
    try:
        msgspec.msgpack.encode(tree)
    except (OverflowError, ValueError):
        return False
    return True


def _kept(params: Mapping[str, Any]) -> None:
    if not kept(params):
        raise Unreadable("params have numbers that are too large, or are too deep")


def _fits(data: bytes) -> None:
    if len(data) > MOST_REQUEST_BYTES:
        raise Unreadable(f"{len(data)} bytes are more than {MOST_REQUEST_BYTES}")


def _identity(body: Mapping[str, Any], message: Message) -> str:
    """As the body says, or the message's own id, or its place in the stream."""
    said = body.get("command_id")
    if said is not None:
        return _text(said, "command_id")
    given = (message.headers or {}).get(_ID_HEADER, "")
    if subjects.is_token(given):
        return given
    place = given or f"{message.stream}:{message.sequence}"
    return str(uuid5(within("commands"), place))


def _first(body: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((body[each] for each in names if body.get(each) is not None), None)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Unreadable(f"{name} is no text")
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Unreadable("entities are no list of ids")
    return list(dict.fromkeys(value))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("params are no object")
    return value


def _priority(value: Any) -> Priority:
    if value is None:
        return "normal"
    for each in _PRIORITIES:
        if each == value:
            return each
    raise Unreadable(f"priority is none of {', '.join(_PRIORITIES)}")


def _moment(value: Any) -> datetime | None:
    """A time as RFC 3339 has it, or seconds since 1970."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return moment(round(min(max(value, 0), _LATEST) * 1e6))
    try:
        return msgspec.convert(value, datetime)
    except msgspec.ValidationError as error:
        raise Unreadable(f"expires_at is no time: {error}") from error
