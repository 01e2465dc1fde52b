"""NATS credentials: made with a key or for a device, shown once, and followed by the server.

Of a credential the public key is kept; the seed, with which its owner signs, is told once and
stored nowhere. Whoever runs the message server watches the table: what is written here is so
there within a second. One that belongs to an API key is good for as long as that is.
"""

import secrets
from collections.abc import Collection, Iterable

import msgspec
import nkeys

from flows.ontology.credentials import MOST_NAMED
from flows.ontology.subjects import is_token
from web.clock import Clock
from web.database import Row, Tables
from web.identity import UnknownScope, scopes

MOST_OF_ONE = 2000  # Of one organisation: the server has to know each.
# What can be said or heard over NATS at all.
OF_NATS = frozenset(
    (
        "nats:telemetry", "nats:commands", "nats:commands:write", "nats:entities",
        "nats:events", "nats:all", "telemetry:write", "entities:read", "entities:write",
        "events:read", "events:write", "commands:read", "commands:write", "video:write",
    )
)  # fmt: skip

_COLUMNS = (
    "public_key", "org_id", "name", "scopes", "entity_ids", "key_hash", "created_by",
    "created_at", "expires_at",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO nats_credentials ({', '.join(_COLUMNS)})"  # noqa: S608  (names of our own)
    f" VALUES ({', '.join('?' * len(_COLUMNS))}) RETURNING *"
)


class TooMany(ValueError):
    """An organisation has as many credentials as one may have."""


class UnknownEntity(ValueError):
    """What is no entity's id, or more ids than one credential may name."""


class NatsCredentials:
    """Every method is for one organisation, and finds nothing of another."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def make(
        self,
        organization: str,
        allowed: frozenset[str],
        *,
        name: str = "",
        entity_ids: Collection[str] = (),
        expires_at: int | None = None,
        key_hash: str = "",
        created_by: str = "",
    ) -> tuple[str, Row]:
        """A new credential: its seed, which cannot be shown again, and what is kept of it.

        Args:
            organization: whose it is.
            allowed: scopes, as ``of_nats`` gives them.
            name: what it is for, for people to read.
            entity_ids: the entities that it is for; none for all of the organisation.
            expires_at: when it is good no more, in seconds since 1970.
            key_hash: the API key that it belongs to, if any.
            created_by: who has made it.

        Raises:
            TooMany: the organisation has as many as it may.
            UnknownEntity: an entity cannot be called so, or there are too many.
        """
        named = _entities(entity_ids)
        if len(self._good(organization)) >= MOST_OF_ONE:
            raise TooMany(
                f"There are {MOST_OF_ONE} NATS credentials: revoke those that nobody needs."
            )
        seed, public_key = forge()
        row = {
            "public_key": public_key,
            "org_id": organization,
            "name": name,
            "scopes": ",".join(sorted(allowed)),
            "entity_ids": msgspec.json.encode(named).decode() if named else "",
            "key_hash": key_hash,
            "created_by": created_by,
            "created_at": int(self._clock.wall()),
            "expires_at": expires_at,
        }
        return seed, self._tables.write(_INSERT, [row[each] for each in _COLUMNS])[0]

    def rows(self, organization: str) -> list[Row]:
        """All credentials, the oldest first, those that are good no more among them."""
        sql = "SELECT * FROM nats_credentials WHERE org_id = ? ORDER BY created_at, public_key"
        return self._tables.read(sql, (organization,))

    def row(self, organization: str, public_key: str) -> Row | None:
        sql = "SELECT * FROM nats_credentials WHERE org_id = ? AND public_key = ?"
        return next(iter(self._tables.read(sql, (organization, public_key))), None)

    def rotate(self, organization: str, public_key: str, grace: int) -> tuple[str, Row] | None:
        """A credential in place of another, which is good for ``grace`` seconds more.

        None where there is no such credential, or it is good no more.
        """
        now = int(self._clock.wall())
        seed, successor = forge()
        with self._tables.transaction() as execute:
            old = execute(
                "SELECT * FROM nats_credentials WHERE org_id = ? AND public_key = ?"
                " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
                (organization, public_key, now),
            )
            if not old:
                return None
            execute(
                "UPDATE nats_credentials SET expires_at = min(coalesce(expires_at, ?), ?)"
                " WHERE public_key = ?",
                (now + grace, now + grace, public_key),
            )
            row = {**old[0], "public_key": successor, "created_at": now}
            return seed, execute(_INSERT, [row[each] for each in _COLUMNS])[0]

    def expire(self, organization: str, public_key: str, at: int | None) -> Row | None:
        """Let a credential that is not revoked be good until then, or for ever."""
        rows = self._tables.write(
            "UPDATE nats_credentials SET expires_at = ? WHERE org_id = ? AND public_key = ?"
            " AND revoked_at IS NULL RETURNING *",
            (at, organization, public_key),
        )
        return rows[0] if rows else None

    def revoke(self, organization: str, public_key: str) -> Row | None:
        rows = self._tables.write(
            "UPDATE nats_credentials SET revoked_at = ? WHERE org_id = ? AND public_key = ?"
            " AND revoked_at IS NULL RETURNING *",
            (int(self._clock.wall()), organization, public_key),
        )
        return rows[0] if rows else None

    def _good(self, organization: str) -> list[Row]:
        return self._tables.read(
            "SELECT public_key FROM nats_credentials WHERE org_id = ? AND revoked_at IS NULL"
            " AND (expires_at IS NULL OR expires_at > ?)",
            (organization, int(self._clock.wall())),
        )


def of_nats(names: Iterable[str]) -> frozenset[str]:
    """Scopes by name, if each lets something be said or heard over NATS.

    Raises:
        UnknownScope: one does not, or none is given.
    """
    found = scopes(names)
    for other in sorted(found - OF_NATS):
        raise UnknownScope(
            f"{other} lets nothing be said or heard over NATS; these do: "
            f"{', '.join(sorted(OF_NATS))}."
        )
    return found


def forge() -> tuple[str, str]:
    """A seed and its public key."""
    seed: bytes = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    public: bytes = nkeys.from_seed(bytearray(seed)).public_key
    return seed.decode(), public.decode()


def _entities(names: Collection[str]) -> list[str]:
    if len(names) > MOST_NAMED:
        raise UnknownEntity(f"A credential is for {MOST_NAMED} entities at most, or for all.")
    for name in names:
        if not is_token(name):
            raise UnknownEntity(f"No entity can be called {name[:64]!r}.")
    return sorted(set(names))
