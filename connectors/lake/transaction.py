"""Transactions on the lake that survive a power cut and neighbours who write as well.

DuckDB does not sync the Parquet files that it writes, SQLite does sync the catalog
that names them. Files are written before COMMIT, so they are forced to the disk in
between: a catalog never names a file that a power cut can take.
"""

import contextlib
import ctypes
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import duckdb

from connectors.lake.attach import LakeError, connect, sentence

PATIENCE_SECONDS: Final = 60.0
# What is said when another process was quicker: nothing is broken, and trying again helps.
# The last is of looking for files that no commit names, when their writer takes one back.
_TRANSIENT = ("locked", "conflict", "retry count", "failed to get files scheduled for deletion")
_LIBC = ctypes.CDLL(None, use_errno=True)

_Result = TypeVar("_Result")


class Writer:
    """A connection that writes, with the folder that has to be durable.

    Args:
        path: the lake's folder.
        config: DuckDB's settings.

    Raises:
        LakeMissing: there is no lake.
    """

    def __init__(self, path: Path, **config: str | int | bool) -> None:
        self.path = path
        self.connection = connect(path, read_only=False, **config)
        try:
            self._folder = os.open(path / "data", os.O_RDONLY)
        except OSError as error:
            self.connection.close()
            raise LakeError(f"The lake at {path} cannot be written: {error}") from error

    def transaction(
        self,
        work: Callable[[duckdb.DuckDBPyConnection], _Result],
        patience_seconds: float = PATIENCE_SECONDS,
        *,
        begun: bool = False,
    ) -> _Result:
        """Do the work in one transaction, durable when this returns.

        Args:
            work: is done again from its beginning where another process was quicker.
            patience_seconds: for how long to try again.
            begun: whether the first attempt goes on in a transaction that ``begin`` has begun.

        Raises:
            LakeError: the lake cannot be written, or stays locked.
        """
        until = time.monotonic() + patience_seconds
        pause = 0.01
        while True:
            try:
                if not begun:
                    self.begin()
                begun = False
                result = work(self.connection)
                self._sync()
                self.connection.execute("COMMIT")
            except (duckdb.Error, OSError) as error:
                self.rollback()
                text = str(error).lower()
                if isinstance(error, OSError) or not any(word in text for word in _TRANSIENT):
                    raise LakeError(
                        f"The lake at {self.path} could not be written: {sentence(error)}"
                    ) from error
                if time.monotonic() > until:
                    raise LakeError(
                        f"The lake at {self.path} stayed locked for {patience_seconds:g} s by "
                        f"another process: {sentence(error)}"
                    ) from error
            except BaseException:
                self.rollback()
                raise
            else:
                return result
            # Random, so that two who collided do not collide again.
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311
            pause = min(pause * 2, 0.5)

    def begin(self) -> None:
        """Begin a transaction that ``transaction`` ends."""
        self.connection.execute("BEGIN")

    def rollback(self) -> None:
        # There is no transaction any more after some errors.
        with contextlib.suppress(duckdb.Error):
            self.connection.execute("ROLLBACK")

    def close(self) -> None:
        os.close(self._folder)
        self.connection.close()

    def _sync(self) -> None:
        if not hasattr(_LIBC, "syncfs"):
            os.sync()
        elif _LIBC.syncfs(self._folder):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
