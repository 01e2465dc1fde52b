"""The document of an entity: the canonical JSON under its key, to and from its state."""

from datetime import datetime
from functools import lru_cache

import msgspec

from flows.ontology.entities import EntityState, Json
from flows.ontology.rate import Patience, Rate
from flows.ontology.telemetry import microseconds, moment
from flows.steps import figures, provenance

# What only this flow may say; whatever others put there is not taken over.
RESERVED = frozenset(
    (
        "entity_id", "org_id", "name", "entity_type", "status", "priority", "is_live",
        "liveness", "source", "recorded", "system_id", "first_seen", "last_seen", "link",
        "provenance", "sequences",
    )
)  # fmt: skip
MOST_KNOWN = 16_384

_encode = msgspec.json.Encoder().encode
_split = lru_cache(MOST_KNOWN)(lambda path: tuple(path.split(".")))


def document(state: EntityState, patience: Patience) -> bytes:
    """The state as others read it: identity, liveness, the signal tree, provenance."""
    tree: Json = _copied(state.foreign)
    records: Json = {}
    for path, branch in state.branches.items():
        record = provenance.record(path, branch, state, patience)
        if record is None:
            continue
        records[path] = record
        place = tree
        for name in _split(path):
            below = place.get(name)
            if type(below) is not dict:
                below = place[name] = {}
            place = below
        for part in branch.parts.values():
            place.update(part.values)
        for part in branch.behind.values():
            place.update(part.values)
    link = figures.link(state)
    if link:
        tree["link"] = link
    liveness: Json = {
        "state": state.liveness,
        "since": moment(state.since_us),
        "reason": state.reason,
    }
    if state.rate.period_us:
        liveness["period"] = state.rate.period_us / 1e6
    return _encode(
        {
            "entity_id": state.entity_id,
            "org_id": state.org_id,
            "name": state.name,
            "entity_type": state.entity_type,
            "status": "active",
            "priority": "normal",
            "is_live": state.liveness == "live",
            "liveness": liveness,
            "source": state.source,
            "recorded": state.recorded,
            "system_id": state.system_id,
            "first_seen": moment(state.first_us),
            "last_seen": moment(state.heard_us),
            **tree,
            "provenance": records,
            "sequences": state.sequences,
        }
    )


def recall(entity_id: str, document: bytes) -> EntityState | None:
    """The state that one of our own documents was made from; None if it is not one.

    What it does not say is how far learning had come: the next two words of a rate, and
    the next packet of a link, are as the first ones.
    """
    try:
        read: Json = msgspec.json.decode(document)
        if read["entity_id"] != entity_id:
            return None
        liveness, heard_us = read["liveness"], _time(read["last_seen"])
        since_us, period_us = _time(liveness["since"]), round(liveness.get("period", 0) * 1e6)
        state = EntityState(
            entity_id,
            read["org_id"],
            read["name"],
            read["entity_type"],
            read["system_id"],
            read["source"],
            read["recorded"],
            _time(read["first_seen"]),
            heard_us,
            liveness["state"],
            since_us,
            liveness["reason"],
            sequences=dict(read["sequences"]),
            rate=Rate(heard_us, period_us, period_us),
            live_us=since_us if liveness["state"] == "live" else 0,
        )
        state.links, state.skew_us = figures.recall(read.get("link") or {})
        for path, record in read["provenance"].items():
            state.branches[path] = provenance.recall(read, path, record)
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, ValueError, OverflowError):
        return None
    state.foreign = _pruned(foreign(read))
    return state


def foreign(read: Json) -> Json:
    """What of another program's document may stand in ours."""
    return {name: value for name, value in read.items() if name not in RESERVED}


def merged(known: Json, newer: Json) -> Json:
    """Two trees in one; where both have a leaf, the newer's."""
    result = dict(known)
    for name, value in newer.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            value = merged(before, value)  # noqa: PLW2901
        result[name] = value
    return result


def depth(tree: object) -> int:
    """How many levels a JSON value has, counted without recursion."""
    levels, layer = 0, [tree]
    while layer:
        levels += 1
        layer = [
            below
            for each in layer
            if isinstance(each, dict | list)
            for below in (each.values() if isinstance(each, dict) else each)
        ]
    return levels


def _pruned(tree: Json) -> Json:
    """Without the empty branches that taking our own leaves has left."""
    kept = {
        name: _pruned(value) if isinstance(value, dict) else value for name, value in tree.items()
    }
    return {name: value for name, value in kept.items() if value != {}}


def _time(text: str) -> int:
    return microseconds(msgspec.convert(text, datetime))


def _copied(tree: Json) -> Json:
    return {
        name: _copied(value) if isinstance(value, dict) else value for name, value in tree.items()
    }
