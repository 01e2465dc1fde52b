"""``python -m connectors.lake maintain``: once, to be called again every few minutes."""

from datetime import timedelta

import click

from connectors.lake import LakeError
from connectors.lake.maintain import maintain


@click.group()
def main() -> None:
    """Look after the lake."""


@main.command("maintain")
@click.option("--root", help="The lake's folder. [default: OVERWATCH_DATA_DIR/lake]")
@click.option(
    "--retain-days",
    type=click.IntRange(1, 36_500),
    help="Delete rows that are older. [default: keep all]",
)
def _maintain(root: str | None, retain_days: int | None) -> None:
    """Delete rows that are too old, merge small files, remove files that nothing names."""
    retention = None if retain_days is None else timedelta(days=retain_days)
    try:
        click.echo(maintain(root, retention))
    except LakeError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m connectors.lake")
