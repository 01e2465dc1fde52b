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

    def wait(self, address: str) -> int:
        """Count a try; the seconds to wait if it is one too many, else 0."""
        now = self._clock.monotonic()
        began, tries = self._windows.get(address, (now, 0))
        if now - began >= WINDOW_SECONDS:
            began, tries = now, 0
        if tries >= self._tries:
            return max(1, round(WINDOW_SECONDS - (now - began)))
        if len(self._windows) >= MOST_ADDRESSES:
            self._windows.clear()
        self._windows[address] = began, tries + 1
        return 0
