"""Telemetry as devices hand it in: taken apart, each item judged by itself, none of them changed.

What an item says is for the flows to understand. Here it only has to be a JSON object of
bounded depth that names an entity of the organisation whose key has brought it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from flows.ontology.streams import STREAMS
from flows.ontology.subjects import is_token

MOST_ITEMS = 10_000
MOST_LEVELS = 32
# What the stream takes, but for the headers, which it counts with the message.
MOST_ITEM_BYTES = next(
    each.max_message_bytes - 1024 for each in STREAMS if each.name == "CONSTELLATION_TELEMETRY"
)
MOST_ID_LETTERS = 1024

TIMES = ("timestamp", "timestamp_relay", "time", "ts")
# Names as they are found in any case and without their separators, the strongest first.
_ENTITY = ("entityid", "droneid", "deviceid", "agentid")
_ORGANIZATION = ("orgid", "organizationid")
_SEPARATORS = str.maketrans("", "", "_- ")
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError)


class Malformed(ValueError):
    """The whole of it cannot be read; the message says why."""


class Item(msgspec.Struct, frozen=True):
    """A message: whose it is, its bytes, and what tells it from others, if anything does."""

    entity: str
    data: bytes
    identity: str = ""


class Refusal(ValueError):
    """An item that cannot be taken; the message says why."""


def of_json(body: bytes) -> list[bytes]:
    """The items of an array, or the one item that there is, as they were written.

    Raises:
        Malformed: it is no JSON.
    """
    text = body.strip()
    try:
        if not text.startswith(b"["):
            msgspec.json.decode(text, type=msgspec.Raw)
            return [text]
        return [bytes(each) for each in msgspec.json.decode(text, type=list[msgspec.Raw])]
    except _UNREADABLE as error:
        raise Malformed(f"It is no JSON: {error}") from error


def of_lines(body: bytes) -> list[bytes]:
    """The items of JSON lines; those that are blank are none."""
    return [line for line in map(bytes.strip, body.split(b"\n")) if line]


def judge(data: bytes, organization: str) -> Item:
    """An item, if it may be taken for this organisation.

    Raises:
        Refusal: it may not.
    """
    if len(data) > MOST_ITEM_BYTES:
        raise Refusal(f"{len(data)} bytes are too many: an item may have {MOST_ITEM_BYTES}")
    try:
        said = msgspec.json.decode(data)
    except _UNREADABLE as error:
        raise Refusal(f"no JSON: {error}"[:200]) from error
    if not isinstance(said, dict):
        raise Refusal("no JSON object")
    if data.count(b"[") + data.count(b"{") > MOST_LEVELS and is_deep(said):
        raise Refusal(f"more than {MOST_LEVELS} levels")
    for claimed in _named(said, _ORGANIZATION):
        if claimed != organization:
            raise Refusal(f"the key is of {organization}, the item of {claimed[:64]!r}")
    entity = next(_named(said, _ENTITY), "")
    if not entity:
        raise Refusal("it names no entity: entity_id is missing")
    if not is_token(entity):
        raise Refusal(f"no entity can be called {entity[:64]!r}")
    return Item(entity, data, _identity(said, entity, data))


def numbered(item: Item, place: str) -> str:
    """What tells an item without an identity from others: the place that it was handed in at."""
    return item.identity or _hash("place", item.entity, place)


def _named(said: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    """What stands under the names, in their order and in any spelling; numbers are names, too."""
    found = [(key.translate(_SEPARATORS).lower(), said[key]) for key in said if len(key) <= 32]
    for name in names:
        for key, value in found:
            if key == name and ((isinstance(value, str) and value) or type(value) is int):
                yield str(value)


def _identity(said: Mapping[str, Any], entity: str, data: bytes) -> str:
    """What a retry has in common with the first try, and no other message has.

    An id, unless it is the entity's own name; or else all of it, if it says when it was
    said. What says neither may well be said again, and mean it.
    """
    own = said.get("id")
    named = type(own) is int or (isinstance(own, str) and 0 < len(own) <= MOST_ID_LETTERS)
    if named and str(own) != entity:
        return _hash("id", entity, str(own))
    if any(said.get(each) for each in TIMES):
        return _hash("said", entity, data)
    return ""


def _hash(*parts: str | bytes) -> str:
    texts = (each if isinstance(each, bytes) else each.encode() for each in parts)
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def is_deep(value: object) -> bool:
    """Whether a value has more levels than are taken."""
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return any(isinstance(each, dict | list) for each in level)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
