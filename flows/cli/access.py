"""Who may enter: API keys for programs, sign-in links for people, and what a client needs."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from flows.cli.deployment import become, settings
from flows.ontology.settings import Settings
from flows.permissions import CLIENT, DEVICE

KEYS = "web.key_commands"
CREDENTIALS = "web.nats_credential_commands"


@click.group()
def keys() -> None:
    """Make, list, replace and revoke API keys."""


@keys.command("create")
@click.option("--org", "organization", help="Whose key it is. [default: OVERWATCH_ORG_ID]")
@click.option("--scopes", required=True, help="What it may do, with commas between.")
@click.option("--name", default="", help="What it is for.")
@click.option("--expires", metavar="DAYS", help="How long it is good. [default: for ever]")
@click.option("--rate", metavar="NUMBER", help="Requests a minute. [default: 60000]")
def create_key(
    organization: str | None, scopes: str, name: str, expires: str | None, rate: str | None
) -> None:
    """Make a key and print it, and nothing else. It cannot be shown again."""
    found = settings()
    more = {"name": name, "expires": expires, "rate": rate}
    become(
        found,
        KEYS,
        "create",
        f"--org={organization or found.organization}",
        f"--scopes={scopes}",
        *(f"--{option}={value}" for option, value in more.items() if value),
    )


@keys.command("list")
def list_keys() -> None:
    """Print the keys that there are, by their first characters."""
    become(settings(), KEYS, "list")


@keys.command("rotate")
@click.argument("key")
@click.option("--grace", metavar="SECONDS", help="How long KEY is still good. [default: a day]")
def rotate_key(key: str, grace: str | None) -> None:
    """Print a new key in place of the one that begins with KEY, as `list` prints it."""
    options = [f"--grace={grace}"] if grace else []
    become(settings(), KEYS, "rotate", *options, "--", key)


@keys.command("revoke")
@click.argument("key")
def revoke_key(key: str) -> None:
    """Revoke the key that begins with KEY, as `list` prints it."""
    become(settings(), KEYS, "revoke", "--", key)


@click.group()
def credentials() -> None:
    """Make, list, replace and revoke credentials for NATS."""


_OUT: Callable[..., Any] = click.option(
    "--out", type=click.Path(), metavar="FILE", help="Write the seed there instead."
)


@credentials.command("create")
@click.option("--org", "organization", help="Whose it is. [default: OVERWATCH_ORG_ID]")
@click.option("--scopes", required=True, help="What it may do, with commas between.")
@click.option("--name", default="", help="What it is for.")
@click.option("--entities", metavar="IDS", help="For these only, with commas. [default: all]")
@click.option("--expires", metavar="DAYS", help="How long it is good. [default: for ever]")
@_OUT
def create_credential(organization: str | None, **options: str | None) -> None:
    """Make a credential and print its NKey seed, and nothing else. It cannot be shown again."""
    found = settings()
    owner = f"--org={organization or found.organization}"
    become(found, CREDENTIALS, "create", owner, *_given(options))


@credentials.command("list")
def list_credentials() -> None:
    """Print the credentials that there are, by their public keys."""
    become(settings(), CREDENTIALS, "list")


@credentials.command("rotate")
@click.argument("public_key")
@click.option("--grace", metavar="SECONDS", help="How long the old one is good. [default: a day]")
@_OUT
def rotate_credential(public_key: str, **options: str | None) -> None:
    """Print the seed of a new credential in place of the one with PUBLIC_KEY."""
    become(settings(), CREDENTIALS, "rotate", *_given(options), "--", public_key)


@credentials.command("revoke")
@click.argument("public_key")
def revoke_credential(public_key: str) -> None:
    """Revoke the credential with PUBLIC_KEY; whoever is connected with it is so no more."""
    become(settings(), CREDENTIALS, "revoke", "--", public_key)


def _given(options: Mapping[str, str | None]) -> list[str]:
    return [f"--{name}={value}" for name, value in options.items() if value]


@click.group()
def audit() -> None:
    """See to the log of who did what."""


@audit.command("verify")
def verify_audit() -> None:
    """See whether the log is what was written; exits with 1 where it is not."""
    become(settings(), "web.audit", "verify")


@click.command()
@click.option("--email", default="", help="Whose, by address. [default: the first admin's]")
def link(email: str) -> None:
    """Print a new sign-in link. It works once, within half an hour."""
    become(settings(), "web.sign_in", *([f"--email={email}"] if email else []))


@click.group()
def admin() -> None:
    """Let admins in, whatever has become of their passkeys."""


admin.add_command(link)


@click.command()
def env() -> None:
    """Print what a client needs to connect, as KEY=value lines."""
    for name, text in needed(settings()).items():
        click.echo(f"{name}={shlex.quote(text) if text else ''}")


def needed(found: Settings) -> dict[str, str]:
    """Where everything is. Of secrets only the files that hold them."""
    seed = found.seed(CLIENT)
    return {
        "BASE_URL": found.url,
        "NATS_URL": found.server,
        "NATS_NKEY_SEED_FILE": str(Path(seed).absolute()) if seed else "",
        **_mqtt(found),
        "OVERWATCH_DATA_DIR": str(found.data_dir.absolute()),
        "OVERWATCH_DB": str(found.database.absolute()),
        "OVERWATCH_LAKE": str(found.lake.absolute()),
    }


def _mqtt(found: Settings) -> dict[str, str]:
    """Where devices speak MQTT, and as whom; nothing where they do not."""
    if not found.mqtt_port:
        return {"MQTT_URL": "", "MQTT_USER": "", "MQTT_PASSWORD_FILE": ""}
    return {
        "MQTT_URL": found.mqtt,
        "MQTT_USER": DEVICE,
        "MQTT_PASSWORD_FILE": str(found.data_dir.absolute() / "nats" / "mqtt-password"),
    }
