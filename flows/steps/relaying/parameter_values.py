"""Parameters' values in the float of PARAM_VALUE and PARAM_SET, which not all fill alike.

ArduPilot casts a whole number to a float, PX4 puts its bytes there.
https://mavlink.io/en/services/parameter.html#parameter-encoding
"""

import math
import struct
from typing import NamedTuple

from flows.ontology.modes import ARDUPILOT, PX4
from flows.ontology.relayed import Vehicle
from flows.ontology.telemetry import Envelope
from flows.ontology.transfers import Value

C_CAST, BYTEWISE = 131_072, 16  # MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_...
REAL32 = 9
_LARGEST = 3.4028234663852886e38
_KINDS = ("", "UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "UINT64", "INT64", "REAL32",
          "REAL64")  # fmt: skip
# By MAV_PARAM_TYPE, bits and whether there are negative ones. Those of eight bytes fit no float.
_WHOLE = {1: (8, False), 2: (8, True), 3: (16, False), 4: (16, True), 5: (32, False), 6: (32, True)}


class Said(NamedTuple):
    """What a PARAM_VALUE says."""

    name: str
    value: Value
    kind: int
    bytewise: bool


def read(said: Envelope, vehicle: Vehicle) -> Said | None:
    """What a message says of a parameter, None if nothing."""
    name, kind = said.data.get("param_id"), said.data.get("param_type")
    if not isinstance(name, str) or type(kind) is not int:
        return None
    value, bits = said.data.get("param_value"), said.data.get("param_value_bits")
    number = None
    if isinstance(value, int | float) and abs(value) <= _LARGEST:
        number = float(value)
    raw = bits if type(bits) is int and 0 <= bits < 2**32 else _bits(number)
    bytes_of = kind in _WHOLE and is_bytewise(vehicle, number)
    told = _by_bytes(raw, kind) if bytes_of else _cast(number, kind)
    return Said(name.split("\0")[0], told, kind, bytes_of)


def is_said(vehicle: Vehicle) -> bool:
    """Whether it is known how whole numbers go, by what the vehicle is or says.

    Those who have said what they are capable of may have said nothing of that, as MAVSDK's.
    """
    said = bool(vehicle.capabilities & (BYTEWISE | C_CAST))
    return said or vehicle.autopilot in (ARDUPILOT, PX4)


def is_bytewise(vehicle: Vehicle, number: float | None) -> bool:
    """Whether whole numbers go by their bytes.

    Of those who do not say, a number tells that it was cast: bytes of all but very large ones
    are no whole number as a float.
    """
    if vehicle.autopilot == PX4 or vehicle.capabilities & BYTEWISE:
        return True
    if vehicle.autopilot == ARDUPILOT or vehicle.capabilities & C_CAST:
        return False
    return number is None or not number.is_integer()


def kind_name(kind: int) -> str:
    """The name of a MAV_PARAM_TYPE."""
    return _KINDS[kind] if 0 < kind < len(_KINDS) else str(kind)


def unfit(value: float, kind: int, *, bytewise: bool) -> str:
    """Why a value cannot be that of a parameter; nothing if it can."""
    if kind == REAL32:
        return ""
    if kind not in _WHOLE:
        return f"a parameter of the type {kind_name(kind)} cannot be set by this protocol"
    bits, signed = _WHOLE[kind]
    low = -(2 ** (bits - 1)) if signed else 0
    high = low + 2**bits - 1
    if not float(value).is_integer() or not low <= value <= high:
        return f"value: expected a whole number from {low} to {high}"
    sent = packed(value, kind, bytewise=bytewise)
    back = _by_bytes(_bits(sent), kind) if bytewise else round(struct.unpack("<f", _float(sent))[0])
    return "" if back == value else "value: this number cannot be carried by the protocol"


def packed(value: float, kind: int, *, bytewise: bool) -> float:
    """A value that is fit, as PARAM_SET has it."""
    if kind not in _WHOLE or not bytewise:
        return float(value)
    raw = (int(value) & 0xFFFF_FFFF).to_bytes(4, "little")
    bits, _ = _WHOLE[kind]
    number: float = struct.unpack("<f", raw[: bits // 8].ljust(4, b"\0"))[0]
    return number


def same(wanted: float, value: Value, kind: int) -> bool:
    """Whether that is the value that was wanted, to the float that carries it."""
    if value is None:
        return False
    if kind in _WHOLE:
        return value == wanted
    return bool(struct.unpack("<f", _float(wanted))[0] == value)


def _bits(number: float | None) -> int | None:
    return None if number is None else int.from_bytes(_float(number), "little")


def _float(number: float) -> bytes:
    return struct.pack("<f", number)


def _by_bytes(raw: int | None, kind: int) -> int | None:
    if raw is None:
        return None
    bits, signed = _WHOLE[kind]
    return int.from_bytes(raw.to_bytes(4, "little")[: bits // 8], "little", signed=signed)


def _cast(number: float | None, kind: int) -> Value:
    if number is None or not math.isfinite(number):
        return None
    return int(number) if kind in _KINDS_OF_WHOLE else number


_KINDS_OF_WHOLE = frozenset(range(1, 9))
