"""How fast telemetry becomes state: the graph as deployed, until its last state is stored."""

import asyncio
import time

from bytewax.dataflow import Dataflow

from connectors.jetstream import last_sequence
from connectors.meter import CountSink
from connectors.publish import JetStreamSink
from connectors.sqlite import SqliteSink, prepare
from flows import entities, outcomes
from flows.bench.ends import Finish, FinishingSink, UntilFinished
from flows.bench.recovery import run
from flows.bench.sizes import Figures, Sizes
from flows.cli.server import reached
from flows.connection import as_part
from flows.ontology import subjects
from flows.ontology.settings import Settings
from flows.permissions import ADMIN
from flows.rejections import REJECTIONS
from flows.steps.silence import Patience


def measure(settings: Settings, _: Sizes) -> Figures:
    asyncio.run(_empty(settings))
    name = entities.NAME
    server = as_part(settings, name)
    last = last_sequence(server, entities.STREAM)
    finish = Finish(entities.STREAM, last)
    prepare(settings.database, REJECTIONS, outcomes.REGISTRY)
    recall_until = last_sequence(server, subjects.BUCKET_STREAM)
    messages = entities.sources(server, recall_until)
    flow = Dataflow(name)
    entities.graph(
        flow,
        messages=UntilFinished(messages, finish),
        projection=FinishingSink(entities.projection_sink(server, settings.database), finish),
        said=JetStreamSink(server, name),
        ledger=SqliteSink(settings.database, REJECTIONS),
        counts=CountSink(),
        organization=settings.organization,
        ahead_us=settings.clock_ahead_us,
        patience=Patience(settings.stale_us, settings.lost_us),
        recall_until=recall_until,
    )
    began = time.perf_counter()
    run(flow, settings)
    return {"entities_msgs_per_s": last / (finish.at - began)}


async def _empty(settings: Settings) -> None:
    """States of the round before would make those of this one old."""
    async with reached(settings, ADMIN) as client:
        await client.jetstream().purge_stream(subjects.BUCKET_STREAM)
