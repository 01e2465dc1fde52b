"""How fast telemetry becomes history: the graph as deployed, until all of it is committed."""

import shutil
import time

from bytewax.dataflow import Dataflow

from connectors.jetstream import JetStreamSource, last_sequence
from connectors.lake import create
from connectors.lake.sink import LakeSink
from connectors.meter import CountSink
from connectors.publish import JetStreamSink
from connectors.sqlite import SqliteSink, prepare
from flows import history, telemetry
from flows.bench.recovery import run
from flows.bench.sizes import Figures, Sizes
from flows.connection import as_part
from flows.ontology.settings import Settings
from flows.rejections import REJECTIONS
from flows.steps.window import Patience


def measure(settings: Settings, _: Sizes) -> Figures:
    name = telemetry.NAME
    server = as_part(settings, name)
    last = last_sequence(server, telemetry.STREAM)
    # What an earlier turn has stored would be dropped, which costs less.
    shutil.rmtree(settings.lake, ignore_errors=True)
    create(settings.lake, history.TABLES, history.VIEWS)
    prepare(settings.database, REJECTIONS)
    flow = Dataflow(name)
    telemetry.graph(
        flow,
        messages=JetStreamSource(
            server, telemetry.STREAM, name, until=last, gather=telemetry.GATHER
        ),
        lake=LakeSink(settings.lake, history.TABLES),
        said=JetStreamSink(server, name),
        ledger=SqliteSink(settings.database, REJECTIONS),
        counts=CountSink(),
        organization=settings.organization,
        ahead_us=settings.clock_ahead_us,
        patience=Patience(settings.late_us, settings.correct_us),
    )
    began = time.perf_counter()
    run(flow, settings)
    return {"telemetry_msgs_per_s": last / (time.perf_counter() - began)}
