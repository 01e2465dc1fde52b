"""A bad radio, and an autopilot in a bad mood: what the options make of good ones."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.simulator.radio import Radio


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong; nothing, unless something is given.

    Args:
        lose_sent: share of the datagrams to the ground that are lost, 0 to 1.
        lose_heard: share of those to the vehicle.
        ack_copies: how often a COMMAND_ACK is said.
        ack_seconds: how late.
        refuse: MAV_CMDs that are refused for the time being.
    """

    lose_sent: float = 0.0
    lose_heard: float = 0.0
    ack_copies: int = 1
    ack_seconds: float = 0.0
    refuse: frozenset[int] = frozenset()


class BadRadio(Radio):
    """A radio that loses some of what goes through it, the same for the same seed."""

    def __init__(self, host: str, port: int, faults: Faults, seed: str) -> None:
        super().__init__(host, port)
        self._faults = faults
        self._out = random.Random(f"{seed}:out")  # noqa: S311 - play, not secrets
        self._in = random.Random(f"{seed}:in")  # noqa: S311

    def write(self, datagram: bytes) -> None:
        if self._out.random() >= self._faults.lose_sent:
            super().write(datagram)

    def heard(self) -> Iterator[bytes]:
        return (each for each in super().heard() if self._in.random() >= self._faults.lose_heard)
