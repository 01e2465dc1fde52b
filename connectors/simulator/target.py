"""Where the fleet talks to: an address that is checked before anything is sent."""

import ipaddress
import socket
from typing import NamedTuple

HIGHEST_PORT = 65_535


class TargetRefused(ValueError):
    """Nothing is sent there. The message says why and what to do."""


class Target(NamedTuple):
    """An IP address and a UDP port."""

    host: str
    port: int


def target(text: str, *, remote: bool, ports: int = 1) -> Target:
    """Read ``HOST:PORT`` or ``[IPv6]:PORT``, and look a name up.

    Args:
        text: as given by a person.
        remote: whether other computers may be sent to.
        ports: how many ports from that one on are needed.

    Raises:
        TargetRefused: no such address, or another computer's although not ``remote``.
    """
    name, _, number = text.rpartition(":")
    name = name.removeprefix("[").removesuffix("]")
    if not name or not (number.isascii() and number.isdigit()):
        raise TargetRefused(f"{text!r} is not HOST:PORT, such as 127.0.0.1:14550.")
    port = int(number)
    if not 1 <= port <= HIGHEST_PORT + 1 - ports:
        raise TargetRefused(f"{ports} ports from {port} on are not all within 1 to {HIGHEST_PORT}.")
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise TargetRefused(f"{name!r} is not the address or name of a computer.") from error
    host = str(found[0][4][0])
    if not remote and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        raise TargetRefused(
            f"{name} is another computer: simulated vehicles would show up there among real "
            "ones. Give --allow-remote if that is what you want."
        )
    return Target(host, port)
