"""Sessions of people at the dashboard: made by a sign-in link, kept in a cookie, stored hashed."""

import hashlib
import secrets

import anyio.to_thread

from web.clock import Clock
from web.database import Tables
from web.identity import ROLES, VIEWER, Identity

COOKIE = "overwatch_session"
ABSOLUTE_SECONDS = 7 * 86_400
IDLE_SECONDS = 86_400
# How long a look-up is believed: also how long a session revoked elsewhere lives on.
CACHE_SECONDS = 0.9
TOUCH_SECONDS = 60
MOST_CACHED = 10_000
SESSION_SCOPES = ROLES[VIEWER] | {"metrics:read"}


def token_hash(token: str) -> str:
    """Of a random token of 32 bytes, where a fast hash is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock
        self._known: dict[str, tuple[float, Identity | None]] = {}

    async def create(self, organization: str) -> str:
        """Begin a session; its token, which is stored nowhere."""
        token, now = secrets.token_urlsafe(32), int(self._clock.wall())
        await anyio.to_thread.run_sync(self._insert, token_hash(token), organization, now)
        return token

    def _insert(self, hashed: str, organization: str, now: int) -> None:
        self._tables.write(
            "DELETE FROM sessions WHERE created_at <= ? OR last_used_at <= ?",
            (now - ABSOLUTE_SECONDS, now - IDLE_SECONDS),
        )
        self._tables.write(
            "INSERT INTO sessions (token_hash, org_id, created_at, last_used_at)"
            " VALUES (?, ?, ?, ?)",
            (hashed, organization, now, now),
        )

    async def find(self, token: str) -> Identity | None:
        """Whose session it is; None if there is none such or it has expired."""
        return await self.check(token_hash(token))

    async def check(self, hashed: str) -> Identity | None:
        """As ``find``, by the hash of the token."""
        now = self._clock.monotonic()
        known = self._known.get(hashed)
        if known is not None and now - known[0] < CACHE_SECONDS:
            return known[1]
        found = await anyio.to_thread.run_sync(self._look_up, hashed)
        if len(self._known) >= MOST_CACHED:
            self._known.clear()
        self._known[hashed] = now, found
        return found

    def _look_up(self, hashed: str) -> Identity | None:
        now = int(self._clock.wall())
        rows = self._tables.read(
            "SELECT org_id, last_used_at FROM sessions"
            " WHERE token_hash = ? AND created_at > ? AND last_used_at > ?",
            (hashed, now - ABSOLUTE_SECONDS, now - IDLE_SECONDS),
        )
        if not rows:
            return None
        if now - rows[0]["last_used_at"] >= TOUCH_SECONDS:
            self._tables.touch(
                "UPDATE sessions SET last_used_at = ? WHERE token_hash = ?", (now, hashed)
            )
        return Identity(rows[0]["org_id"], SESSION_SCOPES, hashed)

    async def end(self, hashed: str) -> None:
        """Sign out: the session is gone at once."""
        self._known.pop(hashed, None)
        await anyio.to_thread.run_sync(
            self._tables.write, "DELETE FROM sessions WHERE token_hash = ?", (hashed,)
        )
        self._known.pop(hashed, None)
