"""COMMAND_CANCEL, which pymavlink's dialects do not have yet, read out of a datagram.

https://mavlink.io/en/messages/common.html#COMMAND_CANCEL
"""

import struct
from typing import NamedTuple

from pymavlink.generator.mavcrc import x25crc

NUMBER, CRC_EXTRA = 80, 14
MAGIC, HEADER_BYTES, CRC_BYTES = 0xFD, 10, 2
_PAYLOAD = struct.Struct("<HBB")


class Cancel(NamedTuple):
    """Who asks, whom, to give up which MAV_CMD."""

    asker: tuple[int, int]
    target_system: int
    target_component: int
    command: int


def read_cancel(datagram: bytes) -> Cancel | None:
    """The message that a datagram begins with, or None where that is another, or broken."""
    if len(datagram) < HEADER_BYTES + CRC_BYTES or datagram[0] != MAGIC:
        return None
    if int.from_bytes(datagram[7:10], "little") != NUMBER:
        return None
    end = HEADER_BYTES + datagram[1]
    checked = x25crc(datagram[1:end] + bytes((CRC_EXTRA,)))
    if datagram[end : end + CRC_BYTES] != checked.crc.to_bytes(CRC_BYTES, "little"):
        return None
    # Zeros at the end of a payload are left out.
    payload = datagram[HEADER_BYTES:end].ljust(_PAYLOAD.size, b"\0")
    command, system, component = _PAYLOAD.unpack_from(payload)
    return Cancel((datagram[5], datagram[6]), system, component, command)
