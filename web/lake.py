"""The history as the web asks it: one question at a time, within bounds of memory and time."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread

from web.problems import Problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

MOST_SECONDS = 10.0
MOST_MEMORY = "128MB"
MOST_WAITING = 8


class Lake:
    """The lake in a folder, opened when first asked.

    Whoever asks nothing of it does not pay for it: DuckDB is loaded with the first question.
    """

    def __init__(self, root: Path, seconds: float = MOST_SECONDS) -> None:
        self._root = root
        self._seconds = seconds
        self._asking = asyncio.Lock()
        self._waiting = 0
        self._connection: DuckDBPyConnection | None = None

    async def ask(self, work: "Callable[[DuckDBPyConnection], T]", nothing: T) -> T:
        """What ``work`` finds; ``nothing`` where there is no lake yet.

        Raises:
            Problem: 503, it takes too long, too many ask, or the lake cannot be read.
        """
        if self._waiting >= MOST_WAITING:
            raise Problem(503, "Too many ask for history at once.", {"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._asking:
                return await anyio.to_thread.run_sync(self._ask, work, nothing)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let go of the lake; asked again, it is opened again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _ask(self, work: "Callable[[DuckDBPyConnection], T]", nothing: T) -> T:
        import duckdb  # noqa: PLC0415  (30 MB, for those who ask)

        from connectors.lake import LakeError, LakeMissing, connect  # noqa: PLC0415

        try:
            if self._connection is None:
                self._connection = connect(self._root, memory_limit=MOST_MEMORY)
        except LakeMissing:
            return nothing
        except LakeError as error:
            raise Problem(503, f"The history cannot be read: {error}") from error
        late = threading.Timer(self._seconds, self._connection.interrupt)
        late.start()
        try:
            return work(self._connection)
        except duckdb.InterruptException:
            raise Problem(503, f"It took more than {self._seconds:g} s: ask for less.") from None
        except duckdb.Error as error:
            # What is broken may be the connection: a lake can be put in the place of another.
            self.close()
            raise Problem(503, "The history cannot be read just now.", _SOON) from error
        finally:
            late.cancel()


_SOON = {"Retry-After": "1"}
