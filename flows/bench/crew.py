"""Vehicles over UDP that say where they are, and obey: each with a socket of its own.

What they were told is counted here, by the bytes that came: nobody else's word is taken for it.
"""

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from pymavlink.dialects.v20 import common as mavlink

from connectors.mavlink_frame import header
from flows.steps.identify import Names

COMMAND_LONG, CHANGE_SPEED = 76, 178
HEADER_BYTES = 10
# Seven parameters, the command, whom it is for, and which try it is; zeros at the end are cut.
_LONG = struct.Struct("<7fHBBB")
PARTS_OF_SPEED = 100.0  # As a float keeps it apart.
AT_ONCE = 20

# Told of each order to change the speed: by which vehicle, which speed, and which try it was.
Obeyed = Callable[[int, int, int], None]


class Crew:
    """So many vehicles, and so many messages a second of all together.

    Args:
        vehicles: how many.
        pace: messages a second.
        port: where they are heard.
        obeyed: told of every order that comes.
    """

    def __init__(self, vehicles: int, pace: float, port: int, obeyed: Obeyed) -> None:
        self._obeyed = obeyed
        self._pace = pace
        self._crew = [_Vehicle(1 + number, port) for number in range(vehicles)]
        self._speaking: asyncio.Task[None] | None = None

    def entities(self, organization: str) -> list[str]:
        """What the vehicles are called."""
        names = Names(organization)
        return [names.entity("", each.system_id, True)[0] for each in self._crew]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for number, each in enumerate(self._crew):
            loop.add_reader(each.radio, self._hear, number, each)
        self._speaking = asyncio.create_task(self._speak())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            with suppress(asyncio.CancelledError):
                await self._speaking
        for each in self._crew:
            asyncio.get_running_loop().remove_reader(each.radio)
            each.radio.close()

    async def _speak(self) -> None:
        """Each in turn, at an even pace; nothing is made up for where we were late."""
        turn, due = 0, time.perf_counter()
        while True:
            for _ in range(AT_ONCE):
                vehicle, round_ = turn % len(self._crew), turn // len(self._crew)
                self._crew[vehicle].speak(round_)
                turn += 1
            due = max(due + AT_ONCE / self._pace, time.perf_counter() - 1)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    def _hear(self, number: int, vehicle: "_Vehicle") -> None:
        for speed, attempt in vehicle.hear():
            self._obeyed(number, speed, attempt)


class _Vehicle:
    def __init__(self, system_id: int, port: int) -> None:
        self.system_id = system_id
        self.radio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.radio.connect(("127.0.0.1", port))
        self.radio.setblocking(False)
        self._voice = mavlink.MAVLink(self, system_id, 1)
        place = 473_977_418 + 1000 * system_id, 85_455_939
        # Said so that it is live and known after two turns.
        self._sayings = (
            mavlink.MAVLink_heartbeat_message(2, 3, 217, 4, 4, 3),
            mavlink.MAVLink_global_position_int_message(0, *place, 508_000, 20_000, 0, 0, 0, 0),
            mavlink.MAVLink_attitude_message(0, 0.01, -0.04, 1.9, 0.0, 0.0, 0.0),
            mavlink.MAVLink_vfr_hud_message(5.2, 5.0, 339, 41, 488.1, 0.0),
            mavlink.MAVLink_sys_status_message(0, 0, 0, 153, 12_280, 1734, 81, 0, 0, 0, 0, 0, 0),
        )

    def write(self, frame: bytes) -> None:
        """Stands for a radio: takes what the voice says."""
        with suppress(BlockingIOError, ConnectionRefusedError):
            self.radio.send(frame)

    def speak(self, turn: int) -> None:
        self._voice.send(self._sayings[turn % len(self._sayings)])

    def hear(self) -> list[tuple[int, int]]:
        """The speeds that it is told, and at which try; each is accepted."""
        told: list[tuple[int, int]] = []
        with suppress(BlockingIOError, ConnectionRefusedError):
            while True:
                frame = self.radio.recv(512)
                system, component, _, message = header(frame)
                if message != COMMAND_LONG:
                    continue
                payload = frame[HEADER_BYTES : HEADER_BYTES + frame[1]].ljust(_LONG.size, b"\0")
                _, speed, *_, command, _, _, attempt = _LONG.unpack(payload)
                if command == CHANGE_SPEED:
                    told.append((round(speed * PARTS_OF_SPEED), attempt))
                    self._accept(system, component)
        return told

    def _accept(self, system: int, component: int) -> None:
        self._voice.send(
            mavlink.MAVLink_command_ack_message(CHANGE_SPEED, 0, 0, 0, system, component)
        )
