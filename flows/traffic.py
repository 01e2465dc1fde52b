"""Traffic: what AIS and ADS-B receivers hear in, telemetry envelopes of ships and aircraft out.

``flow`` hears receivers; ``replay`` plays a recorded file through the same graph.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Dataflow
from bytewax.inputs import Source
from bytewax.outputs import Sink

from connectors.environment import environment
from connectors.meter import Count, CountSink
from connectors.progress import played
from connectors.publish import JetStreamSink, Publication
from connectors.receivers.heard import Heard, Noise, Skipped, Spoken, System
from connectors.receivers.link import Receiver
from connectors.receivers.recording import RecordingSource
from connectors.receivers.source import ReceiverSource
from connectors.sqlite import Row, SqliteSink, prepare
from flows.connection import as_part
from flows.ontology import receivers, subjects
from flows.ontology.settings import Settings
from flows.ontology.telemetry import Envelope
from flows.ontology.traffic import Craft, Listener
from flows.ontology.wire import Rejected
from flows.operators import Clock, keep, never, split, system_clock
from flows.rejections import REJECTIONS, record
from flows.steps.aircraft import aircraft
from flows.steps.craft import Take, key, refuse_noise
from flows.steps.ships import ship

NAME = "traffic"
REPLAY = "replay"
TAKES: dict[str, Take] = {"AIS": ship, "ADSB": aircraft}
COUNTERS = {Noise: "overwatch_unreadable_total", Skipped: "overwatch_unclaimed_total"}
# Whoever has been silent for so long is met anew: what passes by is without number.
FORGOTTEN_US = 6 * 3600 * 1_000_000

_json = msgspec.json.Encoder().encode


def graph(
    flow: Dataflow,
    *,
    heard: Source[Heard],
    said: Sink[tuple[str, Publication]],
    ledger: Sink[tuple[str, Row]],
    counts: Sink[Count],
    listener: Listener,
    name: str = NAME,
    clock: Clock = system_clock,
) -> None:
    """Lay the topology between the ends it is given.

    Args:
        flow: what it is laid onto.
        heard: what was said, what could not be read, and what nobody reads.
        said: takes what is published.
        ledger: the table ``rejections``.
        counts: the counters.
        listener: whose receivers they are.
        name: by which the flow counts and refuses.
        clock: what time it is.
    """
    everything = op.input("heard", flow, heard)
    # Spoken("AIS", 227006760, "udp:127.0.0.1:10110", ..., {"msg_type": 1, "lat": 49.47, ...})

    spoken, others = split("spoken", everything, Spoken, Noise)
    noises = op.filter("noises", others, lambda each: isinstance(each, Noise))
    noise = op.map("noise", noises, refuse_noise)
    # Rejected("receive", "a checksum is wrong (3)", ...)

    by_craft = op.key_on("by_craft", spoken, key)
    # ("AIS:227006760", Spoken(...))

    wake_us = never if listener.recording else _forgotten_us
    take = partial(_take, listener)
    told = keep("tell", by_craft, Craft, take, wake_us=wake_us, ends=_is_over, clock=clock)
    # ("AIS:227006760", Envelope("5b1c...", "default", "AIS", ..., {"position": {"global": ...}}))

    envelopes = op.flat_map_batch("publication", told, _publications)
    # ("traffic", Publication("constellation.telemetry.default.5b1c...", b'{...}', "udp:..."))

    beyond = op.flat_map_batch("beyond", told, _refusals)
    # Rejected("ships", "AIS of MMSI 227006760: position.global.latitude is 95.0", ...)

    counted = op.map("count", others, lambda each: _count(name, each))
    op.output("counts", counted, counts)
    # Count("overwatch_unclaimed_total", ("traffic", "udp:127.0.0.1:10110"), 3)

    refusals = record(name, op.merge("refused", noise, beyond), ledger, counts)
    op.output("said", op.merge("everything_said", envelopes, refusals), said)


def flow() -> Dataflow:
    """Bind the graph to the deployment; ``bytewax.run`` calls this by name."""
    settings = Settings.read(environment())
    heard = ReceiverSource(
        (
            *(_receiver("AIS", "AIS_RECEIVERS", each) for each in settings.ais_receivers),
            *(_receiver("ADSB", "ADSB_RECEIVERS", each) for each in settings.adsb_receivers),
        ),
        NAME,
    )
    return _bound(settings, heard, Listener(settings.organization, place=settings.adsb_place))


def replay(
    path: str, speed: float = 1.0, _entity: str = "", run: str = "", title: str = ""
) -> Dataflow:
    """Bind the graph to a recorded file.

    Args:
        path: NMEA, SBS, AVR, Beast, or a log of dated frames.
        speed: how many times faster than it was recorded; 0 for as fast as it goes.
        run: tells this playing of the file from every other.
        title: what its progress is called, if not by the file's name.
    """
    settings = Settings.read(environment())
    source = RecordingSource(Path(path), REPLAY, speed, run, played(title or Path(path).name))
    listener = Listener(settings.organization, source.recording, settings.adsb_place)
    return _bound(settings, source, listener, REPLAY)


def _bound(
    settings: Settings, heard: Source[Heard], listener: Listener, name: str = NAME
) -> Dataflow:
    prepare(settings.database, REJECTIONS)
    bound = Dataflow(name)
    graph(
        bound,
        heard=heard,
        said=JetStreamSink(as_part(settings, NAME), name),
        ledger=SqliteSink(settings.database, REJECTIONS),
        counts=CountSink(),
        listener=listener,
        name=name,
    )
    return bound


def _receiver(system: System, variable: str, found: receivers.Receiver) -> Receiver:
    return Receiver(
        system, found.transport, found.host, found.port, found.form, found.name, variable
    )


def _take(
    listener: Listener, craft: Craft, spoken: list[Spoken], _now_us: int
) -> list[Envelope | Rejected]:
    return [said for each in spoken for said in TAKES[each.system](craft, each, listener)]


def _forgotten_us(craft: Craft) -> int:
    return craft.heard_us + FORGOTTEN_US


def _is_over(craft: Craft, now_us: int) -> bool:
    return now_us >= _forgotten_us(craft)


def _publications(
    batch: list[tuple[str, Envelope | Rejected]],
) -> Iterable[tuple[str, Publication]]:
    return [
        (NAME, Publication(_subject(each), _json(each), each.origin))
        for _, each in batch
        if isinstance(each, Envelope)
    ]


def _refusals(batch: list[tuple[str, Envelope | Rejected]]) -> Iterable[Rejected]:
    return [each for _, each in batch if isinstance(each, Rejected)]


def _subject(envelope: Envelope) -> str:
    return subjects.telemetry(envelope.org_id, envelope.entity_id)


def _count(name: str, other: Noise | Skipped) -> Count:
    return Count(COUNTERS[type(other)], (name, other.link), other.count)
