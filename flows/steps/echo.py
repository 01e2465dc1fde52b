"""Answers of the message server that somebody has had sent to a subject of others.

Whoever asks the server something says where the answer goes, and the server, who may say
anything anywhere, sends it there: by way of it one could speak on subjects where one may
not. What it answers has forms of its own (ADR-1, ADR-8, ADR-31), in which no device speaks.
"""

from typing import Final

import msgspec

from flows.ontology.wire import Message

REASON: Final = "an answer of the message server, which nobody has said here"
_PREFIXES: Final = (b'{"type":"io.nats.', b'{"stream":"', b'{"error":{"code":')
_DIRECT: Final = "Nats-Stream"  # What was looked up says where it was found.
_MOST_BYTES: Final = 1024


class _Receipt(msgspec.Struct, forbid_unknown_fields=True):
    """That a publication has been stored, or why not."""

    stream: str
    seq: int
    error: msgspec.Raw = msgspec.Raw()
    domain: str = ""
    duplicate: bool = False
    val: str = ""
    batch: str = ""
    count: int = 0


_receipt = msgspec.json.Decoder(_Receipt).decode


def is_answer(message: Message) -> bool:
    """Whether a message is nobody's but the server's."""
    if message.headers and _DIRECT in message.headers:
        return True
    data = message.data
    if not data.startswith(_PREFIXES):
        return False
    if data.startswith(_PREFIXES[0]):
        return True
    if len(data) > _MOST_BYTES:
        return False
    try:
        _receipt(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
