"""The live list of an organisation's commands, as the page of commands is asked for it."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from flows.ontology.command_states import State, ended
from web import frames
from web.command_bodies import Command
from web.command_html import item
from web.command_list import CommandList
from web.command_looker import Look
from web.command_notice import notice
from web.command_orders import Orders
from web.command_rows import CommandPage

MOST = 100
OPEN, ENDED = "open", "ended"


class Wanted(msgspec.Struct, frozen=True):
    """Which commands: in a state, or ``open`` or ``ended``; of an entity; of a kind.

    Without an entity, the parts of commands to several are left to those.
    """

    state: str = ""
    entity_id: str = ""
    command: str = ""

    @property
    def query(self) -> str:
        """As it stands in an address; of what it is made of no quote or backslash is left."""
        said = (("state", self.state), ("entity", self.entity_id), ("command", self.command))
        return urlencode([each for each in said if each[1]])

    def takes(self, command: Command) -> bool:
        """Whether a command is one of them as it stands."""
        return (
            self.state in ("", command.state, ENDED if ended(command.state) else OPEN)
            and (self.entity_id == command.entity_id if self.entity_id else not command.parent_id)
            and self.command in ("", command.command)
        )

    def page(self, cursor: str = "") -> CommandPage:
        """As the ledger is asked for them."""
        page = CommandPage(
            entity_id=self.entity_id, command=self.command, limit=MOST, cursor=cursor
        )
        if self.state in (OPEN, ENDED):
            page.active = self.state == OPEN
        elif self.state:
            page.state = [msgspec.convert(self.state, State)]
        return page


def before(rows: Iterable[Command], look: Look) -> Markup:
    """Those of a page of the ledger, which does not follow, and says so."""
    at = datetime.fromtimestamp(look.board.clock.wall(), UTC).strftime("%H:%M:%S")
    items = Markup("").join(item(each, look) for each in rows)
    return Markup(
        '<p class="below">As it was at {} UTC: this page does not follow.</p>'
        '<ol class="orders">{}</ol>'
    ).format(at, items)


class CommandsView:
    """Of an organisation; ``before`` is what the ledger has of them."""

    def __init__(self, look: Look, wanted: Wanted, before: Iterable[Command] = ()) -> None:
        self._look = look
        self._orders = Orders(look.board, look.looker.organization, wanted.takes, MOST, before)
        self._list = CommandList(look, self._orders, "commands", "There is none like that.")
        self._sent = self.state()

    def snapshot(self) -> str:
        return frames.patch(self.state()) + frames.patch(self.commands())

    def delta(self, changed: AbstractSet[str]) -> str:
        """What has changed since the last call."""
        told = self._list.delta(changed)
        before, self._sent = self._sent, self.state()
        return told + (frames.patch(self._sent) if self._sent != before else "")

    def state(self) -> Markup:
        """What is not so as it should be, and how many there are."""
        shown = self._orders.open
        count = Markup('<p id="command-count" class="below">{} on their way</p>').format(shown)
        return notice(self._look) + count

    def commands(self) -> Markup:
        """The list."""
        return self._list.html()
