"""What is said to a vehicle, and its answers: the protocols' tables meet its state here."""

import math
from typing import NamedTuple

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.command import flight_orders
from connectors.simulator.command.cancel import Cancel
from connectors.simulator.command.faults import Faults
from connectors.simulator.command.flight_orders import FLIGHT_ORDERS
from connectors.simulator.command.fly import fly
from connectors.simulator.command.helm import Aim, Helm, parked, taken
from connectors.simulator.command.order import (
    ACCEPTED,
    DENIED,
    REJECTED,
    UNSUPPORTED,
    Order,
    Outcome,
    place,
)
from connectors.simulator.command.other_orders import (
    GROUND_ORDERS,
    HELM_ORDERS,
    PAYLOAD_ORDERS,
    Payload,
)
from connectors.simulator.command.payload_words import image_captured
from connectors.simulator.command.plans import Plans
from connectors.simulator.command.settings import Settings
from connectors.simulator.command.spoken import (
    SET_MODE_FRAME,
    Reply,
    acknowledged,
    order_of,
)
from connectors.simulator.command.view import view
from connectors.simulator.command.ways import Doing, is_px4
from connectors.simulator.command.words import Words
from connectors.simulator.state import State, Vehicle
from connectors.simulator.status import mission_item_reached, status_text

AUTOPILOT = mavlink.MAV_COMP_ID_AUTOPILOT1
SILENT_SECONDS = 5.0  # Of starting anew.
PROGRESS_SECONDS = 1.0
CANCELLED = 6  # MAV_RESULT_CANCELLED, which pymavlink lacks.
IGNORES_POSITION = 7  # Of POSITION_TARGET_TYPEMASK.
HELM = FLIGHT_ORDERS | HELM_ORDERS


class Long(NamedTuple):
    """A command that takes its time."""

    command: int
    asker: tuple[int, int]
    seconds: float
    gone: float = 0.0


class Ears:
    """A vehicle that obeys.

    Args:
        vehicle: which.
        faults: what goes wrong.
        waits: whether it waits at home for commands, in place of flying as its row says.
        started_us: what its clock shows when the simulation begins, microseconds of 1970.
    """

    def __init__(self, vehicle: Vehicle, faults: Faults, started_us: int, *, waits: bool) -> None:
        self._vehicle, self._faults, self._started_us = vehicle, faults, started_us
        row = vehicle.row
        self.plans, self.settings, self.payload = Plans(row), Settings(row), Payload()
        self.words = Words(row, self.payload)
        self.helm = parked(row, self.plans.lists[0]) if waits else None
        self.silent = 0.0
        self._seconds, self._booted = 0.0, 0.0
        self._long: Long | None = None
        self._late: list[tuple[float, Reply]] = []
        self._aboard = {AUTOPILOT, *(each.component_id for each in row.components)}

    def state(self) -> State:
        """How the vehicle is by now."""
        if self.helm is None:
            return self._vehicle.at(self._seconds)._replace(seconds=self._age)
        return view(self._vehicle, self.helm, self._age)

    @property
    def _age(self) -> float:
        return self._vehicle.age(self._seconds) - self._booted

    @property
    def clock(self) -> int:
        """Microseconds since 1970."""
        return self._started_us + round(1e6 * self._seconds)

    def pass_time(self, until: float, waited: float) -> list[Reply]:
        """Let time pass; what there is to say because of that.

        Args:
            until: seconds of the simulation since its start.
            waited: seconds of the clock since the last time, for what others are waited for.
        """
        gone, self._seconds = max(until - self._seconds, 0.0), until
        said: list[mavlink.MAVLink_message] = []
        if self.helm is not None:
            self._set_up(self.helm)
            fly(self.helm, gone)
            said += [mission_item_reached(number) for number in self.helm.reached]
            said += [status_text(severity, text) for severity, text in self.helm.says]
            self.helm.reached.clear()
            self.helm.says.clear()
        said += self.plans.pass_time(waited) + self.settings.go_on()
        if self.payload.left or self.payload.recorded is not None:
            taken_now = self.payload.pass_time(gone)
            first = self.payload.taken - taken_now
            state = self.state() if taken_now else None
            if state is not None:
                said += [image_captured(state, self.clock, first + n) for n in range(taken_now)]
        due = [reply for left, reply in self._late if left <= waited]
        self._late = [(left - waited, reply) for left, reply in self._late if left > waited]
        self.silent = max(self.silent - waited, 0.0)
        return [Reply(AUTOPILOT, each) for each in said] + due + self._go_on(waited)

    def hear(self, message: mavlink.MAVLink_message) -> list[Reply]:
        """Take a message; what is for another vehicle is not answered."""
        component = getattr(message, "target_component", 0)
        system = getattr(message, "target_system", None)
        if self.silent or system not in {0, self._vehicle.row.system_id}:
            return []
        if component and component not in self._aboard:
            return []
        kind = message.get_type()
        if kind in {"COMMAND_LONG", "COMMAND_INT", "SET_MODE"}:
            return self._command(message, component or AUTOPILOT)
        if component not in {0, AUTOPILOT}:
            return []
        if kind == "MISSION_SET_CURRENT":
            self._set_current(message.seq)
            return [Reply(AUTOPILOT, self.words.one(42, self.state(), self.clock))]
        if kind.startswith("MISSION_"):
            said = self.plans.hear(message, self.helm)
            return [Reply(AUTOPILOT, each) for each in said]
        if kind.startswith("PARAM_"):
            return [Reply(AUTOPILOT, each) for each in self.settings.hear(message)]
        if kind == "SET_POSITION_TARGET_GLOBAL_INT":
            self._target(message)
        return []

    def _set_up(self, helm: Helm) -> None:
        """What parameters say of how it flies."""
        helm.takeoff = self.settings.value("MIS_TAKEOFF_ALT", 10.0)
        helm.lands = self.settings.value("RTL_AUTOLAND", 1.0) > 0

    def _command(self, message: mavlink.MAVLink_message, component: int) -> list[Reply]:
        order = order_of(message)
        if order.command in self._faults.refuse:
            return self._ack(component, message, REJECTED)
        outcome, said = self._obey(order, message, component)
        answer = self._ack(component, message, outcome) + said
        if outcome is ACCEPTED and order.command == mavlink.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN:
            self._start_anew()
        return answer

    def _obey(
        self, order: Order, message: mavlink.MAVLink_message, component: int
    ) -> tuple[Outcome, list[Reply]]:
        if order.command in PAYLOAD_ORDERS:
            return PAYLOAD_ORDERS[order.command](self.payload, order), []
        if component != AUTOPILOT:
            return UNSUPPORTED, []
        if order.command in HELM or message.get_type() == "SET_MODE":
            return self._helm_order(order), []
        if order.command in GROUND_ORDERS:
            outcome = GROUND_ORDERS[order.command](self._helm(), order)
            if outcome.seconds and self._long is not None:
                return REJECTED, []
            if outcome.seconds:
                asker = message.get_srcSystem(), message.get_srcComponent()
                self._long = Long(order.command, asker, outcome.seconds)
            return outcome, []
        if order.command == mavlink.MAV_CMD_DO_SET_MISSION_CURRENT:
            return (ACCEPTED if self._set_current(order.whole(1)) else DENIED), []
        return self._ask(order)

    def _helm(self) -> Helm:
        """The helm, or what it would be if it were taken now."""
        helm = self.helm
        if helm is None:
            helm = taken(self._vehicle.row, self._vehicle.at(self._seconds), self.plans.lists[0])
        self._set_up(helm)
        return helm

    def _helm_order(self, order: Order) -> Outcome:
        """Ask the helm; a vehicle that flies as its row says goes on so where it is refused."""
        helm = self._helm()
        if order.command == mavlink.MAVLINK_MSG_ID_SET_MODE and order.frame == SET_MODE_FRAME:
            outcome = DENIED
            if order.whole(1) & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
                outcome = flight_orders.enter_number(helm, order.whole(2))
        else:
            outcome = HELM[order.command](helm, order)
        if outcome is ACCEPTED:
            self.helm = helm
        return outcome

    def _ask(self, order: Order) -> tuple[Outcome, list[Reply]]:
        """The commands that ask for messages."""
        number = order.whole(1)
        if order.command == mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES:
            number = mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION
        elif order.command == mavlink.MAV_CMD_GET_MESSAGE_INTERVAL:
            if not self.words.known(number):
                return DENIED, []
            word = mavlink.MAVLink_message_interval_message(number, self.words.interval(number))
            return ACCEPTED, [Reply(AUTOPILOT, word)]
        elif order.command == mavlink.MAV_CMD_SET_MESSAGE_INTERVAL:
            if not self.words.known(number) or not math.isfinite(order.params[1]):
                return DENIED, []
            self.words.every(number, order.params[1])
            return ACCEPTED, []
        elif order.command != mavlink.MAV_CMD_REQUEST_MESSAGE:
            return UNSUPPORTED, []
        if not self.words.known(number):
            return DENIED, []
        return ACCEPTED, [Reply(AUTOPILOT, self.words.one(number, self.state(), self.clock))]

    def _set_current(self, number: int) -> bool:
        if not 0 <= number < len(self.plans.lists[0]):
            return False
        self.helm = self._helm()
        self.helm.current, self.helm.finished = number, False
        self.helm.aim, self.helm.since, self.helm.height = None, None, None
        return True

    def _target(self, message: mavlink.MAVLink_message) -> None:
        """SET_POSITION_TARGET_GLOBAL_INT is not answered; another mode does not follow it."""
        helm = self._helm()
        where = (message.lat_int / 1e7, message.lon_int / 1e7, message.alt)
        order = Order(0, (0.0, 0.0, 0.0, 0.0, *where), message.coordinate_frame)
        there = place(helm, order)
        if message.type_mask & IGNORES_POSITION or there is None:
            return
        if helm.way.doing is Doing.GUIDED or is_px4(helm.row):
            self.helm = helm
            if helm.way.doing is Doing.GUIDED or helm.aim is None:
                helm.aim, helm.height = Aim(there), None

    def cancel(self, cancel: Cancel) -> list[Reply]:
        """Give up what takes its time; what is done already cannot be."""
        addressed = cancel.target_system in {0, self._vehicle.row.system_id}
        if not addressed or self._long is None or self._long.command != cancel.command:
            return []
        self._long, result = None, CANCELLED
        return [acknowledged(AUTOPILOT, cancel.command, cancel.asker, result)]

    def _start_anew(self) -> None:
        self.silent = SILENT_SECONDS
        self._booted = self._vehicle.age(self._seconds)
        before = self._helm()
        self.helm = parked(self._vehicle.row, self.plans.lists[0])
        self.helm.point, self.helm.heading = before.point, before.heading
        self.helm.used, self.helm.home = before.used, before.place
        self.plans.upload, self._long = None, None

    def _go_on(self, waited: float) -> list[Reply]:
        """Tell how far a command is that takes its time, each second, and when it is done."""
        long = self._long
        if long is None:
            return []
        gone = long.gone + waited
        self._long = long._replace(gone=gone) if gone < long.seconds else None
        if self._long is None:
            return [acknowledged(AUTOPILOT, long.command, long.asker, ACCEPTED.result)]
        if int(gone / PROGRESS_SECONDS) == int(long.gone / PROGRESS_SECONDS):
            return []
        part = round(100 * gone / long.seconds)
        result = mavlink.MAV_RESULT_IN_PROGRESS
        return [acknowledged(AUTOPILOT, long.command, long.asker, result, part)]

    def _ack(
        self, component: int, message: mavlink.MAVLink_message, outcome: Outcome
    ) -> list[Reply]:
        asker = message.get_srcSystem(), message.get_srcComponent()
        command = getattr(message, "command", mavlink.MAVLINK_MSG_ID_SET_MODE)
        if message.get_type() == "SET_MODE" and is_px4(self._vehicle.row):
            command = mavlink.MAV_CMD_DO_SET_MODE
        progress = 0 if outcome.seconds else 255
        ack = acknowledged(component, command, asker, outcome.result, progress)
        said = [ack] * self._faults.ack_copies
        if not self._faults.ack_seconds:
            return said
        self._late += [(self._faults.ack_seconds, each) for each in said]
        return []
