"""The passkeys of people: as many as they like, each with a name. What is kept is public."""

from collections.abc import Mapping
from typing import Any

import msgspec

from web.clock import Clock
from web.database import Tables
from web.problems import Problem

MOST_PASSKEYS = 20


class Passkey(msgspec.Struct, frozen=True):
    """A row of ``passkeys``; identifier and key are base64url. Times are seconds since 1970."""

    credential_id: str
    user_id: str
    org_id: str
    name: str
    public_key: str
    sign_count: int
    transports: str
    created_at: int
    last_used_at: int | None = None


class Passkeys:
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def of(self, user_id: str) -> list[Passkey]:
        """The passkeys of a person, the oldest first."""
        rows = self._tables.read(
            "SELECT * FROM passkeys WHERE user_id = ? ORDER BY created_at, rowid", (user_id,)
        )
        return [_passkey(row) for row in rows]

    def usable(self, credential_id: str) -> Passkey | None:
        """A passkey of somebody who may sign in."""
        rows = self._tables.read(
            "SELECT passkeys.* FROM passkeys JOIN users ON users.user_id = passkeys.user_id"
            " AND users.disabled_at IS NULL WHERE credential_id = ?",
            (credential_id,),
        )
        return _passkey(rows[0]) if rows else None

    def add(self, passkey: Passkey) -> None:
        """Keep a new one.

        Raises:
            Problem: 409, it is there already, or there are too many.
        """
        row = msgspec.to_builtins(passkey)
        rows = self._tables.write(
            f"INSERT INTO passkeys ({', '.join(row)})"  # noqa: S608  (names of fields)
            f" SELECT {', '.join('?' for _ in row)}"
            " WHERE (SELECT count(*) FROM passkeys WHERE user_id = ?) < ?"
            " ON CONFLICT DO NOTHING RETURNING credential_id",
            (*row.values(), passkey.user_id, MOST_PASSKEYS),
        )
        if not rows:
            raise Problem(
                409, f"This passkey is in use already, or there are {MOST_PASSKEYS} of yours."
            )

    def used(self, passkey: Passkey, sign_count: int) -> bool:
        """Write down a use; whether the passkey is there still and its count had not moved on."""
        rows = self._tables.write(
            "UPDATE passkeys SET last_used_at = ?, sign_count = ?"
            " WHERE credential_id = ? AND sign_count = ? RETURNING credential_id",
            (int(self._clock.wall()), sign_count, passkey.credential_id, passkey.sign_count),
        )
        return bool(rows)

    def rename(self, user_id: str, credential_id: str, name: str) -> None:
        """Call a passkey of somebody's otherwise.

        Raises:
            Problem: 404, they have none such.
        """
        rows = self._tables.write(
            "UPDATE passkeys SET name = ? WHERE user_id = ? AND credential_id = ?"
            " RETURNING credential_id",
            (name, user_id, credential_id),
        )
        if not rows:
            raise Problem(404, "Passkey not found")

    def remove(self, user_id: str, credential_id: str, *, even_the_last: bool) -> None:
        """Forget a passkey of somebody's.

        Raises:
            Problem: 404, they have none such; 409, it is the last one.
        """
        rows = self._tables.write(
            "DELETE FROM passkeys WHERE user_id = ? AND credential_id = ? AND (? OR EXISTS"
            " (SELECT 1 FROM passkeys other WHERE other.user_id = passkeys.user_id"
            " AND other.credential_id != passkeys.credential_id)) RETURNING credential_id",
            (user_id, credential_id, even_the_last),
        )
        if rows:
            return
        if all(each.credential_id != credential_id for each in self.of(user_id)):
            raise Problem(404, "Passkey not found")
        raise Problem(409, "This is your last passkey: add another one first.")


def _passkey(row: Mapping[str, Any]) -> Passkey:
    return msgspec.convert(row, Passkey)
