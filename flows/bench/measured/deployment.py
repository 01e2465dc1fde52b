"""What a whole deployment takes: memory and computing time of all its processes together."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from flows.bench.sizes import Sizes

OVERWATCH = Path(sys.executable).with_name("overwatch")
READY = b"Overwatch is ready"
READY_SECONDS = 60.0
END_SECONDS = 10.0
MEGABYTE = 1e6


class NotReady(RuntimeError):
    """The deployment has not come up."""


class Taken(NamedTuple):
    """Resident memory, and computing time as a part of one core."""

    megabytes: float
    percent: float


async def taken(command: str, sizes: Sizes) -> Taken:
    """What a deployment takes that is started by this command of ``overwatch``."""
    async with _deployed(command) as process:
        await asyncio.sleep(sizes.settle_seconds)
        before = _computed(process)
        await asyncio.sleep(sizes.watch_seconds)
        percent = 100 * (_computed(process) - before) / sizes.watch_seconds
        return Taken(_resident(process) / MEGABYTE, percent)


@asynccontextmanager
async def _deployed(command: str) -> AsyncIterator[psutil.Process]:
    process = await asyncio.create_subprocess_exec(
        OVERWATCH, command, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(READY_SECONDS):
            line = await _first_line(process)
        if not line.startswith(READY):
            raise NotReady(f"`overwatch {command}` has not come up.")
        yield psutil.Process(process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(END_SECONDS):
            await process.wait()


async def _first_line(process: asyncio.subprocess.Process) -> bytes:
    return await process.stdout.readline() if process.stdout else b""


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _computed(process: psutil.Process) -> float:
    """Seconds; those of whoever has ended meanwhile are counted by who started it."""
    total = 0.0
    for each in _family(process):
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _resident(process: psutil.Process) -> int:
    total = 0
    for each in _family(process):
        with suppress(psutil.NoSuchProcess):
            total += each.memory_info().rss
    return total
