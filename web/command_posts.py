"""Forms of commands: done once, and answered as whoever has sent them can read it.

A page's script asks for JSON, and says by ``Idempotency-Key`` that it tries again; a form that
is sent by itself is answered with a page, and has the id of its command in it.
"""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flows.ontology.commands import EXPIRES_SECONDS
from web import command_rows
from web import command_words as words
from web.command_bodies import Command, CreateCommand, EntityControl
from web.database import Row
from web.entity_answers import json_answer
from web.problems import Problem

_BAD = ("rejected", "failed", "timed_out", "expired")


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """What has come of a form, for people. ``href`` is where more of it is seen."""

    said: str
    wrong: bool = False
    href: str = ""


Again = Callable[[str, Problem | None], Awaitable[Response]]


async def answered(
    request: Request, make: Callable[[], Awaitable[Said]], again: Again, place: str
) -> Response:
    """What a form is answered after ``make`` has done what it asks for.

    Args:
        request: the form's.
        make: does it, and says what has come of it.
        again: the page with what is to be said on it, for who has no script.
        place: where a browser goes from there when all is well.
    """
    if "application/json" in request.headers.get("accept", ""):
        said = await make()
        return json_answer(said, 200)
    try:
        said = await make()
    except Problem as problem:
        return await again("", problem)
    if said.wrong or not said.href:
        return await again(said.said, None)
    return RedirectResponse(place or said.href, 303)


def asked(body: CreateCommand, row: Row | None) -> Said:
    """What has come of a command that was asked for."""
    if row is not None:
        return of(command_rows.command(row))
    until = body.expires_at
    limit = (
        _USUAL if isinstance(until, msgspec.UnsetType) else f"before {words.clock(until)[:8]} UTC"
    )
    return Said(
        f"{words.title(body.command)} is stored, and nothing else yet: the commands flow does not"
        f" answer. It is judged when that runs, if that is {limit}.",
        wrong=True,
    )


def of(command: Command) -> Said:
    """How a command stands, in a sentence."""
    because = f": {command.reason}" if command.reason else ""
    return Said(
        f"{words.title(command.command)} is {words.WORDS[command.state]}{because}.",
        wrong=command.state in _BAD,
        href=f"/commands/{command.command_id}",
    )


def decided(act: str, after: Row | None) -> Said:
    """What has come of a decision."""
    if after is None:
        return Said(
            f"{_DECIDED[act]} is stored: {_LATER}",
            wrong=True,
        )
    now = of(command_rows.command(after))
    # What is denied is rejected: just as whoever has denied it wants it.
    return now if act == "approve" else msgspec.structs.replace(now, wrong=False)


def controlled(act: str, user: str, told: EntityControl) -> Said:
    """What has come of taking or releasing control."""
    mine = told.by is not None and told.by.id == user
    if act == "take_control":
        return Said("You have control." if mine else f"It is stored: {_LATER}", wrong=not mine)
    return Said(f"It is stored: {_LATER}" if mine else "Control is released.", wrong=mine)


_LATER = "the commands flow does not answer, and will do it when it runs."
_USUAL = f"within {EXPIRES_SECONDS:.0f} s"
_DECIDED = {
    "cancel": "That it is to be cancelled", "approve": "The approval", "deny": "The denial",
}  # fmt: skip
