"""Ports that nobody has: not for listening, nor by chance for a connection of anybody's."""

import random
import socket

# Below those that systems give to connections, which would take one that is free just now.
FIRST, LAST = 10_000, 32_000
KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


def free_port() -> int:
    """A port of loopback on which something can be started, by TCP or UDP."""
    return free_ports(1)[0]


def free_ports(count: int) -> tuple[int, ...]:
    """As many different ones."""
    found: list[int] = []
    # Each process has dice of its own: those that run at once hardly meet.
    for port in random.SystemRandom().sample(range(FIRST, LAST), 1000):
        if all(_free(port, kind) for kind in KINDS):
            found.append(port)
        if len(found) == count:
            return tuple(found)
    raise OSError("no port is free")


def _free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
