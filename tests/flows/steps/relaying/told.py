"""Vehicles as the relay hears them, and commands that are delivered to them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flows.ontology.commands import Delivery
from flows.ontology.radio import Reply, Speech, Station
from flows.ontology.relayed import Relayed
from flows.ontology.telemetry import Envelope, moment
from flows.steps.relaying.carry import Out, Relay, carry, next_due_us

SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND
LINK = "udp:14550"
COPTER, PLANE, VTOL, ROVER, BOAT, SUBMARINE = 2, 1, 20, 10, 11, 12
ARDUPILOT, PX4, GENERIC = 3, 12, 0
QUIET = Relay(Station(beats=False))


def said(name: str, data: dict[str, Any], at_us: int = NOON, **more: Any) -> Envelope:
    """A message of the vehicle ``v1``, system 1."""
    given = {
        "entity_id": "v1", "org_id": "north", "system_id": 1, "component_id": 1, "source": LINK,
    } | more  # fmt: skip
    return Envelope(message_type=name, data=data, timestamp=moment(at_us), **given)


def beat(
    autopilot: int = ARDUPILOT, kind: int = COPTER, mode: int = 5, at_us: int = NOON, **more: Any
) -> Envelope:
    data = {"type": kind, "autopilot": autopilot, "base_mode": 81, "custom_mode": mode}
    return said("HEARTBEAT", data, at_us, **more)


def place(at_us: int = NOON) -> Envelope:
    """At 47.4, 8.5; 10 metres above home, which is 488 metres above the sea."""
    data = {"lat": 474_000_000, "lon": 85_000_000, "alt": 498_000, "relative_alt": 10_000}
    return said("GLOBAL_POSITION_INT", data, at_us)


def ack(command: int, result: int = 0, at_us: int = NOON, **more: Any) -> Envelope:
    fields = {"target_system": 255, "target_component": 190, "progress": 0, "result_param2": 0}
    speaker = {key: more.pop(key) for key in ("component_id",) if key in more}
    return said(
        "COMMAND_ACK", fields | {"command": command, "result": result} | more, at_us, **speaker
    )


def delivery(
    command: str = "arm", params: dict[str, Any] | None = None, *, command_id: str = "c1",
    at_us: int = NOON, seconds: float = 60.0, repeatable: bool = True, **more: Any,
) -> Delivery:  # fmt: skip
    given = {"org_id": "north", "entity_id": "v1"} | more
    issued = moment(at_us)
    return Delivery(
        command_id=command_id, command=command, params=params or {}, issued_at=issued,
        expires_at=issued + timedelta(seconds=seconds), repeatable=repeatable, **given,
    )  # fmt: skip


class Told:
    """One vehicle's step, with its clock in hand."""

    def __init__(self, *heard: Envelope, relay: Relay = QUIET) -> None:
        self.state, self.relay, self.now = Relayed(), relay, NOON
        self.sent: list[Speech] = []
        self.replies: list[Reply] = []
        self.take(*(heard or (beat(), place())))

    def take(self, *heard: Any) -> list[Out]:
        """Let the step take these; what comes out is kept as well."""
        out = carry(self.state, heard, self.now, self.relay)
        self.sent += [each for each in out if isinstance(each, Speech)]
        self.replies += [each for each in out if isinstance(each, Reply)]
        return out

    def wait(self, seconds: float) -> None:
        """Let time pass, and the step be woken when it wants to be."""
        until = self.now + round(seconds * SECOND)
        while (due := next_due_us(self.state, self.relay.began_us)) is not None and due <= until:
            self.now = max(self.now, due)
            self.take()
        self.now = until

    def hear(self, command: int, result: int = 0, **more: Any) -> None:
        self.take(ack(command, result, self.now, **more))

    @property
    def names(self) -> list[tuple[str, int]]:
        """What was sent: the message, and the number of its MAV_CMD."""
        return [(each.name, each.fields.get("command", 0)) for each in self.sent]

    def states(self, command_id: str = "c1") -> list[str]:
        return [each.answer.state for each in self.of(command_id)]

    def of(self, command_id: str = "c1") -> list[Reply]:
        return [each for each in self.replies if each.answer.command_id == command_id]

    def last(self, command_id: str = "c1") -> tuple[str, str]:
        answer = self.of(command_id)[-1].answer
        return answer.state, answer.reason


def numbers(sent: Iterable[Speech]) -> list[int]:
    return [each.fields.get("command", 0) for each in sent]
