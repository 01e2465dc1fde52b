"""What was made of a state for its last document, and which branches are others by now.

It is no part of the state: it is not kept when a flow ends, and made anew when it is missing.
"""

import msgspec

from flows.ontology.entities import EntityState


class Made:
    """``heard`` are the branches to be made anew; all else is as it was while it was live.

    ``trees`` is by the first name of a path, ``records`` is by branch, and so is what the
    records of its messages begin with in ``beginnings``.
    """

    __slots__ = ("beginnings", "heard", "records", "trees")

    def __init__(self) -> None:
        self.heard: set[str] = set()
        self.trees: dict[str, msgspec.Raw | None] = {}
        self.records: dict[str, str] = {}
        self.beginnings: dict[str, dict[str, str]] = {}


def made(state: EntityState) -> Made:
    """What was made of a state."""
    known: Made | None = state.__dict__.get("made")
    if known is None:
        known = state.__dict__["made"] = Made()
    return known


def forget(state: EntityState, path: str) -> None:
    """What is told of a branch is another by now, though nothing may have been heard of it."""
    known = made(state)
    known.heard.add(path)
    known.beginnings.pop(path, None)


def forget_all(state: EntityState) -> None:
    """Something else than what was heard has changed the state."""
    state.__dict__.pop("made", None)
