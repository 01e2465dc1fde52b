"""Listens to a process: a pipe that it writes to, heard line by line in the event loop."""

import asyncio
import os
from collections.abc import Callable

AT_ONCE = 65_536
LONGEST_LINE = 16_384


class Ear:
    """Open until closed. ``writer`` is for the process; close ours with ``given`` once it has it.

    Not asyncio's own pipes: with those, in some versions, a process has not ended as long
    as a child of it holds the pipe.
    """

    def __init__(self, on_line: Callable[[bytes], None]) -> None:
        self._on_line = on_line
        self._partial = b""
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reader, self._hear)

    def given(self) -> None:
        """The process has the pipe: our own end is of no use any more."""
        os.close(self.writer)

    def close(self) -> None:
        """Hear what is left, and no more."""
        while self._hear():
            pass
        if self._partial:
            self._on_line(self._partial)
        self._loop.remove_reader(self._reader)
        os.close(self._reader)

    def _hear(self) -> bool:
        try:
            heard = os.read(self._reader, AT_ONCE)
        except BlockingIOError:
            return False
        if not heard:
            self._loop.remove_reader(self._reader)
            return False
        *lines, rest = (self._partial + heard).split(b"\n")
        self._partial = rest[:LONGEST_LINE]
        for line in lines:
            self._on_line(line[:LONGEST_LINE])
        return True
