"""The web's own tables, in the same SQLite file as the registry that the flows write.

Times are whole seconds since 1970. Secrets are never stored, only their hashes.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

BUSY_SECONDS = 5.0

# Table to its columns and primary key.
TABLES: Mapping[str, tuple[Mapping[str, type], str | tuple[str, ...]]] = {
    "organizations": (
        {
            "org_id": str, "name": str, "org_type": str, "created_at": int, "updated_at": int,
            "description": str, "metadata": str, "revision": int, "leaving_at": int,
        },
        "org_id",
    ),
    "organization_makers": ({"grant_id": str, "org_id": str, "maker": str}, "grant_id"),
    "api_keys": (
        {
            "key_hash": str, "prefix": str, "org_id": str, "scopes": str, "created_at": int,
            "last_used_at": int, "expires_at": int, "revoked_at": int,
            "key_id": str, "name": str, "created_by": str, "rate_limit": int, "rotated_to": str,
        },
        "key_hash",
    ),
    "users": (
        {
            "user_id": str, "org_id": str, "email": str, "name": str, "role": str,
            "created_at": int, "disabled_at": int, "last_login_at": int,
        },
        "user_id",
    ),
    "passkeys": (
        {
            "credential_id": str, "user_id": str, "org_id": str, "name": str, "public_key": str,
            "sign_count": int, "transports": str, "created_at": int, "last_used_at": int,
        },
        "credential_id",
    ),
    "invites": (
        {
            "token_hash": str, "org_id": str, "email": str, "role": str, "created_by": str,
            "created_at": int, "expires_at": int, "accepted_at": int, "revoked_at": int,
        },
        "token_hash",
    ),
    # Read by whoever runs the message server, which lets in whom it finds here.
    "nats_credentials": (
        {
            "public_key": str, "org_id": str, "name": str, "scopes": str, "entity_ids": str,
            "key_hash": str, "created_by": str, "created_at": int, "expires_at": int,
            "revoked_at": int,
        },
        "public_key",
    ),
    # Requests that were said to be one with their retries, and what they were answered.
    "retries": (
        {
            "name": str, "org_id": str, "request_hash": str, "created_at": int,
            "status": int, "headers": str, "body": str,
        },
        "name",
    ),
    "sessions": (
        {
            "token_hash": str, "org_id": str, "created_at": int, "last_used_at": int,
            "user_id": str, "user_agent": str, "address": str, "needs_passkey": int,
        },
        "token_hash",
    ),
    "sign_in_links": (
        {"token_hash": str, "org_id": str, "created_at": int, "used_at": int, "user_id": str},
        "token_hash",
    ),
    # A row for each version; ``mission`` is the last, so that the others are read without it.
    "missions": (
        {
            "org_id": str, "mission_id": str, "version": int, "name": str, "description": str,
            "vehicle_type": str, "checksum": str, "item_count": int, "fence_count": int,
            "rally_count": int, "length": int, "bytes": int, "created_at": int,
            "created_by": str, "mission": str,
        },
        ("org_id", "mission_id", "version"),
    ),
    # Which version was to go to which vehicle, by which command.
    "mission_uploads": (
        {
            "org_id": str, "command_id": str, "mission_id": str, "version": int,
            "mission_type": str, "entity_id": str, "checksum": str, "uploaded_at": int,
            "uploaded_by": str,
        },
        ("org_id", "command_id"),
    ),
    "audit": (
        {
            "sequence": int, "at_us": int, "org_id": str, "actor": str, "action": str,
            "target": str, "outcome": str, "address": str, "before": str, "after": str,
            "seal": str,
        },
        "sequence",
    ),
}  # fmt: skip
# What is on record stays there, whoever asks by way of SQL.
APPEND_ONLY = ("audit",)

Row = dict[str, Any]


class Tables:
    """The database, for many threads: reading never waits for a writer, ours or another's."""

    def __init__(self, path: Path) -> None:
        """Open the file, made if need be for its owner's eyes only.

        Raises:
            OSError, sqlite3.Error: the file cannot be used.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self._seen: set[str] = set()
        with ExitStack() as stack:
            self._writer = stack.enter_context(_connect(path))
            self._writer.enable_wal()
            # Of several that have looked first, only one could write: the others would fail.
            self._writer.execute("BEGIN IMMEDIATE")
            self._grow()
            self._writer.conn.commit()
            self._reader = stack.enter_context(_connect(path))
            self._glancer = stack.enter_context(_connect(path))
            self._opened = stack.pop_all()

    def _grow(self) -> None:
        """Make the tables that are missing, and the columns that older versions did not have."""
        for name, (columns, key) in TABLES.items():
            table = self._writer.table(name)
            table.create(dict(columns), pk=key, if_not_exists=True)
            for column in [each for each in columns if each not in table.columns_dict]:
                table.add_column(column, columns[column])
        for name in APPEND_ONLY:
            for change in ("UPDATE", "DELETE"):
                self._writer.execute(
                    f"CREATE TRIGGER IF NOT EXISTS {name}_no_{change.lower()} BEFORE {change} "
                    f"ON {name} BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
                )
        self._writer.execute(
            "UPDATE api_keys SET key_id = substr(key_hash, 1, 16) WHERE key_id IS NULL"
        )

    def close(self) -> None:
        with self._reading, self._writing:
            self._opened.close()

    def read(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """The rows of a query."""
        with self._reading:
            return list(self._reader.query(sql, values))

    def glance(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """As ``read``, in the event loop itself: a few rows by their key.

        That takes less time than to ask another thread, and waits for nobody.
        """
        return _rows(self._glancer.conn.execute(sql, values))

    def write(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement as a transaction; the rows that it returns."""
        with self._writing:
            return self._write(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[Callable[[str, Sequence[object]], list[Row]]]:
        """Several statements as one transaction; nobody else writes between them."""
        with self._writing, self._writer.conn:
            self._writer.execute("BEGIN IMMEDIATE")
            yield lambda sql, values: _rows(self._writer.conn.execute(sql, values))

    def touch(self, sql: str, values: Sequence[object] = ()) -> bool:
        """As ``write``, for what is not worth waiting for; whether it was done."""
        if not self._writing.acquire(blocking=False):
            return False
        try:
            self._writer.execute("PRAGMA busy_timeout = 0")
            self._write(sql, values)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return False
        else:
            return True
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")
            self._writing.release()

    def _write(self, sql: str, values: Sequence[object]) -> list[Row]:
        with self._writer.atomic():
            return _rows(self._writer.conn.execute(sql, values))

    def has(self, table: str) -> bool:
        """Whether there is a table; one that was there stays."""
        sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        if table not in self._seen and self.read(sql, (table,)):
            self._seen.add(table)
        return table in self._seen

    def add_organization(self, org_id: str, now: int) -> bool:
        """Make an organisation's row; whether there was none."""
        return bool(
            self.write(
                "INSERT INTO organizations (org_id, name, org_type, created_at, updated_at)"
                " VALUES (?, ?, 'civilian', ?, ?) ON CONFLICT DO NOTHING RETURNING org_id",
                (org_id, org_id, now, now),
            )
        )


def _rows(cursor: sqlite3.Cursor) -> list[Row]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _connect(path: Path) -> Database:
    return Database(sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False))
