"""Starts the parts of a deployment as processes, keeps them running, and stops them all."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterable, Sequence

from flows.parts import Part, Stage
from flows.supervisor import report
from flows.supervisor.clock import Clock
from flows.supervisor.runner import Place, Runner, Say
from flows.supervisor.states import State

# So many falls of a part that has never worked, and starting is given up.
TRIES = 3
START_SECONDS = 45.0


class StartFailed(RuntimeError):
    """A part does not come up; the message says which and why."""


class Supervisor:
    """Use inside an event loop that runs in the main thread: parts are tied to their thread."""

    def __init__(
        self, parts: Sequence[Part], place: Place, say: Say, clock: Clock | None = None
    ) -> None:
        """Prepare; nothing is started.

        Raises:
            OSError: the folders for logs and for the report cannot be used.
        """
        for folder in (place.run, place.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._place = place
        self._say = say
        self._clock = clock or Clock()
        self._change = asyncio.Event()
        self._runners = [Runner(part, place, say, self._changed) for part in parts]
        self._tasks: dict[Runner, asyncio.Task[None]] = {}
        self._reporting = asyncio.create_task(self._report())

    async def start(self, stage: Stage) -> None:
        """Start the parts of a stage, and wait until they work.

        Raises:
            StartFailed: one of them does not.
        """
        runners = [each for each in self._runners if each.part.stage is stage]
        for runner in runners:
            self._tasks[runner] = asyncio.create_task(runner.run())
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._until(lambda: _all_work(runners))
        except TimeoutError:
            late = ", ".join(each.part.name for each in runners if each.state is not State.RUNNING)
            raise StartFailed(
                f"Not working after {START_SECONDS:g} s: {late}. See {self._place.logs}."
            ) from None

    def tell(self, name: str, number: signal.Signals) -> bool:
        """Send a part a signal; whether it runs, so that it can hear it."""
        return any(each.tell(number) for each in self._runners if each.part.name == name)

    async def stop(self) -> None:
        """Stop every part: the server last, so that what the others have to say is heard."""
        await self._stop(each for each in self._tasks if each.part.stage is not Stage.SERVER)
        await self._stop(each for each in self._tasks if each.part.stage is Stage.SERVER)
        self._reporting.cancel()
        report.withdraw(self._place.run)

    async def _stop(self, runners: Iterable[Runner]) -> None:
        tasks = [self._tasks[each] for each in runners]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._change.clear()
            await self._change.wait()

    def _changed(self) -> None:
        self._change.set()
        self._write()

    async def _report(self) -> None:
        while True:
            self._write()
            self._rouse(self._clock.set_back())
            await asyncio.sleep(report.SECONDS)

    def _rouse(self, back_seconds: float) -> None:
        if not back_seconds:
            return
        told = f"The clock was set back by {back_seconds:.0f} s: the flows are started again."
        self._say("supervisor", logging.WARNING, told)
        for runner in self._runners:
            if runner.part.beats:
                runner.end()

    def _write(self) -> None:
        try:
            report.write(self._place.run, (each.entry for each in self._runners))
        except OSError as error:
            self._say("supervisor", logging.ERROR, f"It cannot report: {error.strerror}.")


def _all_work(runners: Iterable[Runner]) -> bool:
    for runner in runners:
        if runner.falls >= TRIES:
            raise StartFailed(f"{runner.part.name} does not come up. {runner.reason}")
    return all(each.state is State.RUNNING for each in runners)
