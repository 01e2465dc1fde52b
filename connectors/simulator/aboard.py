"""A vehicle on the air: its autopilot and what else is aboard, talking through one radio."""

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator import status
from connectors.simulator.command.cancel import read_cancel
from connectors.simulator.command.ears import Ears
from connectors.simulator.command.faults import Faults
from connectors.simulator.command.spoken import Reply
from connectors.simulator.radio import Radio
from connectors.simulator.schedule import HEARTBEAT_TICKS, TICK_SECONDS, due
from connectors.simulator.state import Vehicle

NO_FAULTS = Faults()


class Aboard:
    """Says what is due.

    Each component counts its own messages, as MAVLink has it: gaps in a component's
    numbers are what the ground takes for lost messages.

    Args:
        vehicle: which one.
        radio: what to say it through.
        started_us: what its clock shows when the simulation begins, microseconds of 1970.
        faults: what goes wrong when it is commanded.
        waits: whether it waits at home for commands, in place of flying as its row says.
    """

    def __init__(
        self,
        vehicle: Vehicle,
        radio: Radio,
        started_us: int,
        faults: Faults = NO_FAULTS,
        *,
        waits: bool = False,
    ) -> None:
        self.radio = radio
        self.said = 0
        self.heard = 0
        self._vehicle = vehicle
        self._started_us = started_us
        row = vehicle.row
        self._autopilot = self._voice(mavlink.MAV_COMP_ID_AUTOPILOT1)
        self._others = tuple((each, self._voice(each.component_id)) for each in row.components)
        self._voices = {each.component_id: voice for each, voice in self._others}
        self.ears = Ears(vehicle, faults, started_us, waits=waits)
        self._tick = 0
        # One datagram may hold several messages; what is cut off at its end is lost with it.
        self._reads = mavlink.MAVLink(None)
        self._reads.robust_parsing = True
        self._since = 0.0
        self._low = vehicle.at(0.0).charge.low

    def speak(self, tick: int, speed: float) -> None:
        """Say what is due at a tick, of a simulation so many times faster than the clock.

        Everything that is said is a function of the tick: a late call changes nothing.
        """
        row, seconds = self._vehicle.row, tick * TICK_SECONDS * speed
        ears, waited = self.ears, (tick - self._tick) * TICK_SECONDS
        self._tick = tick
        self._answer(ears.pass_time(seconds, waited))
        if ears.silent:
            return
        state = ears.state()
        clock = self._started_us + round(1e6 * seconds)
        if ears.words.usual:
            for regular in due(tick):
                self._say(regular.message(row, state, clock))
        else:
            for number in ears.words.due(tick):
                self._say(ears.words.one(number, state, clock))
        if tick % HEARTBEAT_TICKS == 0:
            for component, voice in self._others:
                self._say(status.component_heartbeat(component), voice)
        self._tell(seconds, low=state.charge.low)

    def listen(self) -> None:
        """Take what has been said to the vehicle off the socket, obey, and answer."""
        for datagram in self.radio.heard():
            self.heard += 1
            cancel = read_cancel(datagram)
            if cancel is not None:
                self._answer(self.ears.cancel(cancel))
                continue
            for message in self._reads.parse_buffer(datagram) or ():
                self._answer(self.ears.hear(message))

    def _answer(self, replies: list[Reply]) -> None:
        for reply in replies:
            self._say(reply.message, self._voices.get(reply.component))

    def _tell(self, seconds: float, *, low: bool) -> None:
        """Say what has happened since the last time."""
        stages = self._vehicle.begin(self._since, seconds) if self.ears.helm is None else ()
        for stage in stages:
            if stage.reached:
                self._say(status.mission_item_reached(stage.waypoint))
            if stage.says:
                self._say(status.status_text(mavlink.MAV_SEVERITY_INFO, stage.says))
        if low and not self._low:
            self._say(status.status_text(mavlink.MAV_SEVERITY_WARNING, "Low battery"))
        self._since, self._low = seconds, low

    def _say(self, message: mavlink.MAVLink_message, voice: mavlink.MAVLink | None = None) -> None:
        (voice or self._autopilot).send(message)
        self.said += 1

    def _voice(self, component_id: int) -> mavlink.MAVLink:
        return mavlink.MAVLink(self.radio, self._vehicle.row.system_id, component_id)
