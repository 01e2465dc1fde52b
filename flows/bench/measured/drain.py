"""How fast a stored stream comes into a Bytewax flow that does nothing with it."""

import time

import bytewax.operators as op
from bytewax.dataflow import Dataflow

from connectors.jetstream import JetStreamSource, last_sequence
from flows.bench.ends import Discard
from flows.bench.recovery import run
from flows.bench.sizes import Figures, Sizes
from flows.connection import as_part
from flows.ontology.settings import Settings

PART = "telemetry"
STREAM = "CONSTELLATION_TELEMETRY"


def measure(settings: Settings, _: Sizes) -> Figures:
    server = as_part(settings, PART)
    last = last_sequence(server, STREAM)
    flow = Dataflow("drain")
    messages = op.input("messages", flow, JetStreamSource(server, STREAM, PART, until=last))
    op.output("nowhere", messages, Discard())
    began = time.perf_counter()
    run(flow, settings)
    return {"drain_msgs_per_s": last / (time.perf_counter() - began)}
