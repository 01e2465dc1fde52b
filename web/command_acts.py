"""Commands for whoever makes a request: of what there is, within limits, and on record."""

from datetime import UTC, datetime
from uuid import uuid4

import anyio.to_thread
from msgspec import UNSET
from starlette.requests import Request as Asked

from flows.ontology.command_states import TRANSITIONS, State
from flows.ontology.commands import Actor, Decision, DecisionKind, Request
from flows.ontology.subjects import BROADCAST, is_token
from web import command_rows
from web.audit import Said
from web.command_bodies import Command, CreateCommand, DecideCommand
from web.commands import MOST_OF_ENTITY, MOST_OF_ORGANIZATION, OTHER, same, wanted
from web.database import Row
from web.entity_writes import known as registered
from web.identity import Identity, identity
from web.once import retry_of
from web.problems import Problem
from web.registry import NOT_FOUND
from web.site import Site, site

RETRY_SECONDS = 5
_WORDS: dict[DecisionKind, str] = {
    "approve": "command.approve",
    "deny": "command.deny",
    "cancel": "command.cancel",
    "take_control": "control.take",
    "release_control": "control.release",
}


async def asked(
    request: Asked, organization: str, body: CreateCommand
) -> tuple[Request, Row | None]:
    """Ask for a command. What was asked for before is not asked for again.

    Raises:
        Problem: 404, there is no such entity; 409, its id is another's; 422, it cannot be; 429,
            too many have not ended; and those of ``Commands.ask``.
    """
    here = site(request)
    command, before = await anyio.to_thread.run_sync(_looked_up, request, organization, body)
    row = before or await here.commands.ask(command)
    if row is not None and not same(command, row):
        raise Problem(409, OTHER)
    if before is None:
        said = {
            "entity_id": command.entity_id, "command": command.command, "params": command.params,
            "priority": command.priority, "reason": command.reason, "forced": command.forced,
            "entities": command.entities, "state": row["state"] if row else None,
        }  # fmt: skip
        await _on_record(request, "command.request", command.command_id, organization, said)
    return command, row


async def decided(
    request: Asked, organization: str, row: Row, kind: DecisionKind, body: DecideCommand
) -> Row | None:
    """Decide of a command that there is; its row afterwards, or None if the flow is not there.

    Raises:
        Problem: 403, whoever asks may not decide of this one; 409, it is too late, or too soon;
            and those of ``Commands.decide``.
    """
    who, before = identity(request), command_rows.command(row)
    if kind != "cancel":
        _another_person(who, before)
    state: State = before.state
    if not TRANSITIONS[state]:
        raise Problem(409, f"The command is {state} already.")
    if kind != "cancel" and state != "awaiting_approval":
        raise Problem(409, f"The command is {state}, and waits for nobody's approval.")
    after = await _decide(request, organization, before.entity_id, kind, body, before.command_id)
    told = {"reason": body.reason, "state": after["state"] if after else None}
    was = {"state": state, "command": before.command, "entity_id": before.entity_id}
    await _on_record(request, _WORDS[kind], before.command_id, organization, told, was)
    return after


async def controlled(
    request: Asked, organization: str, entity_id: str, kind: DecisionKind, body: DecideCommand
) -> None:
    """Take or release control of an entity. Raises as ``decided`` does; 404, there is no such."""
    entity(request, organization, entity_id)
    await _decide(request, organization, entity_id, kind, body)
    await _on_record(request, _WORDS[kind], entity_id, organization, {"reason": body.reason})


def entity(request: Asked, organization: str, entity_id: str) -> None:
    """Go on only if the organisation has such an entity. Raises Problem: 404, it has not."""
    picture = site(request).picture
    there = is_token(entity_id) and entity_id != BROADCAST
    if there and picture.entity(organization, entity_id) is not None:
        return
    if not there or registered(request, organization, entity_id) is None:
        raise Problem(404, NOT_FOUND)


def _looked_up(
    request: Asked, organization: str, body: CreateCommand
) -> tuple[Request, Row | None]:
    """All that is read before a command is asked for, in one go; raises as ``asked`` does."""
    here, now = site(request), _now(request)
    by = _actor(here, identity(request))
    command = wanted(organization, body, by, now, retry_of(request))
    for each in command.entities if body.entity_id is UNSET else [body.entity_id]:
        entity(request, organization, each)
    before = command_rows.known(here.tables, organization, command.command_id)
    if before is None:
        _within_limits(here, command)
    return command, before


def _within_limits(here: Site, command: Request) -> None:
    """Raises Problem: 429. What cannot wait may go beyond what others fill."""
    times = 2 if command.priority == "emergency" else 1
    for of, most, told in (
        (command.entity_id, MOST_OF_ENTITY, "of this entity"),
        ("", MOST_OF_ORGANIZATION, "of the organisation"),
    ):
        if command_rows.outstanding(here.tables, command.org_id, of, times * most) >= times * most:
            why = f"{times * most} commands {told} have not ended: wait, or cancel some."
            raise Problem(429, why, {"Retry-After": str(RETRY_SECONDS)})


def _another_person(who: Identity, command: Command) -> None:
    if not who.user:
        raise Problem(403, "A person approves and denies commands, signed in; a key cannot.")
    if command.requested_by.id == who.user:
        raise Problem(403, "Somebody else than who has asked for it approves or denies it.")


async def _decide(  # noqa: PLR0917  (what a decision is made of)
    request: Asked,
    organization: str,
    entity_id: str,
    kind: DecisionKind,
    body: DecideCommand,
    command_id: str = "",
) -> Row | None:
    here = site(request)
    decision = Decision(
        decision_id=retry_of(request) or str(uuid4()),
        kind=kind,
        org_id=organization,
        entity_id=entity_id,
        command_id=command_id,
        by=await anyio.to_thread.run_sync(_actor, here, identity(request)),
        reason=body.reason,
    )
    return await here.commands.decide(decision)


def _actor(here: Site, who: Identity) -> Actor:
    if who.user:
        return Actor(who.user, here.people.find(who.organization, who.user).called, "person")
    return Actor(who.key[:16], "", "key")


def _now(request: Asked) -> datetime:
    return datetime.fromtimestamp(site(request).clock.wall(), UTC)


async def _on_record(  # noqa: PLR0917  (as the audit log has them)
    request: Asked,
    action: str,
    target: str,
    organization: str,
    after: Said,
    before: Said = None,
) -> None:
    await site(request).audit.record(
        request, action, target, before=before, after=after, organization=organization
    )
