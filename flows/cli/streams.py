"""``overwatch streams``: what JetStream should keep, and whether it does."""

import asyncio

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.streams import Declared, Difference
from flows.cli import server
from flows.cli.deployment import settings
from flows.ontology.settings import Settings

DRIFTED = 1
_CHECK = click.option("--check", is_flag=True, help="Exit with 1 if anything differs.")


@click.group(invoke_without_command=True)
@_CHECK
@click.pass_context
def streams(context: click.Context, *, check: bool) -> None:
    """Show the declared streams and the state bucket, and whether they are so."""
    if context.invoked_subcommand is None:
        _show(context, check=check)


@streams.command()
@_CHECK
@click.pass_context
def show(context: click.Context, *, check: bool) -> None:
    """Show them, and change nothing."""
    _show(context, check=check)


@streams.command("apply")
def apply_command() -> None:
    """Make the streams that are missing, and change those that differ."""
    changed = asyncio.run(server.applied(settings()))
    for each in changed:
        click.echo(done(each))
    if not changed:
        click.echo("All streams are as declared.")


def _show(context: click.Context, *, check: bool) -> None:
    found = settings()
    differences = asyncio.run(server.drifted(found))
    table = Table("stream", "subjects", "at most", "for", "kept in", "found")
    for stream in server.ALL:
        theirs = [each for each in differences if each.stream == stream.name]
        table.add_row(
            stream.name,
            ", ".join(stream.subjects),
            _size(stream, found),
            _age(stream),
            stream.storage,
            escape("\n".join(_short(each) for each in theirs)) or "as declared",
        )
    Console(width=None if Console().is_terminal else 200).print(table)
    if differences:
        click.echo("`overwatch streams apply` puts right what differs.")
    if differences and check:
        context.exit(DRIFTED)


def _short(difference: Difference) -> str:
    if not difference.field:
        return "missing"
    return f"{difference.field} is {difference.found}, declared {difference.declared}"


def done(difference: Difference) -> str:
    """What was put right."""
    if not difference.field:
        return f"{difference.stream}: made"
    return (
        f"{difference.stream}: {difference.field} was {difference.found}, "
        f"is {difference.declared} now"
    )


def _size(stream: Declared, found: Settings) -> str:
    both = server.limits(found)
    store = both.memory_bytes if stream.storage == "memory" else both.file_bytes
    return f"{stream.share * store / 2**20:.0f} MiB"


def _age(stream: Declared) -> str:
    if not stream.max_age:
        return "ever"
    days, seconds = stream.max_age.days, stream.max_age.seconds
    return f"{days} days" if days else f"{seconds} s"
