"""What is done at the desk at one time: transitions, and what is to be remembered of them."""

from heapq import heappush
from typing import Any

from msgspec.structs import replace

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_desk import (
    FLOW,
    Desk,
    Ended,
    Heard,
    Order,
    Outcome,
    Parts,
    Rules,
    Transition,
    Unsaid,
)
from flows.ontology.command_kind import Kind
from flows.ontology.command_ledger import name
from flows.ontology.command_states import State, ended, follows
from flows.ontology.commands import Actor, Delivery, Status
from flows.ontology.telemetry import microseconds, moment
from flows.ontology.wire import Rejected
from flows.steps.commands.picture import Picture

STREAM = "CONSTELLATION_COMMANDS"
# Of an organisation, so many that have ended are remembered, to know them when they are asked
# for or answered again.
MOST_REMEMBERED = 2048


class Work:
    """The desk, by what it judges, and what has come of it so far."""

    def __init__(self, desk: Desk, rules: Rules, picture: Picture, now_us: int) -> None:
        self.desk = desk
        self.rules = rules
        self.picture = picture
        self.now_us = now_us
        self.outcomes: list[Outcome] = []
        # Entities of which another command may be sent, and broadcasts whose parts have changed.
        self.freed: dict[str, None] = {}
        self.parents: dict[str, None] = {}
        # Broadcasts of which parts are still to be made.
        self.spreads: dict[str, None] = {}
        # Whether it has just begun: the ledger may have more than was told.
        self.begins = False

    def open(self, order: Order, *, recalled: bool = False) -> None:
        """Take up a command; its first transition is told."""
        if self.begins:
            self.unsaid(order.status.org_id, order.status.command_id, 0)
            if order.is_broadcast:
                self.parts(order)
        desk, status = self.desk, order.status
        desk.orders[order.name] = order
        desk.of.setdefault(place(order), []).append(order.name)
        desk.open[status.org_id] = desk.open.get(status.org_id, 0) + 1
        self._told(order, recalled=recalled)

    def move(
        self, order: Order, state: State, reason: str = "", by: Actor = FLOW, **more: Any
    ) -> bool:
        """Bring a command into another state; whether it may come into that."""
        if not follows(order.state, state):
            return False
        self._say(order, state, reason, by, **more)
        return True

    def report(self, order: Order, reason: str = "", **more: Any) -> None:
        """Tell more of a command that stays in its state: how far it is, and in what words."""
        order.told_us = self.now_us
        self._say(order, order.state, reason or order.status.reason, FLOW, **more)

    def adopt(self, order: Order, status: Status) -> None:
        """Take over what was told before."""
        order.status = replace(status, params={})
        self._told(order, recalled=True)

    def retell(self, order: Order) -> None:
        """Let the ledger have what was told of a command last."""
        whole = replace(order.status, params=order.request.params)
        self.outcomes.append(Transition(whole, recalled=True))

    def due(self, order: Order, at_us: int) -> None:
        """When to look at a command again; 0 for never."""
        order.due_us = at_us
        if at_us:
            heappush(self.desk.due, (at_us, order.name))

    def deliver(self, order: Order, *, cancel: bool = False) -> None:
        """Send a command to its device or relay, or take it back there."""
        request, status = order.request, order.status
        self.outcomes.append(
            Delivery(
                command_id=status.command_id,
                org_id=status.org_id,
                entity_id=status.entity_id,
                command=status.command,
                params={} if cancel else request.params,
                issued_at=moment(self.now_us),
                expires_at=status.expires_at,
                priority=status.priority,
                repeatable=kind_of(order).repeatable,
                cancel=cancel,
                parent_id=status.parent_id,
                by=status.requested_by,
            )
        )
        order.delivered = True

    def take_back(self, order: Order) -> None:
        """Where it was sent, tell that it is not to be done any more."""
        if order.delivered and not order.taken_back:
            order.taken_back = True
            self.deliver(order, cancel=True)

    def unsaid(self, org_id: str, command_id: str, number: int) -> None:
        """Let the ledger forget of a command what was not told any more."""
        self.outcomes.append(Unsaid(org_id, number, command_id))

    def parts(self, order: Order) -> None:
        """Let the ledger forget parts of a command to several that were not told of."""
        status = order.status
        self.outcomes.append(Parts(status.org_id, status.command_id, list(order.children)))

    def refuse(self, heard: Heard, step: str, reason: str) -> None:
        """Refuse something that was said, unless that was done before."""
        if heard.sequence > self.rules.settled:
            self.outcomes.append(
                Rejected(step, reason[:512], heard.subject, STREAM, heard.sequence, heard.stored_us)
            )

    def orders_of(self, at: str) -> list[Order]:
        """The commands of an entity, in the order in which they were asked for."""
        orders = self.desk.orders
        return [orders[each] for each in self.desk.of.get(at, ())]

    def _say(self, order: Order, state: State, reason: str, by: Actor, **more: Any) -> None:
        before = order.status
        order.status = replace(
            before,
            number=before.number + 1,
            previous=before.state,
            state=state,
            at=max(before.at, moment(self.now_us)),
            reason=reason,
            by=by,
            **more,
        )
        self._told(order, recalled=False)

    def _told(self, order: Order, *, recalled: bool) -> None:
        status = order.status
        whole = replace(status, params=order.request.params)
        self.outcomes.append(Transition(whole, recalled))
        if not order.is_flying:
            self.freed[place(order)] = None
        parent = self._parent(order)
        if parent is not None and parent.children.get(status.entity_id) != status.state:
            parent.children[status.entity_id] = status.state
            parent.changed = True
            self.parents[parent.name] = None
        if ended(status.state):
            self._close(order)

    def _parent(self, order: Order) -> Order | None:
        parent_id = order.status.parent_id
        if not parent_id:
            return None
        return self.desk.orders.get(name(order.status.org_id, parent_id))

    def _close(self, order: Order) -> None:
        desk, status, at = self.desk, order.status, place(order)
        del desk.orders[order.name]
        order.due_us = 0
        desk.of[at].remove(order.name)
        if not desk.of[at]:
            del desk.of[at]
        desk.open[status.org_id] -= 1
        if not desk.open[status.org_id]:
            del desk.open[status.org_id]
        memory = desk.ended.setdefault(status.org_id, {})
        memory.pop(status.command_id, None)
        memory[status.command_id] = Ended(order.digest, status.entity_id, status.state)
        while len(memory) > MOST_REMEMBERED:
            del memory[next(iter(memory))]


def place(order: Order) -> str:
    """What an entity, or all of them, is called among those of all organisations."""
    return at(order.status.org_id, order.status.entity_id)


def at(organization: str, entity: str) -> str:
    return f"{organization}.{entity}"


def kind_of(order: Order) -> Kind:
    """The kind of its command; one that nothing is known of where there is none such."""
    called = order.status.command
    return CATALOGUE.get(called) or Kind(called, called, "", repeatable=False)


def expires_us(order: Order) -> int:
    return microseconds(order.status.expires_at)
