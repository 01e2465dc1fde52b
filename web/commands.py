"""What is asked and decided of commands: said to JetStream, and awaited in the ledger.

The commands flow judges all of it again. What is checked here is what whoever asks can mend.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET

from connectors.publication import Publication
from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_ledger import name
from flows.ontology.command_parameters import checked, hazard
from flows.ontology.commands import (
    MOST_REQUEST_BYTES,
    MOST_SECONDS,
    RESERVED_IDS,
    Actor,
    Decision,
    Request,
)
from flows.ontology.subjects import BROADCAST, DECISION, REQUEST, command
from web.command_bodies import CreateCommand
from web.command_room import CommandRoom
from web.database import Row
from web.problems import Problem
from web.projection import Outcome, Projection, Sent
from web.publisher import Publisher
from web.schema import BODY, Fault, invalid

# Of whom others would ask in vain: one that has lost count of what it asks for is told so.
MOST_OF_ENTITY, MOST_OF_ORGANIZATION = 100, 10_000
OTHER = "This command_id is that of another command."
MOST_REMEMBERED = 10_000
# What is longer is not said back.
MOST_LETTERS = 256


class Commands:
    """Says what is asked and decided, and waits a little until the flow has seen it."""

    def __init__(self, publisher: Publisher, projection: Projection, room: CommandRoom) -> None:
        self._publisher = publisher
        self._projection = projection
        self.room = room
        self._asked: dict[str, bytes] = {}

    async def ask(self, request: Request) -> Row | None:
        """The row of a command after it was asked for; None where the flow has not seen it.

        Raises:
            Problem: 409, its id is another's; 422, the flow cannot read it; 503, there is no
                room for it; 413 and 503 as ``Publisher.say`` does.
        """
        self.room.check(request.priority)
        called, meant = name(request.org_id, request.command_id), _content(request)
        # While the flow is down there is no row that would say it.
        if self._asked.get(called, meant) != meant:
            raise Problem(409, OTHER)
        subject = command(request.org_id, request.entity_id, REQUEST)
        said = msgspec.json.encode(request)
        if len(said) > MOST_REQUEST_BYTES:
            raise Problem(413, f"A command may have {MOST_REQUEST_BYTES} bytes at most.")
        self._remember(called, meant)
        identified = f"{request.org_id}:{request.command_id}"
        return await self._say(Publication(subject, said, identified), called)

    async def decide(self, decision: Decision) -> Row | None:
        """The row of the command after a decision. Raises as ``ask`` does; 409, it is refused."""
        subject = command(decision.org_id, decision.entity_id, DECISION)
        called = name(decision.org_id, decision.command_id)
        identified = f"{decision.org_id}:decision:{decision.decision_id}"
        said = Publication(subject, msgspec.json.encode(decision), identified)
        return await self._say(said, called)

    async def _say(self, said: Publication, called: str) -> Row | None:
        """The row of a command once the flow has seen this; None where it does not in time."""
        (receipt,) = await self._publisher.say([said])
        (outcome,) = await self._projection.outcomes([Sent(receipt.sequence, called)])
        outcome = outcome or Outcome()
        if outcome.refused_by:
            raise Problem(409, outcome.reason)
        return outcome.row

    def _remember(self, called: str, meant: bytes) -> None:
        if len(self._asked) >= MOST_REMEMBERED:
            del self._asked[next(iter(self._asked))]
        self._asked[called] = meant


def same(request: Request, row: Row) -> bool:
    """Whether a command of the ledger is what is asked for."""
    known = msgspec.json.decode(row["status"], type=dict[str, Any])
    asked = (request.entity_id, request.command, request.priority, request.params)
    return asked == (
        known["entity_id"], known["command"], known.get("priority", "normal"),
        known.get("params", {}),
    )  # fmt: skip


def wanted(
    organization: str, body: CreateCommand, by: Actor, now: datetime, retry: str = ""
) -> Request:
    """What a body asks for.

    Args:
        organization: whose command it is.
        body: as it was said.
        by: who asks.
        now: UTC.
        retry: what the request has in common with its retries, if they say so.

    Raises:
        Problem: 422, with all that is wrong with it.
    """
    several = body.broadcast if isinstance(body.broadcast, list) else []
    faults = list(_faults(body, now))
    kind, params = CATALOGUE.get(body.command), body.params
    if kind is None:
        known = ", ".join(CATALOGUE)
        faults.append(Fault(f"expected one of {known}", f"{BODY}.command", body.command))
    else:
        params, wrong = checked(kind, body.params)
        faults += [_parameter(body.params, *each) for each in wrong]
        dangerous = hazard(kind, body.params)
        if dangerous != "routine" and not body.confirmed:
            told = f"{kind.name} is {dangerous}: send confirmed as true if it is meant"
            faults.append(Fault(told, f"{BODY}.confirmed", body.confirmed))
    if faults:
        raise invalid(faults)
    given = body.command_id
    return Request(
        command_id=_made(organization, retry) if given is UNSET else given,
        org_id=organization,
        entity_id=BROADCAST if body.entity_id is UNSET else body.entity_id,
        command=body.command,
        params=params,
        requested_at=now,
        expires_at=None if body.expires_at is UNSET else body.expires_at,
        priority=body.priority,
        reason=body.reason,
        confirmed=body.confirmed,
        forced=body.forced,
        by=by,
        entities=list(dict.fromkeys(several)),
    )


def _faults(body: CreateCommand, now: datetime) -> Sequence[Fault]:
    found = []
    if (body.entity_id is UNSET) == (body.broadcast is False):
        found.append(Fault("expected this, or broadcast, and not both", f"{BODY}.entity_id"))
    if isinstance(body.expires_at, datetime):
        left = body.expires_at - now
        if not timedelta() < left <= timedelta(seconds=MOST_SECONDS):
            told = f"expected a time to come, within {MOST_SECONDS:g} s"
            found.append(Fault(told, f"{BODY}.expires_at", body.expires_at))
    if body.command_id in RESERVED_IDS:
        told = "expected another id, for this path says something else"
        found.append(Fault(told, f"{BODY}.command_id", body.command_id))
    if body.forced and not body.reason.strip():
        found.append(Fault("what is forced needs a reason", f"{BODY}.reason", body.reason))
    return found


def _parameter(params: dict[str, Any], parameter: str, message: str) -> Fault:
    value = params.get(parameter)
    brief = (
        value is None
        or isinstance(value, bool | float)
        or (isinstance(value, str) and len(value) <= MOST_LETTERS)
    )
    return Fault(message, f"{BODY}.params.{parameter}", value if brief else UNSET)


def _made(organization: str, retry: str) -> str:
    """An id by chance, but the same for each retry."""
    if not retry:
        return str(uuid4())
    told = hashlib.sha256(f"{organization}:command:{retry}".encode()).digest()
    return str(UUID(bytes=told[:16], version=4))


def _content(request: Request) -> bytes:
    """What makes it another command; when it was asked for does not."""
    return hashlib.sha256(
        msgspec.json.encode(
            (
                request.entity_id,
                request.entities,
                request.command,
                request.params,
                request.priority,
            ),
            order="deterministic",
        )
    ).digest()
