"""What an entity's page shows: its signals, branch by branch, and how alive each is."""

import math
from collections.abc import Iterator

import msgspec

from flows.ontology.entities import Json
from flows.ontology.signals import BRANCHES, SIGNALS, Kind, Signal, Value, find
from web import reading, wording
from web.entity import Entity, Patience, State
from web.picture import Picture

MOST_BRANCHES = 256  # Beside those of the catalogue: batteries, gimbals, a device's own.

_BY_BRANCH: dict[str, tuple[Signal, ...]] = {
    name: tuple(signal for signal in SIGNALS if signal.branch == name) for name in BRANCHES
}


class Group(msgspec.Struct, frozen=True):
    """A branch that has values: its signals in words, and how alive it is."""

    name: str
    values: list[tuple[Signal, str]]
    state: State
    seen_us: int | None
    age: float | None


def groups(entity: Entity, document: Json, picture: Picture) -> Iterator[Group]:
    """Every branch of the document that has a value that can be believed."""
    provenance = reading.branch(document, "provenance")
    whole = picture.judged(entity).state
    for name in names(provenance):
        values = [
            (signal, wording.value(signal, value)) for signal, value in _values(document, name)
        ]
        if not values:
            continue
        source = provenance.get(name)
        seen = reading.time_us(source.get("stream_time")) if isinstance(source, dict) else None
        age = None if seen is None else max(0.0, picture.clock.wall() - seen / 1e6)
        yield Group(name, values, _state(whole, age, picture.patience), seen, age)


def names(provenance: Json) -> list[str]:
    """The branches of the catalogue, and those that this entity has beside them."""
    others = [name for name in provenance if name not in _BY_BRANCH]
    return [*BRANCHES, *sorted(others)[:MOST_BRANCHES]]


def _values(document: Json, name: str) -> Iterator[tuple[Signal, Value]]:
    """What a branch says: of the catalogue's own, in its order."""
    signals = _BY_BRANCH.get(name)
    if signals is not None:
        for signal in signals:
            value = reading.signal(document, signal.path)
            if value is not None:
                yield signal, value
        return
    for leaf, said in reading.branch(document, name).items():
        signal = find(f"{name}.{leaf}") or _own(f"{name}.{leaf}", said)
        value = reading.believed(signal, said)
        if value is not None:
            yield msgspec.structs.replace(signal, path=f"{name}.{leaf}"), value


def _own(path: str, said: object) -> Signal:
    """A signal that no catalogue describes: what kind it is, its value tells."""
    kind: Kind = "number"
    if isinstance(said, bool):
        kind = "flag"
    elif isinstance(said, str):
        kind = "text"
    elif isinstance(said, list):
        kind = "numbers"
    return Signal(path, "1", kind, -math.inf, math.inf, "a signal of the device's own")


def _state(whole: State, age: float | None, patience: Patience) -> State:
    """A branch is no more alive than its entity, and lost when nobody says when it was heard."""
    if age is None:
        return "lost"
    alone = patience.of(age)
    if whole == "lost" or alone == "lost":
        return "lost"
    return "stale" if "stale" in (whole, alone) else whole
