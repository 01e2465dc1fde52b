"""What may be away: it is opened aside, since that may take long, and again after a pause."""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0


class Closes(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=Closes)


class Reopened(Generic[T]):
    """Something that is opened again whenever it is lost.

    Args:
        opening: opens it, may wait, and raises OSError.
        down: told each time why it is not there.
    """

    def __init__(self, opening: Callable[[], T], down: Callable[[str], None]) -> None:
        self._opening = opening
        self._down = down
        self._attempt: _Attempt[T] | None = None
        self._opened: T | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._due = 0.0

    def get(self) -> T | None:
        """It, or None while it is not there. Never waits."""
        if self._opened is not None:
            return self._opened
        if self._attempt is None:
            if time.monotonic() >= self._due:
                self._attempt = _Attempt(self._opening)
            return None
        outcome = self._attempt.outcome()
        if outcome is None:
            return None
        self._attempt = None
        if isinstance(outcome, OSError):
            self._away(reason(outcome))
            return None
        self._opened = outcome
        return outcome

    def proven(self) -> None:
        """It works: pauses are short again."""
        self._pause = FIRST_PAUSE_SECONDS

    def lost(self, why: str) -> None:
        """It is no longer there, or of no use."""
        self._shut()
        self._away(why)

    def close(self) -> None:
        """Close it, and whatever is just being opened."""
        if self._attempt is not None:
            self._attempt.abandon()
        self._shut()

    def _away(self, why: str) -> None:
        self._due = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        self._down(why)

    def _shut(self) -> None:
        if self._opened is not None:
            with contextlib.suppress(OSError):  # What is lost need not let itself be closed.
                self._opened.close()
        self._opened = None


class _Attempt(Generic[T]):
    """One attempt, on a thread of its own: a name may take long to be resolved."""

    def __init__(self, opening: Callable[[], T]) -> None:
        self._outcome: SimpleQueue[T | OSError] = SimpleQueue()
        self._abandoned = threading.Event()
        threading.Thread(target=self._run, args=(opening,), daemon=True).start()

    def outcome(self) -> T | OSError | None:
        """What has come of it; None while that is open."""
        with contextlib.suppress(Empty):
            return self._outcome.get_nowait()
        return None

    def abandon(self) -> None:
        """Nobody wants it any more: close it, now or as soon as it is open."""
        self._abandoned.set()
        outcome = self.outcome()
        if outcome is not None and not isinstance(outcome, OSError):
            outcome.close()

    def _run(self, opening: Callable[[], T]) -> None:
        try:
            self._outcome.put(opening())
        except OSError as error:
            self._outcome.put(error)
        if self._abandoned.is_set():
            self.abandon()


def reason(error: OSError) -> str:
    """An error in a few words, without the numbers and paths that drivers put into them."""
    if error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__
