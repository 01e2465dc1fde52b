"""The signals of a device's own JSON: those of the catalogue where it means them, else its own.

A leaf is taken for a signal of the catalogue by its path, or by a name that means one
(``flows.steps.spellings``). Out of range it is refused by name, and the rest stands. All
others are signals of their own under their own path: a leaf without a branch goes under the
message's name, or under ``own``, and so does what would stand where the document of an
entity says something else. No path is a signal and a branch: a document could not say both.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from flows.ontology.signals import BRANCHES, Signal, Value, find
from flows.steps.document import RESERVED
from flows.steps.paths import MOST_KNOWN, MOST_LETTERS, spelled
from flows.steps.said_units import other, unit_of
from flows.steps.spellings import GLOBAL, Spelling, meant
from flows.steps.tree import MOST_REASONS, Leaf, Leaves
from flows.steps.values import in_unit, of_kind

OWN = "own"
MOST_SHOWN = 64
_NO_PLACE = (f"{GLOBAL}.latitude", f"{GLOBAL}.longitude")


@lru_cache(MOST_KNOWN)
def _above(path: str) -> tuple[str, ...]:
    """The branches that a path lies in."""
    parts = path.split(".")
    return tuple(".".join(parts[:levels]) for levels in range(1, len(parts)))


_BRANCHES = frozenset(each for branch in BRANCHES for each in (*_above(branch), branch))


class _Plan(NamedTuple):
    """What becomes of a path: a signal of the catalogue as it is or as it is meant, or its own.

    ``own`` is where it stands then, with the row of the catalogue that may describe that.
    """

    exact: Signal | None
    meant: tuple[Spelling, Signal | None] | None
    own: str
    described: Signal | None
    reason: str
    unit_of: str


def signals(tree: Mapping[str, Any], message: str) -> tuple[dict[str, Value], list[str]]:
    """What a tree says, by path, and what of it cannot be believed.

    Args:
        tree: any JSON object.
        message: the name of the message that it came in; empty if it had none.
    """
    leaves, home = Leaves(tree), _home(message)
    values: dict[str, Value] = {}
    beyond = leaves.beyond
    later: list[tuple[str, Leaf, _Plan]] = []
    units: dict[str, str] = {}
    # What is said in the catalogue's own words comes first, wherever it stands.
    for path, leaf in leaves.values.items():
        plan = _plan(path, home)
        if plan.exact is None:
            later.append((path, leaf, plan))
            if plan.unit_of and isinstance(leaf, str):
                units[plan.unit_of] = leaf
        else:
            _exact(values, beyond, path, plan.exact, leaf)
    for path, leaf, plan in later:
        known = plan.meant
        if known and units and _in_another(units, path, known):
            known = None
        if known is None or not _meant(values, beyond, path, known, leaf):
            _own(values, beyond, plan, leaf)
    _untangle(values, beyond)
    # Receivers say zero and zero before they know where they are.
    if all(values.get(path) == 0 for path in _NO_PLACE):
        for path in _NO_PLACE:
            del values[path]
    return values, beyond[:MOST_REASONS]


def _in_another(units: dict[str, str], path: str, known: tuple[Spelling, Signal | None]) -> bool:
    """Whether it is said to be in another unit; of a name with a unit in it, nothing is asked."""
    spelling, signal = known
    return not spelling.converts and signal is not None and other(units, path, signal.unit)


def _exact(
    values: dict[str, Value], beyond: list[str], path: str, signal: Signal, leaf: Leaf
) -> None:
    value = of_kind(signal, leaf)
    if value is None or not signal.holds(value):
        beyond.append(f"{path} is {_shown(leaf)}")
    else:
        values[path] = value


def _meant(
    values: dict[str, Value],
    beyond: list[str],
    path: str,
    plan: tuple[Spelling, Signal | None],
    leaf: Leaf,
) -> bool:
    """Take a leaf for what it means; False if it is nothing like that, or was said already."""
    spelling, signal = plan
    value = of_kind(signal, leaf)
    if value is None:
        return False
    value = in_unit(spelling, value, whole=signal is not None and signal.whole)
    if spelling.signal in values:
        return values[spelling.signal] == value
    if signal is None or signal.holds(value):
        values[spelling.signal] = value
    else:
        beyond.append(f"{path} is {_shown(leaf)}")
    return True


def _own(values: dict[str, Value], beyond: list[str], plan: _Plan, leaf: Leaf) -> None:
    if plan.reason:
        beyond.append(plan.reason)
    elif plan.own in values:
        beyond.append(f"{plan.own} is said twice")
    elif plan.described is not None:
        _exact(values, beyond, plan.own, plan.described, leaf)
    else:
        values[plan.own] = leaf


def _untangle(values: dict[str, Value], beyond: list[str]) -> None:
    """Take out what lies below another signal."""
    said = values.keys()
    for path in [each for each in values if not said.isdisjoint(_above(each))]:
        del values[path]
        beyond.append(f"{path} is below a signal")


@lru_cache(MOST_KNOWN)
def _plan(path: str, home: str) -> _Plan:
    spelling = meant(path)
    first, _, rest = path.partition(".")
    own = path
    if first in RESERVED:
        own = f"{OWN}.{path}"
    elif not rest:
        own = f"{home}.{path}"
    reason = f"{own} is a branch" if own in _BRANCHES else ""
    if any(find(each) for each in _above(own)):
        reason = f"{own} is below a signal"
    return _Plan(
        find(path),
        None if spelling is None else (spelling, find(spelling.signal)),
        own,
        find(own),
        reason,
        unit_of(path),
    )


@lru_cache(MOST_KNOWN)
def _home(message: str) -> str:
    """The branch of the leaves that have none."""
    home = spelled(message)[0][:MOST_LETTERS] if message else OWN
    return OWN if home in RESERVED or home == "_" else home


def _shown(leaf: Leaf) -> str:
    return str(leaf)[:MOST_SHOWN]
