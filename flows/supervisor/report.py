"""The supervisor's report, ``run/parts.json``: what ``/health`` knows of the parts."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from flows.supervisor.states import State

SECONDS = 1.0
NAME = "parts.json"


class Entry(NamedTuple):
    """How a part is. ``reason`` says why it does not run, and is empty if it does."""

    part: str
    state: State
    since: datetime
    reason: str
    pid: int | None


def write(folder: Path, entries: Iterable[Entry]) -> None:
    """Write the report, whole or not at all.

    Raises:
        OSError: the disk is full, for instance.
    """
    parts = [each._asdict() | {"since": each.since.isoformat()} for each in entries]
    draft = folder / f"{NAME}.draft"
    draft.write_text(json.dumps({"parts": parts}))
    draft.replace(folder / NAME)


def withdraw(folder: Path) -> None:
    """Nobody supervises any more, and nothing is left running."""
    (folder / NAME).unlink(missing_ok=True)


def now() -> datetime:
    return datetime.now(UTC)
