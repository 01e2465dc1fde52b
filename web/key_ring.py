"""API keys as they are made, looked after and taken away; what is kept of them is their hash."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from web.clock import Clock
from web.database import Row, Tables
from web.makers import hand_on

LIVE = "c4_live_"
SHOWN = 16  # Characters of a key by which people tell it from another.
GRACE_SECONDS = 86_400
# Requests that a key may make, unless it is given another number: more than one server takes.
MOST_A_MINUTE = 60_000

_COLUMNS = (
    "key_hash", "key_id", "prefix", "org_id", "name", "scopes", "created_by", "created_at",
    "expires_at", "rate_limit",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO api_keys ({', '.join(_COLUMNS)})"  # noqa: S608  (names of our own)
    f" VALUES ({', '.join('?' * len(_COLUMNS))}) RETURNING *"
)
_CHANGE = (
    "UPDATE api_keys SET name = CASE WHEN ? THEN ? ELSE name END,"
    " scopes = CASE WHEN ? THEN ? ELSE scopes END,"
    " expires_at = CASE WHEN ? THEN ? ELSE expires_at END,"
    " rate_limit = CASE WHEN ? THEN ? ELSE rate_limit END"
    " WHERE org_id = ? AND key_id = ? AND revoked_at IS NULL RETURNING *"
)
CHANGEABLE = ("name", "scopes", "expires_at", "rate_limit")


class KeyRing:
    """Every method is for one organisation, and finds nothing of another."""

    def __init__(self, tables: Tables, secret: bytes, clock: Clock) -> None:
        self._tables = tables
        # Keyed once: every request has a key to be hashed.
        self._keyed = hmac.new(secret, digestmod="sha256")
        self._clock = clock

    def hashed(self, key: str) -> str:
        keyed = self._keyed.copy()
        keyed.update(key.encode())
        return keyed.hexdigest()

    def make(
        self,
        organization: str,
        allowed: frozenset[str],
        *,
        name: str = "",
        created_by: str = "",
        expires_at: int | None = None,
        rate_limit: int | None = None,
    ) -> tuple[str, Row]:
        """A new key, which is stored nowhere and cannot be shown again, and what is kept of it."""
        key, values = self._forge(
            {
                "org_id": organization,
                "scopes": _joined(allowed),
                "name": name,
                "created_by": created_by,
                "expires_at": expires_at,
                "rate_limit": rate_limit,
            }
        )
        return key, self._tables.write(_INSERT, values)[0]

    def rows(self, organization: str) -> list[Row]:
        """All keys, the oldest first, those that are good no more among them."""
        sql = "SELECT * FROM api_keys WHERE org_id = ? ORDER BY created_at, key_id"
        return self._tables.read(sql, (organization,))

    def row(self, organization: str, key_id: str) -> Row | None:
        sql = "SELECT * FROM api_keys WHERE org_id = ? AND key_id = ?"
        return next(iter(self._tables.read(sql, (organization, key_id))), None)

    def change(self, organization: str, key_id: str, changes: Mapping[str, Any]) -> Row | None:
        """Give those of ``CHANGEABLE`` that are named another value."""
        values: list[object] = []
        for name in CHANGEABLE:
            value = changes.get(name)
            values += [name in changes, _joined(value) if name == "scopes" and value else value]
        rows = self._tables.write(_CHANGE, (*values, organization, key_id))
        return rows[0] if rows else None

    def rotate(self, organization: str, key_id: str, grace: int) -> tuple[str, Row] | None:
        """A key in place of another, which is good for ``grace`` seconds more.

        None where there is no such key, or it has been replaced already, or is good no more.
        """
        now = int(self._clock.wall())
        with self._tables.transaction() as execute:
            found = execute(
                "SELECT * FROM api_keys WHERE org_id = ? AND key_id = ? AND revoked_at IS NULL"
                " AND rotated_to IS NULL AND (expires_at IS NULL OR expires_at > ?)",
                (organization, key_id, now),
            )
            if not found:
                return None
            old = found[0]
            key, values = self._forge(old)
            made = execute(_INSERT, values)[0]
            execute(
                "UPDATE api_keys SET rotated_to = ?, expires_at = min(coalesce(expires_at, ?), ?)"
                " WHERE key_hash = ?",
                (made["key_id"], now + grace, now + grace, old["key_hash"]),
            )
            hand_on(execute, old["key_hash"], made["key_hash"])
        return key, made

    def revoke(self, organization: str, key_id: str) -> Row | None:
        rows = self._tables.write(
            "UPDATE api_keys SET revoked_at = ? WHERE org_id = ? AND key_id = ?"
            " AND revoked_at IS NULL RETURNING *",
            (int(self._clock.wall()), organization, key_id),
        )
        return rows[0] if rows else None

    def _forge(self, like: Mapping[str, Any]) -> tuple[str, list[object]]:
        """A key that may what another may, and what is to be kept of it."""
        key = LIVE + secrets.token_hex(32)
        hashed = self.hashed(key)
        row = {
            **like,
            "key_hash": hashed,
            "key_id": hashed[:SHOWN],
            "prefix": key[:SHOWN],
            "created_at": int(self._clock.wall()),
        }
        return key, [row[name] for name in _COLUMNS]


def _joined(scopes: frozenset[str]) -> str:
    return ",".join(sorted(scopes))
