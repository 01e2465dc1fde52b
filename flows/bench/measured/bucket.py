"""How soon what a vehicle says is in the state bucket, at an even pace."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Iterable

import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import DeliverPolicy

from connectors.kv import version_of
from connectors.publish import Publication
from flows.bench.envelopes import envelopes
from flows.bench.percentiles import percentiles
from flows.bench.running import running
from flows.bench.sizes import Figures, Sizes
from flows.cli.server import reached
from flows.ontology import subjects
from flows.ontology.settings import Settings
from flows.permissions import CLIENT

STREAM = "CONSTELLATION_TELEMETRY"
PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 0.05
# Until then vehicles are made known, and caches filled.
WARM_UP = 0.1


class StatesMissing(RuntimeError):
    """What was said has not come into the bucket."""


def measure(settings: Settings, sizes: Sizes) -> Figures:
    taken = uvloop.run(_latencies(settings, sizes))
    half, most = percentiles(taken[round(len(taken) * WARM_UP) :])
    return {"publish_to_kv_ms_p50": half, "publish_to_kv_ms_p99": most}


async def _latencies(settings: Settings, sizes: Sizes) -> list[float]:
    said = list(envelopes(sizes.paced, sizes.paced_vehicles, settings.organization))
    async with running(settings, "nats", "entities"), reached(settings, CLIENT) as client:
        waiting = _Waiting()
        await client.jetstream().subscribe(
            f"{subjects.BUCKET_SUBJECT}.>",
            stream=subjects.BUCKET_STREAM,
            cb=waiting.put,
            ordered_consumer=True,
            deliver_policy=DeliverPolicy.NEW,
        )
        await _publish(client, said, sizes.pace, waiting)
        until = time.perf_counter() + PATIENCE_SECONDS
        while len(waiting.taken) < len(said):
            if time.perf_counter() > until:
                raise StatesMissing(f"{len(waiting.taken)} of {len(said)} came into the bucket.")
            await asyncio.sleep(LOOK_SECONDS)
        return waiting.taken


async def _publish(
    client: Client, said: Iterable[Publication], pace: int, waiting: "_Waiting"
) -> None:
    """Say one after the other; nobody else writes the stream, so their numbers are known."""
    began = time.perf_counter()
    for number, each in enumerate(said):
        early = began + number / pace - time.perf_counter()
        if early > 0:
            await asyncio.sleep(early)
        waiting.published(each.subject, number + 1)
        await client.publish(each.subject, each.data, headers={"Nats-Msg-Id": each.message_id})


class _Waiting:
    """Who has said what that is in no state yet."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self._waiting: defaultdict[str, deque[tuple[int, float]]] = defaultdict(deque)

    def published(self, subject: str, sequence: int) -> None:
        entity = subject.rpartition(".")[2]
        self._waiting[entity].append((sequence, time.perf_counter()))

    async def put(self, msg: Msg) -> None:
        now = time.perf_counter()
        version = version_of(msg.headers)
        if version is None:
            return
        waiting = self._waiting[msg.subject.rpartition(".")[2]]
        while waiting and waiting[0][0] <= version.sequences[STREAM]:
            self.taken.append(now - waiting.popleft()[1])
