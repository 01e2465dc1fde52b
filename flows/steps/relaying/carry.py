"""Carry commands to a vehicle and its answers back: the relay's step.

It says nothing to whom it has not heard, nothing after a command has expired, and nothing a
second time that is to be done once: what had been on record as said before the relay was
started anew, while it does not remember saying it, is not said again.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from msgspec.structs import replace

from flows.ontology.commands import Answer, AnswerState, Delivery
from flows.ontology.radio import Reply, Speech, Station, Word
from flows.ontology.relayed import Relayed, Talk, Vehicle
from flows.ontology.telemetry import Envelope, microseconds, moment
from flows.steps.relaying.know import know
from flows.steps.relaying.protocols import PROTOCOLS, Said, begin

SECOND = 1_000_000
BEAT_US = 900_000  # A vehicle's own heartbeat sets the pace of ours: once a second, about.
MOST_LINKS = 8
# A command is remembered for as long as it could be delivered again.
REMEMBER_US = 3600 * SECOND
MOST_DONE = 256
MOST_LATE_US = 60 * SECOND
MOST_WAITING = 32
# How long late answers may still come: after one, and after one that others may follow.
REST_US, LONG_REST_US = SECOND // 20, 3 * SECOND // 2
UNSURE = "not known whether it was sent"
EXPIRED = "it had expired before it could be said"

Heard = Envelope | Delivery
Out = Speech | Reply
# GCS, no autopilot, active, MAVLink 2
BEAT = {
    "type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4,
    "mavlink_version": 3,
}  # fmt: skip


class Relay(NamedTuple):
    """Who relays: whom we are on the air, and what was on record as said when it began."""

    station: Station
    said_before: AbstractSet[str] = frozenset()


def carry(state: Relayed, heard: Sequence[Heard], now_us: int, relay: Relay) -> list[Out]:
    """Take what was heard and delivered; what is to be said by now, and answered.

    Args:
        state: of one vehicle; it is changed.
        heard: its messages, and what is delivered to it.
        now_us: microseconds UTC.
        relay: who relays.
    """
    out: list[Out] = []
    for each in heard:
        if isinstance(each, Envelope):
            out += _hear(state, each, now_us, relay)
        elif state.vehicle.entity_id and each.org_id == state.vehicle.org_id:
            out += _deliver(state, each, now_us, relay)
    out += _go_on(state, now_us, relay)
    return out


def is_nobody(state: Relayed) -> bool:
    """Whether that is no vehicle that was heard: devices answer for themselves."""
    return not state.vehicle.entity_id


def next_due_us(state: Relayed) -> int | None:
    """When there is something to be done next, if nothing is heard before."""
    dues = [each.due_us for each in state.talks]
    if state.waiting:
        dues += [microseconds(each.expires_at) for each in state.waiting]
        dues += state.rests.values()
    return min(dues, default=None)


def _hear(state: Relayed, said: Envelope, now_us: int, relay: Relay) -> list[Out]:
    know(state.vehicle, said)
    out: list[Out] = []
    for talk in state.talks:
        if not talk.ended:
            heard = PROTOCOLS[type(talk)].hear(talk, state.vehicle, said, relay.station)
            out += _out(state, talk, heard, now_us, relay)
    if relay.station.beats and said.message_type == "HEARTBEAT" and said.role == "autopilot":
        since = now_us - state.beats.get(said.source, 0)
        if not 0 <= since < BEAT_US:
            if len(state.beats) > MOST_LINKS:
                state.beats.clear()
            state.beats[said.source] = now_us
            to = state.vehicle
            out.append(Speech(said.source, to.system_id, to.component_id, "HEARTBEAT", BEAT))
    return out


def _deliver(state: Relayed, delivery: Delivery, now_us: int, relay: Relay) -> list[Out]:
    if delivery.cancel:
        return _cancel(state, delivery, now_us, relay)
    command_id = delivery.command_id
    known = {each.delivery.command_id for each in state.talks}
    known |= {each.command_id for each in state.waiting}
    if command_id in state.done or command_id in known:
        return []
    late_us = now_us - microseconds(delivery.expires_at)
    if late_us >= MOST_LATE_US:
        return []  # Who reads all that ever was delivered has nothing to say to it.
    if late_us >= 0:
        return [_ended(state, delivery, "rejected", EXPIRED, now_us)]
    if len(state.waiting) >= MOST_WAITING:
        return [_ended(state, delivery, "rejected", "too many commands wait for it", now_us)]
    state.waiting.append(delivery)
    answer = Answer(command_id=command_id, state="received", at=moment(now_us))
    return [Reply(delivery.org_id, delivery.entity_id, answer, "received")]


def _cancel(state: Relayed, delivery: Delivery, now_us: int, relay: Relay) -> list[Out]:
    command_id = delivery.command_id
    for talk in state.talks:
        if talk.delivery.command_id == command_id and not talk.ended:
            said = PROTOCOLS[type(talk)].cancel(talk, relay.station, now_us)
            return _out(state, talk, said, now_us, relay)
    for waiting in state.waiting:
        if waiting.command_id == command_id:
            state.waiting.remove(waiting)
            return [_ended(state, waiting, "failed", "cancelled before it was said", now_us)]
    _remember(state, delivery, now_us)  # It may be delivered after all.
    return []


def _go_on(state: Relayed, now_us: int, relay: Relay) -> list[Out]:
    """Begin what can begin, and let everything that is due go on, until nothing is."""
    out: list[Out] = []
    state.rests = {lane: until for lane, until in state.rests.items() if until > now_us}
    while True:
        for talk in state.talks:
            while not talk.ended and talk.due_us <= now_us:
                said = PROTOCOLS[type(talk)].tick(talk, state.vehicle, relay.station, now_us)
                out += _out(state, talk, said, now_us, relay)
        state.talks = [each for each in state.talks if not each.ended]
        begun = _begin(state, now_us, relay)
        if begun is None:
            return out
        out += begun


def _begin(state: Relayed, now_us: int, relay: Relay) -> list[Out] | None:
    """Begin the first that waits and can; None where none can."""
    held: set[str] = set()
    for delivery in state.waiting:
        if now_us >= microseconds(delivery.expires_at):
            state.waiting.remove(delivery)
            return [_ended(state, delivery, "rejected", EXPIRED, now_us)]
        talk = begin(delivery, state.vehicle, relay.station)
        if isinstance(talk, str):
            state.waiting.remove(delivery)
            return [_ended(state, delivery, "rejected", talk, now_us)]
        at_once = delivery.priority == "emergency"
        wanted = set(talk.lanes)
        if at_once or not wanted & (held | _taken(state)):
            state.waiting.remove(delivery)
            out = _make_way(state, wanted, now_us) if at_once else []
            state.talks.append(talk)
            return out
        held |= wanted  # Those behind must not overtake it.
    return None


def _taken(state: Relayed) -> set[str]:
    return {lane for talk in state.talks for lane in talk.lanes} | state.rests.keys()


def _make_way(state: Relayed, lanes: set[str], now_us: int) -> list[Out]:
    """End what an emergency would have to wait for."""
    out: list[Out] = []
    for talk in state.talks:
        if not talk.ended and lanes & {*talk.lanes}:
            talk.ended = True
            why = "a command in an emergency took its place"
            out.append(_ended(state, talk.delivery, "failed", why, now_us))
    state.talks = [each for each in state.talks if not each.ended]
    return out


def _out(state: Relayed, talk: Talk, said: Sequence[Said], now_us: int, relay: Relay) -> list[Out]:
    """What a talk says, to whom; once it has ended, late answers may still come for a while."""
    out: list[Out] = []
    delivery, number = talk.delivery, talk.sent
    for each in said:
        if isinstance(each, Word):
            sending_id = f"{delivery.entity_id}:{delivery.command_id}:{number}"
            guarded = sending_id if each.guarded else ""
            if guarded and not delivery.repeatable and guarded in relay.said_before:
                talk.ended = True
                out.append(_ended(state, delivery, "failed", UNSURE, now_us))
                return out
            out.append(_speech(state.vehicle, each, guarded, once=not delivery.repeatable))
        elif talk.ended:
            out.append(_reply(delivery, replace(each, at=moment(now_us)), "end"))
            _remember(state, delivery, now_us)
        else:
            out.append(_reply(delivery, replace(each, at=moment(now_us)), f"progress:{talk.told}"))
    if talk.ended:
        rest = LONG_REST_US if talk.unheard else REST_US
        state.rests |= dict.fromkeys(talk.lanes, now_us + rest)
    return out


def _speech(vehicle: Vehicle, word: Word, sending_id: str, *, once: bool) -> Speech:
    component = word.component_id or vehicle.component_id
    link = vehicle.links.get(component, vehicle.link)
    return Speech(
        link,
        vehicle.system_id,
        component,
        word.name,
        word.fields,
        sending_id,
        bool(sending_id) and once,
    )


def _ended(
    state: Relayed, delivery: Delivery, ending: AnswerState, reason: str, now_us: int
) -> Reply:
    _remember(state, delivery, now_us)
    answer = Answer(command_id=delivery.command_id, state=ending, reason=reason, at=moment(now_us))
    return _reply(delivery, answer, "end")


def _reply(delivery: Delivery, answer: Answer, stage: str) -> Reply:
    return Reply(delivery.org_id, delivery.entity_id, answer, stage)


def _remember(state: Relayed, delivery: Delivery, now_us: int) -> None:
    done = state.done
    if len(done) >= MOST_DONE:
        done = {command: until for command, until in done.items() if until > now_us}
        while len(done) >= MOST_DONE:
            done.pop(next(iter(done)))
    done[delivery.command_id] = max(now_us, microseconds(delivery.expires_at)) + REMEMBER_US
    state.done = done
