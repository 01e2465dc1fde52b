"""The people of organisations: who they are, what their role lets them do, and since when.

Every organisation that has people keeps an admin who may sign in: what would take the last one
away is refused.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from web.clock import Clock
from web.database import Tables
from web.identity import ADMIN, ROLES
from web.problems import Problem

MOST_LETTERS = 100
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f<>\"]{1,64}@[^\s@\x00-\x1f\x7f<>\"]{1,189}")
# That somebody else is an admin of theirs who may sign in.
_ANOTHER_ADMIN = (
    "EXISTS (SELECT 1 FROM users other WHERE other.org_id = users.org_id AND other.role = 'admin'"
    " AND other.disabled_at IS NULL AND other.user_id != users.user_id)"
)
_SPARES_AN_ADMIN = f"(role != 'admin' OR disabled_at IS NOT NULL OR {_ANOTHER_ADMIN})"


class Person(msgspec.Struct, frozen=True):
    """A row of ``users``. Times are whole seconds since 1970."""

    user_id: str
    org_id: str
    email: str
    name: str
    role: str
    created_at: int
    disabled_at: int | None = None
    last_login_at: int | None = None

    @property
    def called(self) -> str:
        return self.name or self.email or "Nobody"


def email(text: str) -> str:
    """An address as it is kept: of any two that differ only in capitals there is one.

    Raises:
        Problem: 422, it is none.
    """
    if not _EMAIL.fullmatch(text):
        raise Problem(422, "An e-mail address has one @, no space and at most 254 letters.")
    return text.lower()


def name(text: str) -> str:
    """What somebody, or something of theirs, is called.

    Raises:
        Problem: 422, it is empty, too long, or cannot be shown.
    """
    if not 0 < len(text) <= MOST_LETTERS or not text.isprintable():
        raise Problem(422, f"A name has 1 to {MOST_LETTERS} letters that can be shown.")
    return text


def role(text: str) -> str:
    """A role that there is.

    Raises:
        Problem: 422, there is none such.
    """
    if text not in ROLES:
        raise Problem(422, f"A role is one of {', '.join(ROLES)}.")
    return text


class People:
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def add(self, organization: str, *, email: str, name: str, role: str) -> Person:
        """Take somebody in.

        Raises:
            Problem: 409, the organisation has somebody with this address.
        """
        rows = self._tables.write(
            "INSERT INTO users (user_id, org_id, email, name, role, created_at)"
            " SELECT ?, ?, ?, ?, ?, ? WHERE ? = '' OR NOT EXISTS"
            " (SELECT 1 FROM users WHERE org_id = ? AND email = ?) RETURNING *",
            (
                secrets.token_urlsafe(24), organization, email, name, role,
                int(self._clock.wall()), email, organization, email,
            ),
        )  # fmt: skip
        if not rows:
            raise Problem(409, "There is somebody with this address already.")
        return _person(rows[0])

    def first_admin(self, organization: str) -> Person:
        """The oldest admin who may sign in; made where there is none."""
        rows = self._tables.read(
            "SELECT * FROM users WHERE org_id = ? AND role = ? AND disabled_at IS NULL"
            " ORDER BY created_at, rowid LIMIT 1",
            (organization, ADMIN),
        )
        if rows:
            return _person(rows[0])
        return self.add(organization, email="", name="Admin", role=ADMIN)

    def all(self, organization: str) -> list[Person]:
        rows = self._tables.read(
            "SELECT * FROM users WHERE org_id = ? ORDER BY created_at, rowid", (organization,)
        )
        return [_person(row) for row in rows]

    def by_email(self, organization: str, address: str) -> Person | None:
        rows = self._tables.read(
            "SELECT * FROM users WHERE org_id = ? AND email = ?", (organization, address)
        )
        return _person(rows[0]) if rows else None

    def find(self, organization: str, user_id: str) -> Person:
        """Somebody of an organisation.

        Raises:
            Problem: 404, there is nobody such, or not there.
        """
        rows = self._tables.read(
            "SELECT * FROM users WHERE org_id = ? AND user_id = ?", (organization, user_id)
        )
        if not rows:
            raise Problem(404, "Person not found")
        return _person(rows[0])

    def rename(self, organization: str, user_id: str, name: str) -> Person:
        """Call somebody otherwise. Raises as ``find``."""
        return self._change(organization, user_id, "name = ?", name)

    def give_role(self, organization: str, user_id: str, role: str) -> Person:
        """Change what somebody may do.

        Raises:
            Problem: 404, there is nobody such; 409, it would take the last admin away.
        """
        return self._change(organization, user_id, "role = ?", role, spare=role != ADMIN)

    def disable(self, organization: str, user_id: str) -> Person:
        """Let somebody in no more, and end their sessions. Raises as ``give_role``."""
        now = int(self._clock.wall())
        person = self._change(
            organization, user_id, "disabled_at = coalesce(disabled_at, ?)", now, spare=True
        )
        self._tables.write("DELETE FROM sessions WHERE user_id = ?", (user_id,))
        return person

    def enable(self, organization: str, user_id: str) -> Person:
        """Let somebody in again. Raises as ``find``."""
        return self._change(organization, user_id, "disabled_at = ?", None)

    def delete(self, organization: str, user_id: str) -> None:
        """Forget somebody, with sessions, passkeys and links. Raises as ``give_role``."""
        key = organization, user_id
        with self._tables.transaction() as run:
            gone = run(
                "DELETE FROM users WHERE org_id = ? AND user_id = ?"  # noqa: S608  (a constant)
                f" AND {_SPARES_AN_ADMIN} RETURNING user_id",
                key,
            )
            for table in ("sessions", "passkeys", "sign_in_links") if gone else ():
                run(f"DELETE FROM {table} WHERE user_id = ?", (user_id,))  # noqa: S608
        if not gone:
            self._refuse(*key)

    def came_in(self, user_id: str) -> None:
        """Write down that somebody has signed in."""
        self._tables.write(
            "UPDATE users SET last_login_at = ? WHERE user_id = ?",
            (int(self._clock.wall()), user_id),
        )

    def _change(
        self, organization: str, user_id: str, what: str, value: object, *, spare: bool = False
    ) -> Person:
        condition = f" AND {_SPARES_AN_ADMIN}" if spare else ""
        rows = self._tables.write(
            f"UPDATE users SET {what}"  # noqa: S608  (constants)
            f" WHERE org_id = ? AND user_id = ?{condition} RETURNING *",
            (value, organization, user_id),
        )
        return _person(rows[0]) if rows else self._refuse(organization, user_id)

    def _refuse(self, organization: str, user_id: str) -> Person:
        self.find(organization, user_id)
        raise Problem(409, "This is the last admin: make somebody else one first.")


def _person(row: Mapping[str, Any]) -> Person:
    return msgspec.convert(row, Person)
