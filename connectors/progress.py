"""How far the playing of a log has come, as a bar on a terminal or a line now and then."""

import sys
import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

LINE_SECONDS = 10.0


def played(name: str) -> Callable[[int, int, int], None]:
    """Something to call with bytes played, bytes in all, and packets so far.

    On a terminal it draws a bar on standard error; elsewhere it prints a line every
    ``LINE_SECONDS``, and one at the end.
    """
    return _bar(name) if sys.stderr.isatty() else _lines(name)


def _bar(name: str) -> Callable[[int, int, int], None]:
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[packets]} packets"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    task = progress.add_task(name, packets=0)

    def show(done: int, total: int, packets: int) -> None:
        if not progress.live.is_started and done < total:
            progress.start()
        progress.update(task, completed=done, total=total, packets=packets)
        if done >= total:
            progress.stop()

    return show


def _lines(name: str) -> Callable[[int, int, int], None]:
    said_at, ended = time.monotonic(), False

    def show(done: int, total: int, packets: int) -> None:
        nonlocal said_at, ended
        now = time.monotonic()
        if ended or (done < total and now - said_at < LINE_SECONDS):
            return
        said_at, ended = now, done >= total
        sys.stderr.write(f"{name}: {100 * done / total:.0f} %, {packets} packets\n")

    return show
