"""The WebSockets that are open: they are counted, and ended together."""

import asyncio


class Sockets:
    def __init__(self) -> None:
        self.open = 0
        self.closing = asyncio.Event()

    def close(self) -> None:
        """Have every one of them end, so that the server can stop."""
        self.closing.set()
