"""How good a link is, by the numbers that MAVLink gives its packets: 0 to 255, and again.

What comes late fills the gap that it left, what comes twice counts once. A number that can
be neither is that of a vehicle which was started again: from there it is counted anew.
"""

import msgspec

NUMBERS = 256
WINDOW = 64  # So many packets back it is known which have come.
LATE = 32  # A packet may be later than so many others.
AHEAD = 128  # More than so many missing at once is a new start, and not a gap.
# Of so many packets the share that is missing counts; then the older weigh half.
RECENT = 1000

_SEEN = (1 << WINDOW) - 1


class Link(msgspec.Struct, array_like=True, gc=False):
    """Packets of one component by one way: received and missed, in all and of late."""

    last: int = -1
    seen: int = 0
    received: int = 0
    missed: int = 0
    recent_received: int = 0
    recent_missed: int = 0

    def count(self, number: int) -> None:
        """A packet with this number has come."""
        ahead = (number - self.last) % NUMBERS
        if ahead == 1 and self.last >= 0:
            self.last, self.seen = number, (self.seen << 1 | 1) & _SEEN
        elif self.last < 0 or AHEAD < ahead <= NUMBERS - LATE:
            self.last, self.seen = number, _SEEN  # What came before it is of no account.
        elif ahead and ahead <= AHEAD:
            self.last = number
            self.seen = (self.seen << ahead | 1) & _SEEN
            self.missed += ahead - 1
            self.recent_missed += ahead - 1
        elif not self._fill(NUMBERS - ahead if ahead else 0):
            return
        self.received += 1
        self.recent_received += 1
        if self.recent_received + self.recent_missed >= RECENT:
            self.recent_received //= 2
            self.recent_missed //= 2

    def _fill(self, back: int) -> bool:
        """Whether a late packet is one that was missing."""
        if self.seen >> back & 1:
            return False
        self.seen |= 1 << back
        self.missed = max(0, self.missed - 1)
        self.recent_missed = max(0, self.recent_missed - 1)
        return True


def loss(received: int, missed: int) -> float | None:
    """The share that is missing, percent; None where nothing has come."""
    both = received + missed
    return round(100 * missed / both, 2) if both else None
