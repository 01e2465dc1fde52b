"""The lake made, or brought up to what its tables are now: columns are added, never changed."""

import fcntl
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from connectors.lake.attach import LakeError, attach, catalog, resolve
from connectors.lake.schema import lay_out
from connectors.lake.transaction import Writer
from connectors.tables import Table


def create(root: str | Path | None, tables: Iterable[Table], views: Mapping[str, str]) -> None:
    """Make the lake, its tables and views, or add what they lack. Any process may, at any time.

    Args:
        root: the lake's folder, readable by its owner alone.
        tables: as they shall be. What the lake has beyond them stays.
        views: the query of each view, by name; one of the same name is replaced.

    Raises:
        LakeError: it cannot be written, or a column has another type already.
    """
    path = resolve(root)
    try:
        for folder in (path, path / "catalog", path / "data"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path / "catalog" / "create.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LakeError(f"No lake can be made at {path}: {error}") from error
    try:
        # The first who attaches makes DuckLake's own tables, which two must not at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        new = not catalog(path).exists()
        if new:
            _begin(path)
        writer = Writer(path)
        try:
            wanted = tuple(tables)
            writer.transaction(lambda connection: lay_out(connection, path, wanted, views))
        finally:
            writer.close()
        if new:
            # The new folders are not durable by a commit alone.
            os.sync()
    finally:
        os.close(lock)


def _begin(path: Path) -> None:
    # Under another name at first: whoever finds a catalog finds a whole one.
    making = catalog(path).with_suffix(".making")
    try:
        for left in path.joinpath("catalog").glob(f"{making.name}*"):
            left.unlink()
        # SQLite gives its other files the mode of this one.
        os.close(os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        attach(path, making, read_only=False).close()
        making.rename(catalog(path))
    except OSError as error:
        raise LakeError(f"No lake can be made at {path}: {error}") from error
