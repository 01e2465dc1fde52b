"""Entity events into a state: what is registered, by whom it may be changed, and its end.

An event that is refused leaves no trace but its refusal. One that is read again changes
nothing, and neither does the end of a time that was prolonged before the end was told.
"""

from collections.abc import Sequence

from flows.ontology.entities import EntityState, Silenced
from flows.ontology.entry import (
    REGISTERED,
    REMEMBERED_US,
    Buried,
    Entry,
    Forgotten,
    Overdue,
    Registered,
    Unearthed,
    expiry,
)
from flows.ontology.registry import STREAM, Refusals
from flows.ontology.wire import Rejected
from flows.steps.bury import bury
from flows.steps.made import forget_all


def enter(state: EntityState, change: Registered) -> list[Rejected | Buried]:
    """Take an event into a state; the refusal, or the burial, that comes of it."""
    if change.sequence <= state.sequences.get(STREAM, 0):
        return []
    if change.expired_us and not _is_over(state.entry, change.expired_us):
        return []
    refused = _refusal(state, change)
    if refused is not None:
        return [refused]
    state.sequences[STREAM] = change.sequence
    if change.event == "deleted":
        return [*bury(state, change.stored_us)]
    _merge(state, change)
    return []


def unearth(state: EntityState, change: Unearthed) -> list[Buried]:
    """The bucket knows of a deletion of which the stream may have nothing more to say."""
    deleted = change.sequences.get(STREAM, 0)
    if deleted <= state.sequences.get(STREAM, 0):
        return []
    for stream, last in change.sequences.items():
        state.sequences[stream] = max(last, state.sequences.get(stream, 0))
    return bury(state, change.stored_us)


def look_at_time(
    state: EntityState, changes: Sequence[object], now_us: int
) -> list[Overdue | Forgotten]:
    """Whether the time of what is registered is over, or of what is remembered of a deletion."""
    if not any(type(each) is Silenced for each in changes):
        return []
    entry = state.entry
    if entry is not None:
        if not _is_over(entry, now_us):
            return []
        return [Overdue(state.entity_id, state.org_id, entry.revision, entry.expires_us)]
    if not state.buried_us or state.known or now_us < state.buried_us + REMEMBERED_US:
        return []
    state.buried_us = 0
    state.sequences.clear()
    return [Forgotten(state.entity_id)]


def is_nothing(state: EntityState) -> bool:
    """Whether a state may be forgotten: nobody knows its entity, nor that it was deleted."""
    return not (state.first_us or state.entry or state.buried_us)


def _is_over(entry: Entry | None, at_us: int) -> bool:
    return entry is not None and 0 < entry.expires_us <= at_us


def _refusal(state: EntityState, change: Registered) -> Rejected | None:
    entity, revision = state.entity_id, state.entry.revision if state.entry else 0
    if state.known and state.org_id != change.org_id:
        reason = f"{entity} belongs to another organisation than {change.org_id}"
        return _refused(Refusals.FOREIGN, reason, change)
    if change.event == "created":
        if state.entry:
            return _refused(Refusals.EXISTS, f"{entity} is registered already", change)
    elif not (state.entry or 0 < state.first_us <= change.stored_us):
        # A log that is read again knows already what was heard only after the event.
        return _refused(Refusals.UNKNOWN, f"{entity} is not known", change)
    if change.if_match is not None and change.if_match != revision:
        reason = f"{entity} has revision {revision}, not {change.if_match}"
        return _refused(Refusals.REVISION, reason, change)
    return None


def _refused(step: str, reason: str, change: Registered) -> Rejected:
    return Rejected(step, reason, "", STREAM, change.sequence, change.stored_us)


def _merge(state: EntityState, change: Registered) -> None:
    """Field by field, so that of two who write at once neither undoes what the other did."""
    before = state.entry
    fields = {**before.fields, **change.fields} if before else change.fields
    fields = {name: value for name, value in fields.items() if value is not None}
    if not state.known:
        state.org_id, state.since_us = change.org_id, change.stored_us
    state.entry = Entry(
        change.sequence,
        before.created_us if before else change.stored_us,
        change.stored_us,
        fields,
        expiry(fields),
    )
    state.foreign = {name: value for name, value in state.foreign.items() if name not in REGISTERED}
    forget_all(state)
