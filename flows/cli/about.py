"""``overwatch settings``, ``overwatch bench``, ``overwatch version``."""

from importlib.metadata import version as version_of
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.environment import environment
from flows.cli.deployment import become
from flows.cli.deployment import settings as read_settings
from flows.ontology.settings import TABLE

SECRET = frozenset(("OVERWATCH_KEY_HASH_SECRET", "NATS_LEGACY_TOKEN"))
HIDDEN = "(hidden)"


@click.command()
def settings() -> None:
    """Show every setting: what it is, by default and now, and what it is for."""
    read_settings()
    given = environment()
    table = Table("variable", "value", "default", "allowed", "meaning")
    for setting in TABLE.values():
        value = given.get(setting.variable, "").strip() or setting.default
        shown = _shown(setting.variable, value)
        row = (setting.variable, shown, setting.default, setting.allowed, setting.description)
        table.add_row(*map(escape, row))
    Console(width=None if Console().is_terminal else 200).print(table)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one flat JSON object instead.")
def bench(*, as_json: bool) -> None:
    """Measure how much this machine can take."""
    become(read_settings(), "flows.bench", *(["--json"] if as_json else []))


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(version_of("constellation-overwatch"))


def _shown(variable: str, value: str) -> str:
    if variable in SECRET:
        return HIDDEN if value else ""
    # Who speaks to a server may have a password in its address.
    return value.replace(_password(value), HIDDEN) if _password(value) else value


def _password(value: str) -> str:
    try:
        return urlsplit(value).netloc.rpartition("@")[0]
    except ValueError:
        return ""
