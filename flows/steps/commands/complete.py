"""Whether a command is done, and how far it is, by what the vehicle tells of itself.

Only what was heard after the command was accepted counts, signal by signal: a height that was
reached before tells nothing.
"""

from collections.abc import Callable

from flows.ontology.command_facts import Facts
from flows.ontology.command_goals import By, Goal
from flows.steps.commands.goals import begin
from flows.steps.commands.sphere import distance, vector

__all__ = ["begin", "done", "progress"]

COMPLETE = 5  # MISSION_STATE_COMPLETE
_ALMOST = 99.0  # What is not done is not there.


def done(goal: Goal, facts: Facts) -> bool:
    """Whether it is done by what is known now."""
    return _DONE[goal.by](goal, facts)


def progress(goal: Goal, facts: Facts) -> float | None:
    """How far it is, in whole percent; None where that is not known, or not known anew."""
    if done(goal, facts):
        return 100.0
    share = _SHARES[goal.by](goal, facts) if goal.by in _SHARES else None
    return None if share is None else float(round(max(0.0, min(_ALMOST, share * 100))))


def _has_climbed(goal: Goal, facts: Facts) -> bool:
    known = facts.altitude_relative
    if known is None or goal.above is None or facts.position_us <= goal.after_us:
        return False
    return known >= goal.above - goal.level


def _is_level(goal: Goal, facts: Facts) -> bool:
    if facts.position_us <= goal.after_us:
        return False
    off = _off(goal, facts)
    return off is not None and off <= goal.level


def _off(goal: Goal, facts: Facts) -> float | None:
    """How many metres above or below what is wanted; None where that is not known."""
    if goal.above is not None and facts.altitude_relative is not None:
        return abs(facts.altitude_relative - goal.above)
    if goal.sea is not None and facts.altitude_msl is not None:
        return abs(facts.altitude_msl - goal.sea)
    return None


def _is_there(goal: Goal, facts: Facts) -> bool:
    far = _far(goal, facts)
    if far is None or far > goal.near:
        return False
    return (goal.above is None and goal.sea is None) or _is_level(goal, facts)


def _far(goal: Goal, facts: Facts) -> float | None:
    """How far it is from the place; None where nothing new has told."""
    if (
        facts.position_us <= goal.after_us
        or facts.latitude is None or facts.longitude is None
        or goal.latitude is None or goal.longitude is None
    ):  # fmt: skip
        return None
    return distance(
        vector(facts.latitude, facts.longitude), vector(goal.latitude, goal.longitude)
    )  # fmt: skip


def _has_landed(goal: Goal, facts: Facts) -> bool:
    if facts.landed and facts.landed_us > goal.after_us:
        return facts.landed == "on_ground"
    return facts.armed is False and facts.status_us > goal.after_us


def _has_returned(goal: Goal, facts: Facts) -> bool:
    switched_off = facts.armed is False and facts.status_us > goal.after_us
    return switched_off and facts.landed in ("", "on_ground")


def _has_flown(goal: Goal, facts: Facts) -> bool:
    """Who tells the state of its mission is believed; of others the last item is what counts."""
    reached = facts.mission_reached is not None and facts.reached_us > goal.after_us
    if facts.mission_state:
        complete = facts.mission_state == COMPLETE and facts.state_us > goal.after_us
        return complete and (reached or facts.mission_reached is None)
    total = facts.mission_total
    return reached and bool(total) and (facts.mission_reached or 0) >= (total or 0) - 1


def _is_armed(goal: Goal, facts: Facts) -> bool:
    return facts.armed is goal.armed and facts.status_us > goal.after_us


def _is_in_mode(goal: Goal, facts: Facts) -> bool:
    return facts.mode == goal.mode and facts.status_us > goal.after_us


def _climb_share(goal: Goal, facts: Facts) -> float | None:
    known, to = facts.altitude_relative, goal.above
    if known is None or to is None or goal.begun is None or facts.position_us <= goal.after_us:
        return None
    return (known - goal.begun) / (to - goal.begun) if to > goal.begun else None


def _level_share(goal: Goal, facts: Facts) -> float | None:
    to, off = goal.above if goal.above is not None else goal.sea, _off(goal, facts)
    if to is None or off is None or goal.begun is None or facts.position_us <= goal.after_us:
        return None
    whole = abs(to - goal.begun)
    return 1 - off / whole if whole else None


def _way_share(goal: Goal, facts: Facts) -> float | None:
    far = _far(goal, facts)
    return None if far is None or not goal.begun else 1 - far / goal.begun


def _land_share(goal: Goal, facts: Facts) -> float | None:
    known = facts.altitude_relative
    if known is None or not goal.begun or goal.begun < 1 or facts.position_us <= goal.after_us:
        return None
    return 1 - known / goal.begun


def _item_share(goal: Goal, facts: Facts) -> float | None:
    item, total = facts.mission_item, facts.mission_total
    if item is None or not total or facts.item_us <= goal.after_us:
        return None
    return item / total


_DONE: dict[By, Callable[[Goal, Facts], bool]] = {
    "climbed": _has_climbed,
    "height": _is_level,
    "place": _is_there,
    "landed": _has_landed,
    "returned": _has_returned,
    "items": _has_flown,
    "armed": _is_armed,
    "mode": _is_in_mode,
}
_SHARES: dict[By, Callable[[Goal, Facts], float | None]] = {
    "climbed": _climb_share,
    "height": _level_share,
    "place": _way_share,
    "landed": _land_share,
    "items": _item_share,
}
