"""Who looks at commands: what they may do with them, and so what a view shows them."""

from dataclasses import dataclass

import msgspec

from web.command_board import Board
from web.command_bodies import Command
from web.identity import Identity
from web.picture import Picture

READ, WRITE, APPROVE = "commands:read", "commands:write", "commands:approve"


class Looker(msgspec.Struct, frozen=True):
    """Somebody of an organisation. Those who may do nothing are all the same, and share a view."""

    organization: str
    user: str = ""
    may_command: bool = False
    may_approve: bool = False

    @property
    def key(self) -> str:
        """What tells views apart that are not for the same eyes."""
        return f"{self.user}/{self.may_command:d}{self.may_approve:d}"

    def approves(self, command: Command) -> bool:
        """Whether they may approve or deny it: nobody does what they have asked for themselves."""
        waits = command.state == "awaiting_approval"
        return self.may_approve and waits and command.requested_by.id != self.user


def looker(who: Identity) -> Looker:
    """Whoever has a session, as they look at commands."""
    if not who.may(WRITE) and not who.may(APPROVE):
        return Looker(who.organization)
    return Looker(who.organization, who.user, who.may(WRITE), who.may(APPROVE))


@dataclass(frozen=True)
class Look:
    """What views of commands are made from, and for whom."""

    board: Board
    picture: Picture
    looker: Looker

    @property
    def old(self) -> bool:
        """Whether commands are not followed, so that what is shown is what was last known."""
        return bool(self.board.trouble)

    def called(self, entity_id: str) -> str:
        """What an entity is called; its id where it is not in the picture."""
        known = self.picture.entity(self.looker.organization, entity_id)
        return (known.head.name if known else "") or entity_id
