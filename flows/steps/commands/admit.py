"""Requests that come in: once each, judged, and then waiting for approval or to be sent."""

import hashlib

import msgspec
from msgspec.structs import replace

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_desk import FLOW, Asked, Order
from flows.ontology.command_kind import Kind
from flows.ontology.command_ledger import name
from flows.ontology.command_parameters import hazard
from flows.ontology.commands import (
    APPROVAL_SECONDS,
    EXPIRES_SECONDS,
    Actor,
    Request,
    Status,
)
from flows.ontology.telemetry import microseconds, moment
from flows.steps.commands import control
from flows.steps.commands.judge import judge, params
from flows.steps.commands.send import clear_for, send
from flows.steps.commands.work import Work, expires_us, place

STEP = "request"
OTHER = "this command_id is that of another command"
# Of those that have not ended; twice as many where it is an emergency.
MOST_OF_ENTITY, MOST_OF_ORGANIZATION = 100, 10_000


def admit(work: Work, asked: Asked) -> None:
    """Take a request up, unless it was asked for before."""
    request = _filled(asked.request)
    content = digest(request)
    called = name(request.org_id, request.command_id)
    order = work.desk.orders.get(called)
    if order is not None:
        if not order.digest and _same(order, request):
            # It was recalled by what was told of it, which is not all that was asked.
            order.digest, order.request = content, request
        elif order.digest != content:
            work.refuse(asked.heard, STEP, OTHER)
            return
        if order.state == "requested":
            consider(work, order)
        return
    memory = work.desk.ended.get(request.org_id, {})
    ended = memory.get(request.command_id)
    if ended is not None:
        if not ended.digest:
            memory[request.command_id] = replace(ended, digest=content)
        elif ended.digest != content:
            work.refuse(asked.heard, STEP, OTHER)
        return
    order = begun(request, work.now_us, content)
    work.open(order)
    consider(work, order)


def begun(request: Request, now_us: int, content: str = "") -> Order:
    """A command that was asked for just now."""
    kind = CATALOGUE.get(request.command)
    asked = request.requested_at or moment(now_us)
    seconds = APPROVAL_SECONDS if kind and _is_critical(kind, request) else EXPIRES_SECONDS
    until = request.expires_at or moment(microseconds(asked) + round(seconds * 1e6))
    status = Status(
        command_id=request.command_id,
        org_id=request.org_id,
        entity_id=request.entity_id,
        command=request.command,
        number=1,
        state="requested",
        previous=None,
        at=moment(now_us),
        requested_at=asked,
        expires_at=until,
        priority=request.priority,
        reason=request.reason,
        by=request.by,
        requested_by=request.by,
        parent_id=request.parent_id,
    )
    return Order(request, status, content)


def consider(work: Work, order: Order, *, approved_by: Actor | None = None) -> None:
    """Judge what was asked for, and let it wait for what it needs."""
    request, kind = order.request, CATALOGUE.get(order.status.command)
    if expires_us(order) <= work.now_us:
        work.move(order, "expired", "its time was over before it was judged")
        return
    reason = _unfit(work, order, kind)
    if kind is None or reason:
        work.move(order, "rejected", reason)
        return
    control.renew(work, order)
    needs_another = _is_critical(kind, request) and work.rules.two_person
    if needs_another and not request.parent_id and approved_by is None:
        work.move(order, "awaiting_approval", "somebody else has to approve it")
        work.due(order, expires_us(order))
        return
    by = approved_by or FLOW
    work.move(order, "queued", "", by, approved_by=approved_by or order.status.approved_by)
    work.due(order, expires_us(order))
    if order.is_broadcast:
        work.spreads[order.name] = None
    elif order.status.priority == "emergency":
        clear_for(work, order, kind)
        send(work, order)


def digest(request: Request) -> str:
    """What makes it another command; when and by whom it was asked for does not."""
    content = (
        request.entity_id, sorted(request.entities), request.command, request.params,
        request.priority,
    )  # fmt: skip
    encoded = msgspec.json.encode(content, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:16]


def _same(order: Order, request: Request) -> bool:
    status = order.status
    return (status.entity_id, status.command, status.priority) == (
        request.entity_id, request.command, request.priority,
    )  # fmt: skip


def _filled(request: Request) -> Request:
    kind = CATALOGUE.get(request.command)
    if kind is None:
        return request
    found, fault = params(kind, request.params)
    return request if fault else replace(request, params=found)


def _is_critical(kind: Kind, request: Request) -> bool:
    return hazard(kind, request.params) == "critical"


def _unfit(work: Work, order: Order, kind: Kind | None) -> str:
    """Why a command is not taken up; empty if it is."""
    request = order.request
    if kind is None:
        return "there is no such command"
    fault = params(kind, request.params)[1]
    if fault:
        return fault
    dangerous = hazard(kind, request.params)
    if dangerous != "routine" and not request.confirmed:
        return f"{kind.name} is {dangerous} and needs confirmation"
    if order.is_broadcast:
        return _beyond(work, order)
    facts = work.picture.facts(request.entity_id)
    return (
        _beyond(work, order)
        or control.barred(work, order)
        or judge(request, kind, facts, work.picture.fences, work.rules.limits, work.now_us)
    )


def _beyond(work: Work, order: Order) -> str:
    desk, times = work.desk, 2 if order.status.priority == "emergency" else 1
    if len(desk.of.get(place(order), ())) > times * MOST_OF_ENTITY:
        return f"{times * MOST_OF_ENTITY} commands of it have not ended"
    if desk.open.get(order.status.org_id, 0) > times * MOST_OF_ORGANIZATION:
        return f"{times * MOST_OF_ORGANIZATION} commands of the organisation have not ended"
    return ""
