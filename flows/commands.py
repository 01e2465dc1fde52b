"""Commands: what is asked, decided and answered in; deliveries and the life of each out.

All commands go over one desk, which is kept by one process: who is told that a command was
taken up finds it in the ledger. What it has said before it was begun anew it is told by the
stream itself, and contradicts none of it.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TypeGuard

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import Source
from bytewax.operators import KeyedStream
from bytewax.outputs import Sink

from connectors.environment import environment
from connectors.jetstream import PROMPT, JetStreamSources, Message
from connectors.ledger import Entry, LedgerSink
from connectors.meter import Count, CountSink
from connectors.newest import last_kept, newest
from connectors.projection import PROJECTIONS
from connectors.publish import JetStreamSink, Publication
from connectors.session import Server
from connectors.sqlite import Row, SqliteSink, prepare, read_rows
from flows import command_outcomes, losses
from flows.connection import as_part
from flows.ontology import subjects
from flows.ontology.command_desk import Desk, Outcome, Rules, Seen, Told
from flows.ontology.command_facts import Limits
from flows.ontology.commands import PROJECTION, STREAM
from flows.ontology.settings import Settings
from flows.operators import Clock, keep, live_long, system_clock
from flows.rejections import REJECTIONS, record
from flows.steps.commands.desk import take, wake_us
from flows.steps.commands.hear import departed, hear
from flows.steps.commands.picture import Picture

NAME = "commands"
ORGANIZATIONS = "CONSTELLATION_ORGANIZATIONS"
# How long to let what is said gather: somebody waits for what they ask, and documents come by
# the thousand.
STREAMS = {
    STREAM: timedelta(milliseconds=1),
    ORGANIZATIONS: timedelta(milliseconds=200),
    subjects.BUCKET_STREAM: timedelta(milliseconds=100),
}
_MARK = "SELECT sequence FROM projections WHERE projection = ?"


def graph(
    flow: Dataflow,
    *,
    messages: Source[Message],
    ledger: Sink[tuple[str, Entry]],
    said: Sink[tuple[str, Publication]],
    rejections: Sink[tuple[str, Row]],
    counts: Sink[Count],
    organization: str,
    rules: Rules,
    picture: Picture,
    clock: Clock = system_clock,
) -> None:
    """Lay the topology between the ends it is given.

    Args:
        flow: what it is laid onto.
        messages: the streams of commands, of organisations, and of the state bucket.
        ledger: the tables of commands, and how far the stream is in them.
        said: takes what is published.
        rejections: the table ``rejections``.
        counts: the counters.
        organization: whose events of losses are.
        rules: by what commands are judged, and where the desk has begun.
        picture: what is known of entities.
        clock: microseconds UTC.
    """
    stored = op.input("stored", flow, messages)
    # Message("CONSTELLATION_COMMANDS", "constellation.commands.default.d3b0...", b'{...}', 17)

    heard = op.flat_map_batch("hear", stored, partial(_hear, organization, rules.began, picture))
    sides = op.branch("told", heard, _is_told)
    lost: KeyedStream[Publication] = sides.falses  # type: ignore[assignment]  # By what is told.
    # ("commands", Publication("constellation.events.loss.default.commands", b'{...}'))

    by_desk = op.key_on("by_desk", sides.trues, lambda _: NAME)
    # ("commands", Asked(Heard(..., 17), Request("c1", "default", "d3b0...", "hold")))
    # ("commands", Decided(Heard(..., 18), Decision("9f", "cancel", "default", "d3b0...", "c1")))
    # ("commands", Answered(Heard(..., 21), "default", "d3b0...", Answer("c1", "accepted")))
    # ("commands", Echo(Heard(..., 12), Status("c0", ..., state="sent")))
    # ("commands", Seen("d3b0..."))

    done = keep(
        "desk",
        by_desk,
        Desk,
        partial(_take, rules, picture),
        wake_us=partial(_wake_us, rules, picture),
        clock=clock,
    )
    # ("commands", Transition(Status("c1", ..., number=2, state="queued")))
    # ("commands", Delivery("c1", "default", "d3b0...", "hold", {}))
    # ("commands", Settled(17))

    entries = op.flat_map_batch("entries", done, partial(command_outcomes.entries, NAME))
    op.output("ledger", entries, ledger)
    # ("commands", Record("commands", {"name": "default.c1", "state": "queued", ...}))
    # ("commands", Mark(17))

    told = op.flat_map_batch("publications", done, command_outcomes.publications)
    # ("commands", Publication("constellation.commands.default.d3b0....deliver", b'{...}'))
    # ("commands", Publication("constellation.commands.default.d3b0....status", b'{...}'))

    counted = op.flat_map_batch("counted", done, partial(command_outcomes.counts, NAME))
    op.output("counts", counted, counts)
    # Count("overwatch_commands_total", ("commands", "queued"), 1)

    refused = op.flat_map_batch("refused", done, command_outcomes.refusals)
    refusals = record(NAME, refused, rejections, counts)
    everything = op.merge("everything_said", told, lost, refusals)
    op.output("said", everything, said)


def flow() -> Dataflow:
    """Bind the graph to the deployment; ``bytewax.run`` calls this by name."""
    settings = Settings.read(environment())
    live_long()
    server = as_part(settings, NAME)
    prepare(settings.database, REJECTIONS, *command_outcomes.LEDGER, PROJECTIONS)
    began = last_kept(server, STREAM)
    picture = Picture()
    # Nobody is judged by what is not known yet.
    known = newest(server, subjects.BUCKET_STREAM, picture.see)
    limits = Limits(
        settings.commands_max_altitude, settings.commands_max_distance, settings.lost_us
    )
    two_person = settings.commands_two_person == "on"
    marks = read_rows(settings.database, _MARK, (PROJECTION,))
    settled = min(began, marks[0]["sequence"]) if marks else 0
    bound = Dataflow(NAME)
    graph(
        bound,
        messages=sources(server, {subjects.BUCKET_STREAM: known}),
        ledger=LedgerSink(
            settings.database,
            (*command_outcomes.LEDGER, REJECTIONS),
            command_outcomes.LEDGER,
            PROJECTION,
            began,
        ),
        said=JetStreamSink(server, NAME),
        rejections=SqliteSink(settings.database, REJECTIONS),
        counts=CountSink(),
        organization=settings.organization,
        rules=Rules(limits, two_person, began, settled),
        picture=picture,
    )
    return bound


def sources(server: Server, known: Mapping[str, int]) -> JetStreamSources:
    """The streams as the graph is bound to them.

    Args:
        server: where, and as whom.
        known: up to which sequence of which stream everything is known already.
    """
    return JetStreamSources(server, STREAMS, NAME, afresh=known, quiet={STREAM: PROMPT})


def _hear(
    organization: str, began: int, picture: Picture, batch: list[Message]
) -> list[Told | tuple[str, Publication]]:
    """What each stream tells the desk, and what it has lost."""
    found: list[Told | tuple[str, Publication]] = []
    seen: dict[str, None] = {}
    for message in batch:
        if message.stream == STREAM:
            found.append(hear(message, began))
        elif message.stream == subjects.BUCKET_STREAM:
            seen[picture.see(message)] = None
        else:
            gone = departed(message)
            if gone is not None:
                found.append(gone)
    seen.pop("", None)
    found += map(Seen, seen)
    found += losses.publications(NAME, organization, batch)
    return found


def _is_told(each: Told | tuple[str, Publication]) -> TypeGuard[Told]:
    return not isinstance(each, tuple)


def _take(
    rules: Rules, picture: Picture, desk: Desk, told: list[Told], now_us: int
) -> list[Outcome]:
    return take(desk, told, now_us, rules, picture)


def _wake_us(rules: Rules, picture: Picture, desk: Desk) -> int | None:
    return wake_us(desk, rules, picture)
