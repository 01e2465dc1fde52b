"""How many packets a second go through the relay: datagrams in, stored envelopes out.

Datagrams are sent as fast as the relay takes them and no faster: what its socket cannot
hold the kernel drops, and then the figure would be that of a loss.
"""

import asyncio
import itertools
import socket
import time
from contextlib import ExitStack
from pathlib import Path

from flows.bench.fleet import Said, said
from flows.bench.running import running
from flows.bench.sizes import Figures, Sizes
from flows.cli.server import reached
from flows.ontology.settings import Settings
from flows.permissions import ADMIN

STREAM = "CONSTELLATION_TELEMETRY"
SOCKETS = Path("/proc/net/udp")
# Of the default of 208 kB, in which a datagram takes some 800 bytes.
MOST_WAITING_BYTES = 64 * 1024
AT_ONCE = 40
LOOK_SECONDS = 0.002
PATIENCE_SECONDS = 15.0


class PacketsLost(RuntimeError):
    """Not every packet has become a message."""


def measure(settings: Settings, sizes: Sizes) -> Figures:
    return {"relay_packets_per_s": asyncio.run(_rate(settings, sizes))}


async def _rate(settings: Settings, sizes: Sizes) -> float:
    packets = list(itertools.islice(said(sizes.vehicles), sizes.packets))
    async with running(settings, "nats", "relay"), reached(settings, ADMIN) as client:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while _waiting(settings.mavlink_base_port) is None:  # noqa: ASYNC110 - as below.
                await asyncio.sleep(LOOK_SECONDS)
        began = time.perf_counter()
        await _send(packets, sizes.vehicles, settings.mavlink_base_port)
        waited, stored = time.perf_counter(), 0
        while stored < len(packets):
            stored = (await client.jetstream().stream_info(STREAM)).state.messages
            if time.perf_counter() - waited > PATIENCE_SECONDS:
                raise PacketsLost(f"Of {len(packets)} packets {stored} were stored.")
        return len(packets) / (time.perf_counter() - began)


async def _send(packets: list[Said], vehicles: int, port: int) -> None:
    with ExitStack() as stack:
        radios = [
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            for _ in range(vehicles)
        ]
        for radio in radios:
            radio.connect(("127.0.0.1", port))
        for start in range(0, len(packets), AT_ONCE):
            while (_waiting(port) or 0) > MOST_WAITING_BYTES:  # noqa: ASYNC110 - a socket of another process.
                await asyncio.sleep(LOOK_SECONDS)
            for each in packets[start : start + AT_ONCE]:
                radios[each.vehicle].send(each.datagram)


def _waiting(port: int) -> int | None:
    """Bytes that the socket which listens there has not been asked for yet; None without one."""
    here = f":{port:04X}"
    for line in SOCKETS.read_text().splitlines()[1:]:
        _, local, _, _, queues, *_ = line.split()
        if local.endswith(here):
            return int(queues.partition(":")[2], 16)
    return None
