"""NATS credentials by hand, on the machine itself.

python -m web.nats_credential_commands create --org ID --scopes nats:telemetry
python -m web.nats_credential_commands list
python -m web.nats_credential_commands rotate PUBLIC_KEY
python -m web.nats_credential_commands revoke PUBLIC_KEY
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from connectors.environment import environment
from flows.ontology.settings import Settings
from flows.ontology.subjects import is_token
from web.clock import Clock
from web.database import Row, Tables
from web.identity import UnknownScope
from web.key_ring import GRACE_SECONDS
from web.moments import moment
from web.nats_credentials import NatsCredentials, TooMany, UnknownEntity, of_nats

DAY_SECONDS = 86_400
BY = "command line"
_OUT: Callable[..., Any] = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="a new file for the seed, which only its owner can read",
)


@contextmanager
def _opened() -> Iterator[tuple[Tables, NatsCredentials]]:
    tables = Tables(Settings.read(environment()).database)
    try:
        yield tables, NatsCredentials(tables, Clock())
    finally:
        tables.close()


@click.group()
def main() -> None:
    """NATS credentials."""


@main.command("create")
@click.option("--org", "organization", required=True, help="whose it is")
@click.option("--scopes", "names", required=True, help="what it may do, with commas between")
@click.option("--name", default="", help="what it is for")
@click.option("--entities", default="", help="ids of the entities that it is for, with commas")
@click.option("--expires", "days", type=click.IntRange(1, 36_500), help="days that it is good for")
@_OUT
def create_command(  # noqa: PLR0917  (as many as it has options)
    organization: str, names: str, name: str, entities: str, days: int | None, out: Path | None
) -> None:
    """Make a credential and print its seed, and nothing else."""
    if not is_token(organization):
        raise click.UsageError("An organisation's id is letters, digits, _ and -, at most 128.")
    try:
        allowed = of_nats(_parts(names))
    except UnknownScope as error:
        raise click.UsageError(str(error)) from error
    now = int(time.time())
    with _opened() as (tables, credentials), _seed_file(out) as tell:
        tables.add_organization(organization, now)
        try:
            seed, _ = credentials.make(
                organization,
                allowed,
                name=name,
                entity_ids=_parts(entities),
                expires_at=now + days * DAY_SECONDS if days else None,
                created_by=BY,
            )
        except (TooMany, UnknownEntity) as error:
            raise click.ClickException(str(error)) from error
        tell(seed)


@main.command("list")
def list_command() -> None:
    """Print the credentials that there are, by their public keys."""
    now = int(time.time())
    with _opened() as (tables, _):
        for row in tables.read("SELECT * FROM nats_credentials ORDER BY created_at, public_key"):
            click.echo(
                f"{row['public_key']}  {row['org_id']}  {row['scopes']}  {_state(row, now)}"
                f"{'  ' + row['name'] if row['name'] else ''}"
            )


@main.command("rotate")
@click.argument("public_key")
@click.option(
    "--grace",
    type=click.IntRange(0, 31_536_000),
    default=GRACE_SECONDS,
    help="seconds that the old one is still good for",
)
@_OUT
def rotate_command(public_key: str, grace: int, out: Path | None) -> None:
    """Print the seed of a new credential in place of PUBLIC_KEY, which is good a while longer."""
    with _opened() as (tables, credentials), _seed_file(out) as tell:
        row = _found(tables, public_key)
        made = credentials.rotate(row["org_id"], row["public_key"], grace)
        if made is None:
            raise click.ClickException(f"{public_key} has expired.")
        tell(made[0])


@main.command("revoke")
@click.argument("public_key")
def revoke_command(public_key: str) -> None:
    """Revoke PUBLIC_KEY: whoever is connected with it is disconnected within a second."""
    with _opened() as (tables, credentials):
        row = _found(tables, public_key)
        credentials.revoke(row["org_id"], row["public_key"])


def _found(tables: Tables, named: str) -> Row:
    """The credential whose public key begins so; there must be one only that is not revoked."""
    sql = "SELECT * FROM nats_credentials WHERE substr(public_key, 1, ?) = ? AND revoked_at IS NULL"
    rows = tables.read(sql, (len(named), named)) if named else []
    if len(rows) != 1:
        raise click.ClickException(
            f"There {'are several credentials' if rows else 'is no credential'} {named} that "
            "could be meant."
        )
    return rows[0]


@contextmanager
def _seed_file(out: Path | None) -> Iterator[Callable[[str], None]]:
    """Where the seed is told: a file that is made before anything else is, or the terminal."""
    if out is None:
        yield click.echo
        return
    try:
        made = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be made: {error.strerror}.") from error
    with os.fdopen(made, "w") as file:
        try:
            yield lambda seed: print(seed, file=file)
        except click.ClickException:
            out.unlink()
            raise


def _parts(text: str) -> list[str]:
    return [part for part in (each.strip() for each in text.split(",")) if part]


def _state(row: Row, now: int) -> str:
    if row["revoked_at"]:
        return "revoked"
    until = row["expires_at"]
    if until is not None and until <= now:
        return "expired"
    return f"until {moment(until)}" if until is not None else "good"


if __name__ == "__main__":
    main()
