"""The chain of the audit log: each row is sealed together with the one before it.

A row's seal is HMAC-SHA256 over its number, what it says and the seal before it, by a
secret beside the database: who changes, inserts or takes out a row without that breaks
the chain from there on. How long the log is, a file of its own says as well, so that rows
that are taken from its end are missed.
"""

import hashlib
import hmac
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from web.database import Tables

COLUMNS = (
    "at_us", "org_id", "actor", "action", "target", "outcome", "address", "before", "after",
)  # fmt: skip
_LAST = "SELECT sequence, seal FROM audit ORDER BY sequence DESC LIMIT 1"
_PAGE = "SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT 1000"
_INSERT = f"INSERT INTO audit (sequence, {', '.join(COLUMNS)}, seal) VALUES "  # noqa: S608
_ROW = f"({', '.join('?' * (len(COLUMNS) + 2))})"
# Rows of one statement: a thread that has the database to itself waits for its turn to compute
# after each, while other processes wait for the database.
MOST_ROWS = 50


class Entry(msgspec.Struct, frozen=True):
    """What somebody did or was refused. ``at_us`` is UTC; ``before`` and ``after`` are JSON."""

    at_us: int
    org_id: str
    actor: str
    action: str
    target: str = ""
    outcome: str = "done"
    address: str = ""
    before: str = ""
    after: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """How many rows there are, and what is wrong with them: nothing, if it is empty."""

    rows: int
    fault: str = ""


class Chain:
    def __init__(self, tables: Tables, secret: bytes, length: Path) -> None:
        """``length`` is the file that says how long the log is, and its last seal."""
        self._tables = tables
        # Keyed once: every row has its seal.
        self._keyed = hmac.new(secret, digestmod=hashlib.sha256)
        self._length = length

    def append(self, entries: Sequence[Entry]) -> None:
        """Seal and store them in one transaction, which other processes wait for."""
        with self._tables.transaction() as execute:
            last = execute(_LAST, ())
            number, seal = (last[0]["sequence"], last[0]["seal"]) if last else (0, "")
            for first in range(0, len(entries), MOST_ROWS):
                values: list[object] = []
                for entry in entries[first : first + MOST_ROWS]:
                    number += 1
                    said = msgspec.structs.astuple(entry)
                    seal = self._seal(number, said, seal)
                    values += (number, *said, seal)
                rows = len(entries[first : first + MOST_ROWS])
                execute(_INSERT + ", ".join([_ROW] * rows), values)
        # Afterwards, so that after a crash it says too little, never too much.
        write_private(self._length, f"{number} {seal}\n".encode())

    def verify(self) -> Verdict:
        """Go through the whole log; the first place where it is not what was written."""
        noted, noted_seal = self._noted()
        number, seal = 0, ""
        while rows := self._tables.read(_PAGE, (number,)):
            for row in rows:
                number += 1
                if row["sequence"] != number:
                    return Verdict(number - 1, f"Row {number} is missing.")
                seal = self._seal(number, [row[name] for name in COLUMNS], seal)
                if not hmac.compare_digest(seal, str(row["seal"])):
                    return Verdict(number, f"Row {number} is not what was written.")
                if number == noted and seal != noted_seal:
                    return Verdict(number, f"Rows up to {number} were written anew.")
        if number < noted:
            return Verdict(number, f"There were {noted} rows, and only {number} are left.")
        return Verdict(number)

    def _noted(self) -> tuple[int, str]:
        try:
            number, seal = self._length.read_text().split()
            return int(number), seal
        except (FileNotFoundError, ValueError):
            return 0, ""

    def _seal(self, number: int, said: Sequence[object], before: str) -> str:
        content = msgspec.json.encode([number, *said, before])
        keyed = self._keyed.copy()
        keyed.update(content)
        return keyed.hexdigest()


def write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, and for its owner's eyes only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
