"""The ``overwatch`` command. It starts parts as processes, and imports none of them."""

import os
from importlib.metadata import version as version_of

import click

from connectors.environment import FILE
from flows.cli.up import demo, up

CONTEXT = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=CONTEXT, invoke_without_command=True)
@click.option(
    "--env",
    "file",
    type=click.Path(),
    metavar="FILE",
    help="Read settings from this file. [default: ./.env or ~/.overwatch/.env]",
)
@click.pass_context
def main(context: click.Context, file: str | None) -> None:
    """Constellation Overwatch: drones, robots and sensors, live and on record.

    Settings are environment variables, or lines of a .env file: see `overwatch settings`.
    """
    if file is not None:
        os.environ[FILE] = os.path.abspath(file)  # noqa: PTH100  (a link to a file stays one)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(version_of("constellation-overwatch"))


for _command in (up, demo):
    main.add_command(_command)
