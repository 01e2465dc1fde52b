"""Documents in the state bucket: those that others put there, and our own when we begin again."""

from datetime import datetime

import msgspec

from flows.ontology import subjects
from flows.ontology.entities import Documented, Json, Recalled
from flows.ontology.telemetry import microseconds
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps.document import depth, foreign

STEP = "recognise"
MOST_BYTES = 256 * 1024
MOST_LEVELS = 32


class _Heard(msgspec.Struct):
    last_seen: datetime


_heard = msgspec.json.Decoder(_Heard).decode
_BRANCHES = (".mavlink", ".detections.objects", ".analytics.summary", ".c4isr.threat_intelligence")


def read_document(message: Message, organization: str) -> Documented | Rejected | None:
    """Read a put of another program.

    Keys are ``{entity}`` and, of older programs, ``{entity}.{branch}``, whose value
    belongs under that branch. A deleted key says nothing: None.
    """
    key = message.subject.removeprefix(f"{subjects.BUCKET_SUBJECT}.")
    entity, _, branch = key.partition(".")
    if (message.headers or {}).get("KV-Operation"):
        return None
    if not subjects.is_token(entity) or (branch and f".{branch}" not in _BRANCHES):
        return refuse(STEP, f"no entity has the key {key[:128]!r}", message)
    if len(message.data) > MOST_BYTES:
        return refuse(STEP, f"a document of {len(message.data)} bytes is too large", message)
    try:
        read = msgspec.json.decode(message.data)
        # A state is kept in this form, which has no integers of more than 64 bits.
        msgspec.msgpack.encode(read)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        return refuse(STEP, f"not a document: {error}", message)
    if depth(read) > MOST_LEVELS:
        return refuse(STEP, f"a document of more than {MOST_LEVELS} levels", message)
    for name in reversed(branch.split(".")) if branch else ():
        read = {name: read}
    if not isinstance(read, dict):
        return refuse(STEP, "a document must be an object", message)
    claimed = read.get("entity_id")
    if claimed not in (None, entity):
        return refuse(STEP, f"put for {entity}, but of {str(claimed)[:64]!r}", message)
    org = read.get("org_id") or read.get("organization_id") or organization
    if org != organization:
        return refuse(STEP, f"put for {organization}, but of {str(org)[:64]!r}", message)
    return Documented(
        entity,
        org,
        _text(read, "name"),
        _text(read, "entity_type"),
        foreign(read),
        message.sequence,
        message.stored_us,
    )


def recall_document(message: Message) -> Recalled | Rejected:
    """Read a put of our own."""
    entity = message.subject.removeprefix(f"{subjects.BUCKET_SUBJECT}.")
    try:
        heard_us = microseconds(_heard(message.data).last_seen)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return refuse(STEP, f"not a document of ours: {error}", message)
    return Recalled(entity, message.data, message.sequence, heard_us)


def _text(document: Json, name: str) -> str:
    value = document.get(name)
    return value[:128] if isinstance(value, str) else ""
