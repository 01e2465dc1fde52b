"""Relay: MAVLink packets in, telemetry envelopes of known entities out; and commands back.

``flow`` hears vehicles on every link, and answers them there; ``replay`` plays a recording
through the same graph, and says nothing to anybody.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Dataflow
from bytewax.inputs import Source
from bytewax.outputs import Sink

from connectors.environment import environment
from connectors.jetstream import PROMPT, JetStreamSource, Message
from connectors.mavlink import Heard, Noise, Packet
from connectors.mavlink_lines import Lines
from connectors.mavlink_links import Link, MavlinkSource
from connectors.mavlink_log import MavlinkLogSource
from connectors.mavlink_receiver import Listener
from connectors.mavlink_signing import Signing
from connectors.mavlink_sink import MavlinkSink
from connectors.mavlink_voice import Voice
from connectors.meter import Count, CountSink
from connectors.progress import played
from connectors.publish import JetStreamSink, Publication
from connectors.sendings import sent_once
from connectors.signing_key import read_key
from connectors.sqlite import Row, SqliteSink, prepare
from connectors.together import Together
from flows.connection import as_part
from flows.ontology import subjects
from flows.ontology.air import Air, Counted
from flows.ontology.commands import STREAM as COMMANDS
from flows.ontology.radio import Station
from flows.ontology.settings import Settings
from flows.ontology.telemetry import Envelope
from flows.operators import keep, split, system_clock
from flows.radio import Radio, commands
from flows.rejections import REJECTIONS, record
from flows.steps.identify import Identified, Names, identify, refuse_noise
from flows.steps.relaying.carry import Relay

NAME = "relay"
REPLAY = "replay"
COUNTERS = {"gaps": "overwatch_link_gaps_total", "unclaimed": "overwatch_unclaimed_total"}

_json = msgspec.json.Encoder().encode


def graph(
    flow: Dataflow,
    *,
    heard: Source[Heard | Message],
    said: Sink[tuple[str, Publication]],
    ledger: Sink[tuple[str, Row]],
    counts: Sink[Count],
    names: Names,
    name: str = NAME,
    radio: Radio | None = None,
) -> None:
    """Lay the topology between the ends it is given.

    Args:
        flow: what it is laid onto.
        heard: packets and noise, in the order in which each link brought them; and deliveries.
        said: takes what is published.
        ledger: the table ``rejections``.
        counts: the counters.
        names: what entities are called.
        name: by which the flow counts and refuses.
        radio: by what vehicles are told; without, nothing is said to any.
    """
    everything = op.input("heard", flow, heard)
    # Packet("udp:14550", ..., "HEARTBEAT", {"type": 2, "autopilot": 3, ...})

    # Most are packets: who asks twice asks of the others.
    packets, others = split("packets", everything, Packet, object)
    noises, deliveries = split("noises", others, Noise, Message)
    noise = op.map("noise", noises, refuse_noise)
    # Rejected("frame", "17 bytes are no MAVLink", ...)

    by_system = op.key_on("by_system", packets, names.key)
    # ("1", Packet(...))

    identified = keep("identify", by_system, Air, partial(_identify, names))
    # ("1", Envelope("d3b0...", "default", "HEARTBEAT", ..., {"type": 2, ...}))

    envelopes = op.flat_map_batch("publication", identified, _publications)
    # ("relay", Publication("constellation.telemetry.default.d3b0...", b'{...}', "udp:14550:..."))

    counted = op.flat_map_batch("count", identified, partial(_counts, name))
    op.output("counts", counted, counts)
    # Count("overwatch_link_gaps_total", ("relay", "udp:14550"), 3)

    if radio is None:
        refusals = record(name, noise, ledger, counts)
        op.output("said", op.merge("everything_said", envelopes, refusals), said)
        return
    answers, undelivered = commands(NAME, identified, deliveries, radio)
    refusals = record(name, op.merge("refused", noise, undelivered), ledger, counts)
    op.output("said", op.merge("everything_said", envelopes, answers, refusals), said)


def flow() -> Dataflow:
    """Bind the graph to the deployment; ``bytewax.run`` calls this by name."""
    settings = Settings.read(environment())
    links = tuple(
        Link(each.name, each.scheme, settings.address(each), each.number) for each in settings.links
    )
    entities = {each.name: each.entity for each in settings.links if each.entity}
    # The source has the sockets, and the sink answers by them: both get the one object, which
    # binds them to one process.
    listener, lines = Listener(NAME, _signing(settings)), Lines()
    station = Station(
        settings.mavlink_system_id,
        settings.mavlink_component_id,
        settings.mavlink_gcs_heartbeat == "on",
    )
    voice = Voice(station.system_id, station.component_id, listener.signing, listener.clock)
    delivered = JetStreamSource(
        as_part(settings, NAME),
        COMMANDS,
        NAME,
        only=subjects.command(settings.organization, "*", subjects.DELIVER),
        quiet=PROMPT,
    )
    return _bound(
        settings,
        Together(MavlinkSource(links, listener, lines), delivered),
        Names(settings.organization, entities),
        radio=Radio(
            MavlinkSink(lines, voice, settings.sendings, NAME),
            Relay(station, sent_once(settings.sendings), system_clock()),
        ),
    )


def replay(
    path: str, speed: float = 1.0, entity: str = "", run: str = "", title: str = ""
) -> Dataflow:
    """Bind the graph to a recording.

    Args:
        path: a telemetry log (``.tlog``) or a raw MAVLink stream.
        speed: how many times faster than it was recorded; 0 for as fast as it goes.
        entity: what the vehicle in it is called; else each has an identity of its own.
        run: tells this playing of the log from every other.
        title: what its progress is called, if not by the file's name.
    """
    settings = Settings.read(environment())
    source = MavlinkLogSource(Path(path), REPLAY, speed, run, played(title or Path(path).name))
    links = {source.link: entity} if entity else {}
    names = Names(settings.organization, links, source.recording)
    return _bound(settings, source, names, REPLAY)


def _signing(settings: Settings) -> Signing | None:
    if settings.mavlink_signing == "off":
        return None
    key = read_key(Path(settings.mavlink_signing_key_file))
    return Signing(key, required=settings.mavlink_signing == "require")


def _bound(
    settings: Settings,
    heard: Source[Any],
    names: Names,
    name: str = NAME,
    radio: Radio | None = None,
) -> Dataflow:
    prepare(settings.database, REJECTIONS)
    bound = Dataflow(name)
    graph(
        bound,
        heard=heard,
        said=JetStreamSink(as_part(settings, NAME), name),
        ledger=SqliteSink(settings.database, REJECTIONS),
        counts=CountSink(),
        names=names,
        name=name,
        radio=radio,
    )
    return bound


def _identify(names: Names, air: Air, packets: list[Packet], _now_us: int) -> list[Identified]:
    return identify(air, packets, names)


def _publications(batch: list[tuple[str, Identified]]) -> Iterable[tuple[str, Publication]]:
    return [
        (NAME, Publication(_subject(each), _json(each), each.origin))
        for _, each in batch
        if isinstance(each, Envelope)
    ]


def _subject(envelope: Envelope) -> str:
    return subjects.telemetry(envelope.org_id, envelope.entity_id)


def _counts(name: str, batch: list[tuple[str, Identified]]) -> Iterable[Count]:
    return [
        Count(COUNTERS[each.what], (name, each.link), each.count)
        for _, each in batch
        if isinstance(each, Counted)
    ]
