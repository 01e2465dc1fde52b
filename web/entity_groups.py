"""What an entity's page shows: its signals, branch by branch, and how alive each is."""

import math
from collections.abc import Iterator

import msgspec

from flows.ontology.entities import RANK, Json
from flows.ontology.signals import BRANCHES, SIGNALS, Kind, Signal, Value, find
from web import reading, wording
from web.entity import Entity
from web.freshness import Fresh, State, fresh, records
from web.picture import Picture

MOST_BRANCHES = 256  # Beside those of the catalogue: batteries, gimbals, a device's own.

_BY_BRANCH: dict[str, tuple[Signal, ...]] = {
    name: tuple(signal for signal in SIGNALS if signal.branch == name) for name in BRANCHES
}


class Group(msgspec.Struct, frozen=True):
    """A branch that has values: its signals in words, how fresh each is, and the worst of that."""

    name: str
    values: list[tuple[Signal, str]]
    fresh: list[Fresh]

    @property
    def worst(self) -> Fresh:
        return max(self.fresh, key=lambda each: RANK.get(each.state, 0))

    @property
    def state(self) -> State:
        return self.worst.state


def groups(entity: Entity, document: Json, picture: Picture) -> Iterator[Group]:
    """Every branch of the document that has a value that can be believed."""
    provenance = reading.branch(document, "provenance")
    whole, now = picture.judged(entity).state, picture.clock.wall()
    for name in names(provenance):
        values = [
            (signal, wording.value(signal, value)) for signal, value in _values(document, name)
        ]
        if values:
            many = list(records(provenance, name))
            found = [
                fresh(name, signal.leaf, many, whole=whole, now=now, patience=picture.patience)
                for signal, _ in values
            ]
            yield Group(name, values, found)


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
