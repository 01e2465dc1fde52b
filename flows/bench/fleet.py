"""What a simulated fleet says, packet by packet, as fast as it can be made."""

from collections.abc import Iterator
from typing import NamedTuple

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.fleet import fleet
from connectors.simulator.schedule import TICK_SECONDS, due
from connectors.simulator.state import vehicle

SEED = 7


class Said(NamedTuple):
    """A datagram of a vehicle, so many seconds after the first of all."""

    vehicle: int
    seconds: float
    datagram: bytes


class _Tape:
    """Stands for a radio: takes what a voice says."""

    def __init__(self) -> None:
        self.datagram = b""

    def write(self, datagram: bytes) -> None:
        self.datagram = bytes(datagram)


def said(vehicles: int) -> Iterator[Said]:
    """Everything that so many vehicles say, in that order and without end."""
    tape = _Tape()
    crew = [
        (row, vehicle(row, SEED), mavlink.MAVLink(tape, row.system_id, 1))
        for row in fleet(vehicles)
    ]
    tick = 0
    while True:
        seconds = tick * TICK_SECONDS
        for number, (row, flying, voice) in enumerate(crew):
            state = flying.at(seconds)
            for regular in due(tick):
                voice.send(regular.message(row, state, round(seconds * 1e6)))
                yield Said(number, seconds, tape.datagram)
        tick += 1
