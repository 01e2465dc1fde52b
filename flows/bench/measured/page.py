"""How soon what a vehicle says is at a browser that is signed in and looks at the map."""

import asyncio
import sys
import time
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import msgspec
import uvloop

from flows.bench.envelopes import publication
from flows.bench.percentiles import percentiles
from flows.bench.running import running
from flows.bench.sizes import Figures, Sizes
from flows.cli.server import reached
from flows.ontology.settings import Settings
from flows.ontology.telemetry import Envelope, moment
from flows.parts import python
from flows.permissions import CLIENT

ENTITY = "bench"
PATIENCE_SECONDS = 5.0
DEGREES = 1e7
SOUTHERNMOST = 470_000_000
LATITUDE = 3  # Its place in a row of the map.


def measure(settings: Settings, sizes: Sizes) -> Figures:
    half, most = percentiles(uvloop.run(_latencies(settings, sizes)))
    return {"publish_to_sse_ms_p50": half, "publish_to_sse_ms_p99": most}


async def _latencies(settings: Settings, sizes: Sizes) -> list[float]:
    taken: list[float] = []
    parts = ("nats", "entities", "web")
    async with running(settings, *parts), reached(settings, CLIENT) as client:
        cookie = await _sign_in(settings)
        stream, looking = await _get(settings, "/live/fleet", Cookie=cookie)
        # The first makes it known.
        for number in range(-1, sizes.updates):
            latitude = SOUTHERNMOST + number
            said = publication(_position(latitude, settings.organization))
            began = time.perf_counter()
            await client.publish(said.subject, said.data)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await _seen(stream, latitude / DEGREES)
            if number >= 0:
                taken.append(time.perf_counter() - began)
            await asyncio.sleep(sizes.update_seconds)
        looking.close()
    return taken


def _position(latitude: int, organization: str) -> Envelope:
    fields = {"lat": latitude, "lon": 85_000_000, "alt": 500_000, "relative_alt": 80_000, "hdg": 0}
    heard = moment(time.time_ns() // 1000)
    return Envelope(ENTITY, organization, "GLOBAL_POSITION_INT", heard, fields)


async def _sign_in(settings: Settings) -> str:
    """A session's cookie, by a link as people get it."""
    command = await asyncio.create_subprocess_exec(
        *python("web.sign_in"), stdout=asyncio.subprocess.PIPE, stderr=sys.stderr
    )
    link, _ = await command.communicate()
    path = urlsplit(link.decode().strip())
    answer, writer = await _get(settings, f"{path.path}?{path.query}")
    head = (await answer.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    cookie = SimpleCookie()
    for line in head.splitlines():
        name, _, value = line.partition(": ")
        if name.lower() == "set-cookie":
            cookie.load(value)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in cookie.items())


async def _get(
    settings: Settings, path: str, **headers: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(settings.host, settings.port, limit=2**20)
    lines = [f"GET {path} HTTP/1.0", f"Host: {settings.host}:{settings.port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    # Of HTTP/1.0, whose answers come as they are and not in chunks.
    writer.write("\r\n".join((*lines, "", "")).encode())
    return reader, writer


async def _seen(stream: asyncio.StreamReader, latitude: float) -> None:
    """Read on until the vehicle is there on the map."""
    while line := await stream.readline():
        if line.startswith(b"data: e [[") and any(
            abs(row[LATITUDE] - latitude) < 0.5 / DEGREES
            for row in msgspec.json.decode(line.removeprefix(b"data: e "))
        ):
            return
    raise ConnectionError("The web has ended the live stream.")
