"""The rules of an entity's state: changes come in, the state and what follows from them go out.

A state is changed in place: it belongs to one key of one worker. Whatever is
older than what already went in changes nothing, so a log read again gives the
same state. How alive an entity is, is judged once, after all changes, by the time
it is now: what comes late, as after a standstill, never makes it live for a moment.
"""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from flows.ontology.entities import (
    ENTITY_TYPES,
    RANK,
    Branch,
    Change,
    Documented,
    EntityState,
    LivenessEvent,
    Recalled,
    Registration,
    Reported,
    Silenced,
    StatusText,
)
from flows.ontology.signals import place
from flows.ontology.subjects import BUCKET_STREAM
from flows.ontology.telemetry import Report
from flows.ontology.vehicles import VEHICLES
from flows.ontology.wire import KEPT_BYTES, Rejected
from flows.steps.document import document, merged, recall
from flows.steps.remember import remember
from flows.steps.silence import Patience
from flows.steps.status_text import NAME as STATUS_TEXT
from flows.steps.status_text import silent, texts
from flows.steps.tell import STEP, TELEMETRY, event, foreigner, registration

# All that other programs put into one document together; the bucket takes four times as much.
MOST_FOREIGN_BYTES = 256 * 1024
_encode = msgspec.json.Encoder().encode


class Stored(msgspec.Struct, frozen=True):
    """A state to be put into the bucket, and how new it is."""

    entity_id: str
    document: bytes
    sequences: dict[str, int]
    rank: int


Outcome = Stored | Registration | LivenessEvent | StatusText | Rejected


def reduce(
    state: EntityState, changes: list[Change], now_us: int, patience: Patience
) -> list[Outcome]:
    """Take a batch of changes into a state: at most one document comes of it."""
    before = (state.name, state.entity_type, state.liveness, state.first_us)
    version = (dict(state.sequences), state.liveness)
    outcomes: list[Outcome] = []
    for change in changes:
        outcomes.extend(_RULES[type(change)](state, change))
    outcomes.extend(_judge(state, now_us, patience))
    if (state.name, state.entity_type, state.liveness, state.first_us) != before:
        outcomes.append(registration(state))
    if (state.sequences, state.liveness) != version:
        outcomes.append(
            Stored(state.entity_id, document(state), dict(state.sequences), RANK[state.liveness])
        )
    return outcomes


def _reported(state: EntityState, change: Reported) -> list[Outcome]:
    heard: list[Report] = []
    told: list[Outcome] = []
    for report in change.reports:
        if report.sequence <= state.sequences.get(TELEMETRY, 0):
            continue
        if state.org_id and report.org_id != state.org_id:
            told.append(foreigner(state, report.org_id, TELEMETRY, report))
            continue
        state.sequences[TELEMETRY] = report.sequence
        state.heard_us = max(state.heard_us, report.stored_us)
        _introduce(state, report)
        heard.append(report)
        if state.texts or report.message_type == STATUS_TEXT:
            over, values = texts(state, report)
            told.extend(over)
            if values:
                heard.append(replace(report, message_type=STATUS_TEXT, values=values))
    newest = {report.message_type: report for report in heard}
    for report in heard:
        # Under load most are overtaken within their batch: the newest says all that they say.
        latest = newest[report.message_type]
        if report is latest or not report.values.keys() <= latest.values.keys():
            _set(state, report)
    return told


def _set(state: EntityState, report: Report) -> None:
    """Lay the signals of a report over those that are known."""
    branch, here = None, ""
    for path, value in report.values.items():
        there, leaf = place(path)
        if branch is None or there != here:  # Signals of a branch mostly come together.
            branch, here = state.branches.get(there), there
        if branch is None or branch.sequence != report.sequence:
            values = {} if branch is None else branch.values
            branch = state.branches[there] = Branch(
                values,
                report.stored_us,
                report.at_us if report.recorded else report.device_us,
                report.sequence,
                report.message_type,
                report.source,
            )
        branch.values[leaf] = value


def _judge(state: EntityState, now_us: int, patience: Patience) -> list[Outcome]:
    """How alive the entity is by now; an event where that is another than before."""
    if not state.first_us:
        return []
    state.heard_us = patience.believed(state.heard_us, now_us)
    previous, state.liveness = state.liveness, patience.judge(now_us - state.heard_us)
    if state.liveness != "live":
        waited_us = patience.of(state.liveness)
        state.since_us = state.heard_us + waited_us
        state.reason = f"silent for {waited_us / 1e6:g} s"
    elif previous != "live":
        state.since_us = state.heard_us
        state.reason = f"heard by {state.source}" if state.source else "heard"
    return [] if state.liveness == previous else [event(state, previous)]


def _introduce(state: EntityState, report: Report) -> None:
    """Who it is, as far as this message tells."""
    if not state.first_us:
        state.first_us = report.stored_us
        state.org_id = report.org_id
        state.name = report.entity_name or _name("Vehicle", report.system_id, state.entity_id)
    if report.role == "autopilot":  # A radio speaks under a system id of its own.
        state.system_id = report.system_id or state.system_id
    state.source = report.source or state.source
    state.recorded = report.recorded
    mav_type = report.values.get("vehicle_status.vehicle_type")
    if isinstance(mav_type, int) and mav_type in VEHICLES:
        vehicle = VEHICLES[mav_type]
        state.entity_type = vehicle.entity_type
        state.name = report.entity_name or _name(vehicle.word, report.system_id, state.entity_id)
    elif report.entity_type in ENTITY_TYPES:
        state.entity_type = report.entity_type
        state.name = report.entity_name or state.name


def _name(word: str, system_id: int, entity_id: str) -> str:
    return f"{word} {system_id}" if system_id else entity_id


def _silenced(state: EntityState, _: Silenced) -> list[Outcome]:
    """Time has passed: texts have ended, and the judgement follows every batch."""
    return list(silent(state))


def _documented(state: EntityState, change: Documented) -> list[Outcome]:
    if change.sequence <= state.sequences.get(BUCKET_STREAM, 0):
        return []
    if state.org_id and change.org_id != state.org_id:
        return [foreigner(state, change.org_id, BUCKET_STREAM, change)]
    state.sequences[BUCKET_STREAM] = change.sequence
    together = merged(state.foreign, change.document)
    if len(_encode(together)) > MOST_FOREIGN_BYTES:
        reason = f"{state.entity_id} would have more than {MOST_FOREIGN_BYTES} bytes of others"
        return [Rejected(STEP, reason, "", BUCKET_STREAM, change.sequence, change.stored_us)]
    state.foreign = together
    if state.branches:
        # Its own telemetry tells whether it lives; a document may be anybody's edit.
        return []
    state.heard_us = max(state.heard_us, change.stored_us)
    state.source = "a document put by another program"
    if not state.first_us:
        state.first_us, state.org_id = change.stored_us, change.org_id
    state.name = change.name or state.name or state.entity_id
    if change.entity_type in ENTITY_TYPES:
        state.entity_type = change.entity_type
    return []


def _recalled(state: EntityState, change: Recalled) -> list[Outcome]:
    """Take over what our own document knows beyond this; the registry may lack the entity."""
    known = recall(state.entity_id, change.document)
    if known is None:
        reason = "our own document of this entity cannot be read any more"
        kept = change.document[:KEPT_BYTES]
        return [Rejected(STEP, reason, "", BUCKET_STREAM, change.sequence, 0, kept)]
    return [registration(state)] if remember(state, known) else []


_RULES: dict[type, Callable[..., list[Outcome]]] = {
    Reported: _reported,
    Silenced: _silenced,
    Documented: _documented,
    Recalled: _recalled,
}
