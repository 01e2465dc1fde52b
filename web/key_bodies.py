"""API keys as the interface takes and tells them."""

from datetime import datetime
from typing import Annotated

import msgspec

from web.database import Row
from web.key_ring import GRACE_SECONDS, MOST_A_MINUTE
from web.moments import moment

MOST_GRACE_SECONDS = 31_536_000

Name = Annotated[str, msgspec.Meta(max_length=100)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Rate = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
Scopes = Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]


class CreateKey(msgspec.Struct, forbid_unknown_fields=True):
    """A new key. ``rate_limit`` is in requests a minute."""

    scopes: Scopes
    name: Name = ""
    expires_at: Moment | None = None
    rate_limit: Rate | None = None


class UpdateKey(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be another; what is left out stays, and null takes a limit away."""

    scopes: Scopes | msgspec.UnsetType = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    expires_at: Moment | msgspec.UnsetType | None = msgspec.UNSET
    rate_limit: Rate | msgspec.UnsetType | None = msgspec.UNSET


class RotateKey(msgspec.Struct, forbid_unknown_fields=True):
    """For how long the old key is still good."""

    grace_seconds: Annotated[int, msgspec.Meta(ge=0, le=MOST_GRACE_SECONDS)] = GRACE_SECONDS


class Key(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known of a key; the key itself is stored nowhere."""

    key_id: str
    prefix: str
    org_id: str
    scopes: list[str]
    created_at: str
    rate_limit: int
    name: str = ""
    created_by: str = ""
    expires_at: str = ""
    last_used_at: str = ""
    revoked_at: str = ""
    rotated_to: str = ""


class NewKey(Key, frozen=True, omit_defaults=True, kw_only=True):
    """A key that has just been made: ``api_key`` and ``nats_seed`` are shown this once.

    The latter, and its public key, are there where a scope is of NATS.
    """

    api_key: str
    nats_seed: str = ""
    nats_pub_key: str = ""


def told(row: Row) -> Key:
    """What may be said of a key."""
    return Key(
        key_id=row["key_id"],
        prefix=row["prefix"],
        org_id=row["org_id"],
        scopes=row["scopes"].split(","),
        created_at=moment(row["created_at"]),
        rate_limit=row["rate_limit"] or MOST_A_MINUTE,
        name=row["name"] or "",
        created_by=row["created_by"] or "",
        expires_at=moment(row["expires_at"]),
        last_used_at=moment(row["last_used_at"]),
        revoked_at=moment(row["revoked_at"]),
        rotated_to=row["rotated_to"] or "",
    )
