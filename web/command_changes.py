"""What becomes of commands, as programs are told: all that is open, that this was all, each change.

Events are ``snapshot`` for each command that has not ended, ``ready``, and from then on
``change`` for every transition, and ``leave`` for one whose state is not asked for any more.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import msgspec
from starlette.requests import HTTPConnection

from flows.ontology.command_states import State
from web.change_asked import TOO_MANY
from web.changes import Change, Kind
from web.command_board import Board
from web.command_bodies import Command
from web.command_log import Entry
from web.entity_filter import MOST_LETTERS, MOST_VALUES, meant
from web.following import Place
from web.identity import Identity, identity
from web.problems import Problem
from web.query import read_query
from web.site import Site, site
from web.within import within

SCOPE = "commands:read"
# How soon one whose key is revoked is told no more.
LOOK_SECONDS = 1.0
BEGIN_SECONDS = 3.0
AT_ONCE = 100

_Text = Annotated[str, msgspec.Meta(max_length=MOST_LETTERS)]
_States = Annotated[list[State], msgspec.Meta(max_length=MOST_VALUES)]
_encode = msgspec.json.Encoder().encode


class CommandFilter(msgspec.Struct, kw_only=True):
    """Which commands are followed, and from where on."""

    entity_id: Annotated[_Text, meant("Of this entity; `broadcast` are those to several.")] = ""
    state: Annotated[_States, meant("In one of these states; may be repeated.")] = []
    command: Annotated[_Text, meant("Its kind, by the catalogue.")] = ""
    parent_id: Annotated[_Text, meant("Of this one to several.")] = ""
    since: Annotated[
        str,
        msgspec.Meta(max_length=64),
        meant("How far it had come: the last `id`, or `place` of the event `ready`."),
    ] = ""

    def of(self, command: Command) -> bool:
        """Whether it is one of those, whatever its state."""
        return (
            (not self.entity_id or self.entity_id == command.entity_id)
            and (not self.command or self.command == command.command)
            and (not self.parent_id or self.parent_id == command.parent_id)
        )

    def takes(self, state: State | None) -> bool:
        return not self.state or state in self.state


class Told(msgspec.Struct, frozen=True):
    """An event of a command, as it was when it was told."""

    event: Kind
    command: Command


class Left(msgspec.Struct, frozen=True):
    """Of a command that is in none of the states that were asked for."""

    event: Kind
    command_id: str
    state: State


class Ready(msgspec.Struct, frozen=True):
    """That all has been told up to this place; ``resumed`` where only what had been missed was."""

    event: Kind
    place: str
    resumed: bool


@dataclass(frozen=True)
class Follow:
    """What is followed, and by whom."""

    here: Site
    who: Identity
    organization: str
    wanted: CommandFilter

    async def told(self, since: Place | None) -> AsyncGenerator[list[Change], None]:
        """Events, until the asker may hear no more or the site closes."""
        board = self.here.board
        with board.follow(_name(self.who)) as woken:
            async for batch in self._tell(board, woken, since):
                if not await self._may_hear():
                    return
                yield batch

    async def _tell(
        self, board: Board, woken: asyncio.Event, place: Place | None
    ) -> AsyncGenerator[list[Change], None]:
        begun = False
        while not board.closed:
            woken.clear()
            missed = None if place is None else board.after(self.organization, place)
            place = board.place
            if missed is None:
                for batch in self._begin(board):
                    yield batch
            told = self._changes(missed or ())
            if told:
                told[-1] = msgspec.structs.replace(told[-1], place=place)
            if missed is None or not begun:
                ready = Ready("ready", str(place), missed is not None)
                told.append(Change("ready", _encode(ready), place))
            begun = True
            yield told
            await _woken(woken)

    def _begin(self, board: Board) -> Iterator[list[Change]]:
        found = [
            each
            for each in board.open(self.organization).values()
            if self.wanted.of(each) and self.wanted.takes(each.state)
        ]
        for first in range(0, len(found), AT_ONCE):
            yield [
                Change("snapshot", _encode(Told("snapshot", each)))
                for each in found[first : first + AT_ONCE]
            ]

    def _changes(self, entries: Iterable[Entry]) -> list[Change]:
        return [
            change
            for each in entries
            if self.wanted.of(each.command) and (change := self._change(each.command))
        ]

    def _change(self, command: Command) -> Change | None:
        if self.wanted.takes(command.state):
            return Change("change", _encode(Told("change", command)))
        if command.previous is not None and self.wanted.takes(command.previous):
            return Change("leave", _encode(Left("leave", command.command_id, command.state)))
        return None

    async def _may_hear(self) -> bool:
        """Whether the key or session is good still, and lets see that organisation."""
        keys, sessions, who = self.here.keys, self.here.sessions, self.who
        try:
            now = await (keys.check(who.key) if who.key else sessions.check(who.session))
        except Problem:
            return False
        return now is not None and now.may(SCOPE) and now.governs(self.organization)


async def follow(connection: HTTPConnection) -> Follow:
    """What is asked for.

    Raises:
        Problem: it may not be, cannot be, cannot yet, or is by too many.
    """
    organization, here = await within(connection, SCOPE), site(connection)
    wanted, who = read_query(connection, CommandFilter), identity(connection)
    if here.board.full(_name(who)):
        raise Problem(503, TOO_MANY, {"Retry-After": "5"})
    try:
        await asyncio.wait_for(here.board.begun.wait(), BEGIN_SECONDS)
    except TimeoutError:
        raise Problem(503, here.board.trouble, {"Retry-After": "5"}) from None
    return Follow(here, who, organization, wanted)


async def _woken(woken: asyncio.Event) -> None:
    """Wait until something changes, or it is time to look whether they may hear still."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            await woken.wait()


def _name(who: Identity) -> str:
    return who.key or who.session
