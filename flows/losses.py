"""What a stream had discarded before a flow read it: an event, for that must never be silent."""

import msgspec

from connectors.jetstream import Message
from connectors.publish import Publication
from flows.ontology import subjects
from flows.ontology.telemetry import moment


def publications(
    name: str, organization: str, batch: list[Message]
) -> list[tuple[str, Publication]]:
    """An event on ``constellation.events.loss.{org}.{flow}`` for each gap before a message."""
    return [(name, _publication(name, organization, each)) for each in batch if each.lost_before]


def _publication(name: str, organization: str, message: Message) -> Publication:
    first, last = message.sequence - message.lost_before, message.sequence - 1
    identity = f"loss:{name}:{message.stream}:{first}-{last}"
    event = {
        "event_type": "loss",
        "event_id": identity,
        "flow": name,
        "stream": message.stream,
        "first_sequence": first,
        "last_sequence": last,
        "messages": message.lost_before,
        "timestamp": moment(message.stored_us),
    }
    subject = subjects.event("loss", organization, name)
    return Publication(subject, msgspec.json.encode(event), identity)
