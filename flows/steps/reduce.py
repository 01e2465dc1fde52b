"""The rules of an entity's state: changes come in, the state and what follows from them go out.

A state is changed in place: it belongs to one key of one worker. Whatever is
older than what already went in changes nothing, so a log read again gives the
same state. How alive an entity is, is judged once, after all changes, by the time
it is now: what comes late, as after a standstill, never makes it live for a moment.
"""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from flows.ontology.commanded import Commanded
from flows.ontology.entities import (
    Change,
    Documented,
    EntityState,
    Erased,
    LivenessEvent,
    Recalled,
    Registration,
    Reported,
    Silenced,
    StatusText,
)
from flows.ontology.entry import Buried, Forgotten, Overdue, Projected, Registered, Unearthed
from flows.ontology.rate import GRAIN_US, Patience
from flows.ontology.subjects import BUCKET_STREAM
from flows.ontology.telemetry import Report
from flows.ontology.wire import KEPT_BYTES, Rejected
from flows.steps import documents
from flows.steps.commands.show import show
from flows.steps.document import document, recall
from flows.steps.enter import enter, look_at_time, unearth
from flows.steps.figures import compare_clocks, counted
from flows.steps.hear import MOST_SIGNALS, Shape, shape, take, touch
from flows.steps.introduce import introduce
from flows.steps.judge import judge, look_again, rank
from flows.steps.made import forget_all
from flows.steps.remember import remember
from flows.steps.status_text import NAME as STATUS_TEXT
from flows.steps.status_text import silent, texts
from flows.steps.tell import STEP, TELEMETRY, foreigner, registration


class Stored(msgspec.Struct, frozen=True):
    """A state to be put into the bucket, and how new it is."""

    entity_id: str
    document: bytes
    sequences: dict[str, int]
    rank: int


Outcome = (
    Stored
    | Registration
    | LivenessEvent
    | StatusText
    | Rejected
    | Buried
    | Forgotten
    | Overdue
    | Projected
)


def reduce(
    state: EntityState, changes: list[Change], now_us: int, patience: Patience
) -> list[Outcome]:
    """Take a batch of changes into a state: at most one document comes of it."""
    before = _row_of(state)
    version = (dict(state.sequences), rank(state))
    outcomes: list[Outcome] = []
    for change in changes:
        outcomes.extend(_RULES[type(change)](state, change, patience))
    outcomes.extend(judge(state, now_us, patience))
    if state.entry or state.buried_us:
        outcomes.extend(look_at_time(state, changes, now_us))
    if state.known and _row_of(state) != before:
        outcomes.append(registration(state))
    if state.known and (state.sequences, rank(state)) != version:
        state.put_us = state.heard_us
        outcomes.append(
            Stored(state.entity_id, document(state, patience), dict(state.sequences), rank(state))
        )
        if state.liveness != "live" and state.sequences == version[0]:
            forget_all(state)  # Who has fallen silent may be so for long.
    outcomes.extend(Projected(each.sequence) for each in changes if type(each) is Registered)
    return outcomes


def _row_of(state: EntityState) -> tuple[object, ...]:
    """What makes the row of an entity another."""
    revision = state.entry.revision if state.entry else 0
    return state.name, state.entity_type, state.liveness, state.first_us, revision


def _reported(state: EntityState, change: Reported, patience: Patience) -> list[Outcome]:
    heard: list[tuple[Report, Shape]] = []
    newest: dict[str, tuple[Report, Shape]] = {}
    told: list[Outcome] = []
    last = state.sequences.get(TELEMETRY, 0)
    for report in change.reports:
        if report.sequence <= last or report.stored_us <= state.buried_us:
            continue
        if state.org_id and report.org_id != state.org_id:
            told.append(foreigner(state, report.org_id, TELEMETRY, report))
            continue
        last = state.sequences[TELEMETRY] = report.sequence
        _hear(state, report, patience)
        introduce(state, report)
        if report.values:
            entry = report, shape(tuple(report.values))
            newest[report.message_type] = entry
            heard.append(entry)
        if state.texts or report.message_type == STATUS_TEXT:
            over, values = texts(state, report)
            told.extend(over)
            if values:
                text = replace(report, message_type=STATUS_TEXT, values=values)
                newest[STATUS_TEXT] = entry = text, shape(tuple(values))
                heard.append(entry)
    before: dict[str, Shape] = {}
    for entry in heard:
        report, signals = entry
        message = report.message_type
        latest = newest[message]
        # Under load most are overtaken within their batch by one that says all that they say.
        if latest is not entry and latest[1] is signals:
            touch(state, report, signals, patience, again=before.get(message) is signals)
        elif not take(state, report, signals, patience):
            reason = f"{state.entity_id} has {MOST_SIGNALS} signals already"
            told.append(Rejected(STEP, reason, "", TELEMETRY, report.sequence, report.stored_us))
        before[message] = signals
    return told


def _hear(state: EntityState, report: Report, patience: Patience) -> None:
    """When the entity was heard, how often, and how well."""
    at_us, heard_us, rate = report.stored_us, state.heard_us, state.rate
    if not 0 <= at_us - rate.mark_us < GRAIN_US:
        if at_us - heard_us >= patience.of("stale", rate.period_us):
            state.live_us = at_us
        rate.hear(at_us)
    if at_us > heard_us:
        state.heard_us = at_us
    if report.system_id:
        counted(state, report).count(report.link_sequence)
    if report.device_us is not None and not report.recorded and not report.clamped:
        compare_clocks(state, report.device_us, at_us)


def _silenced(state: EntityState, _: Silenced, _patience: Patience) -> list[Outcome]:
    """Time has passed: texts have ended, and the judgement follows every batch."""
    return list(silent(state))


def _documented(state: EntityState, change: Documented, patience: Patience) -> list[Outcome]:
    refused = documents.take_in(state, change, patience)
    return [] if refused is None else [refused]


def _erased(state: EntityState, change: Erased, _: Patience) -> list[Outcome]:
    """Who lives, may come back or is registered is put again at once; else when it is heard."""
    if state.entry or (state.first_us and state.liveness != "lost"):
        before = state.sequences.get(BUCKET_STREAM, 0)
        state.sequences[BUCKET_STREAM] = max(before, change.sequence)
    return []


def _recalled(state: EntityState, change: Recalled, _: Patience) -> list[Outcome]:
    """Take over what our own document knows beyond this; the registry may lack the entity."""
    known = recall(state.entity_id, change.document)
    if known is None:
        reason = "our own document of this entity cannot be read any more"
        kept = change.document[:KEPT_BYTES]
        return [Rejected(STEP, reason, "", BUCKET_STREAM, change.sequence, 0, kept)]
    if not remember(state, known) or not state.known:
        return []
    look_again(state)
    forget_all(state)
    return [registration(state)]


def _registered(state: EntityState, change: Registered, _: Patience) -> list[Outcome]:
    return [*enter(state, change)]


def _unearthed(state: EntityState, change: Unearthed, _: Patience) -> list[Outcome]:
    return [*unearth(state, change)]


def _commanded(state: EntityState, change: Commanded, _: Patience) -> list[Outcome]:
    show(state, change)
    return []


_RULES: dict[type, Callable[..., list[Outcome]]] = {
    Reported: _reported,
    Silenced: _silenced,
    Documented: _documented,
    Erased: _erased,
    Recalled: _recalled,
    Registered: _registered,
    Unearthed: _unearthed,
    Commanded: _commanded,
}
