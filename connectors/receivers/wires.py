"""What a receiver is listened to, connected to, or let connect: chunks of bytes by their sender.

An empty chunk says that its sender is gone: what it began will not go on.
"""

import socket
from collections import OrderedDict
from contextlib import suppress
from typing import NamedTuple, Protocol

from typing_extensions import override

from connectors.ports import PortInUse

Peer = tuple[object, ...]

# At once: what is more waits in the system, or makes its sender wait.
MOST_CHUNKS = 500
MOST_BYTES = 262_144
CHUNK_BYTES = 65_536
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
# Anybody may connect: of more than this many the longest silent is shown the door.
MOST_CLIENTS = 64
BACKLOG = 16


class Chunk(NamedTuple):
    """Bytes of one sender."""

    peer: Peer
    data: bytes


class Wire(Protocol):
    """Somewhere that receivers are heard.

    ``whole`` if nothing goes on in a later chunk, ``up`` if somebody can be heard now.
    """

    whole: bool
    up: bool

    def hear(self) -> list[Chunk]:
        """What has come since, without waiting."""
        ...

    def close(self) -> None: ...


class Datagrams(Wire):
    """A UDP port that we listen at.

    Raises:
        PortInUse: it cannot be listened at.
    """

    whole = True
    up = True

    def __init__(self, host: str, port: int, variable: str) -> None:
        self._socket = _bound(host, port, socket.SOCK_DGRAM, variable)

    @override
    def hear(self) -> list[Chunk]:
        heard: list[Chunk] = []
        size = 0
        while size < MOST_BYTES and len(heard) < MOST_CHUNKS:
            try:
                data, peer = self._socket.recvfrom(CHUNK_BYTES)
            except BlockingIOError:
                break
            size += len(data) + 1  # Empty ones count too.
            if data:
                heard.append(Chunk(peer, data))
        return heard

    @override
    def close(self) -> None:
        self._socket.close()


class Clients(Wire):
    """A TCP port that receivers connect to.

    Raises:
        PortInUse: it cannot be listened at.
    """

    whole = False
    up = True

    def __init__(self, host: str, port: int, variable: str) -> None:
        self._listener = _bound(host, port, socket.SOCK_STREAM, variable)
        self._listener.listen(BACKLOG)
        self._clients: OrderedDict[Peer, socket.socket] = OrderedDict()

    @override
    def hear(self) -> list[Chunk]:
        heard = self._accept()
        size = 0
        # The longest silent comes first, so that who says much makes nobody else wait.
        for peer, client in list(self._clients.items()):
            if size >= MOST_BYTES:
                break
            try:
                data = client.recv(CHUNK_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            heard.append(Chunk(peer, data))
            size += len(data)
            if data:
                self._clients.move_to_end(peer)
            else:
                self._clients.pop(peer).close()
        return heard

    def _accept(self) -> list[Chunk]:
        gone: list[Chunk] = []
        for _ in range(BACKLOG):
            try:
                client, peer = self._listener.accept()
            except BlockingIOError:
                break
            except ConnectionError:  # It has left while it waited.
                continue
            client.setblocking(False)
            self._clients[peer] = client
            if len(self._clients) > MOST_CLIENTS:
                silent, oldest = self._clients.popitem(last=False)
                oldest.close()
                gone.append(Chunk(silent, b""))
        return gone

    @override
    def close(self) -> None:
        self._listener.close()
        while self._clients:
            self._clients.popitem()[1].close()


def _bound(host: str, port: int, kind: socket.SocketKind, variable: str) -> socket.socket:
    protocol = "UDP" if kind is socket.SOCK_DGRAM else "TCP"
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=kind)[0]
        bound = socket.socket(family, kind)
    except OSError as error:
        raise PortInUse(f"{variable} names {host}, which is no address: {error}.") from error
    try:
        if kind is socket.SOCK_DGRAM:
            with suppress(OSError):
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise PortInUse(
            f"{protocol} port {port} on {host} cannot be listened to: {error.strerror}. "
            f"Stop the other program, or set {variable}."
        ) from error
    bound.setblocking(False)
    return bound
