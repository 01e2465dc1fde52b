"""Who may connect to the embedded message server besides our own parts, as the database has it.

The web writes credentials into its table, and the server is told of each change while it runs:
its configuration is written anew and it is asked to read it. Connections stay, but for those
whose credential is good no more.
"""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import NamedTuple, TypeVar

from connectors.nats_server import Account, Password, Permissions
from flows import grants
from flows.cli.deployment import Refused
from flows.cli.legacy import token
from flows.ontology.credentials import LEGACY, MOST_NAMED, Credential
from flows.ontology.settings import Settings
from flows.ontology.subjects import is_token
from flows.supervisor.runner import Say

WHO = "credentials"
LOOK_SECONDS = 0.1
# How often it is looked which entities there are: the flows write them all the time.
REGISTRY_SECONDS = 1.0
BUSY_SECONDS = 1.0
AGAIN_SECONDS = 0.5
NEVER = 1e18
# What accounts are called: no organisation is called as one of the server's own.
PREFIX = "org-"

# One that belongs to an API key is good for as long as that is; one of no organisation never.
_GOOD = f"""
SELECT c.public_key, c.org_id, coalesce(c.entity_ids, ''),
       coalesce(c.scopes, ''),
       min(coalesce(c.expires_at, {NEVER}), coalesce(k.expires_at, {NEVER})) AS until
FROM nats_credentials c
JOIN organizations o ON o.org_id = c.org_id AND o.leaving_at IS NULL
LEFT JOIN api_keys k ON k.key_hash = c.key_hash AND c.key_hash != ''
WHERE c.revoked_at IS NULL
  AND (c.key_hash = '' OR (k.key_hash IS NOT NULL AND k.revoked_at IS NULL))
  AND until > ?
ORDER BY c.created_at, c.public_key
"""  # noqa: S608  (a number of our own)
_ORGANIZATIONS = "SELECT org_id FROM organizations"
_ENTITIES = "SELECT entity_id FROM entities WHERE org_id = ? ORDER BY created_at, entity_id LIMIT ?"
_OWNERS = (
    "SELECT entity_id, org_id FROM entities WHERE entity_id IN (SELECT value FROM json_each(?))"
)

T = TypeVar("T")

# Accounts by name.
Found = Mapping[str, Account]


class _Row(NamedTuple):
    public_key: str
    organization: str
    entity_ids: str
    scopes: str
    until: float


class _Registry(NamedTuple):
    """Organisations, the entities of those that are asked for, and whose others are."""

    organizations: frozenset[str]
    entities: Mapping[str, tuple[str, ...]]
    owners: Mapping[str, str]


NOTHING = _Registry(frozenset(), {}, {})


class Guests:
    """Looks into the database again and again, and tells of every change.

    Args:
        settings: the deployment's.
        written: who may do what as it was written before the server was started.
        write: writes down who may do what, for the server to read.
        reload: asks the server to read it; whether it could be asked.
        say: to whom it is said what cannot be done.
    """

    def __init__(
        self,
        settings: Settings,
        written: Found,
        write: Callable[[Found], None],
        reload: Callable[[], bool],
        say: Say,
    ) -> None:
        self._reader = Reader(settings)
        self._write = write
        self._reload = reload
        self._say = say
        self._asked = True
        self._written = written
        self._again_at = NEVER
        self._trouble = ""

    async def keep(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._reader.close()

    async def look(self) -> None:
        """Once. What cannot be read or written leaves all as it is, and is tried again."""
        try:
            if await _whole(asyncio.to_thread(self._changed)):
                self._asked = False
            self._trouble = ""
        except (sqlite3.Error, Refused) as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                self._say(WHO, logging.ERROR, f"NATS credentials are as before: {error}")
        if time.monotonic() >= self._again_at:
            self._asked, self._again_at = False, NEVER
        if not self._asked:
            self._asked = self._reload()

    def _changed(self) -> bool:
        found = self._reader.look()
        if found is None:
            return False
        if found == self._written:
            self._reader.settle()
            return False
        self._write(found)
        self._reader.settle()
        # An account that is new to a running server says nothing outside, until all are read anew.
        if found.keys() - self._written.keys():
            self._again_at = time.monotonic() + AGAIN_SECONDS
        self._written = found
        return True


async def _whole(work: Coroutine[None, None, T]) -> T:
    """Its result. Who is cancelled waits for its end: a thread cannot be, and still reads."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


class Reader:
    """Reads who may connect, and nothing where that cannot have changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secret = token(settings)
        self._database: sqlite3.Connection | None = None
        self._version = -1
        self._until = NEVER
        self._rows: list[_Row] = []
        self._registry = NOTHING
        self._registry_at = 0.0
        self._settled: tuple[list[_Row], _Registry] | None = None

    def look(self) -> Found | None:
        """Who may do what, unless it is as it was when ``settle`` was called.

        Raises:
            sqlite3.Error: the database cannot be read.
        """
        if self._database is None:
            if not self._settings.database.exists():
                return None
            self._database = _opened(self._settings)
        now = time.time()
        version = self._database.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version or now >= self._until or self._settled is None:
            self._read(self._database, now)
            self._version = version
        if self._settled == (self._rows, self._registry):
            return None
        return _accounts(self._rows, self._registry, self._settings.organization, self._secret)

    def settle(self) -> None:
        """What was read last is what the server has been told."""
        self._settled = (self._rows, self._registry)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

    def _read(self, database: sqlite3.Connection, now: float) -> None:
        if not _has(database, "nats_credentials", "organizations", "api_keys"):
            return
        found = (_Row(*row) for row in database.execute(_GOOD, (now,)))
        rows = [row for row in found if all(isinstance(each, str) for each in row[:-1])]
        self._until = min((row.until for row in rows), default=NEVER)
        early = time.monotonic() < self._registry_at
        if rows == self._rows and early:
            # The registry is looked at later, even if nothing else is written until then.
            self._until = min(self._until, now + REGISTRY_SECONDS)
            return
        self._rows = rows
        whole = {row.organization for row in rows if not row.entity_ids}
        if self._secret:
            whole.add(self._settings.organization)
        self._registry = _registry(database, rows, whole)
        self._registry_at = time.monotonic() + REGISTRY_SECONDS


def known(settings: Settings) -> Found:
    """Who may connect now.

    Raises:
        Refused: the database cannot be read.
    """
    reader = Reader(settings)
    try:
        found = reader.look()
        return (
            _accounts([], NOTHING, settings.organization, token(settings))
            if found is None
            else found
        )
    except sqlite3.Error as error:
        raise Refused(f"{settings.database} cannot be read: {error}.") from error
    finally:
        reader.close()


def _registry(database: sqlite3.Connection, rows: list[_Row], whole: set[str]) -> _Registry:
    organizations = frozenset(row[0] for row in database.execute(_ORGANIZATIONS))
    if not _has(database, "entities"):
        return _Registry(organizations, {}, {})
    entities = {
        each: tuple(row[0] for row in database.execute(_ENTITIES, (each, MOST_NAMED)))
        for each in sorted(whole)
    }
    named = sorted({name for row in rows for name in _named(row) or ()})
    owners = dict(database.execute(_OWNERS, (json.dumps(named),)).fetchall())
    return _Registry(organizations, entities, owners)


def _accounts(
    rows: list[_Row], registry: _Registry, first: str, secret: bytes
) -> dict[str, Account]:
    """Who may do what, by organisation.

    A row that cannot be understood lets nobody in, and keeps nobody else out.
    """
    users: dict[str, dict[str, Permissions]] = {first: {}}
    for row in rows:
        org = row.organization
        named = _named(row)
        if not is_token(org) or (row.entity_ids and named is None):
            continue
        # An entity of another's, or one that is called as an organisation is, opens nothing.
        entities = (
            None
            if named is None
            else frozenset(
                each
                for each in named - registry.organizations
                if registry.owners.get(each, org) == org
            )
        )
        scopes = frozenset(row.scopes.split(","))
        users.setdefault(org, {})[row.public_key] = grants.permissions(
            Credential(row.public_key, org, scopes, entities),
            _registered(registry, org),
            first=org == first,
        )
    found = {
        PREFIX + org: grants.account(org, some, first=org == first) for org, some in users.items()
    }
    if secret:
        shared = grants.shared(first, _registered(registry, first))
        of_first = grants.account(first, users[first], shared, first=True)
        older = Password(LEGACY, secret, shared)
        found[PREFIX + first] = of_first._replace(by_password=(older,))
    return found


def _registered(registry: _Registry, organization: str) -> frozenset[str]:
    return frozenset(registry.entities.get(organization, ())) - registry.organizations


def _named(row: _Row) -> frozenset[str] | None:
    """The entities that a credential is for; None for all of them, and where nobody can tell."""
    try:
        names = json.loads(row.entity_ids) if row.entity_ids else None
    except ValueError:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return frozenset(names[:MOST_NAMED])


def _has(database: sqlite3.Connection, *tables: str) -> bool:
    there = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    return there.issuperset(tables)


def _opened(settings: Settings) -> sqlite3.Connection:
    database = sqlite3.connect(settings.database, BUSY_SECONDS, check_same_thread=False)
    database.execute("PRAGMA query_only = ON")
    return database
