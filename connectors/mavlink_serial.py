"""MAVLink over a serial device: a radio or an autopilot, which may be unplugged at any time."""

import os
import termios
from collections.abc import Hashable

import serial
from typing_extensions import override

from connectors.mavlink import Heard
from connectors.mavlink_receiver import Line, Listener, Receiver
from connectors.reopened import Reopened, reason

READ_BYTES = 4096


class DeviceUnusable(OSError):
    """The device is there, but not as it is wanted."""


class SerialDevice(Line):
    """A device of ours alone: two programs that read one would each get half of its bytes."""

    def __init__(self, name: str, path: str, baud: int, listener: Listener) -> None:
        self.more = False
        self._path = path
        self._baud = baud
        self.receiver = Receiver(name, listener)
        self._device = Reopened(self._open, self.receiver.meter.down)

    @override
    def hear(self) -> list[Heard]:
        self.more = False
        opened = self._device.get()
        if opened is not None:
            self.receiver.meter.up(f"the device is open at {self._baud} baud")
            self._read(opened)
        return self.receiver.given()

    @override
    def send(self, peer: Hashable, frame: bytes) -> bool:
        opened = self._device.get()
        try:
            # The driver's own would wait while there is no room.
            return opened is not None and os.write(opened.fileno(), frame) == len(frame)
        except OSError:  # There is no room, or it has gone, as reading it will show.
            return False

    @override
    def close(self) -> None:
        self._device.close()

    def _read(self, opened: serial.Serial) -> None:
        try:
            data = opened.read(READ_BYTES)
        except OSError as error:  # Unplugged, for one.
            self.receiver.forget(None)
            self._device.lost(reason(error))
            return
        if data:
            self._device.proven()
            self.receiver.take(None, data)
            self.more = len(data) == READ_BYTES

    def _open(self) -> serial.Serial:
        try:
            return serial.Serial(self._path, self._baud, timeout=0, exclusive=True)
        except (ValueError, termios.error) as error:
            raise DeviceUnusable(str(error)) from error
