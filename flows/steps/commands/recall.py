"""What the desk has said before it was begun anew, which nothing may be told to contradict.

While it is told that, what others have said waits: how it was answered may be told later. What
was not told any more is judged afterwards, as if it had been said just now.
"""

from collections.abc import Callable

from msgspec.structs import replace

from flows.ontology.command_desk import Desk, Echo, Item, Order, Rules, Unsaid
from flows.ontology.command_ledger import name
from flows.ontology.commands import Control, Delivery, Request, Status
from flows.ontology.telemetry import microseconds
from flows.steps.commands import control
from flows.steps.commands.admit import consider
from flows.steps.commands.answer import follow
from flows.steps.commands.work import Work, expires_us


def recalls(desk: Desk, rules: Rules) -> bool:
    """Whether there is more to come of what was said before it began."""
    return desk.sequence < rules.began


def echo(work: Work, said: Echo) -> None:
    """Take over what was told before."""
    told = said.told
    match told:
        case Control():
            control.recall(work, told)
        case Delivery():
            order = work.desk.orders.get(name(told.org_id, told.command_id))
            if order is not None:
                order.delivered = True
                order.taken_back = order.taken_back or told.cancel
        case Status():
            _status(work, told)


def unsettled(work: Work) -> bool:
    """Whether it has just begun, and is to go on from what was told."""
    return work.desk.recalls or not work.picture.begun


def settle(work: Work, handle: Callable[[Work, Item], None]) -> None:
    """Everything was told: go on from there, first with what has waited."""
    desk = work.desk
    desk.recalls, work.picture.begun, work.begins = False, True, True
    for told in desk.controls.values():
        work.outcomes.append(Unsaid(told.org_id, told.number, entity_id=told.entity_id))
    for order in list(desk.orders.values()):
        _resume(work, order)
    waits, desk.waits = desk.waits, []
    for each in waits:
        handle(work, each)
    for order in list(desk.orders.values()):
        if order.state == "requested" and order.name in desk.orders:
            consider(work, order)
        elif order.is_broadcast and order.state in ("queued", "sent"):
            work.spreads[order.name] = None
            order.changed = True
            work.parents[order.name] = None


def _status(work: Work, told: Status) -> None:
    called = name(told.org_id, told.command_id)
    order = work.desk.orders.get(called)
    if order is not None:
        if told.number > order.status.number:
            work.adopt(order, told)
        return
    if told.command_id in work.desk.ended.get(told.org_id, {}):
        return
    request = Request(
        command_id=told.command_id,
        org_id=told.org_id,
        entity_id=told.entity_id,
        command=told.command,
        params=told.params,
        requested_at=told.requested_at,
        expires_at=told.expires_at,
        priority=told.priority,
        reason=told.reason,
        confirmed=bool(told.parent_id),
        by=told.requested_by,
        parent_id=told.parent_id,
    )
    work.open(Order(request, replace(told, params={})), recalled=True)


def _resume(work: Work, order: Order) -> None:
    """What is known to be delivered was sent, and what was sent is looked after again."""
    status = order.status
    work.unsaid(status.org_id, status.command_id, status.number)
    work.retell(order)
    if order.is_broadcast:
        work.parts(order)
    if order.state == "queued" and order.delivered:
        work.move(order, "sent")
    if order.is_broadcast:
        work.due(order, 0 if order.state == "sent" else expires_us(order))
    elif order.is_flying:
        order.delivered = True
        work.due(order, expires_us(order))
    elif order.state in ("accepted", "executing"):
        order.delivered = True
        if order.goal is None:
            follow(work, order, microseconds(order.status.at))
    else:
        work.due(order, expires_us(order))
    work.freed[f"{order.status.org_id}.{order.status.entity_id}"] = None
