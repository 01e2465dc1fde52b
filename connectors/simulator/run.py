"""The loop that lets a crew of vehicles speak in turn, until a signal or the end."""

import selectors
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from connectors.simulator.aboard import Aboard
from connectors.simulator.schedule import TICK_SECONDS

# Many vehicles wake the process together rather than each on its own.
LEAST_PAUSE_SECONDS = 0.01
# After a longer absence (a computer that slept) the time that has passed is not made up for.
MOST_LATE_SECONDS = 2.0
ENDING = (signal.SIGINT, signal.SIGTERM)


def run(crew: Sequence[Aboard], speed: float, seconds: float | None) -> None:
    """Fly until SIGINT or SIGTERM, or for so many seconds of the clock.

    Vehicles take turns within a tick. Must be called on the main thread.

    Args:
        crew: the vehicles, each with an open radio.
        speed: how many times faster than the clock simulated time goes.
        seconds: how long, or None for as long as nobody ends it.
    """
    turn_seconds = TICK_SECONDS / len(crew)
    most_late = round(MOST_LATE_SECONDS / turn_seconds)
    with selectors.DefaultSelector() as waiting, _ended() as ended:
        waiting.register(ended, selectors.EVENT_READ)
        for vehicle in crew:
            waiting.register(vehicle.radio, selectors.EVENT_READ, vehicle)
        started, turn = time.monotonic(), 0
        while True:
            gone = time.monotonic() - started
            if seconds is not None and gone >= seconds:
                return
            now = int(gone / turn_seconds)
            turn = turn if now - turn < most_late else now
            for due in range(turn, now + 1):
                crew[due % len(crew)].speak(due // len(crew), speed)
            turn = max(turn, now + 1)
            pause = max(turn * turn_seconds - gone, LEAST_PAUSE_SECONDS)
            if seconds is not None:
                pause = min(pause, seconds - gone)
            for key, _ in waiting.select(pause):
                if key.data is None:
                    return
                key.data.listen()


@contextmanager
def _ended() -> Iterator[socket.socket]:
    """A socket that can be read from as soon as one of the ending signals has come."""
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        handlers = {number: signal.signal(number, lambda *_: None) for number in ENDING}
        woken = signal.set_wakeup_fd(writer.fileno())
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in handlers.items():
                signal.signal(number, handler)
