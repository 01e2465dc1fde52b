"""Reports into branches: which message says which signals, when last, and how often.

A signal is as fresh as the last message that set it. Where two messages feed a branch, or
one leaves out what it said before, each keeps what it said last, with its own time.
"""

from functools import lru_cache

from flows.ontology.entities import Branch, EntityState, Part
from flows.ontology.held import holds
from flows.ontology.rate import GRAIN_US, Patience, Rate
from flows.ontology.signals import place
from flows.ontology.telemetry import Report
from flows.steps.document import changed
from flows.steps.judge import forget, look_again

# Anybody may think of signals of its own: an entity has room for so many.
MOST_SIGNALS = 1000
MOST_MESSAGES = 16  # Of those whose signals others say by now, so many are remembered.
# What devices think of makes shapes of a hundred kilobytes: only so many are kept.
MOST_SHAPES = 1024

Leaves = tuple[tuple[str, str], ...]  # Leaf and path.
Shape = tuple[tuple[str, Leaves], ...]  # By branch.


@lru_cache(MOST_SHAPES)
def shape(paths: tuple[str, ...]) -> Shape:
    """The branches that paths lie in. Of two reports with the same paths it is the same object."""
    branches: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        branch, leaf = place(path)
        branches.setdefault(branch, []).append((leaf, path))
    return tuple((branch, tuple(leaves)) for branch, leaves in branches.items())


def take(
    state: EntityState,
    report: Report,
    signals: Shape,
    patience: Patience,
    *,
    overtaken: bool = False,
) -> bool:
    """Lay the signals of a report over those that are known.

    Args:
        state: of the entity that said it.
        report: what it said.
        signals: the shape of its values.
        patience: after how much silence it counts as having been away.
        overtaken: whether a report of the same message and shape is known to follow: then
            this one only tells that it was heard.

    Returns:
        Whether there was room for all of them.
    """
    room, at_us, message, values = True, report.stored_us, report.message_type, report.values
    branches = state.branches
    for path, leaves in signals:
        branch = branches.get(path) or branches.setdefault(path, Branch())
        part = branch.parts.get(message) or _begin(state, branch, report)
        known = part.values
        fitting = leaves
        if part.__dict__.get("leaves") is not leaves or len(known) != len(leaves):
            _leave(path, branch, part, leaves)
            if not overtaken:
                fitting = _claim(state, path, branch, part, leaves)
                room = room and fitting is leaves
        if not 0 <= at_us - part.rate.mark_us < GRAIN_US:
            _begin_word(branch, part, at_us, patience)
        part.seen_us = at_us
        if overtaken:
            continue
        for leaf, name in fitting:
            known[leaf] = values[name]
        part.sequence = report.sequence
        part.device_us = report.at_us if report.recorded else report.device_us
        if part.source != report.source:
            part.source = report.source
            forget(branch, part)
        if part.liveness != "live":
            look_again(state)
    return room


def _begin(state: EntityState, branch: Branch, report: Report) -> Part:
    """A message says something of a branch for the first time."""
    look_again(state)
    message = report.message_type
    return branch.parts.setdefault(message, Part(message, report.source))


def _begin_word(branch: Branch, part: Part, at_us: int, patience: Patience) -> None:
    """After a silence a part lives from when it is heard again."""
    away = at_us - part.seen_us >= patience.of("stale", part.rate.period_us)
    if away:
        part.live_us = at_us
    if part.rate.hear(at_us) or away:
        forget(branch, part)


def _leave(path: str, branch: Branch, part: Part, leaves: Leaves) -> None:
    """What the message says no more stays behind as it was heard last."""
    if part.values.keys() <= {leaf for leaf, _ in leaves}:
        return
    forget(branch, part)
    for leaf in part.values.keys() - {leaf for leaf, _ in leaves}:
        rate = part.rate
        branch.behind[leaf] = Part(
            part.message,
            part.source,
            part.seen_us,
            part.device_us,
            part.sequence,
            part.live_us,
            {leaf: part.values.pop(leaf)},
            Rate(rate.mark_us, rate.gap_us, rate.period_us),
            part.liveness,
            part.told,
            holds(path, leaf),
        )


def _claim(state: EntityState, path: str, branch: Branch, part: Part, leaves: Leaves) -> Leaves:
    """Take over the leaves from whichever parts said them last; those that there is room for."""
    if not part.values:
        look_again(state)
    new = [leaf for leaf, _ in leaves if leaf not in part.values]
    added = 0
    for leaf in new:
        if branch.behind.pop(leaf, None) is None and not _give_up(state, path, branch, leaf):
            added += 1
    forget(branch, part)
    if added and _signals(state) + added > MOST_SIGNALS:
        part.__dict__.pop("leaves", None)
        leaves = tuple(each for each in leaves if each[0] not in new)
    else:
        part.__dict__["leaves"] = leaves
    part.held = all(holds(path, leaf) for leaf, _ in leaves)
    return leaves


def _give_up(state: EntityState, path: str, branch: Branch, leaf: str) -> bool:
    """Take a leaf away from the part that has it; whether one had it."""
    for message, part in branch.parts.items():
        if leaf in part.values:
            del part.values[leaf]
            forget(branch, part)
            part.held = all(holds(path, each) for each in part.values)
            if not part.values:
                part.liveness = part.told = "live"
                look_again(state)
                if len(branch.parts) > MOST_MESSAGES:
                    del branch.parts[message]
                    changed(state)
            return True
    return False


def _signals(state: EntityState) -> int:
    return sum(len(part.values) for branch in state.branches.values() for part in branch.all)
