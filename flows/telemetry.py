"""Telemetry: stored messages in; rows and windows of one, ten and sixty seconds into the lake.

The transitions of commands go there as well: one process owns the lake.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import Source
from bytewax.outputs import Sink

from connectors.environment import environment
from connectors.jetstream import JetStreamSources, Message
from connectors.lake import create
from connectors.lake.frames import Rows
from connectors.lake.sink import LakeSink
from connectors.meter import Count, CountSink
from connectors.publish import JetStreamSink, Publication
from connectors.sqlite import Row, SqliteSink, prepare
from flows import history, losses
from flows.connection import as_part
from flows.ontology.commands import STREAM as COMMANDS
from flows.ontology.settings import Settings
from flows.ontology.telemetry import Report
from flows.ontology.wire import Rejected
from flows.operators import Clock, keep, live_long, split, system_clock
from flows.rejections import REJECTIONS, record
from flows.steps import rows
from flows.steps.commands.transitions import transition
from flows.steps.told import WindowRows
from flows.steps.understand import understand
from flows.steps.window import Late, Patience, Windows, turn, wake_us

NAME = "telemetry"
STREAM = "CONSTELLATION_TELEMETRY"
GATHER = timedelta(milliseconds=100)  # History is committed every few seconds: no hurry.
STREAMS = {STREAM: GATHER, COMMANDS: GATHER}


class Said(NamedTuple):
    """What a batch of messages has said, or one source of them: a graph costs by the item."""

    reports: list[Report]


def graph(
    flow: Dataflow,
    *,
    messages: Source[Message],
    lake: Sink[tuple[str, Rows]],
    said: Sink[tuple[str, Publication]],
    ledger: Sink[tuple[str, Row]],
    counts: Sink[Count],
    organization: str,
    ahead_us: int,
    patience: Patience,
    clock: Clock = system_clock,
) -> None:
    """Lay the topology between the ends it is given.

    Args:
        flow: what it is laid onto.
        messages: the streams of telemetry and of commands, each in its order.
        lake: takes rows of the tables ``telemetry``, ``window_rows`` and ``commands``.
        said: takes what is published.
        ledger: the table ``rejections``.
        counts: the counters.
        organization: whose messages are that do not say.
        ahead_us: how far ahead of the stream's a device's clock may be.
        patience: how long windows wait for what comes out of order, and are then corrected.
        clock: microseconds UTC.
    """
    stored = op.input("telemetry", flow, messages)
    # Message("CONSTELLATION_TELEMETRY", "constellation.telemetry.default.d3b0...", b'{...}', 17)

    lost = op.flat_map_batch("losses", stored, partial(losses.publications, NAME, organization))
    # ("telemetry", Publication("constellation.events.loss.default.telemetry", b'{...}'))

    understood = op.flat_map_batch(
        "understand", stored, partial(_understand, organization, ahead_us)
    )
    reports, refused = split("reports", understood, Said, Rejected)
    # Said([Report("d3b0...", "default", "GLOBAL_POSITION_INT", 17, ..., {"position...": 47.39})])

    raw = op.flat_map("row", reports, _rows)
    # ("CONSTELLATION_TELEMETRY", Rows("telemetry", ..., ("seq", "ts", ...), [(17, ...)]))

    # Each source has a clock of its own, and so its own windows.
    by_source = op.flat_map("by_source", reports, _by_source)
    # ("d3b0... udp:14550", Said([Report("d3b0...", ...)]))

    turned = keep(
        "windows_by_source",
        by_source,
        Windows,
        partial(_turn, patience),
        wake_us=wake_us,
        clock=clock,
    )
    # ("d3b0... udp:14550", WindowRows(17, ..., "udp:14550", 10, ..., [("vfr.climb", 20, ...)]))

    windows = op.flat_map_batch("window_row", turned, _window_rows)

    lived = op.flat_map_batch("transitions", stored, _transitions)
    transitions, unlived = split("lived", lived, Rows, Rejected)
    commanded = op.map("transition_row", transitions, lambda each: (each.stream, each))
    # ("CONSTELLATION_COMMANDS", Rows("commands", ..., ("seq", "ts", ...), [(21, ...)]))

    op.output("lake", op.merge("history", raw, windows, commanded), lake)
    # ("CONSTELLATION_TELEMETRY", Rows("window_rows", ..., ("signal", ...), [("vfr.climb", ...)]))

    late = op.flat_map_batch("late", turned, _late)
    op.output("late_counts", late, counts)
    # Count("overwatch_late_total", ("telemetry",), 1)

    refusals = record(NAME, op.merge("refusals", refused, unlived), ledger, counts)
    op.output("said", op.merge("everything_said", lost, refusals), said)


def flow() -> Dataflow:
    """Bind the graph to the deployment; ``bytewax.run`` calls this by name."""
    settings = Settings.read(environment())
    live_long()
    server = as_part(settings, NAME)
    create(settings.lake, history.TABLES, history.VIEWS)
    prepare(settings.database, REJECTIONS)
    bound = Dataflow(NAME)
    graph(
        bound,
        messages=JetStreamSources(server, STREAMS, NAME),
        lake=LakeSink(settings.lake, history.TABLES),
        said=JetStreamSink(server, NAME),
        ledger=SqliteSink(settings.database, REJECTIONS),
        counts=CountSink(),
        organization=settings.organization,
        ahead_us=settings.clock_ahead_us,
        patience=Patience(settings.late_us, settings.correct_us),
    )
    return bound


def _understand(organization: str, ahead_us: int, batch: list[Message]) -> list[Said | Rejected]:
    said: list[Report] = []
    outcomes: list[Said | Rejected] = [Said(said)]
    messages = [each for each in batch if each.stream == STREAM]
    for each in understand(messages, organization, ahead_us):
        if isinstance(each, Report):
            said.append(each)
        else:
            outcomes.append(each)
    return outcomes


def _transitions(batch: list[Message]) -> list[Rows | Rejected]:
    read = [transition(each) for each in batch if each.stream == COMMANDS]
    cells = [each for each in read if isinstance(each, tuple)]
    outcomes: list[Rows | Rejected] = [each for each in read if isinstance(each, Rejected)]
    return [history.transitions(COMMANDS, cells), *outcomes] if cells else outcomes


def _rows(said: Said) -> Iterable[tuple[str, Rows]]:
    return _keyed(history.reports(STREAM, rows.reports(said.reports)))


def _by_source(said: Said) -> Iterable[tuple[str, Said]]:
    sources: dict[tuple[str, str], list[Report]] = {}
    for report in said.reports:
        sources.setdefault((report.entity_id, report.source), []).append(report)
    return ((f"{entity} {source}", Said(some)) for (entity, source), some in sources.items())


def _turn(
    patience: Patience, windows: Windows, said: list[Said], now_us: int
) -> list[WindowRows | Late]:
    reports = [report for each in said for report in each.reports]
    return turn(windows, reports, now_us, patience)


def _window_rows(batch: list[tuple[str, WindowRows | Late]]) -> Iterable[tuple[str, Rows]]:
    told = [each for _, each in batch if isinstance(each, WindowRows)]
    return _keyed(history.windows(STREAM, told))


def _keyed(many: Iterable[Rows]) -> Iterable[tuple[str, Rows]]:
    return ((each.stream, each) for each in many)


def _late(batch: list[tuple[str, WindowRows | Late]]) -> Iterable[Count]:
    late = len([each for _, each in batch if isinstance(each, Late)])
    return [Count("overwatch_late_total", (NAME,), late)] if late else []
