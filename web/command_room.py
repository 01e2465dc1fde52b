"""Whether what keeps commands has room for more.

A stream of commands that is full takes nothing, not even what becomes of those under way. So
a part of it is left to them, and whoever asks for more is told before it is full; what is to
end an emergency may still be asked for then.
"""

import asyncio
from collections.abc import Callable

import nats.errors
import nats.js.errors
from nats.aio.client import Client

from flows.ontology.commands import STREAM, Priority
from web.consumer import ANSWER_SECONDS
from web.problems import Problem

LOOK_SECONDS = 1.0
RETRY_SECONDS = 60
# Of all that it may keep.
MOST, MOST_IN_EMERGENCY = 0.80, 0.95


class CommandRoom:
    """``client`` is the connection that there is just now. ``run`` looks at the stream."""

    def __init__(self, client: Callable[[], Client | None]) -> None:
        self._client = client
        self.used = 0.0  # Of one.

    def check(self, priority: Priority) -> None:
        """Let pass what there is room for.

        Raises:
            Problem: 503, there is none.
        """
        if self.used < (MOST_IN_EMERGENCY if priority == "emergency" else MOST):
            return
        told = (
            f"The stream of commands is {self.used:.0%} full: there is room again when what is in"
            " it has grown old, or when NATS_MAX_FILE_STORE is larger and `overwatch streams"
            " apply` has been run."
        )
        raise Problem(503, told, {"Retry-After": str(RETRY_SECONDS)})

    async def run(self) -> None:
        """Look again and again, until cancelled; while the server is away what was seen stands."""
        while True:
            client = self._client()
            if client is not None and client.is_connected:
                await self._look(client)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, client: Client) -> None:
        try:
            info = await client.jetstream(timeout=ANSWER_SECONDS).stream_info(STREAM)
        except (nats.errors.Error, nats.js.errors.Error, OSError):
            return
        most = info.config.max_bytes or 0
        self.used = info.state.bytes / most if most > 0 else 0.0
