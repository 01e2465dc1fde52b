"""A vehicle's own UDP socket. What cannot be sent or heard is lost, as with any radio."""

import socket
from collections.abc import Iterator
from contextlib import suppress

LARGEST_DATAGRAM = 65_535
MOST_AT_ONCE = 100


class Radio:
    """Talks to one address and hears only that one.

    Args:
        host: an address, not a name.
        port: its UDP port.

    Raises:
        OSError: there is no way to that address from this computer.
    """

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.connect((host, port))
        except OSError:
            self._socket.close()
            raise

    @property
    def port(self) -> int:
        """The port that the other side sees."""
        return int(self._socket.getsockname()[1])

    @property
    def peer(self) -> str:
        """The other side, as HOST:PORT."""
        host, port = self._socket.getpeername()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def fileno(self) -> int:
        return self._socket.fileno()

    def write(self, datagram: bytes) -> None:
        """Send, where somebody listens and the network has room."""
        # Nobody listening is told by the one before: ECONNREFUSED. A vehicle flies on.
        with suppress(OSError):
            self._socket.send(datagram)

    def heard(self) -> Iterator[bytes]:
        """The datagrams that are waiting, some of them if there are very many."""
        for _ in range(MOST_AT_ONCE):
            try:
                yield self._socket.recv(LARGEST_DATAGRAM)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue

    def close(self) -> None:
        self._socket.close()
