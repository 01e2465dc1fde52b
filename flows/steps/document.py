"""The document of an entity: the canonical JSON under its key, to and from its state."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

import msgspec

from flows.ontology.commanded import Commands
from flows.ontology.commands import STREAM as COMMANDS
from flows.ontology.entities import RANK, Branch, EntityState, Json
from flows.ontology.rate import Patience, Rate
from flows.ontology.telemetry import microseconds, moment
from flows.steps import figures, provenance
from flows.steps.entered import beneath, called, entered, read_entry, without_place
from flows.steps.made import Made, made
from flows.steps.provenance import text

# What only this flow may say; whatever others put there is not taken over.
RESERVED = frozenset(
    (
        "entity_id", "org_id", "name", "entity_type", "status", "priority", "is_live",
        "liveness", "source", "recorded", "system_id", "first_seen", "last_seen", "link",
        "provenance", "sequences", "revision", "registered", "anew_since", "commands",
    )
)  # fmt: skip

MOST_KNOWN = 4096  # Of one kind of vehicle most have the same branches.
_encode = msgspec.json.Encoder().encode
_first = lru_cache(MOST_KNOWN)(lambda path: path.partition(".")[0])
_quoted = lru_cache(MOST_KNOWN)(lambda name: _encode(name).decode())


# A branch, and the names that lead to it below the first.
Way = tuple[str, tuple[str, ...]]


def document(state: EntityState, patience: Patience) -> bytes:
    """The state as others read it: identity, liveness, the signal tree, provenance.

    Most of it is as it was when it was last made, and is taken over as it was written.
    """
    known = made(state)
    _write(state, patience, known)
    link = figures.link(state)
    seen = f'"{text(state.heard_us)}"' if state.heard_us else "null"
    tree = [f'"last_seen":{seen}', *known.trees.values()]
    if link:
        tree.append(f'"link":{link}')
    told = ",".join(filter(None, known.records.values()))
    sequences = ",".join([f"{_quoted(name)}:{last}" for name, last in state.sequences.items()])
    return (
        f"{_head(state, known)}{','.join(filter(None, tree))}"
        f',"provenance":{{{told}}},"sequences":{{{sequences}}}}}'
    ).encode()


def _head(state: EntityState, known: Made) -> str:
    """The beginning of a document, up to when its entity was last seen."""
    identity = (
        state.name, state.entity_type, state.liveness, state.since_us, state.reason,
        state.rate.period_us, state.source, state.recorded, state.system_id, state.first_us,
        state.entry and state.entry.revision, state.buried_us, state.sequences.get(COMMANDS),
    )  # fmt: skip
    if identity != known.identity:
        known.identity, known.head = identity, _begun(state)
    return known.head


def _begun(state: EntityState) -> str:
    liveness: Json = {
        "state": state.liveness,
        "since": moment(state.since_us),
        "reason": state.reason,
    }
    if state.rate.period_us:
        liveness["period"] = state.rate.period_us / 1e6
    begun = _encode(
        {
            "entity_id": state.entity_id,
            "org_id": state.org_id,
            **called(state)._asdict(),
            "is_live": state.liveness == "live",
            "liveness": liveness,
            "source": state.source,
            "recorded": state.recorded,
            "system_id": state.system_id,
            **entered(state),
            **({"commands": state.commands} if state.commands else {}),
            "first_seen": moment(state.first_us) if state.first_us else None,
        }
    ).decode()
    return f"{begun[:-1]},"


def _write(state: EntityState, patience: Patience, known: Made) -> None:
    """Make anew what has been heard since; all where nothing was made.

    What is fresher than its entity is told by that, and must be told anew each time.
    """
    trees, branches, foreign = known.trees, state.branches, beneath(state)
    roots, heard = _roots(tuple(branches)), known.heard
    if not trees:
        heard = {path: None for ways in roots.values() for path, _ in ways}
        for name, each in foreign.items():
            trees[name] = f"{_quoted(name)}:{_encode(each).decode()}"
    before, known.capped = known.capped, _fresher(state)
    for path in dict.fromkeys((*heard, *before, *known.capped)):
        known.records[path] = provenance.record(path, state, patience)
    for name in dict.fromkeys(map(_first, heard)):
        said = _tree(branches, roots[name], foreign.get(name))
        if said is not None:
            trees[name] = f"{_quoted(name)}:{said}"
        elif name not in foreign:
            trees[name] = ""
    trees.pop("commands", None)  # Of before that was ours alone.
    known.heard.clear()


def _fresher(state: EntityState) -> tuple[str, ...]:
    """The branches of which something has aged less than all of it."""
    aged = RANK[state.liveness]
    if not aged:
        return ()
    return tuple(
        path
        for path, branch in state.branches.items()
        if any(RANK[part.liveness] < aged for part in branch.all)
    )


@lru_cache(MOST_KNOWN)
def _roots(paths: tuple[str, ...]) -> dict[str, tuple[Way, ...]]:
    """Branches by their first name."""
    roots: dict[str, list[Way]] = {}
    for path in paths:
        name, *below = path.split(".")
        roots.setdefault(name, []).append((path, tuple(below)))
    return {name: tuple(ways) for name, ways in roots.items()}


def _tree(branches: Mapping[str, Branch], ways: tuple[Way, ...], foreign: object) -> str | None:
    """What others put under a name, with the signals over it; None where there are none."""
    if foreign is None and len(ways) == 1:
        ((path, names),) = ways
        branch = branches[path]
        if not names and len(branch.parts) == 1 and not branch.behind:
            (part,) = branch.parts.values()
            return _encode(part.values).decode() if part.values else None
    tree: Json = _copied(foreign) if isinstance(foreign, dict) else {}
    said = False
    for path, names in ways:
        branch = branches[path]
        place: Json | None = None
        for part in branch.all if branch.behind else branch.parts.values():
            if part.values:
                if place is None:
                    place = _place(tree, names)
                place.update(part.values)
        said = said or place is not None
    return _encode(tree).decode() if said else None


def _place(tree: Json, names: tuple[str, ...]) -> Json:
    """The branch at a path, made where there is none."""
    for name in names:
        below = tree.get(name)
        if not isinstance(below, dict):
            below = tree[name] = {}
        tree = below
    return tree


def recall(entity_id: str, document: bytes) -> EntityState | None:
    """The state that one of our own documents was made from; None if it is not one.

    What it does not say is how far learning had come: the next two words of a rate, and
    the next packet of a link, are as the first ones.
    """
    try:
        read: Json = msgspec.json.decode(document)
        if read["entity_id"] != entity_id:
            return None
        liveness, heard_us = read["liveness"], _seen(read["last_seen"])
        entry = read_entry(read)
        since_us, period_us = _time(liveness["since"]), round(liveness.get("period", 0) * 1e6)
        state = EntityState(
            entity_id,
            read["org_id"],
            read["name"],
            read["entity_type"],
            read["system_id"],
            read["source"],
            read["recorded"],
            _seen(read["first_seen"]),
            heard_us,
            liveness["state"],
            since_us,
            liveness["reason"],
            sequences=dict(read["sequences"]),
            rate=Rate(heard_us, period_us, period_us),
            live_us=since_us if liveness["state"] == "live" else 0,
            entry=entry,
            buried_us=_seen(read.get("anew_since")),
            commands=_commands(read),
        )
        state.links, state.skew_us = figures.recall(read.get("link") or {})
        for path, record in read["provenance"].items():
            state.branches[path] = provenance.recall(read, path, record)
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, ValueError, OverflowError):
        return None
    without_place(read, entry)
    state.foreign = _pruned(foreign(read))
    return state


def _commands(read: Json) -> Commands | None:
    """Only where the flow of commands has told; before that anybody could have such a branch."""
    if COMMANDS not in read["sequences"]:
        return None
    return msgspec.convert(read.get("commands"), Commands | None)


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


def _pruned(tree: Json) -> Json:
    """Without the empty branches that taking our own leaves has left."""
    kept = {
        name: _pruned(value) if isinstance(value, dict) else value for name, value in tree.items()
    }
    return {name: value for name, value in kept.items() if value != {}}


def _time(text: str) -> int:
    return microseconds(msgspec.convert(text, datetime))


def _seen(text: str | None) -> int:
    """When something was heard; 0 where it never was."""
    return 0 if text is None else _time(text)


def _copied(tree: Json) -> Json:
    return {
        name: _copied(value) if isinstance(value, dict) else value for name, value in tree.items()
    }
