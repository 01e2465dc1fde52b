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
    """Packets of one component by one way: received and missed, in all and of late.

    ``following`` is the number that the next packet should have; ``run`` packets have come
    as they should since the rest was counted up.
    """

    following: int = -1
    run: int = 0
    seen: int = _SEEN
    received: int = 0
    missed: int = 0
    recent_received: int = 0
    recent_missed: int = 0

    def count(self, number: int) -> None:
        """A packet with this number has come."""
        if number == self.following:
            self.following = (number + 1) % NUMBERS
            self.run += 1
            return
        self.count_up()
        missing = (number - self.following) % NUMBERS
        if self.following < 0 or AHEAD <= missing < NUMBERS - LATE:
            self.seen = _SEEN  # What came before a new start is of no account.
        elif missing < AHEAD:
            self.seen = self.seen << missing & _SEEN
            self.missed += missing
            self.recent_missed += missing
        else:
            self._fill(NUMBERS - missing - 1)
            return
        self.following = (number + 1) % NUMBERS
        self.run = 1

    def count_up(self) -> None:
        """Take what has come since into the counts."""
        run, self.run = self.run, 0
        self.received += run
        self.seen = (self.seen << run | (1 << run) - 1) & _SEEN if run < WINDOW else _SEEN
        while run:
            some = min(run, max(1, RECENT - self.recent_received - self.recent_missed))
            self.recent_received += some
            run -= some
            if self.recent_received + self.recent_missed >= RECENT:
                self.recent_received //= 2
                self.recent_missed //= 2

    def _fill(self, back: int) -> None:
        """A packet is late, and was missing until now; or has come twice."""
        if not self.seen >> back & 1:
            self.seen |= 1 << back
            self.received += 1
            self.recent_received += 1
            self.missed = max(0, self.missed - 1)
            self.recent_missed = max(0, self.recent_missed - 1)


def loss(received: int, missed: int) -> float | None:
    """The share that is missing, percent; None where nothing has come."""
    both = received + missed
    return round(100 * missed / both, 2) if both else None
