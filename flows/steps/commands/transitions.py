"""Transitions of commands as rows of the history: cells in the order of their columns."""

from collections.abc import Mapping

import msgspec

from flows.ontology.commands import Status
from flows.ontology.signals import Value
from flows.ontology.telemetry import microseconds
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps.commands.show import read_told

STEP = "transition"
COLUMNS = (
    "seq", "ts", "ts_ingest", "org_id", "entity_id", "command_id", "number", "state", "previous",
    "command", "priority", "by_id", "by_name", "by_means", "reason", "requested_by", "approved_by",
    "requested_at", "expires_at", "parent_id", "progress", "params", "result", "counts",
)  # fmt: skip
# Nothing of ours comes to as many, and a column holds no more.
MOST_NUMBER = 2**31 - 1

Cells = tuple[Value | None, ...]

_json = msgspec.json.Encoder().encode


def transition(message: Message) -> Cells | Rejected | None:
    """The row of a transition; None of what is said else on the stream of commands."""
    told = read_told(message)
    if not isinstance(told, Status):
        return told if isinstance(told, Rejected) else None
    if not 0 < told.number <= MOST_NUMBER:
        return refuse(STEP, f"a command has no transition {str(told.number)[:20]}", message)
    return (
        message.sequence,
        microseconds(told.at),
        message.stored_us,
        told.org_id,
        told.entity_id,
        told.command_id,
        told.number,
        told.state,
        told.previous,
        told.command,
        told.priority,
        told.by.id,
        told.by.name,
        told.by.means,
        told.reason,
        told.requested_by.id,
        told.approved_by.id if told.approved_by else None,
        microseconds(told.requested_at),
        microseconds(told.expires_at),
        told.parent_id or None,
        told.progress,
        _text(told.params),
        _text(told.result),
        _text(told.counts),
    )


def _text(said: Mapping[str, object]) -> str | None:
    return _json(said).decode() if said else None
