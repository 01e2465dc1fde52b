"""What a vehicle says when it is asked for it, and how often, by the message's number."""

from collections.abc import Callable, Iterator

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.command import payload_words
from connectors.simulator.command.other_orders import Payload
from connectors.simulator.command.ways import is_px4
from connectors.simulator.row import Row
from connectors.simulator.schedule import REGULAR, TICK_SECONDS
from connectors.simulator.state import State

Word = Callable[[Row, State, int], mavlink.MAVLink_message]
CAPABILITIES = (
    mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_INT
    | mavlink.MAV_PROTOCOL_CAPABILITY_COMMAND_INT
    | mavlink.MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_GLOBAL_INT
    | mavlink.MAV_PROTOCOL_CAPABILITY_MAVLINK2
    | mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE
    | mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_RALLY
)
VERSIONS = {True: 0x010F_00FF, False: 0x0406_00FF}  # PX4 1.15, ArduPilot 4.6, both released.


def autopilot_version(row: Row, _state: State, _clock: int) -> mavlink.MAVLink_message:
    encodes = mavlink.MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_C_CAST
    if is_px4(row):
        encodes = mavlink.MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE
    return mavlink.MAVLink_autopilot_version_message(
        CAPABILITIES | encodes, VERSIONS[is_px4(row)], 0, 0, 0,
        (0,) * 8, (0,) * 8, (0,) * 8, 0, 0, row.system_id,
    )  # fmt: skip


def _number(word: Callable[..., object]) -> int:
    return int(getattr(mavlink, f"MAVLINK_MSG_ID_{word.__name__.upper()}"))


_REGULAR: dict[int, Word] = {_number(each.message): each.message for each in REGULAR}
_ORDINARY: dict[int, Word] = _REGULAR | {
    mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION: autopilot_version
}
_TICKS: dict[int, tuple[int, int]] = {
    _number(each.message): (each.ticks, turn) for turn, each in enumerate(REGULAR)
}
_PAYLOAD = {
    mavlink.MAVLINK_MSG_ID_CAMERA_CAPTURE_STATUS: payload_words.capture_status,
    mavlink.MAVLINK_MSG_ID_CAMERA_SETTINGS: payload_words.camera_settings,
    mavlink.MAVLINK_MSG_ID_MOUNT_ORIENTATION: payload_words.mount_orientation,
}


class Words:
    """The messages of a vehicle that was told how often to say them."""

    def __init__(self, row: Row, payload: Payload) -> None:
        self._row, self._payload = row, payload
        self._ticks: dict[int, int] = {}  # 0 is never.

    def known(self, number: int) -> bool:
        return number in _ORDINARY or number in _PAYLOAD

    def one(self, number: int, state: State, clock: int) -> mavlink.MAVLink_message:
        """A message that is known."""
        if number in _PAYLOAD:
            return _PAYLOAD[number](self._row, state, self._payload)
        return _ORDINARY[number](self._row, state, clock)

    def every(self, number: int, microseconds: float) -> None:
        """Say it so often: 0 is as usual, -1 never; not more often than every tick."""
        if microseconds == 0:
            self._ticks.pop(number, None)
        else:
            ticks = round(min(microseconds, 1e9) / 1e6 / TICK_SECONDS)
            self._ticks[number] = 0 if microseconds < 0 else max(ticks, 1)

    def interval(self, number: int) -> int:
        """Microseconds from one to the next, or -1 where it is not said of its own accord."""
        ticks = self._ticks.get(number, _TICKS.get(number, (0, 0))[0])
        return round(1e6 * ticks * TICK_SECONDS) if ticks else -1

    @property
    def usual(self) -> bool:
        """Whether nothing is said more or less often than the schedule has it."""
        return not self._ticks

    def due(self, tick: int) -> Iterator[int]:
        """The numbers of those to say at a tick."""
        for number, (usual, turn) in _TICKS.items():
            ticks = self._ticks.get(number, usual)
            if ticks and (tick + turn) % ticks == 0:
                yield number
        for number, ticks in self._ticks.items():
            if number not in _TICKS and ticks and tick % ticks == 0:
                yield number
