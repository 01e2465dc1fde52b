"""What other programs put into the bucket, as it goes into a state.

Telemetry is right wherever it knows a signal. A branch of signals is as fresh as the last
put that changed anything in it: programs put again what they once read, and a document that
was made from an older one of ours says nothing new of a branch that has been heard since.
"""

import msgspec

from flows.ontology.entities import (
    ENTITY_TYPES,
    PUT,
    PUT_MESSAGE,
    Branch,
    Documented,
    EntityState,
    Json,
)
from flows.ontology.entry import REGISTERED
from flows.ontology.rate import Patience
from flows.ontology.signals import Value
from flows.ontology.subjects import BUCKET_STREAM
from flows.ontology.telemetry import Report
from flows.ontology.wire import Rejected
from flows.steps.document import merged
from flows.steps.entered import place
from flows.steps.hear import Leaves, shape, take
from flows.steps.made import forget_all
from flows.steps.tell import STEP, TELEMETRY, foreigner

# All that other programs put into one document together; the bucket takes four times as much.
MOST_FOREIGN_BYTES = 256 * 1024
_encode = msgspec.json.Encoder().encode


def take_in(state: EntityState, change: Documented, patience: Patience) -> Rejected | None:
    """Take over what a document says; the refusal of one that cannot be."""
    old = change.sequence <= state.sequences.get(BUCKET_STREAM, 0)
    if old or change.stored_us <= state.buried_us:
        return None
    if change.org_id and change.org_id != (state.org_id or change.keeper):
        return foreigner(state, change.org_id, BUCKET_STREAM, change)
    if state.entry:
        change = _without_entry(state, change)
    news = _news(state, change)
    foreign = merged(state.foreign, change.document)
    alone = TELEMETRY not in state.sequences or not state.first_us
    if alone:
        _hear(state, change, patience)
    if not news and foreign == state.foreign and not (alone and _is_sign(state, change, patience)):
        return None
    if len(_encode(foreign)) > MOST_FOREIGN_BYTES:
        # Of what grows, as lists of what was seen, the newest alone may fit.
        foreign = state.foreign | change.document
        if len(_encode(foreign)) > MOST_FOREIGN_BYTES:
            reason = f"{state.entity_id} would have more than {MOST_FOREIGN_BYTES} bytes of others"
            return Rejected(STEP, reason, "", BUCKET_STREAM, change.sequence, change.stored_us)
    state.foreign = foreign
    forget_all(state)
    state.sequences[BUCKET_STREAM] = change.sequence
    if news:
        take(state, _report(change, news), shape(tuple(news)), patience)
    # Its own telemetry tells whether it lives; a document may be anybody's edit.
    if alone:
        _introduce(state, change)
    return None


def _without_entry(state: EntityState, change: Documented) -> Documented:
    """What is registered is not to be had by a document: most that say it have read it in ours."""
    placed = {f"position.global.{name}": value for name, value in place(state).items()}
    return msgspec.structs.replace(
        change,
        document={name: value for name, value in change.document.items() if name not in REGISTERED},
        values={path: value for path, value in change.values.items() if placed.get(path) != value},
    )


def _report(change: Documented, news: dict[str, Value]) -> Report:
    """Signals that were put, as if a message had said them."""
    at_us = change.stored_us
    return Report(
        change.entity_id, change.org_id or change.keeper, PUT_MESSAGE, change.sequence,
        at_us, at_us, news, {}, source=PUT,
    )  # fmt: skip


def _hear(state: EntityState, change: Documented, patience: Patience) -> None:
    """An entity that is known by documents alone lives by them."""
    at_us = change.stored_us
    if at_us - state.heard_us >= patience.of("stale", state.rate.period_us):
        state.live_us = at_us
    state.rate.hear(at_us)
    state.heard_us = max(state.heard_us, at_us)


def _introduce(state: EntityState, change: Documented) -> None:
    state.source = "a document put by another program"
    if not state.first_us:
        state.first_us, state.org_id = change.stored_us, state.org_id or change.keeper
    state.name = change.name or state.name or state.entity_id
    if change.entity_type in ENTITY_TYPES:
        state.entity_type = change.entity_type


def _is_sign(state: EntityState, change: Documented, patience: Patience) -> bool:
    """Whether a document that says nothing new is worth a put, as the only sign of life.

    Not every one of them, for whoever answers our puts with its own would go round with us.
    """
    if not state.first_us or change.name not in ("", state.name):
        return True
    return change.stored_us - state.put_us >= patience.stale_us // 2


def _news(state: EntityState, change: Documented) -> dict[str, Value]:
    """The signals of branches in which something is new, but for those of telemetry."""
    news: dict[str, Value] = {}
    for path, leaves in shape(tuple(change.values)):
        branch = state.branches.get(path, _NOTHING)
        if _is_copy(branch, change.copied.get(path)):
            continue
        wanted = _not_of_telemetry(branch, leaves)
        put = branch.parts.get(PUT_MESSAGE)
        known = {} if put is None else put.values
        if any(known.get(leaf) != change.values[name] for leaf, name in wanted) or (
            wanted and _rest(change.document, path) != _rest(state.foreign, path)
        ):
            news |= {name: change.values[name] for _, name in wanted}
    return news


_NOTHING = Branch()


def _is_copy(branch: Branch, sequence: int | None) -> bool:
    """Whether it was made from a document of ours that was older than what is known by now."""
    return sequence is not None and any(part.sequence > sequence for part in branch.all)


def _not_of_telemetry(branch: Branch, leaves: Leaves) -> Leaves:
    taken = {leaf for part in branch.all if part.message != PUT_MESSAGE for leaf in part.values}
    return tuple(each for each in leaves if each[0] not in taken)


def _rest(tree: Json, path: str) -> Json:
    """What is beside the signals of a branch, as the time at which it was made."""
    for name in path.split("."):
        below = tree.get(name)
        if not isinstance(below, dict):
            return {}
        tree = below
    return {name: value for name, value in tree.items() if not isinstance(value, dict)}
