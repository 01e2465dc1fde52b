"""Invites: links by which people come into an organisation, once, within a week."""

import secrets
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from web.clock import Clock
from web.database import Tables
from web.people import People, Person
from web.problems import Problem
from web.sessions import ID_LETTERS, token_hash

LIFE_SECONDS = 7 * 86_400
# Those that were made longer ago are on record in the audit log only.
KEPT_SECONDS = 90 * 86_400
MOST_OPEN = 1000

State = Literal["open", "accepted", "expired", "revoked"]
_OPEN = "accepted_at IS NULL AND revoked_at IS NULL AND expires_at > ?"


class Invite(msgspec.Struct, frozen=True):
    """A row of ``invites``, without what lets in. Times are whole seconds since 1970."""

    invite_id: str
    org_id: str
    email: str
    role: str
    created_by: str
    created_at: int
    expires_at: int
    accepted_at: int | None
    revoked_at: int | None

    def state(self, now: float) -> State:
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


class Invites:
    def __init__(self, tables: Tables, people: People, clock: Clock) -> None:
        self._tables = tables
        self._people = people
        self._clock = clock

    def create(self, organization: str, email: str, role: str, by: str) -> tuple[Invite, str]:
        """Make an invite, in place of an open one to the same address; with its token.

        Raises:
            Problem: 409, this is somebody who has been disabled, or too many are open.
        """
        somebody = self._people.by_email(organization, email)
        if somebody is not None and somebody.disabled_at is not None:
            raise Problem(409, f"{email} has been disabled: enable them first.")
        token, now = secrets.token_urlsafe(32), int(self._clock.wall())
        with self._tables.transaction() as run:
            run("DELETE FROM invites WHERE created_at <= ?", (now - KEPT_SECONDS,))
            run(
                f"UPDATE invites SET revoked_at = ? WHERE org_id = ? AND email = ? AND {_OPEN}",  # noqa: S608
                (now, organization, email, now),
            )
            rows = run(
                "INSERT INTO invites (token_hash, org_id, email, role, created_by, created_at,"  # noqa: S608
                " expires_at) SELECT ?, ?, ?, ?, ?, ?, ? WHERE"
                f" (SELECT count(*) FROM invites WHERE org_id = ? AND {_OPEN}) < ? RETURNING *",
                (
                    token_hash(token), organization, email, role, by, now, now + LIFE_SECONDS,
                    organization, now, MOST_OPEN,
                ),
            )  # fmt: skip
        if not rows:
            raise Problem(409, f"{MOST_OPEN} invites are open: revoke some first.")
        return _invite(rows[0]), token

    def all(self, organization: str) -> list[Invite]:
        """The invites of an organisation, the newest first."""
        rows = self._tables.read(
            "SELECT * FROM invites WHERE org_id = ? ORDER BY created_at DESC, rowid DESC",
            (organization,),
        )
        return [_invite(row) for row in rows]

    def revoke(self, organization: str, invite_id: str) -> Invite:
        """Make an open invite useless.

        Raises:
            Problem: 404, there is none such; 409, it is not open any more.
        """
        now = int(self._clock.wall())
        rows = self._tables.write(
            "UPDATE invites SET revoked_at = ? WHERE org_id = ?"  # noqa: S608
            f" AND substr(token_hash, 1, ?) = ? AND {_OPEN} RETURNING *",
            (now, organization, ID_LETTERS, invite_id, now),
        )
        if rows:
            return _invite(rows[0])
        if any(each.invite_id == invite_id for each in self.all(organization)):
            raise Problem(409, "This invite is not open any more.")
        raise Problem(404, "Invite not found")

    def revoke_those_by(self, user_id: str) -> None:
        """Make useless what somebody has let others in by who may not any more."""
        now = int(self._clock.wall())
        self._tables.write(
            f"UPDATE invites SET revoked_at = ? WHERE created_by = ? AND {_OPEN}",  # noqa: S608
            (now, user_id, now),
        )

    def open(self, token: str) -> Invite | None:
        """The invite of a token, as long as it can be accepted."""
        rows = self._tables.read(
            f"SELECT * FROM invites WHERE token_hash = ? AND {_OPEN}",  # noqa: S608
            (token_hash(token), int(self._clock.wall())),
        )
        return _invite(rows[0]) if rows else None

    def accept(self, token: str, name: str) -> Person | None:
        """Use an invite up; who comes in by it, None if it is good for nothing.

        Whoever is there already stays who they are, with the role that they have.
        """
        now = int(self._clock.wall())
        rows = self._tables.write(
            f"UPDATE invites SET accepted_at = ? WHERE token_hash = ? AND {_OPEN} RETURNING *",  # noqa: S608
            (now, token_hash(token), now),
        )
        if not rows:
            return None
        invite = _invite(rows[0])
        somebody = self._people.by_email(invite.org_id, invite.email)
        if somebody is None:
            return self._people.add(invite.org_id, email=invite.email, name=name, role=invite.role)
        return somebody if somebody.disabled_at is None else None


def _invite(row: Mapping[str, Any]) -> Invite:
    return msgspec.convert({**row, "invite_id": row["token_hash"][:ID_LETTERS]}, Invite)
