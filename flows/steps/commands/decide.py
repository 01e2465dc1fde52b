"""What people decide of commands: approve, deny and cancel them, and who has control."""

from flows.ontology.command_desk import Decided, Order
from flows.ontology.command_ledger import name
from flows.ontology.commands import Actor, Decision
from flows.steps.commands import broadcast, control
from flows.steps.commands.admit import consider
from flows.steps.commands.work import Work, expires_us

STEP = "decision"


def decided(work: Work, said: Decided) -> None:
    """Do what was decided, unless it is too late for it or not theirs to decide."""
    decision = said.decision
    if decision.kind == "take_control":
        control.take(work, said.heard, decision)
        return
    if decision.kind == "release_control":
        control.release(work, said.heard, decision)
        return
    order = work.desk.orders.get(name(decision.org_id, decision.command_id))
    if order is None:
        _too_late(work, said)
    elif order.status.entity_id != decision.entity_id:
        work.refuse(said.heard, STEP, "the command is of another entity")
    elif decision.kind == "cancel":
        cancel(work, order, decision.by, decision.reason)
    else:
        _judged(work, said, order, decision)


def cancel(work: Work, order: Order, by: Actor, reason: str) -> None:
    """Take a command back, also from the device that has it; of a broadcast all that are left."""
    if order.is_broadcast and order.children:
        order.taken_back = True
        for each in broadcast.children(work, order):
            cancel(work, each, by, reason)
        return
    work.take_back(order)
    work.move(order, "cancelled", reason, by)


def _judged(work: Work, said: Decided, order: Order, decision: Decision) -> None:
    by, status = decision.by, order.status
    if order.state != "awaiting_approval":
        if status.approved_by is None or status.approved_by.id != by.id:
            why = f"the command is {order.state}, and waits for nobody's approval"
            work.refuse(said.heard, STEP, why)
    elif by.means != "person" or not by.id:
        work.refuse(said.heard, STEP, "a person approves and denies")
    elif by.id == status.requested_by.id:
        work.refuse(said.heard, STEP, "somebody else than who has asked for it decides")
    elif decision.kind == "deny":
        work.move(order, "rejected", decision.reason or f"denied by {by.name or by.id}", by)
    elif expires_us(order) <= work.now_us:
        work.refuse(said.heard, STEP, "the command has expired")
    else:
        consider(work, order, approved_by=by)


def _too_late(work: Work, said: Decided) -> None:
    decision = said.decision
    known = work.desk.ended.get(decision.org_id, {}).get(decision.command_id)
    if known is None:
        work.refuse(said.heard, STEP, "there is no such command")
    elif (decision.kind, known.state) not in (("cancel", "cancelled"), ("deny", "rejected")):
        work.refuse(said.heard, STEP, f"the command is {known.state} already")
