"""Whose turn it is: commands wait behind those that they could not be told apart from.

What is delivered before its vehicle is heard waits a little for that: the relay may have been
started anew. What nobody is heard of by then is no vehicle's, and answers for itself.
"""

from flows.ontology.commands import Delivery
from flows.ontology.radio import Reply, Station
from flows.ontology.relayed import Relayed
from flows.ontology.telemetry import microseconds
from flows.steps.relaying.protocols import begin
from flows.steps.relaying.reply import ended, received, remember

SECOND = 1_000_000
MOST_WAITING = 32
# Of commands that have expired before they were read: who reads all that ever was delivered has
# nothing to say to those.
MOST_LATE_US = 60 * SECOND
UNHEARD_US = 5 * SECOND  # For which vehicles are waited for.
EXPIRED = "it had expired before it could be said"
CANCELLED = "cancelled before it was said"
URGENT = "a command in an emergency took its place"


def deliver(state: Relayed, delivery: Delivery, now_us: int) -> list[Reply]:
    """Take a delivery, unless it was taken before."""
    if delivery.command_id in _known(state):
        return []
    late_us = now_us - microseconds(delivery.expires_at)
    if not state.vehicle.entity_id:
        if late_us < 0 and now_us < _heard_by(delivery) and len(state.waiting) < MOST_WAITING:
            state.waiting.append(delivery)
        return []
    if delivery.org_id != state.vehicle.org_id or late_us >= MOST_LATE_US:
        return []
    if late_us >= 0:
        return [ended(state, delivery, "rejected", EXPIRED, now_us)]
    if len(state.waiting) >= MOST_WAITING:
        return [ended(state, delivery, "rejected", "too many commands wait for it", now_us)]
    state.waiting.append(delivery)
    return [received(delivery, now_us)]


def appear(state: Relayed, now_us: int) -> list[Reply]:
    """The vehicle is heard for the first time: what has waited for it is its."""
    state.waiting = [each for each in state.waiting if each.org_id == state.vehicle.org_id]
    return [received(each, now_us) for each in state.waiting]


def forget(state: Relayed, now_us: int) -> None:
    """Nobody is heard: what has waited long enough is no vehicle's."""
    state.waiting = [each for each in state.waiting if now_us < _heard_by(each)]


def withdraw(state: Relayed, delivery: Delivery, now_us: int) -> list[Reply]:
    """Take back what waits, or is to come."""
    for waiting in state.waiting:
        if waiting.command_id == delivery.command_id:
            state.waiting.remove(waiting)
            heard = state.vehicle.entity_id
            return [ended(state, waiting, "failed", CANCELLED, now_us)] if heard else []
    if state.vehicle.entity_id:
        remember(state, delivery, now_us)
    return []


def next_turn(state: Relayed, station: Station, now_us: int) -> list[Reply] | None:
    """Begin, or end, the first that waits and need not any more; None where there is none."""
    held: set[str] = set()
    for delivery in state.waiting:
        if now_us >= microseconds(delivery.expires_at):
            state.waiting.remove(delivery)
            return [ended(state, delivery, "rejected", EXPIRED, now_us)]
        talk = begin(delivery, state.vehicle, station)
        if isinstance(talk, str):
            state.waiting.remove(delivery)
            return [ended(state, delivery, "rejected", talk, now_us)]
        urgent, wanted = delivery.priority == "emergency", {*talk.lanes}
        if urgent or not wanted & (held | _taken(state)):
            state.waiting.remove(delivery)
            out = _make_way(state, wanted, now_us) if urgent else []
            state.talks.append(talk)
            return out
        held |= wanted  # Those behind must not overtake it.
    return None


def due(state: Relayed) -> list[int]:
    """When there may be another turn, though nothing is heard."""
    if not state.waiting:
        return []
    if not state.vehicle.entity_id:
        return [_heard_by(each) for each in state.waiting]
    return [*(microseconds(each.expires_at) for each in state.waiting), *state.rests.values()]


def _heard_by(delivery: Delivery) -> int:
    return microseconds(delivery.issued_at) + UNHEARD_US


def _known(state: Relayed) -> set[str]:
    under_way = {each.delivery.command_id for each in state.talks}
    return under_way | {each.command_id for each in state.waiting} | state.done.keys()


def _taken(state: Relayed) -> set[str]:
    return {lane for talk in state.talks for lane in talk.lanes} | state.rests.keys()


def _make_way(state: Relayed, lanes: set[str], now_us: int) -> list[Reply]:
    """End what an emergency would have to wait for."""
    out = []
    for talk in state.talks:
        if not talk.ended and lanes & {*talk.lanes}:
            talk.ended = True
            out.append(ended(state, talk.delivery, "failed", URGENT, now_us))
    state.talks = [each for each in state.talks if not each.ended]
    return out
