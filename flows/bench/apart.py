"""A measurement in a process of its own, which ends with us however we end."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import msgspec

from flows.bench.sizes import Figures, Sizes
from flows.parts import python
from flows.supervisor.runner import TETHER
from flows.supervisor.said import Said

END_SECONDS = 10.0


class MeasuringFailed(RuntimeError):
    """A measurement came to no figure; the message says which and why."""


async def measure(
    name: str, sizes: Sizes, variables: dict[str, str], folder: Path, seconds: float
) -> Figures:
    """The figures of one measurement.

    Args:
        name: a module of ``flows.bench.measured``.
        sizes: how much to measure.
        variables: the environment of the deployment that it is of.
        folder: where to run, and to keep what is said.
        seconds: how long it may take.

    Raises:
        MeasuringFailed: it failed, or took longer.
    """
    command = python("flows.bench.child", name, msgspec.json.encode(sizes).decode())
    log = folder / f"{name}.log"
    with log.open("wb") as complaints:
        process = await asyncio.create_subprocess_exec(
            *TETHER,
            str(os.getpid()),
            "0",
            *command,
            cwd=folder,
            env=variables,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
        )
    try:
        async with asyncio.timeout(seconds):
            told, _ = await process.communicate()
    except TimeoutError:
        raise MeasuringFailed(f"Measuring {name} took more than {seconds:g} s.") from None
    finally:
        await _end(process)
    if process.returncode:
        raise MeasuringFailed(f"Measuring {name} has failed: {_reason(log)}")
    return msgspec.json.decode(told, type=Figures)


async def _end(process: asyncio.subprocess.Process) -> None:
    """As Ctrl-C ends it, and then whatever is left."""
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _reason(log: Path) -> str:
    heard = Said()
    for line in log.read_text(errors="replace").splitlines():
        heard.hear(line)
    return heard.sentence or "it has said nothing."
