"""MAVLink over UDP: a port that vehicles speak to, and a peer that we speak to first."""

import socket
import time
from collections.abc import Hashable

from typing_extensions import override

from connectors.mavlink import Heard
from connectors.mavlink_beat import BEAT_SECONDS, Beat
from connectors.mavlink_receiver import MOST_BYTES, Line, Listener, Receiver
from connectors.ports import listen
from connectors.reopened import Reopened, reason

MOST_DATAGRAMS = 500
LARGEST_DATAGRAM = 65_535
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
SILENT_SECONDS = 10.0


class UdpPort(Line):
    """A port that we listen at: a framer a peer."""

    def __init__(self, name: str, host: str, port: int, listener: Listener) -> None:
        self.more = False
        self.receiver = Receiver(name, listener)
        self._socket = listen(host, port, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        self.receiver.meter.up(f"UDP port {port} of {host} is listened to")

    @override
    def hear(self) -> list[Heard]:
        receiver = self.receiver
        self.more = False
        for _ in range(MOST_DATAGRAMS):
            try:
                data, peer = self._socket.recvfrom(LARGEST_DATAGRAM)
            except BlockingIOError:
                break
            except ConnectionRefusedError:  # A peer that we once answered has gone.
                continue
            receiver.take(peer, data)
            if receiver.size >= MOST_BYTES:
                self.more = True
                break
        else:
            self.more = True
        return receiver.given()

    @override
    def send(self, peer: Hashable, frame: bytes) -> bool:
        if not isinstance(peer, tuple):
            return False
        try:
            return self._socket.sendto(frame, peer) == len(frame)
        except OSError:  # It has gone, or the kernel has no room for it just now.
            return False

    @override
    def close(self) -> None:
        self._socket.close()


class UdpPeer(Line):
    """A peer that waits to be spoken to: it gets a heartbeat every second, and answers us."""

    def __init__(self, name: str, host: str, port: int, listener: Listener) -> None:
        self.more = False
        self._address = (host, port)
        self._clock = listener.clock
        self._beat = Beat(listener.signing)
        self.receiver = Receiver(name, listener)
        self._socket = Reopened(self._connect, self.receiver.meter.down)
        self._beat_at = 0.0
        self._heard_at = time.monotonic()

    @override
    def hear(self) -> list[Heard]:
        self.more = False
        opened = self._socket.get()
        if opened is not None:
            try:
                self._speak(opened)
                self._listen(opened)
            except ConnectionRefusedError:  # It may listen there a moment later.
                self.receiver.meter.down("nobody listens there")
            except OSError as error:
                self._socket.lost(reason(error))
        return self.receiver.given()

    @override
    def send(self, peer: Hashable, frame: bytes) -> bool:
        opened = self._socket.get()
        try:
            return opened is not None and opened.send(frame) == len(frame)
        except OSError:  # Whoever listens next learns why.
            return False

    @override
    def close(self) -> None:
        self._socket.close()

    def _speak(self, opened: socket.socket) -> None:
        now = time.monotonic()
        if now >= self._beat_at:
            self._beat_at = now + BEAT_SECONDS
            opened.send(self._beat.frame(self._clock()))
        if now - self._heard_at > SILENT_SECONDS:
            self.receiver.meter.down(f"nothing was heard for {SILENT_SECONDS:.0f} seconds")

    def _listen(self, opened: socket.socket) -> None:
        for _ in range(MOST_DATAGRAMS):
            try:
                data = opened.recv(LARGEST_DATAGRAM)
            except BlockingIOError:
                return
            self._heard_at = time.monotonic()
            self.receiver.meter.up("it answers")
            self._socket.proven()
            self.receiver.take(None, data)
            if self.receiver.size >= MOST_BYTES:
                break
        self.more = True

    def _connect(self) -> socket.socket:
        host, port = self._address
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[
            0
        ]
        opened = socket.socket(family, kind, protocol)
        try:
            opened.setblocking(False)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            opened.connect(address)
        except OSError:
            opened.close()
            raise
        return opened
