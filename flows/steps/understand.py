"""Stored telemetry messages to reports: decoded, translated, and refused where they must be."""

from collections.abc import Iterable

from flows.ontology.entities import Reported
from flows.ontology.telemetry import Report
from flows.ontology.wire import Message, Rejected, refuse
from flows.steps.decode import envelope
from flows.steps.echo import REASON, is_answer
from flows.steps.liberal import STEP
from flows.steps.overhear import apart
from flows.steps.translate import report


def understand(
    messages: Iterable[Message], organization: str, ahead_us: int
) -> list[Report | Rejected]:
    """What a batch of messages says.

    Args:
        messages: as they were stored.
        organization: whose they are, where they do not say.
        ahead_us: how far ahead of the stream's a device's clock may be.

    Returns:
        A report for each message that is one, and a refusal for what cannot be believed
        of it, or of all of it.
    """
    said: list[Report | Rejected] = []
    for message in messages:
        if is_answer(message):
            said.append(refuse(STEP, REASON, message))
            continue
        read = envelope(message, organization)
        if isinstance(read, Rejected):
            said.append(read)
            continue
        understood, refused = report(read, message, ahead_us)
        said.append(understood)
        if refused:
            said.append(refused)
    return said


def gather(said: Iterable[Report | Rejected]) -> list[Reported | Rejected]:
    """What each entity of a batch has said, together: a state takes it in at once."""
    by_entity: dict[str, Reported] = {}
    refused: list[Rejected] = []
    for each in said:
        if isinstance(each, Rejected):
            refused.append(each)
        elif each.heard_by:
            for part in apart(each):
                _add(by_entity, part)
        else:
            _add(by_entity, each)
    return [*by_entity.values(), *refused]


def _add(by_entity: dict[str, Reported], report: Report) -> None:
    known = by_entity.get(report.entity_id)
    if known:
        known.reports.append(report)
    else:
        by_entity[report.entity_id] = Reported([report])
