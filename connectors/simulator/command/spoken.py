"""The messages that bring commands, as orders, and those that answer them."""

import math
from typing import NamedTuple

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.command.order import Order

SET_MODE_FRAME = -1  # Of the order that SET_MODE is made into, which no MAV_FRAME has.
# x and y of COMMAND_INT are no place but numbers as they are.
UNPLACED = frozenset((mavlink.MAV_CMD_DO_MOUNT_CONTROL, mavlink.MAV_CMD_DO_SET_MODE))


class Reply(NamedTuple):
    """A message, and which component says it."""

    component: int
    message: mavlink.MAVLink_message


def order_of(message: mavlink.MAVLink_message) -> Order:
    if message.get_type() == "SET_MODE":
        mode = float(message.base_mode), float(message.custom_mode)
        return Order(mavlink.MAVLINK_MSG_ID_SET_MODE, (*mode, 0, 0, 0, 0, 0), SET_MODE_FRAME)
    first = message.param1, message.param2, message.param3, message.param4
    if message.get_type() == "COMMAND_LONG":
        return Order(message.command, (*first, message.param5, message.param6, message.param7))
    x: float = message.x
    y: float = message.y
    if message.command not in UNPLACED:
        x, y = (math.nan if each in {2**31 - 1, -(2**31)} else each / 1e7 for each in (x, y))
    return Order(message.command, (*first, x, y, message.z), message.frame)


def acknowledged(
    component: int, command: int, asker: tuple[int, int], result: int, progress: int = 255
) -> Reply:
    # 255 is a progress that nobody knows.
    return Reply(
        component, mavlink.MAVLink_command_ack_message(command, result, progress, 0, *asker)
    )
