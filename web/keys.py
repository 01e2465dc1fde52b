"""API keys as they are shown to us: whose each is, what it may do, and whether it still may."""

from collections.abc import Mapping

import msgspec

from web.believed import Believed
from web.clock import Clock
from web.database import Tables
from web.identity import Identity
from web.key_ring import LIVE, MOST_A_MINUTE, KeyRing
from web.limit import Limit
from web.makers import made_by
from web.problems import Problem

PREFIXES = (LIVE, "c4_test_")
TOUCH_SECONDS = 60


class _Found(msgspec.Struct, frozen=True):
    """A look-up: whose key it is, or what is wrong with it."""

    identity: Identity | None
    fault: str = ""
    expires_at: int | None = None
    rate_limit: int = MOST_A_MINUTE


class Keys:
    """``first`` is the deployment's first organisation."""

    def __init__(self, tables: Tables, secret: bytes, clock: Clock, first: str = "") -> None:
        self.ring = KeyRing(tables, secret, clock)
        self._tables = tables
        self._clock = clock
        self._first = first
        self._limit = Limit(clock, MOST_A_MINUTE)
        self._believed = Believed(self._look_up, clock)

    def create(self, organization: str, allowed: frozenset[str]) -> str:
        """Make a key, and its organisation if there is none; it cannot be shown again."""
        self._tables.add_organization(organization, int(self._clock.wall()))
        return self.ring.make(organization, allowed)[0]

    def forget(self) -> None:
        """Look every key up anew: what has just been changed here holds from now on."""
        self._believed.forget()

    async def find(self, headers: Mapping[str, str]) -> Identity | None:
        """Whose key the headers hold, who makes a request with it; None where they hold none.

        Raises:
            Problem: 401, the key is not good; 429, it has made too many requests.
        """
        key = _presented(headers)
        if not key:
            return None
        if not key.startswith(PREFIXES):
            raise Problem(401, "Invalid API key")
        hashed = self.ring.hashed(key)
        found = await self._believed.find(hashed)
        who = self._good(found)
        wait = self._limit.wait(hashed, found.rate_limit)
        if wait:
            raise Problem(429, "Too many requests with this key", {"Retry-After": str(wait)})
        return who

    async def check(self, hashed: str) -> Identity:
        """Whose key it is, by the hash of the key. Raises as ``find`` does, but never 429."""
        return self._good(await self._believed.find(hashed))

    def _good(self, found: _Found) -> Identity:
        if found.identity is None:
            raise Problem(401, found.fault)
        if found.expires_at is not None and found.expires_at <= self._clock.wall():
            raise Problem(401, "API key has expired")
        return found.identity

    def _look_up(self, hashed: str) -> _Found:
        now = int(self._clock.wall())
        rows = self._tables.read("SELECT * FROM api_keys WHERE key_hash = ?", (hashed,))
        if not rows:
            return _Found(None, "Invalid API key")
        row = rows[0]
        if row["revoked_at"] is not None:
            return _Found(None, "API key has been revoked")
        good = row["expires_at"] is None or row["expires_at"] > now
        if good and now - (row["last_used_at"] or 0) >= TOUCH_SECONDS:
            self._tables.touch(
                "UPDATE api_keys SET last_used_at = ? WHERE key_hash = ?", (now, hashed)
            )
        organization = row["org_id"]
        allowed = frozenset(row["scopes"].split(","))
        return _Found(
            Identity(
                organization,
                allowed,
                key=hashed,
                first=organization == self._first,
                others=made_by(self._tables, hashed),
            ),
            expires_at=row["expires_at"],
            rate_limit=row["rate_limit"] or MOST_A_MINUTE,
        )


def _presented(headers: Mapping[str, str]) -> str:
    """The key in ``X-API-Key``, or else the one after ``Authorization: Bearer``."""
    key = headers.get("x-api-key", "").strip()
    if key:
        return key
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else ""
