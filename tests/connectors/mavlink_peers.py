"""Who speaks MAVLink to a link under test: frames as pymavlink packs them, and waiting for them."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from message_server import DEADLINE
from pymavlink import mavutil
from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink import Heard
from connectors.mavlink_links import Link, MavlinkSource
from connectors.mavlink_receiver import Listener
from connectors.metrics import COUNTERS, counter, gauge

HOST = "127.0.0.1"


def beat(system: int, sequence: int = 0) -> bytes:
    mavlink = dialect.MAVLink(None, system, 1)
    mavlink.seq = sequence
    return bytes(mavlink.heartbeat_encode(2, 3, 81, 4, 4).pack(mavlink))


def second(peer: mavutil.mavfile, system: int) -> mavutil.mavfile:
    """A connection of pymavlink's that speaks MAVLink 2, which alone has signatures."""
    peer.mav = dialect.MAVLink(peer, system, 1)
    peer.mav.robust_parsing = True
    peer.first_byte = False  # Else it would choose anew by what it hears first.
    return peer


@contextlib.contextmanager
def listening(*links: Link, flow: str = "test", resumed: Any = None, **more: Any) -> Iterator[Any]:
    """The partition of a source with these links."""
    source = MavlinkSource(links, Listener(flow, **more))
    (name,) = source.list_parts()
    part = source.build_part("in", name, resumed)
    try:
        yield part
    finally:
        part.close()


def heard(part: Any, count: int) -> list[Heard]:
    """What a partition hears, until it is so much."""
    found: list[Heard] = []
    hear_until(part, lambda: len(found) >= count, found)
    return found


def hear_until(
    part: Any, condition: Callable[[], object], found: list[Heard] | None = None
) -> None:
    """Listen on until a condition holds."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"not in time, and heard was only {found}"
        batch = part.next_batch()
        if found is not None:
            found.extend(batch)


def figure(name: str, flow: str, link: str) -> float:
    """What a counter or a gauge of a link shows."""
    return (counter if name in COUNTERS else gauge)(name, flow, link)._value.get()
