"""``overwatch replay``: a recording, or a folder of them, played into a running deployment."""

import asyncio
import math
from pathlib import Path

import click

from connectors.log_folder import Found, logs
from flows.cli import server
from flows.cli.deployment import Refused, settings
from flows.cli.ground import supervised
from flows.cli.play import is_traffic, play
from flows.ontology.settings import Settings
from flows.ontology.subjects import is_token

MOST_NAMED = 5


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--speed",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="How many times faster than it was recorded; 0 for as fast as it goes.",
)
@click.option("--entity", default="", help="What the vehicle is called. [default: by its system]")
def replay(path: Path, speed: float, entity: str) -> None:
    """Play a recording into a running deployment.

    A MAVLink log (.tlog, raw), a folder of .tlog files, or what receivers have heard of ships
    (.nmea, .ais, .txt) and aircraft (.csv, .sbs, .avr, .beast).
    """
    found = settings()
    if not math.isfinite(speed):
        raise click.UsageError("A speed is a number, and 0 is as fast as it goes.")
    if entity and not is_token(entity):
        raise click.UsageError("An entity's name is letters, digits, _ and -, at most 128.")
    if entity and is_traffic(path):
        raise click.UsageError("Ships and aircraft have identities of their own: leave --entity.")
    folder = _readable(path)
    if found.embedded and not supervised(found):
        raise Refused(
            f"Nothing runs with {found.data_dir.absolute()}: start it with `overwatch up`, "
            "or set OVERWATCH_DATA_DIR to the folder of what runs."
        )
    asyncio.run(_reachable(found))
    if folder is None:
        fault = play(found, path, speed, entity)
    else:
        fault = _play_all(found, folder, speed, entity)
    if fault:
        raise Refused(fault)


def _readable(path: Path) -> list[Found] | None:
    """The logs of a folder; None of a file."""
    try:
        if not path.is_dir():
            with path.open("rb"):
                return None
        found = logs(path)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error
    if not found:
        raise Refused(f"{path} holds no telemetry log (.tlog).")
    return found


async def _reachable(found: Settings) -> None:
    async with server.reached(found, "relay"):
        pass


def _play_all(found: Settings, folder: list[Found], speed: float, entity: str) -> str:
    """Play one log after the other; which of them could not be played, or nothing."""
    whole, done = sum(each.bytes for each in folder) or 1, 0
    missing: list[str] = []
    for number, log in enumerate(folder, 1):
        title = f"{log.path.name} ({number} of {len(folder)})"
        fault = log.fault or play(found, log.path, speed, entity, title)
        if fault:
            missing.append(log.path.name)
            click.echo(f"{title} is not played: {fault}", err=True)
        done += log.bytes
        told = f"{number} of {len(folder)} logs, {100 * done / whole:.0f} % of {whole / 1e6:.1f} MB"
        click.echo(told, err=True)
    if not missing:
        return ""
    named = ", ".join(missing[:MOST_NAMED]) + (", ..." if len(missing) > MOST_NAMED else "")
    return f"{len(missing)} of {len(folder)} logs could not be played: {named}."
