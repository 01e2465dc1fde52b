"""How soon the REST interface registers an entity, and tells of one, for many who ask at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import uvloop

from flows.bench.asking import Asker, key
from flows.bench.percentiles import percentiles
from flows.bench.running import running
from flows.bench.sizes import Figures, Sizes
from flows.ontology.settings import Settings

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


async def _latencies(settings: Settings, sizes: Sizes) -> tuple[list[float], list[float]]:
    async with running(settings, "nats", "entities", "web"):
        secret = await key(SCOPES)
        entities = f"/api/v1/organizations/{settings.organization}/entities"
        clients = [Asker(settings, secret) for _ in range(sizes.rest_clients)]
        await asyncio.gather(*(each.open() for each in clients))
        path = await _first(clients[0], entities)
        creates = await _taken(
            clients, sizes.rest_requests, lambda each: each.post(entities, BODY), WRITTEN
        )
        reads = await _taken(clients, sizes.rest_requests, lambda each: each.get(path), (FOUND,))
        for each in clients:
            each.close()
    return creates, reads


async def _taken(
    clients: list[Asker],
    requests: int,
    ask: Callable[[Asker], Awaitable[tuple[int, str]]],
    wanted: tuple[int, ...],
) -> list[float]:
    """Seconds that each request took, of all clients at once."""

    async def one(client: Asker) -> list[float]:
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


async def _first(client: Asker, entities: str) -> str:
    """The path of an entity, once the flow has registered one."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            status, path = await client.post(entities, BODY)
            if status == CREATED:
                return path
            if status != ACCEPTED:
                raise ConnectionError(f"The interface has answered {status}.")
