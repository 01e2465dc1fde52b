"""How soon the REST interface registers an entity, and tells of one, for many who ask at once."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import uvloop

from flows.bench.percentiles import percentiles
from flows.bench.running import running
from flows.bench.sizes import Figures, Sizes
from flows.ontology.settings import Settings
from flows.parts import python

SCOPES = "entities:read,entities:write"
BODY = (
    b'{"name":"Bench","entity_type":"aircraft_multirotor","priority":"normal",'
    b'"position":{"latitude":47.4,"longitude":8.5,"altitude":500},"metadata":{"serial":"B-1"}}'
)
READY_SECONDS = 20.0
# Where the machine is slow a write is only taken: the time that this took is as true.
CREATED, ACCEPTED, FOUND = 201, 202, 200
WRITTEN = (CREATED, ACCEPTED)


def measure(settings: Settings, sizes: Sizes) -> Figures:
    creates, reads = uvloop.run(_latencies(settings, sizes))
    (made, most_made), (read, most_read) = percentiles(creates), percentiles(reads)
    return {
        "rest_create_ms_p50": made,
        "rest_create_ms_p99": most_made,
        "rest_read_ms_p50": read,
        "rest_read_ms_p99": most_read,
    }


class _Client:
    """Asks over one connection, one request after the other, as quickly as it is answered."""

    def __init__(self, settings: Settings, key: str) -> None:
        self._settings = settings
        self._path = f"/api/v1/organizations/{settings.organization}/entities"
        self._lines = f"Host: {settings.host}:{settings.port}\r\nX-API-Key: {key}\r\n"

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(
            self._settings.host, self._settings.port
        )

    def close(self) -> None:
        self._writer.close()

    async def create(self) -> tuple[int, str]:
        """Register an entity: the status, and where it is."""
        lines = f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n"
        self._writer.write(
            f"POST {self._path} HTTP/1.1\r\n{self._lines}{lines}\r\n".encode() + BODY
        )
        return await self._answer()

    async def read(self, path: str) -> tuple[int, str]:
        self._writer.write(f"GET {path} HTTP/1.1\r\n{self._lines}\r\n".encode())
        return await self._answer()

    async def _answer(self) -> tuple[int, str]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
        await self._reader.readexactly(int(headers["content-length"]))
        return int(first.split()[1]), headers.get("location", "")


async def _latencies(settings: Settings, sizes: Sizes) -> tuple[list[float], list[float]]:
    async with running(settings, "nats", "entities", "web"):
        key = await _key()
        clients = [_Client(settings, key) for _ in range(sizes.rest_clients)]
        await asyncio.gather(*(each.open() for each in clients))
        path = await _first(clients[0])
        creates = await _taken(clients, sizes.rest_requests, lambda each: each.create(), WRITTEN)
        reads = await _taken(clients, sizes.rest_requests, lambda each: each.read(path), (FOUND,))
        for each in clients:
            each.close()
    return creates, reads


async def _taken(
    clients: list[_Client],
    requests: int,
    ask: Callable[[_Client], Awaitable[tuple[int, str]]],
    wanted: tuple[int, ...],
) -> list[float]:
    """Seconds that each request took, of all clients at once."""

    async def one(client: _Client) -> list[float]:
        taken = []
        for _ in range(requests):
            began = time.perf_counter()
            status, _ = await ask(client)
            taken.append(time.perf_counter() - began)
            if status not in wanted:
                raise ConnectionError(f"The interface has answered {status}.")
        return taken

    found = await asyncio.gather(*(one(each) for each in clients))
    return [seconds for taken in found for seconds in taken]


async def _first(client: _Client) -> str:
    """The path of an entity, once the flow has registered one."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            status, path = await client.create()
            if status == CREATED:
                return path
            if status != ACCEPTED:
                raise ConnectionError(f"The interface has answered {status}.")


async def _key() -> str:
    command = await asyncio.create_subprocess_exec(
        *python("web.key_commands", "create", "--org", "default", "--scopes", SCOPES),
        stdout=asyncio.subprocess.PIPE,
        stderr=sys.stderr,
    )
    key, _ = await command.communicate()
    return key.decode().strip()
