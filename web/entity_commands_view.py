"""The live part of an entity's command panel: what is in the way, control, the last commands."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from markupsafe import Markup

from web import frames
from web.command_bodies import Command
from web.command_list import CommandList
from web.command_looker import Look
from web.command_notice import notice
from web.command_orders import Orders
from web.control_html import control

MOST = 12


class EntityCommandsView:
    """For an entity of an organisation; ``before`` is what the ledger has of its commands."""

    def __init__(self, look: Look, entity_id: str, before: Iterable[Command] = ()) -> None:
        self._look = look
        self._entity_id = entity_id
        orders = Orders(
            look.board,
            look.looker.organization,
            lambda command: command.entity_id == entity_id,
            MOST,
            before,
        )
        self._list = CommandList(look, orders, "entity-commands", "None has been asked for yet.")
        self._sent = self.state()

    def snapshot(self) -> str:
        return frames.patch(self.state()) + frames.patch(self.commands())

    def delta(self, changed: AbstractSet[str]) -> str:
        """What has changed since the last call."""
        before, self._sent = self._sent, self.state()
        told = frames.patch(self._sent) if self._sent != before else ""
        return told + self._list.delta(changed)

    def state(self) -> Markup:
        """What stands in the way of commands, and who has control."""
        look, entity_id = self._look, self._entity_id
        silent = self._silent()
        alive = "no" if silent else "yes"
        return Markup('<div id="command-state" data-alive="{}">{}{}</div>').format(
            alive, notice(look, silent), control(look, entity_id)
        )

    def commands(self) -> Markup:
        """The last commands."""
        return self._list.html()

    def _silent(self) -> str:
        """What is to be known of a vehicle that is not heard; nothing of one that is."""
        picture = self._look.picture
        entity = picture.entity(self._look.looker.organization, self._entity_id)
        if entity is None:
            return "It is no longer in the fleet."
        judged = picture.judged(entity)
        if judged.state == "replay":
            return "What is heard of it is played from a recording: it takes no commands."
        if judged.state == "live":
            return ""
        return f"It is {judged.state}: a command is refused unless it is forced, with a reason."
