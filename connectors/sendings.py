"""What was sent to vehicles, on record before it goes out: it is how nothing is sent twice.

After a crash nobody else knows it: what was read again would be sent again.
"""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from connectors.sqlite import DatabaseUnusable, SqliteTable, open_database, read_rows

SENDINGS = SqliteTable(
    "sendings",
    {"sending": str, "once": int, "at_us": int},
    key="sending",
    indexes=(("at_us",),),
)
# Nothing is sent so long after it was delivered.
KEPT_US = 86_400_000_000
FORGET_EVERY = 1000


class Sendings:
    """The record. Made and used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = open_database(path, SENDINGS)
        self._written = FORGET_EVERY

    def record(self, sendings: Sequence[tuple[str, bool]]) -> list[bool]:
        """Put sendings and whether each is to be sent once on record, in one transaction.

        Returns:
            Of each whether it was on record already.

        Raises:
            DatabaseUnusable: it cannot be recorded, and must not be sent.
        """
        now_us = time.time_ns() // 1000
        self._written += len(sendings)
        try:
            with self._connection:
                known = [self._put(sending, once, now_us) for sending, once in sendings]
                if self._written >= FORGET_EVERY:
                    self._written = 0
                    self._connection.execute(
                        "DELETE FROM sendings WHERE at_us < ?", (now_us - KEPT_US,)
                    )
        except sqlite3.Error as error:
            raise DatabaseUnusable(f"{self._path} could not be written: {error}.") from error
        return known

    def close(self) -> None:
        self._connection.close()

    def _put(self, sending: str, once: bool, now_us: int) -> bool:  # noqa: FBT001
        put = self._connection.execute(
            "INSERT INTO sendings (sending, once, at_us) VALUES (?, ?, ?) "
            "ON CONFLICT (sending) DO NOTHING",
            (sending, int(once), now_us),
        )
        return put.rowcount == 0


def sent_once(path: Path) -> frozenset[str]:
    """What is on record as sent and is never to be sent again. Makes the record if there is none.

    Raises:
        DatabaseUnusable: with the reason.
    """
    open_database(path, SENDINGS).close()
    rows = read_rows(path, "SELECT sending FROM sendings WHERE once")
    return frozenset(row["sending"] for row in rows)
