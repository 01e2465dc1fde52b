"""A receiver that we connect to, again and again: it may be away for as long as it likes."""

import socket

import structlog
from typing_extensions import override

from connectors.receivers.wires import CHUNK_BYTES, MOST_BYTES, Chunk, Peer, Wire
from connectors.reopened import Reopened, reason

CONNECT_SECONDS = 10.0
# A receiver may be silent at night; whether it is still there, the system finds out.
KEEP_ALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)
PEER: Peer = ("dialled",)


class Dialled(Wire):
    """A connection to a receiver; one that ends is made anew, after longer and longer pauses.

    Args:
        host: name or address.
        port: TCP port.
        flow: who hears, for the figures.
        name: by which log and figures speak of it.
    """

    whole = False

    def __init__(self, host: str, port: int, flow: str, name: str) -> None:
        self._address = (host, port)
        self._log = structlog.get_logger().bind(flow=flow, link=name)
        self.up = False
        self._reason = ""
        self._connection = Reopened(self._connect, self._down)

    @override
    def hear(self) -> list[Chunk]:
        heard: list[Chunk] = []
        connection = self._connection.get()
        if connection is None:
            return heard
        if not self.up:
            self.up, self._reason = True, ""
            self._log.info("receiver_connected")
        for _ in range(MOST_BYTES // CHUNK_BYTES):
            try:
                data = connection.recv(CHUNK_BYTES)
            except BlockingIOError:
                break
            except OSError as error:
                self._connection.lost(reason(error))
                return [*heard, Chunk(PEER, b"")]
            heard.append(Chunk(PEER, data))
            if not data:
                self._connection.lost("the other side has closed it")
                break
            self._connection.proven()
        return heard

    @override
    def close(self) -> None:
        self._connection.close()

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(self._address, CONNECT_SECONDS)
        for level, option, value in KEEP_ALIVE:
            connection.setsockopt(level, option, value)
        connection.setblocking(False)
        return connection

    def _down(self, why: str) -> None:
        """It is away. The same reason is told once."""
        self.up = False
        if why != self._reason:
            self._reason = why
            self._log.warning("receiver_away", reason=why)
