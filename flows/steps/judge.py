"""How alive an entity and its branches are by now, and what of that is told as an event.

A branch is no fresher than its entity. That it went, while the entity lives, is told when
the entity has lived for long enough to have said it again.
"""

from flows.ontology.entities import RANK, EntityState, LivenessEvent, Part
from flows.ontology.rate import Liveness, Patience
from flows.steps.made import forget
from flows.steps.tell import branch_event, event, silent

NEVER_US = 2**62
_NEXT: dict[Liveness, Liveness] = {"live": "stale", "stale": "lost"}


def look_again(state: EntityState) -> None:
    """Of the branches it is not known any more when one of them changes."""
    state.__dict__.pop("due_us", None)


def look_by(state: EntityState, due_us: int) -> None:
    """Of the branches one may be another by then."""
    known = state.__dict__.get("due_us")
    if known is not None and due_us < known:
        state.__dict__["due_us"] = due_us


def rank(state: EntityState) -> int:
    """How far all of it has aged: among states that have heard the same, the older has more."""
    known: int | None = state.__dict__.get("rank")
    if known is None:
        known = state.__dict__["rank"] = sum(
            RANK[part.liveness] for branch in state.branches.values() for part in branch.all
        )
    return RANK[state.liveness] + known


def judge(state: EntityState, now_us: int, patience: Patience) -> list[LivenessEvent]:
    """Judge an entity as it is now; events where that is another than before."""
    if not state.first_us:
        return []
    heard_us = patience.believed(state.heard_us, now_us)
    if heard_us != state.heard_us:  # The clock was set back, and with it all that is due.
        state.heard_us = heard_us
        look_again(state)
    period_us = state.rate.period_us
    previous, state.liveness = state.liveness, patience.judge(now_us - state.heard_us, period_us)
    if state.liveness != "live":
        waited_us = patience.of(state.liveness, period_us)
        state.since_us = state.heard_us + waited_us
        state.reason = silent(waited_us)
    elif previous != "live":
        state.since_us = min(state.live_us or state.heard_us, state.heard_us)
        state.reason = f"heard by {state.source}" if state.source else "heard"
    if state.liveness != previous:
        look_again(state)
        return [event(state, previous), *_branches(state, now_us, patience)]
    return _branches(state, now_us, patience)


def _branches(state: EntityState, now_us: int, patience: Patience) -> list[LivenessEvent]:
    """Only when the first of them can have changed: between, only what is heard matters."""
    if now_us < state.__dict__.get("due_us", 0):
        return []
    told_from_us = state.since_us + patience.stale_us
    events, due_us, aged = [], NEVER_US, 0
    for path, branch in state.branches.items():
        for part in branch.all:
            liveness = part.liveness
            due_us = min(due_us, _judge(part, now_us, patience))
            aged += RANK[part.liveness]
            if part.liveness != liveness:
                forget(state, path)
            if part.told == part.liveness or state.liveness != "live":
                continue
            if now_us < told_from_us:
                due_us = min(due_us, told_from_us)
                continue
            if part.values:
                events.append(branch_event(state, path, part, patience))
            part.told = part.liveness
    state.__dict__["due_us"] = due_us
    state.__dict__["rank"] = aged
    return events


def _judge(part: Part, now_us: int, patience: Patience) -> int:
    """Judge a part by itself; when to look at it again."""
    part.seen_us = patience.believed(part.seen_us, now_us)
    if part.held or not part.values:
        liveness: Liveness = "live"
    else:
        liveness = patience.judge(now_us - part.seen_us, part.rate.period_us)
    part.liveness = liveness
    following = None if part.held or not part.values else _NEXT.get(liveness)
    if following is None:
        return NEVER_US
    return part.seen_us + patience.of(following, part.rate.period_us)
