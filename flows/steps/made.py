"""What was made of a state for its last document, and which branches are others by now.

It is no part of the state: it is not kept when a flow ends, and made anew when it is missing.
"""

from flows.ontology.entities import EntityState


class Made:
    """JSON of which most is as it was: ``heard`` are the branches to be made anew, in order.

    ``head`` is what ``identity`` was told as. ``trees`` is by the first name of a path and
    empty until all is made, ``records`` is by branch; each has its own name before it.
    ``capped`` are the branches whose records say of a part what is so of its entity.
    """

    __slots__ = ("capped", "head", "heard", "identity", "records", "trees")

    def __init__(self) -> None:
        self.heard: dict[str, None] = {}
        self.identity: tuple[object, ...] = ()
        self.head = ""
        self.capped: tuple[str, ...] = ()
        self.trees: dict[str, str] = {}
        self.records: dict[str, str] = {}


def made(state: EntityState) -> Made:
    """What was made of a state."""
    known: Made | None = state.__dict__.get("made")
    if known is None:
        known = state.__dict__["made"] = Made()
    return known


def forget(state: EntityState, path: str) -> None:
    """What is told of a branch is another by now, though nothing may have been heard of it."""
    made(state).heard[path] = None


def forget_all(state: EntityState) -> None:
    """Something else than what was heard has changed the state."""
    state.__dict__.pop("made", None)
