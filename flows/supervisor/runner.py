"""Keeps one part running: starts it, hears it, waits after a fall, and stops it."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from connectors.metrics import FOLDER, PART, beats, forget_gauges
from flows.parts import Part
from flows.supervisor import tether
from flows.supervisor.ear import Ear
from flows.supervisor.log import PartLog
from flows.supervisor.report import Entry, now
from flows.supervisor.said import Said, reason
from flows.supervisor.states import TABLE, TOO_OFTEN, Event, State, fall, pause

LOOK_SECONDS = 0.1
# A part that shows in no other way that it works does so by not ending for so long.
STEADY_SECONDS = 1.0
CONNECT_SECONDS = 1.0
# Without what a site adds to Python: it is only to become another program.
TETHER = (sys.executable, "-I", "-S", tether.__file__)

# The part's name, how serious it is (a level of ``logging``), and a line.
Say = Callable[[str, int, str], None]


class Place(NamedTuple):
    """Where parts run, with which environment, and what is kept of what they say."""

    folder: Path
    run: Path
    logs: Path
    variables: Mapping[str, str]
    level: int


class Runner:
    def __init__(self, part: Part, place: Place, say: Say, changed: Callable[[], None]) -> None:
        self.part = part
        self.state = State.STOPPED
        self.reason = ""
        self.falls = 0
        self._since = now()
        self._place = place
        self._say = say
        self._changed = changed
        self._said = Said()
        self._log = PartLog(place.logs / f"{part.name}.log")
        self._process: asyncio.subprocess.Process | None = None
        self._ear: Ear | None = None

    @property
    def entry(self) -> Entry:
        """How the part is, for the report."""
        reason = "" if self.state is State.RUNNING else self.reason
        process = self._process.pid if self._process else None
        return Entry(self.part.name, self.state, self._since, reason, process)

    async def run(self) -> None:
        """Keep the part running until cancelled, which stops it."""
        try:
            await (self._repeat() if self.part.every_seconds else self._keep_up())
        except asyncio.CancelledError:
            self._enter(Event.STOP)
            await self._end()
            self._enter(Event.ENDED)
            self._log.close()

    def end(self) -> None:
        """Ask the process to end; it is started again as after any fall."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(self.part.stop)

    def tell(self, number: signal.Signals) -> bool:
        """Send the process a signal; whether it works, so that it can hear it."""
        # Until then it may not be the program that knows the signal.
        if self.state is not State.RUNNING or self._process is None:
            return False
        if self._process.returncode is not None:
            return False
        self._process.send_signal(number)
        return True

    async def _keep_up(self) -> None:
        while True:
            self._enter(Event.START)
            started = time.monotonic()
            code = await self._live(self._until_it_works)
            await self._fell(code, time.monotonic() - started)

    async def _repeat(self) -> None:
        """A job is well as long as its last turn was, also while it waits for the next."""
        self._enter(Event.START)
        self._enter(Event.READY)
        while True:
            await asyncio.sleep(self.part.every_seconds)
            while code := await self._live():
                await self._fell(code, 0.0)
                self._enter(Event.START)
            if self.state is State.STARTING:
                self._enter(Event.READY)
            self.falls = 0

    async def _live(
        self, watch: Callable[[], Coroutine[object, object, None]] | None = None
    ) -> int:
        """Run the process until it ends; its exit code."""
        self._said = Said()
        self._ear = ear = Ear(self._hear)
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *TETHER,
                str(os.getpid()),
                str(self.part.nice),
                *self.part.command,
                cwd=self._place.folder,
                env=self._variables(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=ear.writer,
                stderr=ear.writer,
                # A terminal's Ctrl-C is for the supervisor only, and what a part leaves
                # behind is found by its group.
                start_new_session=True,
            )
        finally:
            ear.given()
        watching = asyncio.create_task(watch()) if watch else None
        try:
            return await process.wait()
        finally:
            if watching:
                watching.cancel()
            if process.returncode is not None:
                await self._end()

    def _variables(self) -> dict[str, str]:
        # Who gives signs of life writes figures; the web reads them, and has its own.
        figures = {FOLDER: str(self._place.run)} if self.part.beats else {}
        return {**self._place.variables, **figures, PART: self.part.name}

    async def _until_it_works(self) -> None:
        started = time.monotonic()
        # Whoever fell before has to show for a while that it stands.
        stands = started + (pause(self.falls) if self.falls else 0.0)
        while time.monotonic() < stands or not await self._works(started):  # noqa: ASYNC110 - another process tells of no event.
            await asyncio.sleep(LOOK_SECONDS)
        self._enter(Event.READY)

    async def _works(self, started: float) -> bool:
        if self.part.beats:
            return self.part.name in beats(self._place.run)
        if self.part.listens:
            return await _listens(*self.part.listens)
        return time.monotonic() - started >= STEADY_SECONDS

    async def _fell(self, code: int, ran_seconds: float) -> None:
        self.falls = fall(self.falls, ran_seconds)
        self.reason = reason(code, self._said.sentence)
        self._enter(Event.FELL if self.falls < TOO_OFTEN else Event.FELL_AGAIN)
        wait = pause(self.falls)
        told = f"{self.reason} It is started again in {wait:g} s. See logs/{self.part.name}.log."
        self._say(self.part.name, logging.ERROR, told)
        await asyncio.sleep(wait)

    async def _end(self) -> None:
        """End what there is of the process, its children included."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(self.part.stop)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self.part.stop_seconds)
        # Its group bears its number as long as anything is left of it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        if self._ear:
            self._ear.close()
        forget_gauges(self._place.run, self.part.name)

    def _hear(self, line: bytes) -> None:
        said = self._said.hear(line.decode(errors="replace"))
        if said.level is not None and said.level < self._place.level:
            return
        with suppress(OSError):  # A full disk: what matters is said all the same, and shown.
            self._log.write(line)
        stopping = self.state is State.STOPPING
        if said.level is not None and said.level >= logging.WARNING and not stopping:
            self._say(self.part.name, said.level, said.text)

    def _enter(self, event: Event) -> None:
        self.state = TABLE[self.state, event]
        self._since = now()
        self._changed()


async def _listens(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
