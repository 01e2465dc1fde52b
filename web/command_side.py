"""The board's side of one organisation: its commands, their transitions, and who controls what."""

from msgspec.structs import replace

from flows.ontology.command_states import ended
from flows.ontology.commands import Control
from web.command_bodies import Command
from web.command_log import Log

MOST_ENDED = 1000


class Side:
    """What was told after ``since``, and what was taken over from the ledger."""

    def __init__(self, since: int) -> None:
        self.commands: dict[str, Command] = {}
        self.open: dict[str, Command] = {}
        self.controls: dict[str, Control] = {}
        self.log = Log(since)
        self._ended: dict[str, None] = {}

    def put(self, told: Command) -> bool:
        """Whether it is news."""
        name = told.command_id
        known = self.commands.get(name)
        if known is not None and known.number >= told.number:
            self._fill(known, told)
            return False
        if known is not None and not told.params:  # They are said once, at its beginning.
            told = replace(told, params=known.params)
        self.commands[name] = told
        if not ended(told.state):
            self.open[name] = told
            return True
        self.open.pop(name, None)
        self._ended[name] = None
        if len(self._ended) > MOST_ENDED:
            oldest = next(iter(self._ended))
            del self._ended[oldest], self.commands[oldest]
        return True

    def _fill(self, known: Command, told: Command) -> None:
        """What was heard from its middle on has the parameters that the ledger has."""
        if told.params and not known.params:
            filled = self.commands[known.command_id] = replace(known, params=told.params)
            if known.command_id in self.open:
                self.open[known.command_id] = filled

    def hold(self, told: Control) -> bool:
        """Whether it is news."""
        known = self.controls.get(told.entity_id)
        if known is not None and known.number >= told.number:
            return False
        self.controls[told.entity_id] = told
        return True
