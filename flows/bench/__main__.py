"""``python -m flows.bench``: what this machine can do, as a table or as one JSON object."""

import asyncio
import signal
import sys

import click
import msgspec
from rich.console import Console
from rich.table import Table

from flows.bench.apart import MeasuringFailed
from flows.bench.plan import FIGURES
from flows.bench.run import run
from flows.bench.sizes import FULL, LEAST, Figures, Sizes
from flows.cli.deployment import Refused
from flows.supervisor import StartFailed

DIGITS = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one flat JSON object instead.")
@click.option(
    "--broadcasts",
    type=click.IntRange(1, 2000),
    default=FULL.broadcasts,
    show_default=True,
    help="To 200 vehicles each, which are counted one by one.",
)
@click.option("--least", is_flag=True, hidden=True, help="Only see that all can be measured.")
def main(*, as_json: bool, broadcasts: int, least: bool) -> None:
    """Measure what this machine can take; some three minutes."""
    sizes = LEAST if least else msgspec.structs.replace(FULL, broadcasts=broadcasts)
    try:
        figures = asyncio.run(_measured(sizes))
    except (MeasuringFailed, StartFailed, Refused) as error:
        raise click.ClickException(str(error)) from error
    except asyncio.CancelledError as stopped:
        raise click.Abort from stopped
    if as_json:
        sys.stdout.write(msgspec.json.encode(figures).decode() + "\n")
    else:
        Console().print(_table(figures))


async def _measured(sizes: Sizes) -> Figures:
    _end_with_all(asyncio.current_task())
    console = Console(stderr=True, highlight=False)
    with console.status("") as status:

        def begun(doing: str) -> None:
            status.update(f"{doing[0].upper()}{doing[1:]} ...")
            if not console.is_terminal:
                console.print(f"{doing[0].upper()}{doing[1:]} ...")

        def done(figures: Figures) -> None:
            for key, figure in figures.items():
                console.print(f"  {key} {_text(figure)}")

        return _rounded(await run(sizes, begun, done))


def _end_with_all(task: asyncio.Task[Figures] | None) -> None:
    """Whoever ends us ends what we have started; Ctrl-C does so behind a shell, too."""
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _rounded(figures: Figures) -> Figures:
    return {key: round(figure, DIGITS) for key, figure in figures.items()}


def _table(figures: Figures) -> Table:
    table = Table("figure", "", "", "meaning")
    table.columns[1].justify = "right"
    for row in FIGURES:
        table.add_row(row.key, _text(figures[row.key]), row.unit, row.meaning)
    return table


def _text(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:,.2f}"


if __name__ == "__main__":
    main(prog_name="overwatch bench")
