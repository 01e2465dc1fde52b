"""Which command of an entity is sent next: one at a time, by lanes, and emergencies at once.

It is judged once more then, since its vehicle may have changed while it waited. It is delivered
before it is told to be sent: what was told and not delivered would never come.
"""

from msgspec.structs import replace

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_desk import Order
from flows.ontology.command_kind import Kind
from flows.ontology.commands import LANES
from flows.steps.commands import control
from flows.steps.commands.judge import judge, params
from flows.steps.commands.work import Work, expires_us, kind_of, place

# After the device or its relay has it, they may have to ask several times.
RETRIES = 3


def send_all(work: Work) -> None:
    """Send what may be sent now."""
    while work.freed:
        where = next(iter(work.freed))
        del work.freed[where]
        _send_next(work, where)


def send(work: Work, order: Order) -> bool:
    """Deliver a command, unless it is too late or not to be done any more; whether it was."""
    kind = CATALOGUE.get(order.status.command)
    if expires_us(order) <= work.now_us:
        work.move(order, "expired", "it was not sent in time")
        return False
    reason = _unfit(work, order, kind)
    if kind is None or reason:
        work.move(order, "rejected", reason)
        return False
    work.deliver(order)
    work.move(order, "sent")
    await_answer(work, order, kind)
    return True


def await_answer(work: Work, order: Order, kind: Kind) -> None:
    """Look at what was sent again when it should have been answered."""
    late_us = work.now_us + round(patience_seconds(order, kind) * 1e6)
    work.due(order, min(expires_us(order), late_us))


def patience_seconds(order: Order, kind: Kind) -> float:
    """How long to wait for the next answer."""
    return kind.answer_seconds * (1 if order.state == "sent" else RETRIES)


def clear_for(work: Work, emergency: Order, kind: Kind) -> None:
    """What waits in the group of an emergency is not to undo it."""
    if not kind.group:
        return
    for other in work.orders_of(place(emergency)):
        if other is emergency or other.state not in ("requested", "awaiting_approval", "queued"):
            continue
        if kind_of(other).group == kind.group and other.status.priority != "emergency":
            work.move(other, "superseded", f"by the emergency {emergency.status.command_id}")


def _send_next(work: Work, where: str) -> None:
    while True:
        orders = [each for each in work.orders_of(where) if not each.is_broadcast]
        if any(each.is_flying for each in orders):
            return
        waiting = [each for each in orders if each.state == "queued"]
        if not waiting:
            return
        # Of those of a lane the first that was asked for.
        if send(work, min(waiting, key=lambda each: LANES.index(each.status.priority))):
            return


def _unfit(work: Work, order: Order, kind: Kind | None) -> str:
    """Why a command may not be sent any more."""
    if kind is None:
        return "there is no such command"
    filled, fault = params(kind, order.request.params)
    if fault:
        return fault
    request = replace(order.request, params=filled)
    facts = work.picture.facts(order.status.entity_id)
    return control.barred(work, order) or judge(
        request, kind, facts, work.picture.fences, work.rules.limits, work.now_us
    )
