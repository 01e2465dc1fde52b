"""How soon vehicles are told what is asked by REST, and who follows it what they answer.

And whether of broadcasts each vehicle is told once: what came is counted where it came.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg

from flows.bench.asking import Asker, key
from flows.bench.crew import Crew
from flows.bench.followed import Followed
from flows.bench.percentiles import percentiles
from flows.bench.running import running
from flows.bench.sizes import Figures, Sizes
from flows.cli.server import reached
from flows.ontology import subjects
from flows.ontology.command_states import ended
from flows.ontology.commands import STREAM, Status
from flows.ontology.settings import Settings
from flows.permissions import CLIENT

PARTS = ("nats", "relay", "entities", "telemetry", "commands", "web")
SCOPES = "commands:read,commands:write,entities:read"
READY_SECONDS, PATIENCE_SECONDS, LOOK_SECONDS = 30.0, 30.0, 0.02
CLIENTS = 8
KILOBYTE = 1000
CREATED, ACCEPTED = 201, 202
# Speeds of broadcasts are other ones than those of commands one by one.
FIRST_OF_ALL = 10_001

_status = msgspec.json.Decoder(Status).decode


class Unanswered(RuntimeError):
    """What was asked for was not done in time."""


def measure(settings: Settings, sizes: Sizes) -> Figures:
    return uvloop.run(_figures(settings, sizes))


class _Told:
    """When vehicles were told each speed first, and how often it came at the first try."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}
        self.times: Counter[tuple[int, int]] = Counter()

    def obeyed(self, vehicle: int, speed: int, attempt: int) -> None:
        self.at.setdefault(speed, time.perf_counter())
        # Who says a thing again, since the answer was late, counts that.
        self.times[vehicle, speed] += not attempt


@dataclass(frozen=True)
class _Desk:
    """Where commands are asked for: with which key, of which vehicles, and what they were told."""

    settings: Settings
    sizes: Sizes
    told: _Told
    secret: str
    askers: list[Asker]
    entities: list[str]

    @property
    def organization(self) -> str:
        return f"/api/v1/organizations/{self.settings.organization}"

    async def ask(self, asker: Asker, speed: int, **more: object) -> None:
        """Ask for a speed.

        Raises:
            Unanswered: it is not taken.
        """
        status, _ = await asker.post(f"{self.organization}/commands", _asked(speed, **more))
        if status not in (CREATED, ACCEPTED):
            raise Unanswered(f"The interface has answered {status} to a command.")


async def _figures(settings: Settings, sizes: Sizes) -> Figures:
    told = _Told()
    crew = Crew(sizes.crew, sizes.crew_pace, settings.mavlink_base_port, told.obeyed)
    entities = crew.entities(settings.organization)
    async with running(settings, *PARTS), crew, reached(settings, CLIENT) as client:
        secret = await key(SCOPES)
        async with _asking(settings, secret) as askers:
            desk = _Desk(settings, sizes, told, secret, askers, entities)
            await _ready(desk)
            wire, seen = await _one_by_one(desk)
            whole = await _to_all(desk, client)
    (half_wire, most_wire), (half_seen, most_seen) = percentiles(wire), percentiles(seen)
    return {
        "command_to_wire_ms_p50": half_wire,
        "command_to_wire_ms_p99": most_wire,
        "ack_to_sse_ms_p50": half_seen,
        "ack_to_sse_ms_p99": most_seen,
        **whole,
    }


@asynccontextmanager
async def _asking(settings: Settings, secret: str) -> AsyncIterator[list[Asker]]:
    askers = [Asker(settings, secret) for _ in range(CLIENTS)]
    for each in askers:
        await each.open()
    yield askers
    for each in askers:
        each.close()


def _asked(speed: int, **more: object) -> bytes:
    params = {"speed": speed / 100}
    body = {"command_id": f"bench-{speed}", "command": "set_speed", "params": params, **more}
    return msgspec.json.encode(body)


async def _ready(desk: _Desk) -> None:
    """Until each of the vehicles is known to take commands."""
    async with asyncio.timeout(READY_SECONDS):
        for entity in desk.entities:
            path = f"{desk.organization}/entities/{entity}"
            while (await desk.askers[0].get(path))[0] != 200:  # noqa: ASYNC110 - it is asked for.
                await asyncio.sleep(LOOK_SECONDS)


async def _one_by_one(desk: _Desk) -> tuple[list[float], list[float]]:
    """Seconds from asking to the packet, and from the answer to whoever follows."""
    sizes, told, entities = desk.sizes, desk.told, desk.entities
    free: asyncio.Queue[Asker] = asyncio.Queue()
    for each in desk.askers:
        free.put_nowait(each)
    asked: dict[int, float] = {}

    async def ask(speed: int) -> None:
        asker = await free.get()
        asked[speed] = time.perf_counter()
        await desk.ask(asker, speed, entity_id=entities[speed % len(entities)])
        free.put_nowait(asker)

    async with Followed(desk.settings, desk.secret) as followed, asyncio.TaskGroup() as asking:
        began = time.perf_counter()
        for speed in range(1, sizes.commands + 1):
            await asyncio.sleep(max(0.0, began + speed / sizes.command_pace - time.perf_counter()))
            asking.create_task(ask(speed))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(followed.completed) < sizes.commands:  # noqa: ASYNC110 - counted elsewhere.
                await asyncio.sleep(LOOK_SECONDS)
    seen = followed.completed
    return (
        [told.at[speed] - at for speed, at in asked.items()],
        [seen[f"bench-{speed}"] - told.at[speed] for speed in asked],
    )


async def _to_all(desk: _Desk, client: Client) -> Figures:
    """What came of broadcasts, of which only a few are under way at once."""
    sizes, told = desk.sizes, desk.told
    turns = asyncio.Semaphore(sizes.broadcasts_at_once)
    done: set[str] = set()
    all_done = asyncio.Event()

    async def hear(msg: Msg) -> None:
        status = _status(msg.data)
        if ended(status.state) and status.command_id not in done:
            done.add(status.command_id)
            turns.release()
            if len(done) == sizes.broadcasts:
                all_done.set()

    organization = desk.settings.organization
    subject = subjects.command(organization, subjects.BROADCAST, subjects.STATUS)
    await client.subscribe(subject, cb=hear)
    await client.flush()
    kept, began = await _kept(client), time.perf_counter()
    speeds = range(FIRST_OF_ALL, FIRST_OF_ALL + sizes.broadcasts)
    for speed in speeds:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await turns.acquire()
        await desk.ask(desk.askers[0], speed, broadcast=True)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await all_done.wait()
    seconds = time.perf_counter() - began
    came = [told.times[vehicle, speed] for speed in speeds for vehicle in range(sizes.crew)]
    return {
        "broadcast_deliveries": len(came),
        "broadcast_lost": came.count(0),
        "broadcast_doubled": len([each for each in came if each > 1]),
        "broadcast_deliveries_per_s": len(came) / seconds,
        "command_kept_kb": (await _kept(client) - kept) / len(came) / KILOBYTE,
    }


async def _kept(client: Client) -> int:
    """Bytes in the stream of commands."""
    return (await client.jetstream().stream_info(STREAM)).state.bytes
