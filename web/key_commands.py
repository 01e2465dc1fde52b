"""API keys by hand, on the machine itself.

python -m web.key_commands create --org ID --scopes entities:read
python -m web.key_commands list
python -m web.key_commands rotate KEY
python -m web.key_commands revoke KEY

KEY is how a key begins, or its id.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from connectors.environment import environment
from flows.ontology.settings import Settings
from flows.ontology.subjects import is_token
from web.clock import Clock
from web.database import Row, Tables
from web.identity import NATS_SCOPES, UnknownScope, scopes
from web.key_ring import GRACE_SECONDS, SHOWN, KeyRing
from web.key_secret import hash_secret
from web.nats_credentials import NatsCredentials

DAY_SECONDS = 86_400
BY = "command line"


@contextmanager
def _opened() -> Iterator[tuple[Tables, KeyRing]]:
    settings = Settings.read(environment())
    tables = Tables(settings.database)
    try:
        yield tables, KeyRing(tables, hash_secret(settings), Clock())
    finally:
        tables.close()


def _found(tables: Tables, named: str) -> Row:
    """The key that is meant; there must be one only that is still good."""
    rows = tables.read(
        "SELECT * FROM api_keys WHERE (prefix = ? OR key_id = ?) AND revoked_at IS NULL",
        (named[:SHOWN], named),
    )
    if len(rows) != 1:
        raise click.ClickException(
            f"There {'are several keys' if rows else 'is no key'} {named} that could be meant."
        )
    return rows[0]


@click.group()
def main() -> None:
    """API keys."""


@main.command("create")
@click.option("--org", "organization", required=True, help="whose key it is")
@click.option("--scopes", "names", required=True, help="what it may do, with commas between")
@click.option("--name", default="", help="what it is for")
@click.option("--expires", "days", type=click.IntRange(1, 36_500), help="days that it is good for")
@click.option("--rate", type=click.IntRange(1, 10**9), help="requests that it may make a minute")
def create_command(
    organization: str, names: str, name: str, days: int | None, rate: int | None
) -> None:
    """Make a key and print it, and nothing else; of NATS, the seed stands in a second line."""
    if not is_token(organization):
        raise click.UsageError("An organisation's id is letters, digits, _ and -, at most 128.")
    try:
        allowed = scopes(filter(None, (each.strip() for each in names.split(","))))
    except UnknownScope as error:
        raise click.UsageError(str(error)) from error
    now = int(time.time())
    with _opened() as (tables, ring):
        tables.add_organization(organization, now)
        key, row = ring.make(
            organization,
            allowed,
            name=name,
            created_by=BY,
            expires_at=now + days * DAY_SECONDS if days else None,
            rate_limit=rate,
        )
        click.echo(key)
        _echo_seed(tables, row)


def _echo_seed(tables: Tables, row: Row) -> None:
    """Make a NATS credential for a key that has a scope of NATS."""
    allowed = frozenset(row["scopes"].split(",")) & NATS_SCOPES
    if allowed:
        credentials = NatsCredentials(tables, Clock())
        seed, _ = credentials.make(
            row["org_id"], allowed, name=row["name"] or "", key_hash=row["key_hash"], created_by=BY
        )
        click.echo(seed)


@main.command("list")
def list_command() -> None:
    """Print the keys that there are, by their first characters."""
    now = int(time.time())
    with _opened() as (tables, _):
        for row in tables.read("SELECT * FROM api_keys ORDER BY created_at"):
            click.echo(
                f"{row['prefix']}  {row['org_id']}  {row['scopes']}  {_state(row, now)}"
                f"{'  ' + _plain(row['name']) if row['name'] else ''}"
            )


def _plain(name: str) -> str:
    """A name that does nothing to a terminal."""
    return "".join(each if each.isprintable() else "?" for each in name)


def _state(row: Row, now: int) -> str:
    if row["revoked_at"]:
        return "revoked"
    until = row["expires_at"]
    if until is not None and until <= now:
        return "expired"
    used = _time(row["last_used_at"]) if row["last_used_at"] else "never used"
    return used if until is None else f"{used}, until {_time(until)}"


def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


@main.command("rotate")
@click.argument("key")
@click.option(
    "--grace",
    type=click.IntRange(0, 31_536_000),
    default=GRACE_SECONDS,
    help="seconds that the old one is still good for",
)
def rotate_command(key: str, grace: int) -> None:
    """Print a new key in place of KEY, which is good for a while longer."""
    with _opened() as (tables, ring):
        row = _found(tables, key)
        made = ring.rotate(row["org_id"], row["key_id"], grace)
        if made is None:
            raise click.ClickException(f"{key} has expired, or been replaced already.")
        click.echo(made[0])
        _echo_seed(tables, made[1])


@main.command("revoke")
@click.argument("key")
def revoke_command(key: str) -> None:
    """Revoke KEY: it is good for nothing within a second."""
    with _opened() as (tables, ring):
        row = _found(tables, key)
        ring.revoke(row["org_id"], row["key_id"])


if __name__ == "__main__":
    main()
