"""Ports of this machine that we listen at."""

import socket

BACKLOG = 128
_KINDS = {socket.SOCK_DGRAM: "UDP", socket.SOCK_STREAM: "TCP"}


class PortInUse(OSError):
    """Another program has the port. The message says which port and what to do."""


def listen(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """A socket that listens and never waits.

    Raises:
        PortInUse: another program listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, kind)
    try:
        if kind is socket.SOCK_STREAM:
            # What a connection leaves behind for a minute is no obstacle.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        if kind is socket.SOCK_STREAM:
            listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortInUse(
            f"{_KINDS[kind]} port {port} on {host} cannot be listened to: {error.strerror}. "
            "Stop the other program, or set MAVLINK_BASE_PORT or MAVLINK_LINKS."
        ) from error
    listener.setblocking(False)
    return listener
