"""Looks whether the flow that judges commands runs, so that pages say it when it does not."""

import asyncio

from web.command_board import Board
from web.health import Health

FLOW = "commands"
LOOK_SECONDS = 2.0


class Judging:
    """Tells ``board`` what is wrong with the flow, as far as it is known on this machine."""

    def __init__(self, health: Health, board: Board) -> None:
        self._health = health
        self._board = board

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                trouble = await self._health.part(FLOW)
            except (OSError, ValueError) as error:  # Its signs of life are files.
                trouble = f"It cannot be seen: {error}."
            self._board.judged(trouble)
            await asyncio.sleep(LOOK_SECONDS)
