"""MAVLink over TCP: a peer that we connect to again and again, and a port for several clients."""

import contextlib
import errno
import selectors
import socket
from collections.abc import Hashable

from typing_extensions import override

from connectors.mavlink import Heard
from connectors.mavlink_receiver import MOST_BYTES, Line, Listener, Receiver
from connectors.ports import BACKLOG, listen
from connectors.reopened import Reopened, reason

READ_BYTES = 16_384
CONNECT_SECONDS = 5.0
# Clients beyond this many cost the longest silent one its place.
MOST_CLIENTS = 64
# A peer that has vanished is noticed after half a minute, though we never send.
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
)


class TcpPeer(Line):
    """A peer that we connect to."""

    def __init__(self, name: str, host: str, port: int, listener: Listener) -> None:
        self.more = False
        self._address = (host, port)
        self.receiver = Receiver(name, listener)
        self._socket = Reopened(self._connect, self.receiver.meter.down)

    @override
    def hear(self) -> list[Heard]:
        self.more = False
        opened = self._socket.get()
        if opened is not None:
            self.receiver.meter.up("connected")
            self._read(opened)
        return self.receiver.given()

    @override
    def send(self, peer: Hashable, frame: bytes) -> bool:
        opened = self._socket.get()
        if opened is None:
            return False
        try:
            sent = opened.send(frame)
        except BlockingIOError:
            return False
        except OSError as error:
            self._lost(reason(error))
            return False
        if sent < len(frame):  # What follows half a frame would be no frame either.
            self._lost("it takes nothing any more")
        return sent == len(frame)

    @override
    def close(self) -> None:
        self._socket.close()

    def _read(self, opened: socket.socket) -> None:
        try:
            data = opened.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(reason(error))
            return
        if not data:
            self._lost("the other side has closed it")
            return
        self._socket.proven()
        self.receiver.take(None, data)
        self.more = len(data) == READ_BYTES

    def _lost(self, why: str) -> None:
        self.receiver.forget(None)
        self._socket.lost(why)

    def _connect(self) -> socket.socket:
        opened = socket.create_connection(self._address, CONNECT_SECONDS)
        if opened.getsockname() == opened.getpeername():
            # Where nobody listens, the system may at last connect the two ends of one socket.
            opened.close()
            raise ConnectionRefusedError(errno.ECONNREFUSED, "")
        _prepare(opened)
        return opened


class TcpPort(Line):
    """A port that any number of peers connect to, each with a framer of its own."""

    def __init__(self, name: str, host: str, port: int, listener: Listener) -> None:
        self.more = False
        self.receiver = Receiver(name, listener)
        self._socket = listen(host, port, socket.SOCK_STREAM)
        self._selector = selectors.DefaultSelector()
        # When each was heard last, in turns; a new one is taken for heard.
        self._clients: dict[socket.socket, int] = {}
        self._turn = 0
        self.receiver.meter.up(f"TCP port {port} of {host} is listened to")

    @override
    def hear(self) -> list[Heard]:
        self._turn += 1
        self._accept()
        ready = [key.fileobj for key, _ in self._selector.select(0)]
        # Whoever sends much waits behind those who do not.
        clients = sorted(
            (each for each in ready if isinstance(each, socket.socket)),
            key=self._clients.__getitem__,
        )
        served = clients[: MOST_BYTES // READ_BYTES]
        self.more = len(served) < len(clients)
        for client in served:
            self._read(client)
        return self.receiver.given()

    @override
    def send(self, peer: Hashable, frame: bytes) -> bool:
        if not isinstance(peer, socket.socket) or peer not in self._clients:
            return False
        try:
            sent = peer.send(frame)
        except BlockingIOError:
            return False
        except OSError:  # Reading it shows that it has gone.
            return False
        if sent < len(frame):  # What follows half a frame would be no frame either.
            self._drop(peer)
        return sent == len(frame)

    @override
    def close(self) -> None:
        for client in list(self._clients):
            self._drop(client)
        self._selector.close()
        self._socket.close()

    def _accept(self) -> None:
        for _ in range(BACKLOG):
            try:
                client, _ = self._socket.accept()
            except OSError:  # There is none, it has gone again, or we have no number for it.
                return
            _prepare(client)
            self._clients[client] = self._turn
            self._selector.register(client, selectors.EVENT_READ)
            if len(self._clients) > MOST_CLIENTS:
                self._drop(min(self._clients, key=self._clients.__getitem__))
            self.receiver.meter.peers(len(self._clients))

    def _read(self, client: socket.socket) -> None:
        try:
            data = client.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:  # That is how some peers end a connection.
            data = b""
        if not data:
            self._drop(client)
            return
        self._clients[client] = self._turn
        self.receiver.take(client, data)

    def _drop(self, client: socket.socket) -> None:
        del self._clients[client]
        self._selector.unregister(client)
        client.close()
        self.receiver.forget(client)


def _prepare(opened: socket.socket) -> None:
    opened.setblocking(False)
    with contextlib.suppress(OSError):  # A peer that has gone by now is noticed by reading.
        for level, option, value in _KEEPALIVE:
            opened.setsockopt(level, option, value)
