"""Reports into branches: which message says which signals, when last, and how often.

A signal is as fresh as the last message that set it. Where two messages feed a branch, or
one leaves out what it said before, each keeps what it said last, with its own time.
"""

from functools import lru_cache
from sys import intern

from flows.ontology.entities import Branch, EntityState, Part
from flows.ontology.held import holds
from flows.ontology.rate import GRAIN_US, Patience, Rate
from flows.ontology.signals import place
from flows.ontology.telemetry import Report
from flows.steps.judge import look_again, look_by
from flows.steps.made import forget, forget_all, made

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


def take(state: EntityState, report: Report, signals: Shape, patience: Patience) -> bool:
    """Lay the signals of a report over those that are known; whether there was room for all.

    Args:
        state: of the entity that said it.
        report: what it said.
        signals: the shape of its values.
        patience: after how much silence it counts as having been away.
    """
    room, at_us, message, values = True, report.stored_us, report.message_type, report.values
    branches, heard = state.branches, made(state).heard
    for path, leaves in signals:
        heard[path] = None
        branch = branches.get(path) or branches.setdefault(path, Branch())
        part = branch.parts.get(message) or _begin(branch, report)
        known = part.values
        many = len(known)
        if many == len(leaves):
            for leaf, name in leaves:
                known[leaf] = values[name]
        if len(known) != len(leaves):  # More, or others, or fewer than it has said before.
            room = _exchange(state, path, leaves, report) and room
        if not 0 <= at_us - part.rate.mark_us < GRAIN_US:
            _begin_word(state, path, part, at_us, patience)
        if not part.sequence or not many:  # It was nobody's to judge until now.
            look_by(state, at_us + patience.stale_us)
        part.seen_us = at_us
        part.sequence = report.sequence
        part.device_us = report.at_us if report.recorded else report.device_us
        if part.source != report.source:
            part.source = intern(report.source)
            forget(state, path)
        if part.liveness != "live":
            look_again(state)
    return room


def touch(
    state: EntityState, report: Report, signals: Shape, patience: Patience, *, again: bool
) -> None:
    """Note that a report was heard, when one of the same message and shape is known to follow.

    With ``again`` it has the shape of the one that was heard before it.
    """
    at_us = report.stored_us
    for path, leaves in signals:
        branch = state.branches.get(path) or state.branches.setdefault(path, Branch())
        part = branch.parts.get(report.message_type) or _begin(branch, report)
        if not again:
            _leave(state, path, part, leaves)
        if not 0 <= at_us - part.rate.mark_us < GRAIN_US:
            _begin_word(state, path, part, at_us, patience)
        part.seen_us = at_us


def _begin(branch: Branch, report: Report) -> Part:
    """A message says something of a branch for the first time.

    Each message brings names of its own: those of ten thousand entities are kept once.
    """
    message = intern(report.message_type)
    return branch.parts.setdefault(message, Part(message, intern(report.source)))


def _begin_word(state: EntityState, path: str, part: Part, at_us: int, patience: Patience) -> None:
    """After a silence a part lives from when it is heard again."""
    away = at_us - part.seen_us >= patience.of("stale", part.rate.period_us)
    if away:
        part.live_us = at_us
    if part.rate.hear(at_us) or away:
        forget(state, path)


def _exchange(state: EntityState, path: str, leaves: Leaves, report: Report) -> bool:
    """Lay the signals of a message over its part, whose leaves were others until now."""
    branch = state.branches[path]
    part = branch.parts[report.message_type]
    said = {leaf for leaf, _ in leaves}
    # Where as many have come as have gone, those that are new stand at the end by now.
    for leaf in list(part.values)[len(leaves) :]:
        if leaf in said:
            del part.values[leaf]
    _leave(state, path, part, leaves)
    fitting = _claim(state, path, branch, part, leaves)
    for leaf, name in fitting:
        part.values[leaf] = report.values[name]
    return fitting is leaves


def _leave(state: EntityState, path: str, part: Part, leaves: Leaves) -> None:
    """What the message says no more stays behind as it was heard last."""
    if part.values.keys() <= {leaf for leaf, _ in leaves}:
        return
    forget(state, path)
    for leaf in part.values.keys() - {leaf for leaf, _ in leaves}:
        rate = part.rate
        state.branches[path].behind[leaf] = Part(
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
    new = [leaf for leaf, _ in leaves if leaf not in part.values]
    added = 0
    for leaf in new:
        if branch.behind.pop(leaf, None) is None and not _give_up(state, path, branch, leaf):
            added += 1
    forget(state, path)
    if added and _signals(state) + added > MOST_SIGNALS:
        leaves = tuple(each for each in leaves if each[0] not in new)
    part.held = all(holds(path, leaf) for leaf, _ in leaves)
    return leaves


def _give_up(state: EntityState, path: str, branch: Branch, leaf: str) -> bool:
    """Take a leaf away from the part that has it; whether one had it."""
    for message, part in branch.parts.items():
        if leaf in part.values:
            del part.values[leaf]
            forget(state, path)
            part.held = all(holds(path, each) for each in part.values)
            if not part.values:
                if part.liveness != "live":
                    look_again(state)
                part.liveness = part.told = "live"
                if len(branch.parts) > MOST_MESSAGES:
                    del branch.parts[message]
                    forget_all(state)
            return True
    return False


def _signals(state: EntityState) -> int:
    return sum(len(part.values) for branch in state.branches.values() for part in branch.all)
