"""So many tries a minute for each address, and no more."""

from web.clock import Clock

WINDOW_SECONDS = 60
MOST_ADDRESSES = 10_000


class Limit:
    """A fixed window per address. Forgets all when too many addresses come at once."""

    def __init__(self, clock: Clock, tries: int) -> None:
        self._clock = clock
        self._tries = tries
        self._windows: dict[str, tuple[float, int]] = {}

    def wait(self, address: str, tries: int = 0) -> int:
        """Count a try; the seconds to wait if it is one too many, else 0.

        ``tries`` is how many this one has, where that is another number than that of the others.
        """
        now = self._clock.monotonic()
        began, count = self._windows.get(address, (now, 0))
        if now - began >= WINDOW_SECONDS:
            began, count = now, 0
        if count >= (tries or self._tries):
            return max(1, round(WINDOW_SECONDS - (now - began)))
        if len(self._windows) >= MOST_ADDRESSES:
            self._windows.clear()
        self._windows[address] = began, count + 1
        return 0
