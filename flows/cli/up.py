"""``overwatch up`` and ``overwatch demo``: everything, from nothing, until told to stop."""

import asyncio
import logging
import os
import signal
import subprocess
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from connectors import metrics
from connectors.environment import environment
from flows.cli import server
from flows.cli.certificates import usable
from flows.cli.deployment import Refused, settings
from flows.cli.gate import keep_gate
from flows.cli.ground import all_free, alone, key_readable, writable
from flows.cli.guests import Found, Guests, known
from flows.cli.keep import Keeper
from flows.cli.legacy import token
from flows.cli.well import until_well
from flows.ontology.settings import Settings
from flows.parts import NATS, Stage, flows, parts, python, run_folder, variables
from flows.supervisor import StartFailed, Supervisor
from flows.supervisor.runner import Place

STYLES = {logging.WARNING: "yellow", logging.ERROR: "red", logging.CRITICAL: "bold red"}
ASK_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_console = Console(stderr=True, highlight=False, soft_wrap=True)


@click.command()
def up() -> None:
    """Start everything, and keep it running until Ctrl-C."""
    _run(simulated=False)


@click.command()
def demo() -> None:
    """Start everything with a simulated fleet, and keep it running until Ctrl-C."""
    _run(simulated=True)


def _run(*, simulated: bool) -> None:
    found = settings()
    os.umask(0o077)
    writable(found.data_dir)
    key_readable(found)
    usable(found)
    token(found)
    with alone(found):
        all_free(found)
        asyncio.run(_keep_up(found, simulated=simulated))


async def _keep_up(found: Settings, *, simulated: bool) -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in ASK_TO_STOP:
        loop.add_signal_handler(number, told.set)
    if not found.embedded:
        await server.reach(found)  # A wrong NATS_URL is told before anything is started.
    given = variables(found, environment())
    supervisor = _supervisor(found, given, simulated=simulated)
    keeper = Keeper(found, _say)
    keeping: list[asyncio.Task[None]] = []
    written = known(found)
    try:
        if not found.embedded:
            await keeper.look()
        starting = asyncio.create_task(_start(supervisor, found, given, written))
        asked = asyncio.create_task(told.wait())
        await asyncio.wait((starting, asked), return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            click.echo(f"Overwatch is ready: {await starting}")
            keeping += [
                asyncio.create_task(each) for each in _kept(found, supervisor, keeper, written)
            ]
            await asked
        else:
            starting.cancel()
            with suppress(asyncio.CancelledError):
                await starting
    except StartFailed as error:
        raise Refused(str(error)) from error
    finally:
        _console.print("Stopping.")
        for each in keeping:
            each.cancel()
        await supervisor.stop()


def _kept(
    found: Settings, supervisor: Supervisor, keeper: Keeper, written: Found
) -> Iterator[Coroutine[Any, Any, None]]:
    """What is seen to for as long as all runs."""
    yield keeper.keep()
    if found.embedded:
        guests = Guests(
            found,
            written,
            lambda accounts: server.set_up(found, accounts),
            lambda: supervisor.tell(NATS, signal.SIGHUP),
            _say,
        )
        yield guests.keep()
        yield keep_gate(found)


def _supervisor(found: Settings, given: Mapping[str, str], *, simulated: bool) -> Supervisor:
    folder = found.data_dir.absolute()
    run = run_folder(found).absolute()
    level: int = getattr(logging, found.log_level)
    try:
        metrics.empty(run)
        metrics.write_as("supervisor", run)
        place = Place(folder, run, folder / "logs", given, level)
        return Supervisor(parts(found, simulated=simulated), place, _say)
    except OSError as error:
        raise Refused(f"{error.filename} cannot be written: {error.strerror}.") from error


async def _start(
    supervisor: Supervisor, found: Settings, given: Mapping[str, str], written: Found
) -> str:
    """Start all parts in their order; a link to sign in by."""
    if found.embedded:
        server.set_up(found, written)
        _console.print(f"Starting the message server at {found.server}")
        await supervisor.start(Stage.SERVER)
        changed = await server.applied(found)
        if changed:
            _console.print(f"Streams made or changed: {len({each.stream for each in changed})}")
        await server.bounded(found)
    for flow in flows(found):
        _prepare(found.recovery(flow), given)
    _console.print(f"Starting {', '.join(flows(found))} and the web at {found.url}")
    await supervisor.start(Stage.DEPLOYMENT)
    await supervisor.start(Stage.PEERS)
    await until_well(found)
    return _printed(python("web.sign_in"), given).strip()


def _prepare(recovery: Path, given: Mapping[str, str]) -> None:
    """Where a flow records how far it has come; made once, whole or not at all."""
    if recovery.exists():
        return
    draft = recovery.with_name(f"{recovery.name}.draft")
    draft.mkdir(parents=True, exist_ok=True)
    for each in draft.iterdir():
        each.unlink()
    _printed(python("bytewax.recovery", str(draft.absolute()), "1"), given)
    draft.rename(recovery)


def _printed(command: tuple[str, ...], given: Mapping[str, str]) -> str:
    ended = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or ["it has said nothing"]
        raise StartFailed(f"{' '.join(command[1:3])} has failed: {said[-1]}")
    return ended.stdout


def _say(part: str, level: int, text: str) -> None:
    style = STYLES.get(level, "default")
    _console.print(f"[{style}]{part}[/]: {escape(text)}")
