"""The signal tree: what can be known of an entity, by path, unit and valid range.

The last part of a path is the leaf, what stands before it is its branch. Units
are UCUM codes (``deg``, ``m/s``, ``V``; ``1`` for none). A value outside of the
range is not believed. Paths are those of the state document, and with ``_`` for
``.`` the columns of the lake, so an operator and an analyst say the same word.

Devices may have signals of their own, which no row of the catalogue describes: they
have no unit and no range, and any number is believed.
"""

from functools import lru_cache

from flows.ontology.catalogue import FAMILIES, SIGNALS
from flows.ontology.signal import Kind, Signal, Value

__all__ = [
    "BRANCHES", "BY_PATH", "FAMILIES", "SIGNALS", "Kind", "Signal", "Value",
    "find", "measured", "place",
]  # fmt: skip

NUMBER = "{n}"
# Paths of their own are anybody's to think of: only so many are kept.
MOST_KNOWN = 16_384

BY_PATH: dict[str, Signal] = {signal.path: signal for signal in SIGNALS}
BRANCHES: tuple[str, ...] = tuple(dict.fromkeys(signal.branch for signal in SIGNALS))
_FAMILIES: dict[str, Signal] = {family.path: family for family in FAMILIES}


@lru_cache(MOST_KNOWN)
def find(path: str) -> Signal | None:
    """The row of the catalogue that describes a path; None for a device's own signal."""
    exact = BY_PATH.get(path)
    if exact is not None:
        return exact
    parts = path.split(".")
    return _FAMILIES.get(".".join(NUMBER if part.isdecimal() else part for part in parts))


@lru_cache(MOST_KNOWN)
def place(path: str) -> tuple[str, str]:
    """Branch and leaf of a path."""
    branch, _, leaf = path.rpartition(".")
    return branch, leaf


@lru_cache(MOST_KNOWN)
def measured(path: str) -> bool:
    """Whether values under this path can be averaged, if they are numbers."""
    signal = find(path)
    return signal is None or signal.kind in ("number", "integer")
