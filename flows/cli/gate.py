"""Guests of the embedded message server ask for consumers here, for as long as it is up."""

import asyncio
from contextlib import suppress

from connectors.consumer_gate import ConsumerGate
from connectors.nats_server import GATEKEEPER
from flows.cli import server
from flows.cli.deployment import Refused
from flows.ontology.settings import Settings
from flows.permissions import ADMIN

RETRY_SECONDS = 1.0


async def keep_gate(settings: Settings) -> None:
    """Until cancelled. Connections come back by themselves, once they have been made."""
    while True:
        with suppress(Refused):
            async with (
                server.reached(settings, ADMIN) as inside,
                server.reached(settings, GATEKEEPER) as outside,
            ):
                await ConsumerGate(inside).open(outside)
                await asyncio.Event().wait()
        await asyncio.sleep(RETRY_SECONDS)
