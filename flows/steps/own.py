"""The signals of a device's own JSON: those of the catalogue where it means them, else its own.

A leaf is taken for a signal of the catalogue by its path, or by a name that means one
(``flows.steps.spellings``). Out of range it is refused by name, and the rest stands. All
others are signals of their own under their own path: a leaf without a branch goes under the
message's name, or under ``own``, and so does what would stand where the document of an
entity says something else.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flows.ontology.signals import BRANCHES, BY_PATH, Signal, Value, find
from flows.steps.document import RESERVED
from flows.steps.plain import number
from flows.steps.spellings import GLOBAL, Spelling, meant
from flows.steps.tree import MOST_KNOWN, MOST_LETTERS, MOST_REASONS, Leaf, Leaves, spelled

OWN = "own"
MOST_SHOWN = 64
_NO_PLACE = (f"{GLOBAL}.latitude", f"{GLOBAL}.longitude")
_BRANCHES = frozenset(
    ".".join(parts[:levels])
    for parts in (branch.split(".") for branch in BRANCHES)
    for levels in range(1, len(parts) + 1)
)
_FLAGS = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False}


def signals(tree: Mapping[str, Any], message: str) -> tuple[dict[str, Value], list[str]]:
    """What a tree says, by path, and what of it cannot be believed.

    Args:
        tree: any JSON object.
        message: the name of the message that it came in; empty if it had none.
    """
    leaves = Leaves(tree)
    reading = _Reading(leaves.beyond)
    later: list[tuple[str, Leaf]] = []
    # What is said in the catalogue's own words comes first, wherever it stands.
    for path, leaf in leaves.values.items():
        signal = find(path)
        if signal is None:
            later.append((path, leaf))
        else:
            reading.exact(path, signal, leaf)
    for path, leaf in later:
        spelling = meant(path)
        if spelling is None or not reading.meant(path, spelling, leaf):
            reading.own(path, leaf, _home(message))
    # Receivers say zero and zero before they know where they are.
    if all(reading.values.get(path) == 0 for path in _NO_PLACE):
        for path in _NO_PLACE:
            del reading.values[path]
    return reading.values, reading.beyond


class _Reading:
    """Values so far. A branch of theirs is never also a leaf: a document could not say both."""

    def __init__(self, beyond: list[str]) -> None:
        self.values: dict[str, Value] = {}
        self.beyond = beyond
        self._branches: set[str] = set()

    def exact(self, path: str, signal: Signal, leaf: Leaf) -> None:
        value = _as(signal, leaf)
        if value is None or not signal.holds(value):
            self.refuse(f"{path} is {_shown(leaf)}")
        else:
            self._set(path, value)

    def meant(self, path: str, spelling: Spelling, leaf: Leaf) -> bool:
        """Take a leaf for what it means; False if it is nothing like that, or was said already."""
        signal = find(spelling.signal)
        value = _as(signal, leaf)
        if value is None:
            return False
        value = _measured(spelling, value, whole=signal is not None and signal.kind == "integer")
        if spelling.signal in self.values:
            return self.values[spelling.signal] == value
        if signal is None or signal.holds(value):
            self._set(spelling.signal, value)
        else:
            self.refuse(f"{path} is {_shown(leaf)}")
        return True

    def own(self, path: str, leaf: Leaf, home: str) -> None:
        path = _own(path, home)
        signal = find(path)
        if path in self.values:
            self.refuse(f"{path} is said twice")
        elif signal is not None:
            self.exact(path, signal, leaf)
        elif path in self._branches or path in _BRANCHES:
            self.refuse(f"{path} is a branch")
        elif any(each in self.values or each in BY_PATH for each in _above(path)):
            self.refuse(f"{path} is below a signal")
        else:
            self._set(path, leaf)

    def refuse(self, reason: str) -> None:
        if len(self.beyond) < MOST_REASONS:
            self.beyond.append(reason)

    def _set(self, path: str, value: Value) -> None:
        self.values[path] = value
        self._branches.update(_above(path))


def _as(signal: Signal | None, leaf: Leaf) -> Value | None:
    """A leaf as a value of the signal's kind; None if it cannot be one."""
    match signal.kind if signal else "number":
        case "flag":
            return _flag(leaf)
        case "text":
            return leaf if isinstance(leaf, str) else None
        case "numbers":
            return leaf if isinstance(leaf, list) else None
    value = number(leaf) if isinstance(leaf, str) else leaf
    if value is None or isinstance(value, bool | list):
        return None
    if signal and signal.kind == "integer":
        return int(value) if value == int(value) else None
    return value


def _flag(leaf: Leaf) -> bool | None:
    if isinstance(leaf, str):
        return _FLAGS.get(leaf.strip().lower())
    return bool(leaf) if not isinstance(leaf, list) and leaf in (0, 1) else None


def _measured(spelling: Spelling, value: Value, *, whole: bool) -> Value:
    """A value in the unit of the signal."""
    if isinstance(value, bool | str | list):
        return value
    if spelling.factor != 1 or spelling.offset:
        value = value * spelling.factor + spelling.offset
        return int(value) if whole else value
    return value + 360 if spelling.turns and -360 <= value < 0 else value


@lru_cache(MOST_KNOWN)
def _own(path: str, home: str) -> str:
    first, _, rest = path.partition(".")
    if first in RESERVED:
        return f"{OWN}.{path}"
    return path if rest else f"{home}.{path}"


@lru_cache(MOST_KNOWN)
def _home(message: str) -> str:
    """The branch of the leaves that have none."""
    home = spelled(message)[0][:MOST_LETTERS] if message else OWN
    return OWN if home in RESERVED or home == "_" else home


@lru_cache(MOST_KNOWN)
def _above(path: str) -> tuple[str, ...]:
    parts = path.split(".")
    return tuple(".".join(parts[:levels]) for levels in range(1, len(parts)))


def _shown(leaf: Leaf) -> str:
    return str(leaf)[:MOST_SHOWN]
