"""The document of an entity: the canonical JSON under its key, to and from its state."""

from datetime import datetime

import msgspec

from flows.ontology.entities import Branch, EntityState, Json
from flows.ontology.signals import BY_PATH
from flows.ontology.telemetry import microseconds, moment

# What only this flow may say; whatever others put there is not taken over.
RESERVED = frozenset(
    (
        "entity_id", "org_id", "name", "entity_type", "status", "priority", "is_live",
        "liveness", "source", "recorded", "system_id", "first_seen", "last_seen",
        "provenance", "sequences",
    )
)  # fmt: skip

_encode = msgspec.json.Encoder().encode


def document(state: EntityState) -> bytes:
    """The state as others read it: identity, liveness, the signal tree, provenance."""
    tree: Json = _copied(state.foreign)
    provenance: Json = {}
    for path, branch in state.branches.items():
        _place(tree, path.split("."), branch.values)
        provenance[path] = {
            "seen": moment(branch.seen_us),
            "device_time": None if branch.device_us is None else moment(branch.device_us),
            "sequence": branch.sequence,
            "message": branch.message,
            "source": branch.source,
        }
    return _encode(
        {
            "entity_id": state.entity_id,
            "org_id": state.org_id,
            "name": state.name,
            "entity_type": state.entity_type,
            "status": "active",
            "priority": "normal",
            "is_live": state.liveness == "live",
            "liveness": {
                "state": state.liveness,
                "since": moment(state.since_us),
                "reason": state.reason,
            },
            "source": state.source,
            "recorded": state.recorded,
            "system_id": state.system_id,
            "first_seen": moment(state.first_us),
            "last_seen": moment(state.heard_us),
            **tree,
            "provenance": provenance,
            "sequences": state.sequences,
        }
    )


def recall(entity_id: str, document: bytes) -> EntityState | None:
    """The state that one of our own documents was made from; None if it is not one."""
    try:
        read: Json = msgspec.json.decode(document)
        if read["entity_id"] != entity_id:
            return None
        state = EntityState(
            entity_id,
            read["org_id"],
            read["name"],
            read["entity_type"],
            read["system_id"],
            read["source"],
            read["recorded"],
            _time(read["first_seen"]),
            _time(read["last_seen"]),
            read["liveness"]["state"],
            _time(read["liveness"]["since"]),
            read["liveness"]["reason"],
            sequences=dict(read["sequences"]),
        )
        for path, source in read["provenance"].items():
            state.branches[path] = Branch(
                _take(read, path),
                _time(source["seen"]),
                _time(source["device_time"]) if source["device_time"] else None,
                source["sequence"],
                source["message"],
                source["source"],
            )
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, ValueError):
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


def _place(tree: Json, path: list[str], values: Json) -> None:
    """Lay a branch over what stands there already."""
    for name in path:
        below = tree.get(name)
        if not isinstance(below, dict):
            below = tree[name] = {}
        tree = below
    tree.update(values)


def _take(tree: Json, path: str) -> Json:
    """Take a branch's own leaves out of a tree, so that what stays is foreign."""
    *above, last = path.split(".")
    for name in above:
        tree = tree[name]
    branch: Json = tree[last]
    leaves = {
        name: value
        for name, value in branch.items()
        if f"{path}.{name}" in BY_PATH and _is_value(value)
    }
    for name in leaves:
        del branch[name]
    return leaves


def _is_value(value: object) -> bool:
    many = value if isinstance(value, list) else [value]
    return all(isinstance(each, int | float) for each in many) or isinstance(value, str)
