"""Organisations: their rows, each change an event that JetStream has before it is made.

One writer at a time: who changes an organisation sees what the one before has made of it.
"""

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import anyio.to_thread
import msgspec

from connectors.publication import Publication
from flows.ontology.subjects import ORGANIZATIONS
from web.clock import Clock
from web.database import Row, Tables
from web.makers import note
from web.moments import moment
from web.publisher import Publisher

Kind = Literal["military", "civilian", "commercial", "ngo"]
KINDS: tuple[str, ...] = get_args(Kind)
SOURCE = "organization-service"

_SHOWN = "SELECT * FROM organizations WHERE leaving_at IS NULL"
_ALL = f"{_SHOWN} ORDER BY created_at, org_id"
_ONE = f"{_SHOWN} AND org_id = ?"
_LEAVING = "SELECT * FROM organizations WHERE leaving_at IS NOT NULL AND org_id = ?"
_INSERT = (
    "INSERT INTO organizations"
    " (org_id, name, org_type, description, metadata, created_at, updated_at, revision)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, 1)"
)
_UPDATE = (
    "UPDATE organizations SET name = ?, org_type = ?, description = ?, metadata = ?,"
    " updated_at = ?, revision = ? WHERE org_id = ? AND leaving_at IS NULL"
)


class Organization(msgspec.Struct, frozen=True, omit_defaults=True):
    """An organisation as version 0.1.0 of the interface has it; ``metadata`` is JSON as text."""

    org_id: str
    name: str
    org_type: str
    created_at: str
    updated_at: str
    description: str = ""
    metadata: str = ""
    schema_: str = msgspec.field(name="$schema", default="")


class Known(msgspec.Struct, frozen=True):
    """An organisation and which revision of it this is."""

    organization: Organization
    revision: int


class Organizations:
    def __init__(self, tables: Tables, publisher: Publisher, clock: Clock) -> None:
        self._tables = tables
        self._publisher = publisher
        self._clock = clock
        self._turn = asyncio.Lock()

    async def all(self) -> list[Organization]:
        """Every one, the oldest first; those that are being deleted are gone already."""
        rows = await anyio.to_thread.run_sync(self._tables.read, _ALL)
        return [_known(row).organization for row in rows]

    async def find(self, org_id: str) -> Known | None:
        rows = await anyio.to_thread.run_sync(self._tables.read, _ONE, (org_id,))
        return _known(rows[0]) if rows else None

    async def find_leaving(self, org_id: str) -> Known | None:
        """One that is being deleted."""
        rows = await anyio.to_thread.run_sync(self._tables.read, _LEAVING, (org_id,))
        return _known(rows[0]) if rows else None

    async def create(
        self, name: str, org_type: Kind, description: str, metadata: Mapping[str, Any], maker: str
    ) -> Known:
        """Make one, under an id of our choice, for ``maker`` to see to.

        Raises:
            Problem: as ``Publisher.say``; there is none then.
        """
        now = int(self._clock.wall())
        org_id, text = str(uuid.uuid4()), _text(metadata)
        at = moment(now)
        made = Organization(org_id, name, org_type, at, at, description, text)
        await self._publisher.say([_event("created", made, 1, at)])
        values = (org_id, name, org_type, description, text, now, now)
        await anyio.to_thread.run_sync(self._insert, org_id, values, maker)
        return Known(made, 1)

    def _insert(self, org_id: str, values: tuple[object, ...], maker: str) -> None:
        with self._tables.transaction() as execute:
            execute(_INSERT, values)
            note(execute, org_id, maker)

    async def update(
        self, org_id: str, changes: Mapping[str, Any], check: Callable[[int], None]
    ) -> tuple[Known, Known] | None:
        """Change some of its fields; how it was and how it is, or None where there is none such.

        Args:
            org_id: which.
            changes: the fields by name, ``metadata`` as an object.
            check: is told the revision that stands, and may raise to leave it so.

        Raises:
            Problem: as ``Publisher.say``; nothing is changed then.
        """
        async with self._turn:
            before = await self.find(org_id)
            if before is None:
                return None
            check(before.revision)
            now, revision = int(self._clock.wall()), before.revision + 1
            texts = {**changes, "metadata": _text(changes["metadata"])} if (
                "metadata" in changes
            ) else changes  # fmt: skip
            made = msgspec.structs.replace(before.organization, **texts, updated_at=moment(now))
            await self._publisher.say([_event("updated", made, revision, made.updated_at)])
            values = (
                made.name, made.org_type, made.description, made.metadata, now, revision, org_id,
            )  # fmt: skip
            await anyio.to_thread.run_sync(self._tables.write, _UPDATE, values)
            return before, Known(made, revision)

    async def say_deleted(self, known: Known) -> None:
        """Tell that one is gone. Raises as ``Publisher.say``."""
        at = moment(int(self._clock.wall()))
        event = _event("deleted", known.organization, known.revision + 1, at)
        await self._publisher.say([event])


def _known(row: Row) -> Known:
    made = Organization(
        row["org_id"],
        row["name"],
        row["org_type"],
        moment(row["created_at"]),
        moment(row["updated_at"]),
        row["description"] or "",
        row["metadata"] or "",
    )
    return Known(made, row["revision"] or 1)


def _event(change: str, made: Organization, revision: int, at: str) -> Publication:
    """What the stream is told. The same change that is said again is the same message."""
    said = {
        "org_id": made.org_id,
        "name": made.name,
        "org_type": made.org_type,
        **({} if change == "deleted" else {"organization": made}),
    }
    subject = f"{ORGANIZATIONS}.{change}"
    body = {
        "id": made.org_id,
        "type": change,
        "subject": subject,
        "data": said,
        "timestamp": at,
        "source": SOURCE,
    }
    data = msgspec.json.encode(body)
    mark = hashlib.sha256(data).hexdigest()[:16]
    return Publication(subject, data, f"{made.org_id}:{revision}:{change}:{mark}")


def _text(metadata: Mapping[str, Any] | None) -> str:
    return msgspec.json.encode(metadata).decode() if metadata else ""
