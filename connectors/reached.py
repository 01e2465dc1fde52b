"""How far a sequence of things to be done is done, when they are done in any order."""

import heapq
from collections.abc import Sequence


class Reached:
    """The highest sequence of which it and all before it are done.

    Sequences are awaited in order, but may be done in any, and before they are awaited.
    """

    def __init__(self) -> None:
        self._awaited: list[int] = []
        self._done: set[int] = set()
        self._last = 0

    def awaits(self, sequences: Sequence[int]) -> None:
        for sequence in sequences:
            heapq.heappush(self._awaited, sequence)
            self._last = max(self._last, sequence)

    def does(self, sequence: int) -> None:
        self._done.add(sequence)

    @property
    def sequence(self) -> int:
        awaited = self._awaited
        while awaited and awaited[0] in self._done:
            self._done.discard(heapq.heappop(awaited))
        return awaited[0] - 1 if awaited else self._last
