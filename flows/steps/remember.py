"""Two memories of one entity in one: what the bucket had, and what has been heard meanwhile.

A flow that begins without memory reads the telemetry that the stream still has and its own
documents in no fixed order. Leaf by leaf the one that was heard later is right.
"""

from collections.abc import Mapping

import msgspec

from flows.ontology.commands import STREAM as COMMANDS
from flows.ontology.entities import Branch, EntityState, Part
from flows.ontology.held import holds
from flows.ontology.link import Link
from flows.ontology.rate import Rate
from flows.ontology.registry import STREAM as ENTITIES
from flows.ontology.signals import Value
from flows.ontology.subjects import BUCKET_STREAM
from flows.steps.bury import bury
from flows.steps.document import merged


def remember(state: EntityState, known: EntityState) -> bool:
    """Lay what ``known`` has under or over the state; whether that changed anything."""
    before = msgspec.msgpack.encode(state)
    _registered(state, known)
    bare = not state.first_us
    if bare or "vehicle_type" not in _values(state, "vehicle_status"):
        state.name, state.entity_type = known.name, known.entity_type
    if bare:
        state.org_id, state.system_id = state.org_id or known.org_id, known.system_id
        state.liveness, state.since_us, state.reason = known.liveness, known.since_us, known.reason
        state.live_us = known.live_us
    if known.heard_us > state.heard_us:
        state.source, state.recorded = known.source, known.recorded
    state.first_us = min(filter(None, (state.first_us, known.first_us)), default=0)
    state.heard_us = max(state.heard_us, known.heard_us)
    state.rate = _rate(state.rate, known.rate)
    for path, branch in known.branches.items():
        state.branches[path] = _together(path, state.branches.get(path), branch)
    if known.sequences.get(BUCKET_STREAM, 0) > state.sequences.get(BUCKET_STREAM, 0):
        state.foreign = merged(state.foreign, known.foreign)
    else:
        state.foreign = merged(known.foreign, state.foreign)
    for source, components in known.links.items():
        mine = state.links.setdefault(source, {})
        for component, link in components.items():
            mine[component] = _link(mine.get(component), link)
    if state.skew_us is None:
        state.skew_us = known.skew_us
    for stream, last in known.sequences.items():
        state.sequences[stream] = max(last, state.sequences.get(stream, 0))
    return msgspec.msgpack.encode(state) != before


def _registered(state: EntityState, known: EntityState) -> None:
    """Of what is registered, and of what was deleted, the one that knows the later event is right.

    So it is of commands. What the other has heard before a deletion is gone.
    """
    buried_us = max(state.buried_us, known.buried_us)
    for each in (state, known):
        if each.buried_us < buried_us:
            bury(each, buried_us)
    if known.sequences.get(ENTITIES, 0) > state.sequences.get(ENTITIES, 0):
        state.entry = known.entry
        state.org_id = known.org_id or state.org_id
    if known.sequences.get(COMMANDS, 0) > state.sequences.get(COMMANDS, 0):
        state.commands = known.commands


def _together(path: str, mine: Branch | None, known: Branch) -> Branch:
    """Each leaf in the part that was heard last of those that have it."""
    if mine is None:
        return known
    every = sorted([*mine.all, *known.all], key=lambda part: (part.seen_us, part.sequence))
    owners = {leaf: part for part in every for leaf in part.values}
    values = {leaf: part.values[leaf] for leaf, part in owners.items()}
    branch = Branch()
    for message in [*mine.parts, *(each for each in known.parts if each not in mine.parts)]:
        branch.parts[message] = _newest(mine.parts.get(message), known.parts.get(message))
    for part in branch.parts.values():
        part.values = {leaf: values[leaf] for leaf in part.values if owners[leaf] is part}
        part.held = all(holds(path, leaf) for leaf in part.values)
    current = [id(part) for part in branch.parts.values()]
    branch.behind = {
        leaf: _alone(path, part, leaf, values)
        for leaf, part in owners.items()
        if id(part) not in current
    }
    return branch


def _newest(mine: Part | None, known: Part | None) -> Part:
    """The part that was heard later, with what the other had learned of their message's rate."""
    if mine is None or known is None:
        found = mine or known
        assert found is not None  # noqa: S101  (one of them has the message)
        return found
    older, newer = sorted((mine, known), key=lambda part: (part.seen_us, part.sequence))
    newer.rate = _rate(newer.rate, older.rate)
    return newer


def _alone(path: str, part: Part, leaf: str, values: Mapping[str, Value]) -> Part:
    return msgspec.structs.replace(
        part,
        values={leaf: values[leaf]},
        rate=Rate(part.rate.mark_us, part.rate.gap_us, part.rate.period_us),
        held=holds(path, leaf),
    )


def _rate(mine: Rate, known: Rate) -> Rate:
    """What has been learned since, or else what was known."""
    if mine.period_us or not known.period_us:
        return mine
    return Rate(mine.mark_us or known.mark_us, mine.gap_us, known.period_us)


def _link(mine: Link | None, known: Link) -> Link:
    """The figures of whichever has counted more."""
    if mine is None:
        return known
    if mine.received >= known.received:
        return mine
    return msgspec.structs.replace(known, following=mine.following, run=mine.run, seen=mine.seen)


def _values(state: EntityState, path: str) -> dict[str, object]:
    branch = state.branches.get(path)
    return {} if branch is None else dict(branch.values)
