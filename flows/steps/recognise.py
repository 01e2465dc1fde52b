"""Documents in the state bucket: those that others put there, and our own when we begin again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from flows.ontology import subjects
from flows.ontology.depth import depth
from flows.ontology.entities import Documented, Erased, Json, Recalled
from flows.ontology.entry import Unearthed, expiry
from flows.ontology.rate import LONGEST_US
from flows.ontology.telemetry import microseconds
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps import flat
from flows.steps.believe import split
from flows.steps.document import foreign
from flows.steps.echo import REASON, is_answer

STEP = "recognise"
MOST_BYTES = 256 * 1024
MOST_LEVELS = 32


class _Liveness(msgspec.Struct):
    period: float = 0


class _Heard(msgspec.Struct):
    last_seen: datetime | None
    liveness: _Liveness = msgspec.field(default_factory=_Liveness)
    registered: Json | None = None
    expires_at: Any = None


_heard = msgspec.json.Decoder(_Heard).decode
_PREFIX = "entity:"  # Some programs put it before the key.
_FLAT = "mavlink"
_BRANCHES = (".mavlink", ".detections.objects", ".analytics.summary", ".c4isr.threat_intelligence")


def read_document(message: Message, organization: str) -> Documented | Erased | Rejected | None:
    """Read a put of another program.

    Keys are ``{entity}`` and, of older programs, ``{entity}.{branch}``, whose value
    belongs under that branch. Of those, a deleted one says nothing: None.
    """
    key = message.subject.removeprefix(f"{subjects.BUCKET_SUBJECT}.")
    entity, _, branch = key.removeprefix(_PREFIX).partition(".")
    headers = message.headers or {}
    if headers.get("KV-Operation") or headers.get("Nats-Marker-Reason"):
        ours = key == entity and subjects.is_token(entity)
        return Erased(entity, message.sequence, message.stored_us) if ours else None
    if not subjects.is_token(entity) or (branch and f".{branch}" not in _BRANCHES):
        return refuse(STEP, f"no entity has the key {key[:128]!r}", message)
    try:
        read = _decoded(message)
    except ValueError as error:
        return refuse(STEP, str(error), message)
    values = flat.signals(read) if branch == _FLAT and isinstance(read, dict) else {}
    for name in reversed(branch.split(".")) if branch else ():
        read = {name: read}
    if not isinstance(read, dict):
        return refuse(STEP, "a document must be an object", message)
    claimed = read.get("entity_id")
    if claimed not in (None, entity):
        return refuse(STEP, f"put for {entity}, but of {str(claimed)[:64]!r}", message)
    org = read.get("org_id") or read.get("organization_id") or ""
    if not isinstance(org, str) or (org and not subjects.is_token(org)):
        return refuse(STEP, f"put for {organization}, but of {str(org)[:64]!r}", message)
    signals, rest = split(foreign(read))
    return Documented(
        entity,
        org,
        _text(read, "name"),
        _text(read, "entity_type"),
        rest,
        message.sequence,
        message.stored_us,
        signals | values,
        _copied(read),
        organization,
    )


def _decoded(message: Message) -> Any:
    """The document that was put. Raises ValueError, with what is wrong with it."""
    if is_answer(message):
        raise ValueError(REASON)
    if len(message.data) > MOST_BYTES:
        raise ValueError(f"a document of {len(message.data)} bytes is too large")
    try:
        read = msgspec.json.decode(message.data)
        # A state is kept in this form, which has no integers of more than 64 bits.
        msgspec.msgpack.encode(read)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise ValueError(f"not a document: {error}") from error
    if depth(read) > MOST_LEVELS:
        raise ValueError(f"a document of more than {MOST_LEVELS} levels")
    return read


def recall_document(message: Message) -> Recalled | Rejected:
    """Read a put of our own; when it was heard is 0 where it never was."""
    entity = message.subject.removeprefix(f"{subjects.BUCKET_SUBJECT}.")
    try:
        heard = _heard(message.data)
        heard_us = microseconds(heard.last_seen) if heard.last_seen else 0
        expires_us = 0 if heard.registered is None else expiry({"expires_at": heard.expires_at})
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return refuse(STEP, f"not a document of ours: {error}", message)
    period_us = round(min(max(0.0, heard.liveness.period * 1e6), LONGEST_US))
    return Recalled(entity, message.data, message.sequence, heard_us, period_us, expires_us)


def recall_deletion(message: Message, sequences: Mapping[str, int]) -> Unearthed:
    """Read that we had deleted a key, and what had gone into its state."""
    entity = message.subject.removeprefix(f"{subjects.BUCKET_SUBJECT}.")
    return Unearthed(entity, dict(sequences), message.stored_us)


def _copied(document: Json) -> dict[str, int]:
    """Of which sequences the branches are, where the document was made from one of ours."""
    provenance = document.get("provenance")
    if not isinstance(provenance, dict):
        return {}
    return {
        path: sequence
        for path, record in provenance.items()
        if isinstance(record, dict) and type(sequence := record.get("sequence")) is int
    }


def _text(document: Json, name: str) -> str:
    value = document.get(name)
    return value[:128] if isinstance(value, str) else ""
