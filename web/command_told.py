"""What the commands flow says of commands, read: a transition, or who controls an entity."""

import msgspec

from flows.ontology.commands import Control
from flows.ontology.subjects import COMMANDS, STATUS
from web.command_bodies import Command

SUBJECT = f"{COMMANDS}.*.*.{STATUS}"
_TOKENS = len(SUBJECT.split("."))

Told = Command | Control


class _Named(msgspec.Struct):
    command_id: str = ""


_named = msgspec.json.Decoder(_Named).decode
_command = msgspec.json.Decoder(Command).decode
_control = msgspec.json.Decoder(Control).decode


def read_told(subject: str, data: bytes) -> Told | None:
    """What is told there; None of what cannot be read, or is of another than the subject says."""
    tokens = subject.split(".")
    if len(tokens) != _TOKENS or tokens[-1] != STATUS:
        return None
    try:
        told = _command(data) if _named(data).command_id else _control(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return told if [told.org_id, told.entity_id] == tokens[-3:-1] else None
