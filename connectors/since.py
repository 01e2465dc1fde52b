"""A number that was true when a memory began, kept beside it for as long as it lasts."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def since(folder: Path, name: str, now: Callable[[], int]) -> int:
    """What the number was when it was first asked for with this folder.

    Args:
        folder: of the memory; nothing is kept where there is none.
        name: of the file for the number.
        now: what it is now; asked where nothing is kept.
    """
    file = folder / name
    with suppress(FileNotFoundError, ValueError):
        return int(file.read_text())
    number = now()
    if folder.is_dir():
        draft = file.with_name(f"{name}.{os.getpid()}")
        draft.write_text(str(number))
        draft.replace(file)
    return number
