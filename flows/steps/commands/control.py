"""Who controls an entity: taken, renewed by each command of whoever has it, and run out.

While somebody has it, what others ask is refused, but for what brings a vehicle to safety.
"""

from heapq import heappush

from msgspec.structs import replace

from flows.ontology.command_desk import Controlled, Heard, Order
from flows.ontology.commands import CONTROL_SECONDS, Control, Decision
from flows.ontology.telemetry import microseconds, moment
from flows.steps.commands.work import Work, at, place

STEP = "decision"
# What names control among what is due; no name of a command begins so.
MARK = "@"
# Commands that anybody may give at any time, as an emergency.
SAVING = frozenset(("return", "land", "hold"))
# Renewing it with every command would be to say much of nothing.
RENEW_SECONDS = 60.0
LAPSED = "no command has renewed it"


def holder(work: Work, where: str) -> Control | None:
    """Who controls an entity now, if anybody does."""
    known = work.desk.controls.get(where)
    if known is None or not known.by.id or known.until is None:
        return None
    return known if microseconds(known.until) > work.now_us else None


def barred(work: Work, order: Order) -> str:
    """Why control does not let a command through; empty if it does."""
    status = order.status
    if status.priority == "emergency" and status.command in SAVING:
        return ""
    known = holder(work, place(order))
    if known is None or known.by.id == status.requested_by.id:
        return ""
    return f"{known.by.name or known.by.id} has control"


def renew(work: Work, order: Order) -> None:
    """A command of whoever has control makes it last."""
    known = holder(work, place(order))
    if known is None or known.until is None or known.by.id != order.status.requested_by.id:
        return
    left = microseconds(known.until) - work.now_us
    if left < _us(CONTROL_SECONDS - RENEW_SECONDS):
        until = moment(work.now_us + _us(CONTROL_SECONDS))
        _keep(work, replace(known, number=known.number + 1, at=moment(work.now_us), until=until))


def take(work: Work, heard: Heard, decision: Decision) -> None:
    """Somebody takes control, whoever has it."""
    where = at(decision.org_id, decision.entity_id)
    if _is_done(work, where, heard):
        return
    facts = work.picture.facts(decision.entity_id)
    if facts is None or facts.org_id != decision.org_id:
        work.refuse(heard, STEP, "unknown entity")
        return
    if not decision.by.id:
        work.refuse(heard, STEP, "it does not say who takes control")
        return
    known, last = holder(work, where), work.desk.controls.get(where)
    _keep(
        work,
        Control(
            org_id=decision.org_id,
            entity_id=decision.entity_id,
            number=last.number + 1 if last else 1,
            at=moment(work.now_us),
            until=moment(work.now_us + _us(CONTROL_SECONDS)),
            by=decision.by,
            previous=known.by if known and known.by.id != decision.by.id else None,
            reason=decision.reason,
            decided=heard.sequence,
        ),
    )


def release(work: Work, heard: Heard, decision: Decision) -> None:
    """Somebody gives control back; where nobody has it, that is so already."""
    where = at(decision.org_id, decision.entity_id)
    known = holder(work, where)
    if known is None or _is_done(work, where, heard):
        return
    if known.by.id != decision.by.id:
        work.refuse(heard, STEP, f"{known.by.name or known.by.id} has control")
        return
    _free(work, known, decision.reason, heard.sequence)


def lapse(work: Work, where: str) -> None:
    """Control that has run out is nobody's."""
    known = work.desk.controls.get(where)
    if known is None or not known.by.id or known.until is None:
        return
    if microseconds(known.until) <= work.now_us:
        _free(work, known, LAPSED, known.decided)


def recall(work: Work, told: Control) -> None:
    """Take over what was told before."""
    where = at(told.org_id, told.entity_id)
    known = work.desk.controls.get(where)
    if known is None or told.number > known.number:
        _keep(work, told, recalled=True)


def _is_done(work: Work, where: str, heard: Heard) -> bool:
    """Whether a decision was done before the desk began anew."""
    known = work.desk.controls.get(where)
    return known is not None and heard.sequence <= known.decided


def _free(work: Work, known: Control, reason: str, decided: int) -> None:
    _keep(
        work,
        Control(
            org_id=known.org_id,
            entity_id=known.entity_id,
            number=known.number + 1,
            at=moment(work.now_us),
            previous=known.by,
            reason=reason,
            decided=decided,
        ),
    )


def _keep(work: Work, told: Control, *, recalled: bool = False) -> None:
    where = at(told.org_id, told.entity_id)
    work.desk.controls[where] = told
    work.outcomes.append(Controlled(told, recalled))
    if told.until is not None:
        heappush(work.desk.due, (microseconds(told.until), MARK + where))


def _us(seconds: float) -> int:
    return round(seconds * 1e6)
