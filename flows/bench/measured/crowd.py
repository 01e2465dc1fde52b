"""Whether the flows keep up with many entities, and what each of them holds.

Two hundred that speak fifty times a second, and ten thousand that speak once: both are as
many messages, and both flows run as they are deployed. Of what an entity says in turn each
comes every six seconds then, so that silence counts only after twice as long as it does
by default: else all of them would be taken for stale between one message and the next,
until it is known how seldom they speak. Before the memory of entities is looked at, the flow
has worked through as much at once as it ever does: that it holds whoever speaks.
"""

import itertools
import os
import time
from collections.abc import Iterable
from pathlib import Path

import psutil
import uvloop
from prometheus_client.parser import text_string_to_metric_families

from connectors import metrics
from connectors.publish import Publication, Publisher
from connectors.session import session
from flows.bench.crowd import Crowd
from flows.bench.running import running
from flows.bench.sizes import Figures, Sizes
from flows.connection import as_part
from flows.ontology.settings import TABLE, Settings
from flows.parts import run_folder

FLOWS = ("entities", "telemetry")
PART = "relay"
READ = "overwatch_messages_total"
STREAM = "CONSTELLATION_TELEMETRY"
KILOBYTE = 1000
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05
AT_ONCE = 20
SILENCE = {TABLE["stale_seconds"].variable: "10"}


class FallenBehind(RuntimeError):
    """A flow has not read what was said."""


def measure(settings: Settings, sizes: Sizes) -> Figures:
    return uvloop.run(_figures(settings, sizes))


async def _figures(settings: Settings, sizes: Sizes) -> Figures:
    async with running(settings, "nats", *FLOWS, variables={**os.environ, **SILENCE}):
        return _measured(settings, sizes)


def _measured(settings: Settings, sizes: Sizes) -> Figures:
    organization, seconds = settings.organization, sizes.crowd_seconds
    swift = Crowd(sizes.swift, sizes.crowd_pace, organization)
    many = Crowd(sizes.many, sizes.crowd_pace, organization)
    flows = _Flows(settings)
    with session(as_part(settings, PART)) as opened:
        publisher = Publisher(opened)
        flows.take(publisher, swift.introduced())
        swift_behind = flows.take(publisher, swift.paced(seconds))
        flows.take(publisher, swift.hurried(sizes.backlog))
        before = flows.resident()
        flows.take(publisher, many.introduced())
        many_behind = flows.take(publisher, many.paced(seconds))
        grown = flows.resident() - before
    return {
        "swift_behind_s": swift_behind,
        "many_behind_s": many_behind,
        "entity_kb": grown / sizes.many / KILOBYTE,
    }


class _Flows:
    """The flows that run, as their figures and the system show them."""

    def __init__(self, settings: Settings) -> None:
        self._run: Path = run_folder(settings)
        self._said = 0
        family = psutil.Process().children(recursive=True)
        (self._entities,) = (each for each in family if "flows.entities" in each.cmdline())

    def take(self, publisher: Publisher, said: Iterable[Publication]) -> float:
        """Let this be said; for how many seconds after the last of it the flows still read."""
        ending = iter(said)
        while batch := list(itertools.islice(ending, AT_ONCE)):
            publisher.publish(batch)
            self._said += len(batch)
        publisher.flush()
        began = time.perf_counter()
        while self._read() < self._said:
            if time.perf_counter() - began > PATIENCE_SECONDS:
                raise FallenBehind(f"Of {self._said} messages {self._read()} were read.")
            time.sleep(LOOK_SECONDS)
        return time.perf_counter() - began

    def resident(self) -> int:
        """Bytes that the entities flow holds."""
        return int(self._entities.memory_info().rss)

    def _read(self) -> int:
        """What both flows have read of the stream: the lesser of them."""
        read = dict.fromkeys(FLOWS, 0.0)
        for family in text_string_to_metric_families(metrics.render(self._run).decode()):
            for sample in family.samples:
                if sample.name == READ and sample.labels["stream"] == STREAM:
                    read[sample.labels["flow"]] = sample.value
        return int(min(read.values()))
