"""The desk that all commands go over: from what is said to what becomes of it.

Everything that is said and everything that is due is taken here, by one rule after the other,
and nothing else changes what the desk remembers.
"""

from heapq import heappop

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_desk import (
    Answered,
    Asked,
    Cleared,
    Decided,
    Departed,
    Desk,
    Echo,
    Item,
    Order,
    Outcome,
    Passed,
    Rules,
    Seen,
    Settled,
    Told,
)
from flows.ontology.wire import Rejected
from flows.steps.commands import broadcast, control
from flows.steps.commands.admit import admit
from flows.steps.commands.answer import answered, seen
from flows.steps.commands.decide import decided
from flows.steps.commands.picture import Picture
from flows.steps.commands.recall import echo, recalls, settle, unsettled
from flows.steps.commands.send import patience_seconds, send_all
from flows.steps.commands.work import Work, expires_us

# Organisations that went, of which old words may still come.
MOST_DEPARTED = 1000


def take(
    desk: Desk, told: list[Told], now_us: int, rules: Rules, picture: Picture
) -> list[Outcome]:
    """Change the desk by what is told, and by what is due.

    Args:
        desk: what is remembered.
        told: in the order of the stream; none where it is woken.
        now_us: microseconds UTC.
        rules: by what it judges.
        picture: what is known of entities.
    """
    work = Work(desk, rules, picture, now_us)
    for each in told:
        _take(work, each)
    if not recalls(desk, rules):
        recalled = unsettled(work)
        if recalled:
            settle(work, _handle)
        _due(work)
        broadcast.spread(work)
        send_all(work)
        broadcast.gather(work)
        # Nobody waits for what was only passed.
        if recalled or not all(isinstance(each, Passed | Seen) for each in told):
            work.outcomes.append(Settled(desk.sequence))
    picture.watched = {each.partition(".")[2] for each in desk.of}
    return work.outcomes


def wake_us(desk: Desk, rules: Rules, picture: Picture) -> int | None:
    """When something is due; at once where nothing was looked at since it began."""
    if recalls(desk, rules):
        return None
    if not picture.begun:
        return 0
    return desk.due[0][0] if desk.due else None


def _take(work: Work, told: Told) -> None:
    desk = work.desk
    match told:
        case Passed():
            desk.sequence = max(desk.sequence, told.sequence)
            desk.recalls = desk.recalls or told.sequence <= work.rules.began
        case Rejected():
            desk.sequence = max(desk.sequence, told.sequence)
            if told.sequence > work.rules.settled:
                work.outcomes.append(told)
        case Seen():
            if not recalls(desk, work.rules):
                seen(work, told.entity_id)
        case Departed():
            _depart(work, told)
        case _:
            _hear(work, told)


def _hear(work: Work, told: Item | Echo) -> None:
    desk, heard = work.desk, told.heard
    known = heard.sequence <= desk.sequence
    desk.sequence = max(desk.sequence, heard.sequence)
    if known or heard.stored_us <= desk.departed.get(_organization(told), -1):
        return
    if heard.sequence <= work.rules.began:
        desk.recalls = True
        if isinstance(told, Echo):
            echo(work, told)
        else:
            desk.waits.append(told)
        return
    if unsettled(work):
        settle(work, _handle)
    if not isinstance(told, Echo):
        _handle(work, told)


def _handle(work: Work, item: Item) -> None:
    match item:
        case Asked():
            admit(work, item)
        case Decided():
            decided(work, item)
        case Answered():
            answered(work, item)


def _due(work: Work) -> None:
    due, orders = work.desk.due, work.desk.orders
    while due and due[0][0] <= work.now_us:
        at_us, called = heappop(due)
        if called.startswith(control.MARK):
            control.lapse(work, called[len(control.MARK) :])
            continue
        order = orders.get(called)
        if order is not None and order.due_us == at_us:
            order.due_us = 0
            _late(work, order)
    while due and not _stands(work.desk, *due[0]):
        heappop(due)


def _stands(desk: Desk, at_us: int, called: str) -> bool:
    """Whether what is due is so still."""
    if called.startswith(control.MARK):
        return True
    order = desk.orders.get(called)
    return order is not None and order.due_us == at_us


def _late(work: Work, order: Order) -> None:
    """The time of a command is over, or that of what was awaited of it."""
    kind, over = CATALOGUE.get(order.status.command), expires_us(order) <= work.now_us
    if order.is_broadcast and order.state == "sent":
        work.parents[order.name] = None
    elif order.state in ("accepted", "executing"):
        seen = "it was not done in time" if order.goal else "nothing has told that it was done"
        work.move(order, "timed_out", seen)
    elif over:
        if order.is_broadcast and order.children:
            work.parents[order.name] = None
        else:
            work.take_back(order)
            why = f", and {_unanswered(order)}" if order.is_flying else ""
            work.move(order, "expired", f"its time is over{why}")
    elif order.is_flying:
        seconds = patience_seconds(order, kind) if kind else 0
        work.take_back(order)
        work.move(order, "timed_out", f"after {seconds:g} s {_unanswered(order)}")
    elif order.changed:
        work.parents[order.name] = None


def _unanswered(order: Order) -> str:
    """Relays pass over what is for nobody whom they hear: those answer for themselves."""
    if order.state == "received":
        return "it was received and not answered"
    return "nobody has received it: no relay hears the entity, and it has not answered itself"


def _depart(work: Work, told: Departed) -> None:
    """Forget an organisation, and let nothing be kept of it."""
    desk, org_id = work.desk, told.org_id
    prefix = f"{org_id}."
    for called in [each for each in desk.orders if each.startswith(prefix)]:
        del desk.orders[called]
    for where in [each for each in desk.of if each.startswith(prefix)]:
        del desk.of[where]
    for where in [each for each in desk.controls if each.startswith(prefix)]:
        del desk.controls[where]
    desk.waits = [each for each in desk.waits if _organization(each) != org_id]
    desk.ended.pop(org_id, None)
    desk.open.pop(org_id, None)
    desk.departed[org_id] = told.stored_us
    while len(desk.departed) > MOST_DEPARTED:
        del desk.departed[next(iter(desk.departed))]
    work.outcomes.append(Cleared(org_id))


def _organization(told: Item | Echo) -> str:
    match told:
        case Asked():
            return told.request.org_id
        case Decided():
            return told.decision.org_id
        case Answered():
            return told.org_id
        case Echo():
            return told.told.org_id
