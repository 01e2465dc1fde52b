"""API keys: shown once when made, stored as HMAC-SHA256, each for one organisation.

python -m web.keys create --org ID --scopes entities:read
python -m web.keys list
python -m web.keys revoke PREFIX
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import anyio.to_thread
import click
import msgspec

from connectors.environment import environment
from flows.ontology.settings import Settings
from flows.ontology.subjects import is_token
from web.clock import Clock
from web.database import Tables
from web.identity import Identity, UnknownScope, scopes
from web.problems import Problem

LIVE = "c4_live_"
PREFIXES = (LIVE, "c4_test_")
SHOWN = 16  # Characters of a key by which people tell it from another.
CACHE_SECONDS = 0.9
TOUCH_SECONDS = 60
MOST_CACHED = 10_000


class _Found(msgspec.Struct, frozen=True):
    """A look-up: whose key it is, or what is wrong with it."""

    identity: Identity | None
    fault: str = ""


def hash_secret(settings: Settings) -> bytes:
    """What keys are hashed with: the setting, or a secret made once beside the database."""
    if settings.key_hash_secret:
        return settings.key_hash_secret.encode()
    path = settings.database.with_name("key-hash-secret")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _write_once(path, secrets.token_hex(32).encode())
    return path.read_bytes()


def _write_once(path: Path, secret: bytes) -> None:
    """Whole or not at all, and the first of two writers wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


class Keys:
    def __init__(self, tables: Tables, secret: bytes, clock: Clock) -> None:
        self._tables = tables
        self._secret = secret
        self._clock = clock
        self._known: dict[str, tuple[float, _Found]] = {}

    def hashed(self, key: str) -> str:
        return hmac.new(self._secret, key.encode(), hashlib.sha256).hexdigest()

    def create(self, organization: str, allowed: frozenset[str]) -> str:
        """Make a key; it is stored nowhere and cannot be shown again."""
        key, now = LIVE + secrets.token_hex(32), int(self._clock.wall())
        self._tables.add_organization(organization, now)
        self._tables.write(
            "INSERT INTO api_keys (key_hash, prefix, org_id, scopes, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (self.hashed(key), key[:SHOWN], organization, ",".join(sorted(allowed)), now),
        )
        return key

    def revoke(self, prefix: str) -> int:
        """Revoke the keys that begin so; how many."""
        rows = self._tables.write(
            "UPDATE api_keys SET revoked_at = ? WHERE prefix = ? AND revoked_at IS NULL"
            " RETURNING prefix",
            (int(self._clock.wall()), prefix[:SHOWN]),
        )
        return len(rows)

    async def find(self, headers: Mapping[str, str]) -> Identity | None:
        """Whose key the headers hold; None where they hold none.

        Raises:
            Problem: 401, the key is not good.
        """
        key = _presented(headers)
        if not key:
            return None
        if not key.startswith(PREFIXES):
            raise Problem(401, "Invalid API key")
        return await self.check(self.hashed(key))

    async def check(self, hashed: str) -> Identity:
        """As ``find``, by the hash of the key."""
        now = self._clock.monotonic()
        known = self._known.get(hashed)
        if known is None or now - known[0] >= CACHE_SECONDS:
            if len(self._known) >= MOST_CACHED:
                self._known.clear()
            known = now, await anyio.to_thread.run_sync(self._look_up, hashed)
            self._known[hashed] = known
        if known[1].identity is None:
            raise Problem(401, known[1].fault)
        return known[1].identity

    def _look_up(self, hashed: str) -> _Found:
        now = int(self._clock.wall())
        rows = self._tables.read("SELECT * FROM api_keys WHERE key_hash = ?", (hashed,))
        if not rows:
            return _Found(None, "Invalid API key")
        row = rows[0]
        if row["revoked_at"] is not None:
            return _Found(None, "API key has been revoked")
        if row["expires_at"] is not None and row["expires_at"] <= now:
            return _Found(None, "API key has expired")
        if now - (row["last_used_at"] or 0) >= TOUCH_SECONDS:
            self._tables.touch(
                "UPDATE api_keys SET last_used_at = ? WHERE key_hash = ?", (now, hashed)
            )
        return _Found(Identity(row["org_id"], frozenset(row["scopes"].split(",")), key=hashed))


def _presented(headers: Mapping[str, str]) -> str:
    """The key in ``X-API-Key``, or else the one after ``Authorization: Bearer``."""
    key = headers.get("x-api-key", "").strip()
    if key:
        return key
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else ""


@contextmanager
def _opened() -> Iterator[tuple[Tables, Keys]]:
    settings = Settings.read(environment())
    tables = Tables(settings.database)
    try:
        yield tables, Keys(tables, hash_secret(settings), Clock())
    finally:
        tables.close()


@click.group()
def main() -> None:
    """API keys."""


@main.command("create")
@click.option("--org", "organization", required=True, help="whose key it is")
@click.option("--scopes", "names", required=True, help="what it may do, with commas between")
def create_command(organization: str, names: str) -> None:
    """Make a key and print it, and nothing else."""
    if not is_token(organization):
        raise click.UsageError("An organisation's id is letters, digits, _ and -, at most 128.")
    try:
        allowed = scopes(filter(None, (name.strip() for name in names.split(","))))
    except UnknownScope as error:
        raise click.UsageError(str(error)) from error
    with _opened() as (_, keys):
        click.echo(keys.create(organization, allowed))


@main.command("list")
def list_command() -> None:
    """Print the keys that there are, by their first characters."""
    with _opened() as (tables, _):
        for row in tables.read("SELECT * FROM api_keys ORDER BY created_at"):
            used = row["last_used_at"]
            when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(used)) if used else "never used"
            state = "revoked" if row["revoked_at"] else when
            click.echo(f"{row['prefix']}  {row['org_id']}  {row['scopes']}  {state}")


@main.command("revoke")
@click.argument("prefix")
def revoke_command(prefix: str) -> None:
    """Revoke the key that begins with PREFIX (16 characters, as `list` prints them)."""
    with _opened() as (_, keys):
        if not keys.revoke(prefix):
            raise click.ClickException(f"There is no key {prefix} that could be revoked.")


if __name__ == "__main__":
    main()
