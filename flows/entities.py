"""Entities: what is said and put in; the one state of every entity out, and its registry.

The only writer of the state bucket. What other programs put there is read back out of
the bucket's own stream, merged, and put again under the entity's key.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import TypeGuard

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream
from bytewax.inputs import Source
from bytewax.outputs import Sink

from connectors.environment import environment
from connectors.jetstream import JetStreamSources, Message, last_sequence
from connectors.kv import KvSink, Put, version_of
from connectors.meter import Count, CountSink
from connectors.publish import JetStreamSink, Publication
from connectors.session import Server
from connectors.since import since
from connectors.sqlite import Row, SqliteSink, prepare
from flows import losses, outcomes
from flows.ontology import subjects
from flows.ontology.entities import (
    Change,
    Documented,
    EntityState,
    Erased,
    Recalled,
    Reported,
    Silenced,
)
from flows.ontology.rate import Patience
from flows.ontology.settings import Settings
from flows.ontology.wire import Rejected
from flows.operators import Clock, keep, live_long, split, system_clock
from flows.rejections import REJECTIONS, record
from flows.steps.recognise import read_document, recall_document
from flows.steps.reduce import Outcome, reduce
from flows.steps.silence import Heard, Watch, next_due_us, shard, watch
from flows.steps.understand import gather, understand

NAME = "entities"
STREAM = "CONSTELLATION_TELEMETRY"
# What a vehicle says together makes one state together. Others put documents seldom, and
# most that is read there are our own puts.
STREAMS = {
    STREAM: timedelta(milliseconds=2),
    subjects.BUCKET_STREAM: timedelta(milliseconds=50),
}


def graph(
    flow: Dataflow,
    *,
    messages: Source[Message],
    bucket: Sink[tuple[str, Put]],
    registry: Sink[tuple[str, Row]],
    said: Sink[tuple[str, Publication]],
    ledger: Sink[tuple[str, Row]],
    counts: Sink[Count],
    organization: str,
    ahead_us: int,
    patience: Patience,
    recall_until: int = 0,
    clock: Clock = system_clock,
) -> None:
    """Lay the topology between the ends it is given.

    Args:
        flow: what it is laid onto.
        messages: the streams of telemetry and of the state bucket, each in its order.
        bucket: takes the states.
        registry: the table ``entities``.
        said: takes what is published.
        ledger: the table ``rejections``.
        counts: the counters.
        organization: whose messages and documents are that do not say.
        ahead_us: how far ahead of the stream's a device's clock may be.
        patience: how much silence makes an entity stale, and lost.
        recall_until: our own documents up to this sequence of the bucket are read back.
        clock: microseconds UTC.
    """
    stored = op.input("stored", flow, messages)
    # Message("CONSTELLATION_TELEMETRY", "constellation.telemetry.default.d3b0...", b'{...}', 17)

    # One step for all: each that looks at every message costs as much as a message's decoding.
    read = op.flat_map_batch("read", stored, partial(_read, organization, ahead_us, recall_until))
    sides = op.branch("told", read, _is_change)
    told = sides.trues
    # Reported([Report("d3b0...", "default", "GLOBAL_POSITION_INT", 17, ..., {...}), ...])
    # Documented("cam-7", "default", "", "sensor_platform", {"detections": {...}}, 9, ...)
    # Recalled("d3b0...", b'{"entity_id": "d3b0...", ...}', 8, 1790000000000000)

    refused, lost = split("losses", sides.falses, Rejected, tuple[str, Publication])
    # ("entities", Publication("constellation.events.loss.default.entities", b'{...}'))

    heard = op.flat_map_batch("heard", told, _heard)
    # ("11", Heard("d3b0...", 1790000000000000))

    watched = keep(
        "watch", heard, Watch, partial(_watch, patience), wake_us=next_due_us, clock=clock
    )
    silenced = op.key_rm("silenced", watched)
    # Silenced("d3b0...", 1790000000000000)

    changes: Stream[Change] = op.merge("changes", told, silenced)
    by_entity = op.key_on("by_entity", changes, lambda change: change.entity_id)
    # ("d3b0...", Reported([Report(...), ...]))

    reduced = keep(
        "reduce",
        by_entity,
        EntityState,
        partial(_reduce, patience),
        clock=clock,
    )
    # ("d3b0...", Stored("d3b0...", b'{"entity_id": "d3b0...", ...}', {"CONSTELLATION_...": 17}, 0))

    states = op.flat_map_batch("state", reduced, outcomes.puts)
    op.output("bucket_puts", states, bucket)
    # ("d3b0...", Put("d3b0...", b'{...}', Version({"CONSTELLATION_TELEMETRY": 17}, 0)))

    registrations = op.flat_map_batch("registration", reduced, outcomes.registrations)
    op.output("registry", registrations, registry)
    # ("d3b0...", {"entity_id": "d3b0...", "org_id": "default", "name": "Copter 1", ...})

    liveness = op.flat_map_batch("liveness", reduced, outcomes.events)
    # ("entities", Publication("constellation.events.liveness.default.d3b0...", b'{...}'))

    unreduced = op.flat_map_batch("unreduced", reduced, outcomes.refusals)
    declined = op.merge("refused", refused, unreduced)
    refusals = record(NAME, declined, ledger, counts)
    op.output("said", op.merge("everything_said", lost, liveness, refusals), said)


def flow() -> Dataflow:
    """Bind the graph to the deployment; ``bytewax.run`` calls this by name."""
    settings = Settings.read(environment())
    live_long()
    server = Server(settings.server, NAME, settings.seed(NAME))
    prepare(settings.database, REJECTIONS, outcomes.REGISTRY)
    bound = Dataflow(NAME)
    graph(
        bound,
        messages=JetStreamSources(server, STREAMS, NAME),
        bucket=KvSink(server, subjects.BUCKET, NAME),
        registry=SqliteSink(settings.database, outcomes.REGISTRY),
        said=JetStreamSink(server, NAME),
        ledger=SqliteSink(settings.database, REJECTIONS),
        counts=CountSink(),
        organization=settings.organization,
        ahead_us=settings.clock_ahead_us,
        patience=Patience(settings.stale_us, settings.lost_us),
        # What we have put since our memory began is no news to it, and what is told again
        # after a crash must meet the state as it was.
        recall_until=since(
            settings.recovery(NAME),
            "bucket_began",
            partial(last_sequence, server, subjects.BUCKET_STREAM),
        ),
    )
    return bound


def _read(
    organization: str, ahead_us: int, recall_until: int, batch: list[Message]
) -> list[Change | Rejected | tuple[str, Publication]]:
    """What each stream tells of entities, what cannot be used of it, and what it has lost."""
    said = [message for message in batch if message.stream == STREAM]
    puts = [message for message in batch if message.stream != STREAM]
    return [
        *gather(understand(said, organization, ahead_us)),
        *_recognise(organization, puts),
        *_recall(recall_until, puts),
        *losses.publications(NAME, organization, said),
    ]


def _is_change(each: Change | Rejected | tuple[str, Publication]) -> TypeGuard[Change]:
    return isinstance(each, Change)


def _recognise(organization: str, batch: list[Message]) -> Iterable[Documented | Erased | Rejected]:
    """Documents that other programs put, or delete."""
    for message in batch:
        if version_of(message.headers) is None:
            found = read_document(message, organization)
            if found is not None:
                yield found


def _recall(until: int, batch: list[Message]) -> Iterable[Recalled | Rejected]:
    """Our own documents, as long as we are beginning."""
    return (
        recall_document(message)
        for message in batch
        if message.sequence <= until and version_of(message.headers) is not None
    )


def _heard(batch: list[Change]) -> Iterable[tuple[str, Heard]]:
    """When each entity of a batch was heard, and how often it was known to be."""
    times: dict[str, list[int]] = {}
    periods: dict[str, int] = {}
    for change in batch:
        match change:
            case Reported(reports):
                at_us = [each.stored_us for each in reports]
            case Documented():
                at_us = [change.stored_us]
            case Recalled():
                at_us = [change.heard_us]
                periods[change.entity_id] = change.period_us
            case _:
                continue
        key = change.entity_id
        if known := times.get(key):
            known.extend(at_us)
        else:
            times[key] = at_us
    return [
        (shard(key), Heard(key, max(each), each[:-1], periods.get(key, 0)))
        for key, each in times.items()
    ]


def _watch(patience: Patience, state: Watch, heard: list[Heard], now_us: int) -> list[Silenced]:
    return watch(state, heard, now_us, patience)


def _reduce(
    patience: Patience, state: EntityState, changes: list[Change], now_us: int
) -> list[Outcome]:
    state.entity_id = state.entity_id or changes[0].entity_id
    return reduce(state, changes, now_us, patience)
