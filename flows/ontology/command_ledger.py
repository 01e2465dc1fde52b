"""The ledger of commands: its tables, and what is said of commands as their rows.

A row has what is asked by, and the whole of what was said as JSON. Ids of commands are those
of whoever asks, so that two organisations may have the same: ``name`` has both.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from flows.ontology.command_states import ended
from flows.ontology.commands import Control, Status

COMMANDS, TRANSITIONS, CONTROLS = "commands", "command_transitions", "controls"

# By table: its columns, the first of which is its key.
COLUMNS: dict[str, dict[str, type]] = {
    COMMANDS: {
        "name": str, "org_id": str, "command_id": str, "entity_id": str, "command": str,
        "state": str, "active": int, "priority": str, "parent_id": str, "number": int,
        "requested_us": int, "expires_us": int, "at_us": int, "status": str,
    },
    TRANSITIONS: {
        "transition": str, "name": str, "org_id": str, "number": int, "at_us": int, "status": str,
    },
    CONTROLS: {
        "entity_id": str, "org_id": str, "number": int, "at_us": int, "control": str,
    },
}  # fmt: skip
INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    COMMANDS: (
        ("org_id", "requested_us"),
        ("org_id", "entity_id", "requested_us"),
        ("org_id", "active", "entity_id"),
        ("org_id", "parent_id"),
    ),
    TRANSITIONS: (("name", "number"),),
    CONTROLS: (),
}
# A row with less of it than the one that stands changes nothing.
NEWER = "number"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def name(organization: str, command_id: str) -> str:
    """What a command is called among those of all organisations."""
    return f"{organization}.{command_id}"


def command_row(status: Status) -> dict[str, Any]:
    """The row of ``commands`` after a transition."""
    return {
        "name": name(status.org_id, status.command_id),
        "org_id": status.org_id,
        "command_id": status.command_id,
        "entity_id": status.entity_id,
        "command": status.command,
        "state": status.state,
        "active": int(not ended(status.state)),
        "priority": status.priority,
        "parent_id": status.parent_id,
        "number": status.number,
        "requested_us": us(status.requested_at),
        "expires_us": us(status.expires_at),
        "at_us": us(status.at),
        "status": _text(status),
    }


def transition_row(status: Status) -> dict[str, Any]:
    """The row of ``command_transitions`` of a transition."""
    called = name(status.org_id, status.command_id)
    return {
        "transition": f"{called}:{status.number}",
        "name": called,
        "org_id": status.org_id,
        "number": status.number,
        "at_us": us(status.at),
        "status": _text(status),
    }


def control_row(control: Control) -> dict[str, Any]:
    """The row of ``controls`` of who controls an entity."""
    return {
        "entity_id": control.entity_id,
        "org_id": control.org_id,
        "number": control.number,
        "at_us": us(control.at),
        "control": _text(control),
    }


def us(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _text(said: Status | Control) -> str:
    return msgspec.json.encode(said).decode()
