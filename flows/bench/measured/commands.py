"""How soon vehicles are told what is asked by REST, and who follows it what they answer.

And whether of broadcasts each vehicle is told once: what came is counted where it came.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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


async def _figures(settings: Settings, sizes: Sizes) -> Figures:
    told = _Told()
    crew = Crew(sizes.crew, sizes.crew_pace, settings.mavlink_base_port, told.obeyed)
    entities = crew.entities(settings.organization)
    commands = f"/api/v1/organizations/{settings.organization}/commands"
    async with running(settings, *PARTS), crew, reached(settings, CLIENT) as client:
        secret = await key(SCOPES)
        async with _asking(settings, secret) as askers:
            await _ready(askers[0], commands, entities)
            wire, seen = await _one_by_one(
                settings, secret, sizes, told, askers, commands, entities
            )
            whole = await _to_all(settings, client, sizes, told, askers[0], commands)
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


async def _ready(asker: Asker, commands: str, entities: list[str]) -> None:
    """Until each of the vehicles is known to take commands."""
    async with asyncio.timeout(READY_SECONDS):
        for number, entity in enumerate(entities):
            while (await asker.get(f"{commands.rpartition('/')[0]}/entities/{entity}"))[0] != 200:
                await asyncio.sleep(LOOK_SECONDS)
            del number


async def _one_by_one(
    settings: Settings,
    secret: str,
    sizes: Sizes,
    told: _Told,
    askers: list[Asker],
    commands: str,
    entities: list[str],
) -> tuple[list[float], list[float]]:
    """Seconds from asking to the packet, and from the answer to whoever follows."""
    free: asyncio.Queue[Asker] = asyncio.Queue()
    for each in askers:
        free.put_nowait(each)
    asked: dict[int, float] = {}

    async def ask(speed: int) -> None:
        asker = await free.get()
        asked[speed] = time.perf_counter()
        status, _ = await asker.post(
            commands, _asked(speed, entity_id=entities[speed % len(entities)])
        )
        free.put_nowait(asker)
        if status not in (CREATED, ACCEPTED):
            raise Unanswered(f"The interface has answered {status} to a command.")

    async with Followed(settings, secret) as followed, asyncio.TaskGroup() as asking:
        began = time.perf_counter()
        for speed in range(1, sizes.commands + 1):
            await asyncio.sleep(max(0.0, began + speed / sizes.command_pace - time.perf_counter()))
            asking.create_task(ask(speed))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(followed.completed) < sizes.commands:
                await asyncio.sleep(LOOK_SECONDS)
    seen = followed.completed
    return (
        [told.at[speed] - at for speed, at in asked.items()],
        [seen[f"bench-{speed}"] - told.at[speed] for speed in asked],
    )


async def _to_all(
    settings: Settings, client: Client, sizes: Sizes, told: _Told, asker: Asker, commands: str
) -> Figures:
    """What came of broadcasts, of which only a few are under way at once."""
    turns = asyncio.Semaphore(sizes.broadcasts_at_once)
    done: set[str] = set()

    async def hear(msg: Msg) -> None:
        status = _status(msg.data)
        if ended(status.state) and status.command_id not in done:
            done.add(status.command_id)
            turns.release()

    subject = subjects.command(settings.organization, subjects.BROADCAST, subjects.STATUS)
    await client.subscribe(subject, cb=hear)
    await client.flush()
    kept, began = await _kept(client), time.perf_counter()
    speeds = range(FIRST_OF_ALL, FIRST_OF_ALL + sizes.broadcasts)
    for speed in speeds:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await turns.acquire()
        status, _ = await asker.post(commands, _asked(speed, broadcast=True))
        if status not in (CREATED, ACCEPTED):
            raise Unanswered(f"The interface has answered {status} to a broadcast.")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(done) < sizes.broadcasts:
            await asyncio.sleep(LOOK_SECONDS)
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
