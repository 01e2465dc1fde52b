"""What devices answer, and what their telemetry shows of what they do."""

from collections.abc import Callable
from typing import Any

from flows.ontology.command_desk import Answered, Order
from flows.ontology.command_kind import Kind
from flows.ontology.command_ledger import name
from flows.ontology.command_states import State
from flows.ontology.commands import Actor, AnswerState
from flows.steps.commands.complete import begin, done, progress
from flows.steps.commands.send import await_answer
from flows.steps.commands.work import Work, at, kind_of, place

STEP = "answer"
DEVICE = Actor("device", means="nats")
# Where the answer is the end of it, and the device says that it takes longer.
WORKING_SECONDS = 60.0
# How often to tell how far something is, and how much further it has to be then.
TELL_SECONDS, TELL_PERCENT = 1.0, 1.0
# What may have been answered before it ended so; radios lose answers, and repeat them.
_ON_THE_WAY: frozenset[AnswerState] = frozenset(("received", "accepted", "progress"))
_SAME: dict[State, frozenset[AnswerState]] = {
    "completed": _ON_THE_WAY | {"completed"},
    "failed": _ON_THE_WAY | {"failed", "rejected"},
    "rejected": frozenset(("received", "rejected", "failed")),
    "cancelled": _ON_THE_WAY | {"failed", "rejected"},
    "superseded": _ON_THE_WAY | {"failed", "rejected"},
    "timed_out": _ON_THE_WAY | {"failed", "rejected"},
    "expired": frozenset(("received", "failed", "rejected")),
}


def answered(work: Work, said: Answered) -> None:
    """Take an answer in; one that says nothing new changes nothing."""
    answer = said.answer
    order = work.desk.orders.get(name(said.org_id, answer.command_id))
    if order is None:
        _too_late(work, said)
    elif order.status.entity_id != said.entity_id or order.is_broadcast:
        work.refuse(said.heard, STEP, "it was not sent to this entity")
    elif not order.delivered:
        work.refuse(said.heard, STEP, f"it has not been sent: it is {order.state}")
    else:
        _take(work, order, said)


def seen(work: Work, entity: str) -> None:
    """Something new is known of an entity: what it was to do may be done."""
    facts = work.picture.facts(entity)
    if facts is None:
        ending = f".{entity}"
        for where in [each for each in work.desk.of if each.endswith(ending)]:
            for order in work.orders_of(where):
                work.take_back(order)
                work.move(order, "cancelled", "its entity was deleted")
        return
    for order in work.orders_of(at(facts.org_id, entity)):
        if order.goal is None or order.state not in ("accepted", "executing"):
            continue
        if done(order.goal, facts):
            work.move(order, "completed", progress=100.0)
            continue
        share = progress(order.goal, facts)
        if share is not None:
            _tell(work, order, share)


def follow(work: Work, order: Order, accepted_us: int) -> None:
    """See by what telemetry what was accepted will be done, and until when.

    Where nothing is awaited any more it is completed.
    """
    kind = kind_of(order)
    facts = work.picture.facts(order.status.entity_id)
    order.goal = begin(kind, order.request.params, facts, accepted_us)
    seconds = kind.done_seconds or (kind.shown_seconds if order.goal else 0)
    if not seconds and order.state == "accepted":
        work.move(order, "completed", progress=100.0)
        return
    work.due(order, work.now_us + round((seconds or WORKING_SECONDS) * 1e6))


def _take(work: Work, order: Order, said: Answered) -> None:
    _ANSWERS[said.answer.state](work, order, said)


def _more(said: Answered) -> dict[str, Any]:
    return {"result": said.answer.result} if said.answer.result else {}


def _received(work: Work, order: Order, said: Answered) -> None:
    if order.state == "sent":
        work.move(order, "received", said.answer.reason, DEVICE, **_more(said))
        await_answer(work, order, kind_of(order))


def _accepts(work: Work, order: Order, said: Answered) -> None:
    if not order.is_flying:
        return
    kind = kind_of(order)
    work.move(order, "accepted", said.answer.reason, DEVICE, **_more(said))
    _supersede(work, order, kind)
    follow(work, order, said.heard.stored_us)


def _goes_on(work: Work, order: Order, said: Answered) -> None:
    answer, kind, was_flying = said.answer, kind_of(order), order.is_flying
    if order.state == "executing":
        if not kind.done_seconds and order.goal is None:
            work.due(order, work.now_us + round(WORKING_SECONDS * 1e6))
        if answer.progress is not None:
            _tell(work, order, answer.progress, answer.reason)
        return
    more = _more(said)
    work.move(order, "executing", answer.reason, DEVICE, progress=answer.progress, **more)
    if was_flying:
        _supersede(work, order, kind)
        follow(work, order, said.heard.stored_us)


def _completed(work: Work, order: Order, said: Answered) -> None:
    if order.is_flying:
        _supersede(work, order, kind_of(order))
    reason, more = said.answer.reason, _more(said)
    work.move(order, "completed", reason, DEVICE, progress=100.0, **more)


def _failed(work: Work, order: Order, said: Answered) -> None:
    """What was accepted before is not rejected any more."""
    rejected = said.answer.state == "rejected" and order.is_flying
    state: State = "rejected" if rejected else "failed"
    work.move(order, state, said.answer.reason, DEVICE, **_more(said))


_ANSWERS: dict[AnswerState, Callable[[Work, Order, Answered], None]] = {
    "received": _received,
    "accepted": _accepts,
    "progress": _goes_on,
    "completed": _completed,
    "failed": _failed,
    "rejected": _failed,
}


def _supersede(work: Work, order: Order, kind: Kind) -> None:
    """What was sent before it, of its group, is not done any more."""
    if not kind.group:
        return
    for other in work.orders_of(place(order)):
        if other is order:
            return
        if other.delivered and kind_of(other).group == kind.group:
            if other.is_flying:
                work.take_back(other)
            work.move(other, "superseded", f"by {order.status.command_id}")


def _tell(work: Work, order: Order, share: float, reason: str = "") -> None:
    """How far it is, unless that was told just now, or nothing has changed since.

    ``reason`` is how the device says it, such as how many of how many items.
    """
    if order.state == "accepted":
        order.told_us = work.now_us
        work.move(order, "executing", progress=share)
        return
    known = order.status.progress
    if known is not None and abs(share - known) < TELL_PERCENT:
        return
    if work.now_us - order.told_us >= TELL_SECONDS * 1e6:
        work.report(order, reason, progress=share)


def _too_late(work: Work, said: Answered) -> None:
    known = work.desk.ended.get(said.org_id, {}).get(said.answer.command_id)
    if known is None or known.entity_id != said.entity_id:
        work.refuse(said.heard, STEP, "there is no such command of this entity")
    elif said.answer.state not in _SAME[known.state]:
        work.refuse(said.heard, STEP, f"it is {known.state} already, not {said.answer.state}")
