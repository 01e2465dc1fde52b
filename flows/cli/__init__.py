"""The ``overwatch`` command. It starts parts as processes, and imports none of them."""

import os

import click

from connectors.environment import FILE
from flows.cli.about import bench, settings, version
from flows.cli.access import admin, audit, credentials, env, keys, link
from flows.cli.replay import replay
from flows.cli.streams import streams
from flows.cli.up import demo, up

CONTEXT = {"help_option_names": ["-h", "--help"]}


class InOrder(click.Group):
    """Lists the commands in the order in which they are first needed."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=InOrder, context_settings=CONTEXT, invoke_without_command=True)
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


for _command in (
    up,
    demo,
    replay,
    link,
    admin,
    keys,
    credentials,
    audit,
    streams,
    env,
    settings,
    bench,
    version,
):
    main.add_command(_command)
