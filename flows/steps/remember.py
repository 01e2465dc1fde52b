"""Two memories of one entity in one: what the bucket had, and what has been heard meanwhile.

A flow that begins without memory reads the telemetry that the stream still has and its own
documents in no fixed order. Leaf by leaf the one with the later sequence is right.
"""

import msgspec

from flows.ontology.entities import Branch, EntityState
from flows.ontology.subjects import BUCKET_STREAM
from flows.steps.document import merged


def remember(state: EntityState, known: EntityState) -> bool:
    """Lay what ``known`` has under or over the state; whether that changed anything."""
    before = msgspec.msgpack.encode(state)
    bare = not state.first_us
    if bare or "vehicle_type" not in _values(state, "vehicle_status"):
        state.name, state.entity_type = known.name, known.entity_type
    if bare:
        state.org_id, state.system_id = known.org_id, known.system_id
        state.liveness, state.since_us, state.reason = known.liveness, known.since_us, known.reason
    if known.heard_us > state.heard_us:
        state.source, state.recorded = known.source, known.recorded
    state.first_us = min(state.first_us or known.first_us, known.first_us)
    state.heard_us = max(state.heard_us, known.heard_us)
    for path, branch in known.branches.items():
        state.branches[path] = _together(state.branches.get(path), branch)
    if known.sequences.get(BUCKET_STREAM, 0) > state.sequences.get(BUCKET_STREAM, 0):
        state.foreign = merged(state.foreign, known.foreign)
    else:
        state.foreign = merged(known.foreign, state.foreign)
    for stream, last in known.sequences.items():
        state.sequences[stream] = max(last, state.sequences.get(stream, 0))
    return msgspec.msgpack.encode(state) != before


def _together(mine: Branch | None, known: Branch) -> Branch:
    if mine is None:
        return known
    older, newer = sorted((mine, known), key=lambda each: each.sequence)
    newer.values = older.values | newer.values
    return newer


def _values(state: EntityState, path: str) -> dict[str, object]:
    branch = state.branches.get(path)
    return {} if branch is None else dict(branch.values)
