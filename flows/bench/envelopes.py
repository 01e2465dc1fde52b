"""What the relay publishes of what a simulated fleet says: its own steps make it."""

import itertools
import time
from collections.abc import Iterator

import msgspec

from connectors.mavlink import Decoder, Framer, Packet
from connectors.publish import Publication
from flows.bench.fleet import said
from flows.ontology import subjects
from flows.ontology.air import Air
from flows.ontology.telemetry import Envelope
from flows.steps.identify import Names, identify

LINK = "udp:14550"

_json = msgspec.json.Encoder().encode


def envelopes(messages: int, vehicles: int, organization: str) -> Iterator[Publication]:
    """So many, spread as they would be in flight, the last of them heard just now."""
    heard = list(itertools.islice(said(vehicles), messages))
    began_us = time.time_ns() // 1000 - round(heard[-1].seconds * 1e6)
    names, decoder = Names(organization), Decoder()
    framers = [Framer(decoder, LINK) for _ in range(vehicles)]
    airs = [Air() for _ in range(vehicles)]
    for number, each in enumerate(heard):
        at_us = began_us + round(each.seconds * 1e6)
        origin = f"{LINK}:{began_us}:{number}"
        packets = [
            packet
            for packet in framers[each.vehicle].feed(each.datagram, at_us, origin)
            if isinstance(packet, Packet)
        ]
        for envelope in identify(airs[each.vehicle], packets, names):
            if isinstance(envelope, Envelope):
                yield publication(envelope)


def publication(envelope: Envelope) -> Publication:
    subject = subjects.telemetry(envelope.org_id, envelope.entity_id)
    return Publication(subject, _json(envelope), envelope.origin)
