"""Streams and bucket stay what they are declared to be, whoever changes them while we run."""

import asyncio
import logging

from connectors.metrics import counter, gauge
from connectors.repair import NOT_ALLOWED, Left, Repaired
from flows.cli import server
from flows.cli.deployment import Refused
from flows.cli.streams import done
from flows.ontology.settings import Settings
from flows.supervisor.runner import Say

WHO = "streams"


class Keeper:
    """Looks again and again, says what it has put right, and once what it cannot."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self._settings = settings
        self._say = say
        self._told: list[Left] = []
        self._may_change = True

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._settings.streams_check_seconds)
            await self.look()

    async def look(self) -> None:
        """Once. A server that is not there is no business of ours: it is a part, or not ours."""
        try:
            found = await self._found()
        except Refused:
            return
        for difference in found.changed:
            counter("overwatch_stream_repairs_total", difference.stream).inc()
            told = f"Put right what somebody had changed: {done(difference)}."
            self._say(WHO, logging.WARNING, told)
        for left in found.left:
            if left not in self._told:
                self._say(WHO, logging.ERROR, str(left))
        self._told = found.left
        for stream in server.ALL:
            stay = sum(each.difference.stream == stream.name for each in found.left)
            gauge("overwatch_stream_differences", stream.name).set(stay)

    async def _found(self) -> Repaired:
        if self._may_change:
            found = await server.repaired(self._settings)
            # Each try would wait for an answer that never comes.
            self._may_change = all(each.reason != NOT_ALLOWED for each in found.left)
            return found
        differences = await server.drifted(self._settings)
        self._may_change = not differences
        return Repaired([], [Left(each, NOT_ALLOWED) for each in differences])
