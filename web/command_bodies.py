"""Bodies of the commands' interface: what is asked for, what is decided, and how a command is."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flows.ontology.command_kind import Hazard, ParameterKind
from flows.ontology.command_states import State
from flows.ontology.commands import Actor, Priority
from flows.ontology.registry import EntityId, Moment, Reason

MOST_ENTITIES = 1000
CommandId = EntityId
_Schema = Annotated[str, Meta(description="Taken, and not looked at.")]
_Several = Annotated[list[EntityId], Meta(min_length=1, max_length=MOST_ENTITIES)]
_Kind = Annotated[str, Meta(min_length=1, max_length=64, description="One of the catalogue.")]
_Params = Annotated[dict[str, Any], Meta(description="As the catalogue has them.")]
_Confirmed = Annotated[bool, Meta(description="That it is meant, as hazardous ones need.")]
_Forced = Annotated[bool, Meta(description="Also where it is stale or lost; needs a reason.")]
_Broadcast = Annotated[
    bool | _Several, Meta(description="In place of `entity_id`: to all, or to these.")
]
_Id = Annotated[
    CommandId, Meta(description="The same for a request and its retries; made if left out.")
]


class CreateCommand(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A command that is wanted, of one entity or of several."""

    schema_: _Schema | UnsetType = msgspec.field(name="$schema", default=UNSET)
    command: _Kind
    entity_id: EntityId | UnsetType = UNSET
    broadcast: _Broadcast = False
    params: _Params = {}
    command_id: _Id | UnsetType = UNSET
    expires_at: Moment | UnsetType = UNSET
    priority: Priority = "normal"
    reason: Reason = ""
    confirmed: _Confirmed = False
    forced: _Forced = False


class DecideCommand(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why something is decided of a command, or of who controls an entity."""

    schema_: _Schema | UnsetType = msgspec.field(name="$schema", default=UNSET)
    reason: Reason = ""


class Command(msgspec.Struct, kw_only=True):
    """A command as it stands. One to several has ``counts`` of those that it is made of."""

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


class CommandWhole(Command, kw_only=True):
    """A command with all that became of it, and those that it is made of."""

    transitions: list[Command] = []
    children: list[Command] = []


class CommandAccepted(msgspec.Struct):
    """A command, or a decision, that is stored, and that the commands flow has not seen yet."""

    message: str
    command_id: str
    state: State | None


class EntityControl(msgspec.Struct, kw_only=True):
    """Who controls an entity, and until when; nobody if ``by`` is null."""

    entity_id: str
    by: Actor | None = None
    until: datetime | None = None
    at: datetime | None = None
    previous: Actor | None = None
    reason: str = ""


class CommandParameter(msgspec.Struct, kw_only=True):
    """One parameter of a kind of command: its unit in UCUM, and its limits, which belong to it."""

    name: str
    kind: ParameterKind
    description: str
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    choices: list[str] = []
    required: bool = False
    default: Any = None


class CommandKind(msgspec.Struct, kw_only=True):
    """A kind of command: its parameters, its hazard, and which entities can do it; none are all."""

    name: str
    title: str
    description: str
    parameters: list[CommandParameter] = []
    hazard: Hazard = "routine"
    entity_types: list[str] = []
    repeatable: bool = True
    group: str = ""
    critical_with: str = ""
    answer_seconds: float = 10.0
    done_seconds: float = 0.0
    shown_seconds: float = 0.0
