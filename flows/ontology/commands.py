"""What is said of commands: requests, decisions, deliveries, answers, and what becomes of them.

Times are RFC 3339 on the wire. What says a thing for an organisation and an entity has both in
its subject, and is not believed where its body says otherwise.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from flows.ontology.command_states import State

STREAM = "CONSTELLATION_COMMANDS"
# The row of the table ``projections`` that says how far the stream is in the ledger.
PROJECTION = "commands"

# No command is called so: where commands are read, what becomes of them is followed there.
RESERVED_IDS = frozenset(("changes",))
MOST_REQUEST_BYTES = 256 * 1024
MOST_SECONDS = 3600.0  # Until a command expires, at most.
# Where nobody says until when: as long as somebody would wait, and longer for a second person.
EXPIRES_SECONDS, APPROVAL_SECONDS = 60.0, 300.0
CONTROL_SECONDS = 600.0  # For which control is taken; every command of the holder renews it.

Priority = Literal["low", "normal", "high", "emergency"]
# The first goes first; ``emergency`` waits for nothing that was sent before.
LANES: tuple[Priority, ...] = ("emergency", "high", "normal", "low")
Means = Literal["person", "key", "nats", "flow"]
DecisionKind = Literal["approve", "deny", "cancel", "take_control", "release_control"]
# ``received`` by the device or its relay; ``rejected`` before and ``failed`` while it was done.
AnswerState = Literal["received", "accepted", "rejected", "progress", "completed", "failed"]


class Actor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who asks or decides: a person of the web, a key, or whoever has said it over NATS."""

    id: str = ""
    name: str = ""
    means: Means = "nats"


class Request(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """That a command is wanted. ``entities`` narrows a broadcast; empty are all of them.

    ``confirmed``: whoever asks has said twice that they mean it, as hazardous ones need.
    ``forced``: also where the vehicle is stale or lost, for which ``reason`` must say why.
    """

    command_id: str
    org_id: str
    entity_id: str
    command: str
    params: dict[str, Any] = {}
    requested_at: datetime | None = None
    expires_at: datetime | None = None
    priority: Priority = "normal"
    reason: str = ""
    confirmed: bool = False
    forced: bool = False
    by: Actor = Actor()
    entities: list[str] = []
    parent_id: str = ""


class Decision(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody decides of a command, or of who controls an entity; by the web only.

    ``command_id`` is empty for control. ``decision_id`` makes retries harmless.
    """

    decision_id: str
    kind: DecisionKind
    org_id: str
    entity_id: str
    command_id: str = ""
    by: Actor = Actor()
    reason: str = ""


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A command as the device or its relay gets it; not to be done after ``expires_at``.

    One with ``cancel`` takes back what was delivered before with that id. One that is not
    ``repeatable`` is to be done once at most, also if it is delivered again.
    """

    command_id: str
    org_id: str
    entity_id: str
    command: str
    params: dict[str, Any]
    issued_at: datetime
    expires_at: datetime
    priority: Priority = "normal"
    repeatable: bool = False
    cancel: bool = False
    parent_id: str = ""
    by: Actor = Actor()


class Answer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the device or its relay says of a command. ``progress`` is in percent, if known."""

    command_id: str
    state: AnswerState
    reason: str = ""
    progress: float | None = None
    result: dict[str, Any] = {}
    at: datetime | None = None


class Status(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A transition: of which command, from which state to which, when, by whom and why.

    ``number`` counts a command's transitions from 1. ``progress`` and ``result`` are the
    newest. A broadcast's own transitions have ``entity_id`` ``broadcast``, and ``counts`` of
    how many of its children are in which state.
    """

    command_id: str
    org_id: str
    entity_id: str
    command: str
    number: int
    state: State
    previous: State | None
    at: datetime
    requested_at: datetime
    expires_at: datetime
    params: dict[str, Any] = {}
    priority: Priority = "normal"
    reason: str = ""
    by: Actor = Actor()
    requested_by: Actor = Actor()
    approved_by: Actor | None = None
    parent_id: str = ""
    progress: float | None = None
    result: dict[str, Any] = {}
    counts: dict[str, int] = {}


class Control(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Who controls an entity, and until when; nobody if ``by`` has no id.

    ``decided`` is where in the stream the decision is that it came by.
    """

    org_id: str
    entity_id: str
    number: int
    at: datetime
    until: datetime | None = None
    by: Actor = Actor()
    previous: Actor | None = None
    reason: str = ""
    decided: int = 0
