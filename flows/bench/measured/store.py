"""Fills the stream of telemetry for those who read it."""

import itertools

from connectors.publish import Publisher
from connectors.session import session
from flows.bench.envelopes import envelopes
from flows.bench.sizes import Figures, Sizes
from flows.connection import as_part
from flows.ontology.settings import Settings

PART = "relay"
AT_ONCE = 1000


def measure(settings: Settings, sizes: Sizes) -> Figures:
    said = envelopes(sizes.messages, sizes.vehicles, settings.organization)
    stored = size = 0
    with session(as_part(settings, PART)) as opened:
        publisher = Publisher(opened)
        while batch := list(itertools.islice(said, AT_ONCE)):
            publisher.publish(batch)
            stored += len(batch)
            size += sum(len(each.data) for each in batch)
        publisher.flush()
    return {"stored_msgs": stored, "stored_msg_bytes": size / stored}
