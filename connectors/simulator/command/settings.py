"""A vehicle's parameters, and its end of the parameter protocol.

ArduPilot casts every value to the float of PARAM_VALUE; PX4 puts an integer's four bytes into
it. Both answer to PARAM_SET with the value that they have then, whether they took it or not.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.command.ways import is_px4
from connectors.simulator.row import Row

REAL = mavlink.MAV_PARAM_TYPE_REAL32
INT8, INT16, INT32 = (
    mavlink.MAV_PARAM_TYPE_INT8, mavlink.MAV_PARAM_TYPE_INT16, mavlink.MAV_PARAM_TYPE_INT32,
)  # fmt: skip
BITS = {INT8: 8, INT16: 16, INT32: 32}
AT_ONCE = 10  # Parameters of a list, each time that it goes on.


@dataclass(slots=True)
class Setting:
    """A parameter: its name of at most 16 characters, MAV_PARAM_TYPE, value."""

    name: str
    kind: int
    value: float


def _ardupilot(row: Row) -> list[Setting]:
    able = row.performance
    return [
        Setting("ANGLE_MAX", INT16, 3000), Setting("ARMING_CHECK", INT32, 1),
        Setting("BATT_CAPACITY", INT32, round(1000 * row.power.amp_hours)),
        Setting("BATT_LOW_VOLT", REAL, 3.5 * row.power.cells), Setting("COMPASS_USE", INT8, 1),
        Setting("FENCE_ALT_MAX", REAL, 300.0), Setting("FENCE_ENABLE", INT8, 0),
        Setting("FENCE_RADIUS", REAL, 5000.0), Setting("FS_GCS_ENABLE", INT8, 0),
        Setting("FRAME_CLASS", INT8, 1), Setting("LOIT_SPEED", REAL, 100 * able.speed),
        Setting("LOG_BITMASK", INT32, 176_126), Setting("MIS_OPTIONS", INT16, 0),
        Setting("RTL_ALT", INT32, 3000), Setting("RTL_AUTOLAND", INT8, 1),
        Setting("SR0_POSITION", INT16, 4), Setting("SYSID_MYGCS", INT16, 255),
        Setting("SYSID_THISMAV", INT16, row.system_id), Setting("WPNAV_RADIUS", REAL, 200.0),
        Setting("WPNAV_SPEED", REAL, 100 * able.speed), Setting("WP_RADIUS", REAL, 2.0),
    ]  # fmt: skip


def _px4(row: Row) -> list[Setting]:
    able = row.performance
    return [
        Setting("BAT1_CAPACITY", REAL, 1000 * row.power.amp_hours),
        Setting("BAT1_N_CELLS", INT32, row.power.cells), Setting("CAL_ACC0_ID", INT32, 1_310_988),
        Setting("COM_ARM_WO_GPS", INT32, 1), Setting("COM_DISARM_LAND", REAL, 2.0),
        Setting("COM_RC_IN_MODE", INT32, 1), Setting("GF_ACTION", INT32, 2),
        Setting("GF_MAX_HOR_DIST", REAL, 0.0), Setting("GF_MAX_VER_DIST", REAL, 0.0),
        Setting("MAV_SYS_ID", INT32, row.system_id), Setting("MAV_TYPE", INT32, row.mav_type),
        Setting("MIS_TAKEOFF_ALT", REAL, 10.0), Setting("MPC_XY_CRUISE", REAL, able.speed),
        Setting("MPC_Z_VEL_MAX_UP", REAL, able.climb_speed or 3.0),
        Setting("NAV_ACC_RAD", REAL, 2.0), Setting("NAV_RCL_ACT", INT32, 2),
        Setting("RTL_DESCEND_ALT", REAL, 30.0), Setting("RTL_RETURN_ALT", REAL, 30.0),
        Setting("SYS_AUTOSTART", INT32, 4001),
    ]  # fmt: skip


class Settings:
    """The parameters of a vehicle, in the order of their names."""

    def __init__(self, row: Row) -> None:
        self._bytewise = is_px4(row)
        self.rows = sorted((_px4 if self._bytewise else _ardupilot)(row), key=lambda s: s.name)
        self._index = {each.name: number for number, each in enumerate(self.rows)}
        self._listing: Iterator[int] | None = None

    def value(self, name: str, otherwise: float) -> float:
        """The value of a parameter, where the vehicle has that one."""
        number = self._index.get(name)
        return otherwise if number is None else self.rows[number].value

    def hear(self, message: mavlink.MAVLink_message) -> list[mavlink.MAVLink_message]:
        """Take a message of the protocol. What the vehicle does not have is not answered."""
        kind = message.get_type()
        if kind == "PARAM_REQUEST_LIST":
            self._listing = iter(range(len(self.rows)))
            return []
        if kind == "PARAM_REQUEST_READ" and message.param_index >= 0:
            found = message.param_index if message.param_index < len(self.rows) else None
        else:
            found = self._index.get(message.param_id)
        if found is None:
            return []
        if kind == "PARAM_SET":
            self._set(self.rows[found], message.param_value, message.param_type)
        return [self._say(found)]

    def go_on(self) -> list[mavlink.MAVLink_message]:
        """The next parameters of a list that was asked for."""
        if self._listing is None:
            return []
        said = [self._say(number) for number in islice(self._listing, AT_ONCE)]
        if len(said) < AT_ONCE:
            self._listing = None
        return said

    def _set(self, setting: Setting, sent: float, kind: int) -> None:
        value = sent
        if self._bytewise:
            if kind != setting.kind:
                return
            if setting.kind in BITS:
                value = struct.unpack("<i", struct.pack("<f", sent))[0]
        if not math.isfinite(value) and not (self._bytewise and setting.kind in BITS):
            return
        bits = BITS.get(setting.kind)
        if bits:
            value = max(-(2 ** (bits - 1)), min(2 ** (bits - 1) - 1, round(value)))
        setting.value = value

    def _say(self, number: int) -> mavlink.MAVLink_message:
        setting, count = self.rows[number], len(self.rows)
        value = float(setting.value)
        if self._bytewise and setting.kind in BITS:
            value = struct.unpack("<f", struct.pack("<i", round(setting.value)))[0]
        name = setting.name.encode()
        return mavlink.MAVLink_param_value_message(name, value, setting.kind, count, number)
