"""What the flow of commands tells of them, as it goes into the state of their entity.

It makes no entity of one that nobody knows, and shows none what another organisation has asked
of it: that was refused, and is between the flow and whoever asked.
"""

import msgspec
from msgspec.structs import replace

from flows.ontology import subjects
from flows.ontology.command_states import ended
from flows.ontology.commanded import MOST_ACTIVE, MOST_REASON, Commanded, Commands, Held, Shown
from flows.ontology.commands import STREAM, Control, Status
from flows.ontology.entities import EntityState
from flows.ontology.wire import Message, Rejected, refuse

STEP = "show"
# A subject has the prefix, organisation, entity and part.
_TOKENS = len(subjects.COMMANDS.split(".")) + 3
_OF_ALL = f".{subjects.BROADCAST}.{subjects.STATUS}"


class _Named(msgspec.Struct):
    command_id: str = ""


_named = msgspec.json.Decoder(_Named).decode
_status = msgspec.json.Decoder(Status).decode
_control = msgspec.json.Decoder(Control).decode


def read_told(message: Message) -> Status | Control | Rejected | None:
    """What the flow of commands tells; None of what others say there."""
    tokens = message.subject.split(".")
    if len(tokens) != _TOKENS or tokens[-1] != subjects.STATUS:
        return None
    organization, entity = tokens[-3:-1]
    try:
        named = _named(message.data).command_id
        told = _status(message.data) if named else _control(message.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return refuse(STEP, f"not the status of a command: {error}", message)
    if (told.org_id, told.entity_id) != (organization, entity):
        return refuse(STEP, f"said for {entity} of {organization}, but of another", message)
    return told


def read_status(message: Message) -> Commanded | Rejected | None:
    """What has become of a command, or who has control; None of what is said else of commands.

    A broadcast is no entity's: its children are.
    """
    if message.subject.endswith(_OF_ALL):
        return None
    told = read_told(message)
    if told is None or isinstance(told, Rejected):
        return told
    return Commanded(told.entity_id, told.org_id, told, message.sequence, message.stored_us)


def show(state: EntityState, change: Commanded) -> None:
    """Take into a state what has become of a command, unless it has gone in already."""
    if change.sequence <= state.sequences.get(STREAM, 0) or change.stored_us <= state.buried_us:
        return
    if not state.known or state.org_id != change.org_id:
        return
    known = state.commands or Commands()
    if isinstance(change.told, Status):
        state.commands = _with(known, change.told)
    else:
        state.commands = replace(known, control=_held(change.told))
    state.sequences[STREAM] = change.sequence


def _with(known: Commands, told: Status) -> Commands:
    shown = Shown(
        command_id=told.command_id,
        command=told.command,
        state=told.state,
        at=told.at,
        priority=told.priority,
        progress=told.progress,
        reason=told.reason[:MOST_REASON],
        parent_id=told.parent_id,
    )
    if ended(told.state):
        others = [each for each in known.active if each.command_id != told.command_id]
        return replace(known, active=others, last=shown)
    # In the order in which they were asked for.
    active = {each.command_id: each for each in known.active} | {told.command_id: shown}
    return replace(known, active=[*active.values()][-MOST_ACTIVE:])


def _held(told: Control) -> Held | None:
    return Held(by=told.by, at=told.at, until=told.until) if told.by.id else None
