"""A vehicle that has lists and parameters, told by radio: its bytes may be lost, doubled or late.

The vehicle's end of the protocols is the simulator's, and the bytes are pymavlink's; the time is
in hand.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any

from pymavlink.dialects.v20 import all as dialect
from told import ARDUPILOT, LINK, PX4, SECOND, Told, beat, delivery, place, said

from connectors.mavlink import Decoder
from connectors.mavlink_frame import V2
from connectors.mavlink_voice import Voice
from connectors.simulator.command.plans import Plans
from connectors.simulator.command.settings import Settings
from connectors.simulator.fleet import ROWS
from flows.ontology.commands import Answer

ROW = {ARDUPILOT: ROWS[0], PX4: ROWS[1]}
STEP = 0.01
# Of a frame, in how many seconds it is there; more than one is doubled, none is lost.
Fate = Callable[[str], tuple[float, ...]]


def soon(_name: str) -> tuple[float, ...]:
    """Nothing is lost."""
    return (0.02,)


class There:
    """The relay's step and a vehicle, with a radio between."""

    def __init__(self, autopilot: int = PX4, fate: Fate = soon) -> None:
        row = ROW[autopilot]
        self.told, self.fate = Told(beat(autopilot), place()), fate
        self.plans, self.settings = Plans(row), Settings(row)
        self.heard: list[str] = []  # By the vehicle.
        self._voice = Voice(255, 190, None, lambda: self.told.now)
        self._vehicle, self._ground = dialect.MAVLink(None, 1, 1), dialect.MAVLink(None)
        self._decoder, self._order = Decoder(), count()
        self._way: list[tuple[int, int, bool, bytes]] = []
        self._sent = 0

    def ask(self, command: str, params: dict[str, Any] | None = None, **more: Any) -> Answer:
        """Deliver a command, and let time pass until it ends."""
        command_id = f"c{next(self._order)}"
        self.told.take(
            delivery(command, params, command_id=command_id, at_us=self.told.now, **more)
        )
        return self.end_of(command_id)

    def end_of(self, command_id: str, seconds: float = 600) -> Answer:
        until = self.told.now + seconds * SECOND
        while self.told.now < until and not self.ended(command_id):
            self.step()
        return self.told.of(command_id)[-1].answer

    def ended(self, command_id: str) -> bool:
        return any(each.stage == "end" for each in self.told.of(command_id))

    def step(self) -> None:
        """A hundredth of a second."""
        while self._way and self._way[0][0] <= self.told.now:
            _, _, up, frame = heappop(self._way)
            if up:
                self._to_vehicle(frame)
            else:
                self._to_ground(frame)
        self._say(self.plans.pass_time(STEP) + self.settings.go_on())
        self.told.wait(STEP)
        for each in self.told.sent[self._sent :]:
            to = each.system_id, each.component_id
            assert each.link == LINK
            frame = self._voice.frame("there", to, V2, each.name, each.fields)
            self._send(each.name, frame, up=True)
        self._sent = len(self.told.sent)

    def _send(self, name: str, frame: bytes, *, up: bool) -> None:
        for seconds in self.fate(name):
            at = self.told.now + round(seconds * SECOND)
            heappush(self._way, (at, next(self._order), up, frame))

    def _to_vehicle(self, frame: bytes) -> None:
        (message,) = self._ground.parse_buffer(frame)
        self.heard.append(message.get_type())
        if message.get_type().startswith("PARAM_"):
            self._say(self.settings.hear(message))
        elif message.get_type().startswith("MISSION_"):
            self._say(self.plans.hear(message, None))

    def _say(self, messages: list[Any]) -> None:
        for each in messages:
            frame = bytes(each.pack(self._vehicle))
            self._vehicle.seq = (self._vehicle.seq + 1) % 256
            self._send(each.get_type(), frame, up=False)

    def _to_ground(self, frame: bytes) -> None:
        packet = self._decoder.decode(frame, LINK, "", self.told.now)
        self.told.take(said(packet.name, packet.fields, self.told.now))
