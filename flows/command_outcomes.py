"""What comes of commands, as the wires take it: rows, publications, refusals, counts."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from connectors.ledger import Cut, Entry, Mark, Prune, Sweep
from connectors.meter import Count
from connectors.projection import Record
from connectors.publish import Publication
from connectors.sqlite import SqliteTable
from flows.ontology import subjects
from flows.ontology.command_desk import (
    Cleared,
    Controlled,
    Outcome,
    Parts,
    Settled,
    Transition,
    Unsaid,
)
from flows.ontology.command_ledger import (
    COLUMNS,
    COMMANDS,
    CONTROLS,
    INDEXES,
    NEWER,
    TRANSITIONS,
    command_row,
    control_row,
    name,
    transition_row,
)
from flows.ontology.commands import Control, Delivery, Status
from flows.ontology.wire import Rejected
from flows.rejections import REJECTIONS, row

# The newest are kept: years of a fleet, and no more than a small disk holds.
_MOST = {COMMANDS: 200_000, TRANSITIONS: 1_500_000, CONTROLS: 0}
LEDGER = tuple(
    SqliteTable(each, COLUMNS[each], next(iter(COLUMNS[each])), NEWER, _MOST[each], INDEXES[each])
    for each in COLUMNS
)

Keyed = list[tuple[str, Outcome]]

_json = msgspec.json.Encoder().encode


def entries(flow: str, batch: Keyed) -> list[tuple[str, Entry]]:
    """What is written to the ledger, in the order in which it came about."""
    return [(key, entry) for key, each in batch for entry in _entries(flow, each)]


def _entries(flow: str, each: Outcome) -> Iterable[Entry]:
    match each:
        case Transition():
            told = each.status
            row_of = transition_row(told if told.number == 1 else brief(told))
            return (Record(COMMANDS, command_row(told)), Record(TRANSITIONS, row_of))
        case Controlled():
            return (Record(CONTROLS, control_row(each.control)),)
        case Unsaid():
            return _cuts(each)
        case Parts():
            among = {"org_id": each.org_id, "parent_id": each.command_id}
            return (Prune(COMMANDS, among, "entity_id", each.entities),)
        case Cleared():
            return (Sweep("org_id", each.org_id),)
        case Rejected():
            return (Record(REJECTIONS.name, row(flow, each)),)
        case Settled():
            return (Mark(each.sequence),)
        case Delivery():
            return ()


def _cuts(each: Unsaid) -> Iterable[Entry]:
    if each.entity_id:
        return (Cut(CONTROLS, "entity_id", each.entity_id, NEWER, each.number),)
    called = name(each.org_id, each.command_id)
    return [Cut(table, "name", called, NEWER, each.number) for table in (COMMANDS, TRANSITIONS)]


def publications(batch: Keyed) -> list[tuple[str, Publication]]:
    """What is said of it, in the order in which it came about."""
    found = []
    for key, each in batch:
        match each:
            case Transition(recalled=False):
                found.append((key, _status(each.status)))
            case Controlled(recalled=False):
                found.append((key, _control(each.control)))
            case Delivery():
                found.append((key, _delivery(each)))
    return found


def refusals(batch: Keyed) -> list[Rejected]:
    """What was said and is not done."""
    return [each for _, each in batch if isinstance(each, Rejected)]


def counts(flow: str, batch: Keyed) -> list[Count]:
    """How many commands have come into which state."""
    return [
        Count("overwatch_commands_total", (flow, each.status.state))
        for _, each in batch
        if isinstance(each, Transition)
        and not each.recalled
        and each.status.previous != each.status.state
    ]


def brief(status: Status) -> Status:
    """A transition without the parameters, which the first has."""
    return replace(status, params={})


def _status(status: Status) -> Publication:
    subject = subjects.command(status.org_id, status.entity_id, subjects.STATUS)
    told = status if status.number == 1 else brief(status)
    identity = f"{name(status.org_id, status.command_id)}:{status.number}"
    return Publication(subject, _json(told), identity)


def _control(control: Control) -> Publication:
    subject = subjects.command(control.org_id, control.entity_id, subjects.STATUS)
    identity = f"{name(control.org_id, control.entity_id)}:control:{control.number}"
    return Publication(subject, _json(control), identity)


def _delivery(delivery: Delivery) -> Publication:
    subject = subjects.command(delivery.org_id, delivery.entity_id, subjects.DELIVER)
    what = "cancel" if delivery.cancel else "deliver"
    identity = f"{name(delivery.org_id, delivery.command_id)}:{what}"
    return Publication(subject, _json(delivery), identity)
