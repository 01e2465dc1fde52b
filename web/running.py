"""Work beside the serving: it runs while we serve, and we stop when it cannot."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType
from typing import Any

import structlog

CANCEL_SECONDS = 0.5


@asynccontextmanager
async def beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run the work beside the block. Where any of it fails, the process stops: it must not lie."""
    tasks = [asyncio.create_task(each) for each in work]
    for task in tasks:
        task.add_done_callback(_stop_if_failed)
    try:
        yield
    finally:
        # Drivers can take it for an answer that was late: it is said until it is heard.
        while pending := [task for task in tasks if not task.done()]:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=CANCEL_SECONDS)
        for task in tasks:
            with suppress(asyncio.CancelledError):
                task.result()


def _stop_if_failed(task: asyncio.Task[None]) -> None:
    if task.cancelled() or task.exception() is None:
        return
    structlog.get_logger().critical("web_failed", exc_info=task.exception())
    signal.raise_signal(signal.SIGTERM)


@contextmanager
def on_stop(close: Callable[[], None]) -> Iterator[None]:
    """Call ``close`` as soon as the process is told to stop, and in any case after the block.

    Servers wait for open answers before they end the lifespan, and a live stream's
    answer ends only when it is told to.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        close()
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(close)
        server = before[signal.Signals(number)]
        if callable(server):
            server(number, frame)

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        close()
        for number, handler in before.items():
            signal.signal(number, handler)
