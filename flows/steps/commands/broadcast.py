"""A command to several: one for each of them, and what has become of all together.

The parts have ids that are made of its own and of their entities', so that they are the same
however often they are made. It is completed when all of them are.
"""

from collections import Counter

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_desk import Order
from flows.ontology.command_facts import Facts
from flows.ontology.command_kind import Kind
from flows.ontology.command_ledger import name
from flows.ontology.command_states import State, ended
from flows.ontology.commands import Request
from flows.ontology.identity import part_of
from flows.steps.commands import admit
from flows.steps.commands.fences import TYPES
from flows.steps.commands.work import Work

# How often to tell in which states its parts are.
TELL_US = 500_000
_NOT_SENT: frozenset[State] = frozenset(
    ("requested", "awaiting_approval", "queued", "rejected", "expired", "cancelled", "superseded")
)


def spread(work: Work) -> None:
    """Ask for what is to be done by several of each of them, unless it was asked before."""
    while work.spreads:
        called = next(iter(work.spreads))
        del work.spreads[called]
        if called in work.desk.orders:
            _spread(work, work.desk.orders[called])


def _spread(work: Work, parent: Order) -> None:
    kind = CATALOGUE.get(parent.status.command)
    addressed = parent.request.entities or ([] if kind is None else _able(work, parent, kind))
    if not addressed and not parent.children:
        work.move(parent, "rejected", "there is no entity that it is for")
        return
    for entity in addressed:
        if entity in parent.children:
            continue
        child = admit.begun(_part(parent, entity), work.now_us)
        if child.name in work.desk.orders:
            continue
        work.open(child)
        admit.consider(work, child)


def children(work: Work, parent: Order) -> list[Order]:
    """Those of its parts that have not ended."""
    orders, status = work.desk.orders, parent.status
    names = (
        name(status.org_id, identity(parent, entity))
        for entity, state in parent.children.items()
        if not ended(state)
    )
    return [orders[each] for each in names if each in orders]


def gather(work: Work) -> None:
    """Tell what has become of those of which parts have changed."""
    for called in list(work.parents):
        parent = work.desk.orders.get(called)
        if parent is not None and parent.changed:
            _gather(work, parent)
    work.parents.clear()


def identity(parent: Order, entity: str) -> str:
    status = parent.status
    return part_of(status.org_id, status.command_id, entity)


def _gather(work: Work, parent: Order) -> None:
    states = parent.children.values()
    counts: dict[str, int] = dict(sorted(Counter(states).items()))
    if parent.state == "queued" and any(each not in _NOT_SENT for each in states):
        parent.told_us = work.now_us
        work.move(parent, "sent", counts=counts)
        parent.due_us = 0
    if all(ended(each) for each in states):
        told = f"{counts.get('completed', 0)} of {len(states)} completed"
        work.move(parent, _verdict(parent, set(states)), told, counts=counts)
    elif work.now_us - parent.told_us >= TELL_US:
        work.report(parent, counts=counts)
    else:
        work.due(parent, parent.told_us + TELL_US)
        return
    parent.changed = False


def _verdict(parent: Order, states: set[State]) -> State:
    """How all together ended: as each of them, or else not well."""
    if len(states) == 1:
        return next(iter(states))
    if parent.taken_back:
        return "cancelled"
    return "failed" if parent.state == "sent" else "rejected"


def _able(work: Work, parent: Order, kind: Kind) -> list[str]:
    return [each.entity_id for each in work.picture.of(parent.status.org_id) if _can(each, kind)]


def _can(facts: Facts, kind: Kind) -> bool:
    """Of kinds that are for all entities, those that speak can do them."""
    if kind.entity_types:
        return facts.entity_type in kind.entity_types
    return bool(facts.heard_us) and facts.entity_type not in TYPES


def _part(parent: Order, entity: str) -> Request:
    request, status = parent.request, parent.status
    return Request(
        command_id=identity(parent, entity),
        org_id=status.org_id,
        entity_id=entity,
        command=status.command,
        params=request.params,
        requested_at=status.requested_at,
        expires_at=status.expires_at,
        priority=status.priority,
        reason=request.reason,
        confirmed=True,
        forced=request.forced,
        by=status.requested_by,
        parent_id=status.command_id,
    )
