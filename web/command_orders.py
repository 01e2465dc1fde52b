"""Commands that somebody looks at, out of the board's: kept up by what changes, newest first."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

from flows.ontology.command_states import ended
from web.command_board import Board
from web.command_bodies import Command

# How many more are remembered than are shown, so that one that goes makes room for another.
SPARE = 4


class Orders:
    """Those of an organisation that ``takes`` takes.

    Args:
        board: where they change.
        organization: whose they are.
        takes: whether a command is one of them as it stands.
        most: how many are shown.
        before: what the ledger has of them, of which the board may have forgotten some.
    """

    def __init__(
        self,
        board: Board,
        organization: str,
        takes: Callable[[Command], bool],
        most: int,
        before: Iterable[Command] = (),
    ) -> None:
        self._board = board
        self._organization = organization
        self._takes = takes
        self._most = most
        self._known: dict[str, Command] = {}
        for each in before:
            self._put(each)
        self._told = self._read()

    def hear(self, changed: AbstractSet[str]) -> bool:
        """Take over what has changed; whether any of these has."""
        told = self._board.place.bucket, self._board.trouble
        if told != self._told:
            if told[0] != self._told[0]:  # Another stream: what was known is of the one before.
                self._known.clear()
            self._told = self._read()
            return True
        commands = self._board.commands(self._organization)
        found = [commands[each] for each in changed if each in commands]
        news = [self._put(each) for each in found]
        self._forget()
        return any(news)

    def newest(self) -> list[Command]:
        """At most ``most`` of them, by when they were asked for."""
        known = sorted(self._known.values(), key=_when, reverse=True)
        return known[: self._most]

    @property
    def open(self) -> int:
        """How many of them have not ended, whether or not they are shown."""
        return sum(not ended(each.state) for each in self._known.values())

    def _read(self) -> tuple[int, str]:
        for each in self._board.commands(self._organization).values():
            self._put(each)
        self._forget()
        return self._board.place.bucket, self._board.trouble

    def _put(self, told: Command) -> bool:
        known = self._known.get(told.command_id)
        if known is not None and known.number >= told.number:
            return False
        if self._takes(told):
            self._known[told.command_id] = told
            return True
        return self._known.pop(told.command_id, None) is not None

    def _forget(self) -> None:
        """Let go of the oldest that have ended, where there are too many to show."""
        if len(self._known) <= self._most * SPARE:
            return
        over = [each for each in self._known.values() if ended(each.state)]
        over.sort(key=_when, reverse=True)
        for each in over[self._most :]:
            del self._known[each.command_id]


def _when(command: Command) -> tuple[float, str]:
    return command.requested_at.timestamp(), command.command_id
