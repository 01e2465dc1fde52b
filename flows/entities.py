"""Entities: what is said and put in; the one state of every entity out, and its registry.

The only writer of the state bucket and of the registry. What other programs put into the
bucket is read back out of its own stream, merged, and put again under the entity's key. What
people and devices register, change and delete comes as events.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeGuard

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream
from bytewax.inputs import Source
from bytewax.outputs import Sink

from connectors.environment import environment
from connectors.jetstream import JetStreamSources, Message, last_sequence
from connectors.kv import KvSink, own_puts, version_of
from connectors.meter import Count, CountSink
from connectors.projection import PROJECTIONS, Awaited, Done, Projected, ProjectionSink
from connectors.publish import JetStreamSink, Publication
from connectors.session import Server
from connectors.since import since
from connectors.sqlite import Row, SqliteSink, prepare
from flows import losses, outcomes
from flows.connection import as_part
from flows.ontology import subjects
from flows.ontology.commands import STREAM as COMMANDS
from flows.ontology.entities import (
    Change,
    Documented,
    EntityState,
    Erased,
    Recalled,
    Silenced,
)
from flows.ontology.entry import Unearthed
from flows.ontology.rate import Patience
from flows.ontology.registry import PROJECTION
from flows.ontology.registry import STREAM as ENTITIES
from flows.ontology.settings import Settings
from flows.ontology.wire import Rejected
from flows.operators import Clock, keep, live_long, split, system_clock
from flows.rejections import REJECTIONS, record
from flows.steps.attend import attention
from flows.steps.commands.show import read_status
from flows.steps.enter import is_nothing
from flows.steps.recognise import read_document, recall_deletion, recall_document
from flows.steps.reduce import Outcome, reduce
from flows.steps.register import read_event
from flows.steps.silence import Alarm, Heard, Watch, next_due_us, watch
from flows.steps.understand import gather, understand

NAME = "entities"
STREAM = "CONSTELLATION_TELEMETRY"
# What a vehicle says together makes one state together. Others put documents seldom, and
# most that is read there are our own puts.
STREAMS = {
    STREAM: timedelta(milliseconds=2),
    subjects.BUCKET_STREAM: timedelta(milliseconds=50),
    # Somebody waits until what they wrote is projected.
    ENTITIES: timedelta(milliseconds=1),
    COMMANDS: timedelta(milliseconds=2),
}
# What becomes of commands; what is asked and answered is no state of an entity yet.
ONLY = {COMMANDS: subjects.command("*", "*", subjects.STATUS)}

# A flow that is behind by seconds says once what each of ten thousand has said in them.
MOST_AT_ONCE = 20_000


def graph(
    flow: Dataflow,
    *,
    messages: Source[Message],
    projection: Sink[tuple[str, Projected]],
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
        messages: the streams of telemetry, of events of entities, of commands, and of the state
            bucket, each in its order.
        projection: the state bucket and the table ``entities``, and how far events are in them.
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
    # Registered("cam-7", "default", "created", {"name": "Gate", ...}, 3, ...)
    # Commanded("d3b0...", "default", Status("c1", ..., state="sent"), 40, 1790000000000000)

    refused, others = split("losses", sides.falses, Rejected, object)
    awaited, lost = split("awaited", others, Awaited, tuple[str, Publication])
    # ("entities", Publication("constellation.events.loss.default.entities", b'{...}'))

    heard = op.flat_map_batch("heard", told, attention)
    # ("11", Heard("d3b0...", 1790000000000000))
    # ("3", Alarm("cam-7", 1790003600000000))

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
        says_nothing=is_nothing,
        clock=clock,
    )
    # ("d3b0...", Stored("d3b0...", b'{"entity_id": "d3b0...", ...}', {"CONSTELLATION_...": 17}, 0))

    projected = op.flat_map_batch("projected", reduced, partial(outcomes.projections, NAME))
    # ("d3b0...", Put("d3b0...", b'{...}', Version({"CONSTELLATION_TELEMETRY": 17}, 0)))
    # ("d3b0...", Record("entities", {"entity_id": "d3b0...", "name": "Copter 1", ...}, ...))
    # ("cam-7", Done(3))

    invalid = op.flat_map_batch("invalid", refused, _invalid)
    # ("entities", Record("rejections", {"step": "register", ...})), ("entities", Done(4))

    expected = op.map("expected", awaited, lambda each: (NAME, each))
    # ("entities", Awaited((3, 4)))

    op.output("projection", op.merge("projections", projected, invalid, expected), projection)

    liveness = op.flat_map_batch("liveness", reduced, outcomes.events)
    # ("entities", Publication("constellation.events.liveness.default.d3b0...", b'{...}'))

    expired = op.flat_map_batch("expired", reduced, outcomes.deletions)
    # ("cam-7", Publication("constellation.entities.default.deleted", b'{...}', "cam-7-..."))

    unreduced = op.flat_map_batch("unreduced", reduced, outcomes.refusals)
    declined = op.merge("refused", refused, unreduced)
    refusals = record(NAME, declined, ledger, counts)
    everything = op.merge("everything_said", lost, liveness, expired, refusals)
    op.output("said", everything, said)


def flow() -> Dataflow:
    """Bind the graph to the deployment; ``bytewax.run`` calls this by name."""
    settings = Settings.read(environment())
    live_long()
    server = as_part(settings, NAME)
    prepare(settings.database, REJECTIONS, outcomes.REGISTRY, PROJECTIONS)
    # What we have put since our memory began is no news to it, and what is told again
    # after a crash must meet the state as it was.
    recall_until = since(
        settings.recovery(NAME),
        "bucket_began",
        partial(last_sequence, server, subjects.BUCKET_STREAM),
    )
    bound = Dataflow(NAME)
    graph(
        bound,
        messages=sources(server, recall_until),
        projection=projection_sink(server, settings.database),
        said=JetStreamSink(server, NAME),
        ledger=SqliteSink(settings.database, REJECTIONS),
        counts=CountSink(),
        organization=settings.organization,
        ahead_us=settings.clock_ahead_us,
        patience=Patience(settings.stale_us, settings.lost_us),
        recall_until=recall_until,
    )
    return bound


def sources(server: Server, recall_until: int) -> JetStreamSources:
    """The streams as the graph is bound to them; most that is put is our own."""
    unread = {subjects.BUCKET_STREAM: own_puts(NAME, recall_until)}
    # Events and commands may be of what only the bucket still knows.
    after = dict.fromkeys((ENTITIES, COMMANDS), (subjects.BUCKET_STREAM, recall_until))
    return JetStreamSources(server, STREAMS, NAME, unread, MOST_AT_ONCE, after, ONLY)


def projection_sink(server: Server, database: Path) -> ProjectionSink:
    """The bucket and the registry as the graph is bound to them."""
    tables = outcomes.REGISTRY, REJECTIONS
    bucket = KvSink(server, subjects.BUCKET, NAME)
    return ProjectionSink(bucket, database, tables, PROJECTION, ENTITIES)


def _read(
    organization: str, ahead_us: int, recall_until: int, batch: list[Message]
) -> list[Change | Rejected | Awaited | tuple[str, Publication]]:
    """What each stream tells of entities, what cannot be used of it, and what it has lost."""
    said = [message for message in batch if message.stream == STREAM]
    if len(said) == len(batch):
        puts = events = told = []
    else:
        puts = [message for message in batch if message.stream == subjects.BUCKET_STREAM]
        events = [message for message in batch if message.stream == ENTITIES]
        told = [message for message in batch if message.stream == COMMANDS]
    return [
        *gather(understand(said, organization, ahead_us)),
        *_recognise(organization, puts),
        *_recall(recall_until, puts),
        # Of what is known by the same batch something may be changed or deleted.
        *map(read_event, events),
        *(each for each in map(read_status, told) if each is not None),
        *_awaited(events),
        *losses.publications(NAME, organization, [*said, *events]),
    ]


def _awaited(events: list[Message]) -> list[Awaited]:
    return [Awaited(tuple(each.sequence for each in events))] if events else []


def _invalid(batch: list[Rejected]) -> list[tuple[str, Projected]]:
    """Events that are none: that they are refused is all that is to be projected of them."""
    return [
        (NAME, item)
        for each in batch
        if each.stream == ENTITIES
        for item in (outcomes.refusal(NAME, each), Done(each.sequence))
    ]


def _is_change(each: Change | Rejected | Awaited | tuple[str, Publication]) -> TypeGuard[Change]:
    return isinstance(each, Change)


def _recognise(organization: str, batch: list[Message]) -> Iterable[Documented | Erased | Rejected]:
    """Documents that other programs put, or delete."""
    for message in batch:
        if version_of(message.headers) is None:
            found = read_document(message, organization)
            if found is not None:
                yield found


def _recall(until: int, batch: list[Message]) -> Iterable[Recalled | Unearthed | Rejected]:
    """Our own documents, and those that we deleted, as long as we are beginning."""
    for message in batch:
        version = version_of(message.headers) if message.sequence <= until else None
        if version is None:
            continue
        if message.data:
            yield recall_document(message)
        else:
            yield recall_deletion(message, version.sequences)


def _watch(
    patience: Patience, state: Watch, heard: list[Heard | Alarm], now_us: int
) -> list[Silenced]:
    return watch(state, heard, now_us, patience)


def _reduce(
    patience: Patience, state: EntityState, changes: list[Change], now_us: int
) -> list[Outcome]:
    state.entity_id = state.entity_id or changes[0].entity_id
    return reduce(state, changes, now_us, patience)
