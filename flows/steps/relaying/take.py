"""Deliveries out of the stream of commands."""

import msgspec

from flows.ontology import subjects
from flows.ontology.commands import Delivery
from flows.ontology.wire import Message, Rejected, refuse

STEP = "deliver"
# A subject has the prefix, organisation, entity and part.
_TOKENS = len(subjects.COMMANDS.split(".")) + 3
_decode = msgspec.json.Decoder(Delivery).decode


def take(message: Message) -> Delivery | Rejected | None:
    """A delivery; None of what is said else of commands."""
    tokens = message.subject.split(".")
    if len(tokens) != _TOKENS or tokens[-1] != subjects.DELIVER:
        return None
    try:
        delivery = _decode(message.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return refuse(STEP, f"no delivery of a command: {error}", message)
    if [delivery.org_id, delivery.entity_id] != tokens[-3:-1]:
        return refuse(STEP, "it is delivered to another than it is for", message)
    return delivery
