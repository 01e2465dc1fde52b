"""What an authenticator is asked to sign: kept here, for a few minutes, and good for one answer."""

import secrets

from web.clock import Clock

LIFE_SECONDS = 300
MOST_OPEN = 10_000


class Challenges:
    """Each is for one purpose, which is any text. The oldest give way to new ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[bytes, tuple[float, str]] = {}

    def make(self, purpose: str) -> bytes:
        now = self._clock.monotonic()
        while self._open:
            oldest = next(iter(self._open))
            if len(self._open) < MOST_OPEN and now - self._open[oldest][0] < LIFE_SECONDS:
                break
            del self._open[oldest]
        challenge = secrets.token_bytes(32)
        self._open[challenge] = now, purpose
        return challenge

    def take(self, challenge: bytes, purpose: str) -> bool:
        """Use one up; whether it was there, for this purpose, and in time."""
        made, meant = self._open.pop(challenge, (-float(LIFE_SECONDS), ""))
        in_time = self._clock.monotonic() - made < LIFE_SECONDS
        return in_time and secrets.compare_digest(meant.encode(), purpose.encode())
