"""Sessions of people at the dashboard: kept in a cookie, stored hashed, theirs to look through."""

import hashlib
import secrets

import anyio.to_thread
import msgspec

from web.believed import Believed
from web.clock import Clock
from web.database import Tables
from web.identity import ROLES, Identity
from web.makers import made_by
from web.people import Person

COOKIE = "overwatch_session"
ABSOLUTE_SECONDS = 7 * 86_400
IDLE_SECONDS = 86_400
TOUCH_SECONDS = 60
MOST_AGENT_LETTERS = 300
# As much of the hash as tells one session from another.
ID_LETTERS = 16

_LIVES = "created_at > ? AND last_used_at > ?"


class Session(msgspec.Struct, frozen=True):
    """A session as its owner sees it. Times are whole seconds since 1970."""

    session_id: str
    user_id: str
    created_at: int
    last_used_at: int
    user_agent: str
    address: str


def token_hash(token: str) -> str:
    """Of a random token of 32 bytes, where a fast hash is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """``first`` is the deployment's first organisation, whose admins see to all."""

    def __init__(self, tables: Tables, clock: Clock, first: str) -> None:
        self._tables = tables
        self._clock = clock
        self._first = first
        self._believed = Believed(self._look_up, clock)

    async def create(
        self,
        person: Person,
        *,
        user_agent: str = "",
        address: str = "",
        needs_passkey: bool = False,
    ) -> str:
        """Begin a session; its token, which is stored nowhere."""
        token, now = secrets.token_urlsafe(32), int(self._clock.wall())
        row = (
            token_hash(token), person.org_id, person.user_id, now, now,
            user_agent[:MOST_AGENT_LETTERS], address, int(needs_passkey),
        )  # fmt: skip
        await anyio.to_thread.run_sync(self._insert, row, now)
        return token

    def _insert(self, row: tuple[object, ...], now: int) -> None:
        self._tables.write(
            f"DELETE FROM sessions WHERE NOT ({_LIVES}) OR user_id IS NULL",  # noqa: S608
            self._limits(now),
        )
        self._tables.write(
            "INSERT INTO sessions (token_hash, org_id, user_id, created_at, last_used_at,"
            " user_agent, address, needs_passkey) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    async def find(self, token: str) -> Identity | None:
        """Whose session it is; None if there is none such or it has expired."""
        return await self.check(token_hash(token))

    async def check(self, hashed: str) -> Identity | None:
        """As ``find``, by the hash of the token."""
        return await self._believed.find(hashed)

    def _look_up(self, hashed: str) -> Identity | None:
        now = int(self._clock.wall())
        rows = self._tables.read(
            "SELECT users.org_id, users.user_id, users.role, s.last_used_at, s.needs_passkey"
            " FROM sessions s JOIN users ON users.user_id = s.user_id AND disabled_at IS NULL"
            " WHERE s.token_hash = ? AND s.created_at > ? AND s.last_used_at > ?",
            (hashed, *self._limits(now)),
        )
        if not rows:
            return None
        row = rows[0]
        if now - row["last_used_at"] >= TOUCH_SECONDS:
            self._tables.touch(
                "UPDATE sessions SET last_used_at = ? WHERE token_hash = ?", (now, hashed)
            )
        return Identity(
            row["org_id"],
            ROLES.get(row["role"], frozenset()),
            hashed,
            user=row["user_id"],
            role=row["role"],
            first=row["org_id"] == self._first,
            others=made_by(self._tables, row["user_id"]),
            needs_passkey=bool(row["needs_passkey"]),
        )

    def of(self, user_id: str) -> list[Session]:
        """The sessions of a person that live, the one last used first."""
        return self._listed("user_id", user_id)

    def within(self, organization: str) -> list[Session]:
        """The same of everybody of an organisation."""
        return self._listed("org_id", organization)

    def _listed(self, column: str, value: str) -> list[Session]:
        rows = self._tables.read(
            "SELECT substr(token_hash, 1, ?) AS session_id, user_id, created_at,"  # noqa: S608
            " last_used_at, coalesce(user_agent, '') AS user_agent,"
            " coalesce(address, '') AS address FROM sessions"
            f" WHERE {column} = ? AND user_id IS NOT NULL AND {_LIVES}"
            " ORDER BY last_used_at DESC, rowid DESC",
            (ID_LETTERS, value, *self._limits(int(self._clock.wall()))),
        )
        return msgspec.convert(rows, list[Session])

    async def end(self, hashed: str) -> None:
        """Sign out: the session is gone at once."""
        await self._write("DELETE FROM sessions WHERE token_hash = ?", (hashed,))

    async def revoke(self, user_id: str, session_id: str) -> bool:
        """End one of a person's sessions, at once; whether there was such."""
        return await self._write(
            "DELETE FROM sessions WHERE user_id = ? AND substr(token_hash, 1, ?) = ?"
            " RETURNING user_id",
            (user_id, ID_LETTERS, session_id),
        )

    async def end_all(self, user_id: str) -> None:
        """End every session of a person, at once."""
        await self._write("DELETE FROM sessions WHERE user_id = ?", (user_id,))

    async def has_passkey(self, user_id: str) -> None:
        """A person has added a passkey: what their sessions may see is not held back any more."""
        await self._write("UPDATE sessions SET needs_passkey = 0 WHERE user_id = ?", (user_id,))

    async def _write(self, sql: str, values: tuple[object, ...]) -> bool:
        self.forget()
        rows = await anyio.to_thread.run_sync(self._tables.write, sql, values)
        self.forget()
        return bool(rows)

    def forget(self) -> None:
        """Believe no look-up from before: what somebody may do has changed."""
        self._believed.forget()

    @staticmethod
    def _limits(now: int) -> tuple[int, int]:
        """Later than these a session that lives was made, and last used."""
        return now - ABSOLUTE_SECONDS, now - IDLE_SECONDS
