"""A folder of telemetry logs, in the order in which they were recorded."""

from pathlib import Path
from typing import NamedTuple

from connectors.log_stamp import first_stamp


class Found(NamedTuple):
    """A log of a folder: when it begins, microseconds UTC, or why it cannot be played.

    ``began_us`` is 0 where its first bytes do not say.
    """

    path: Path
    bytes: int
    began_us: int = 0
    fault: str = ""


def logs(folder: Path) -> list[Found]:
    """Every ``.tlog`` in a folder, those first that do not say when they begin.

    Raises:
        OSError: the folder cannot be read.
    """
    paths = (each for each in folder.iterdir() if each.suffix.lower() == ".tlog")
    return sorted(map(_found, paths), key=lambda each: (each.began_us, each.path.name))


def _found(path: Path) -> Found:
    try:
        size = path.stat().st_size
        began_us = first_stamp(path)
    except OSError as error:
        return Found(path, 0, fault=f"{path} cannot be read: {error.strerror}.")
    if not size:
        return Found(path, 0, fault=f"{path} is empty.")
    return Found(path, size, began_us or 0)
