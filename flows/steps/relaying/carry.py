"""Carry commands to a vehicle and its answers back: the relay's step.

It says nothing to whom it has not heard, nothing after a command has expired, and nothing a
second time that is to be done once: what had been on record as said before the relay was
started anew, while it does not remember saying it, is not said again.

Nor does one that was started anew speak at once to a vehicle that it remembers: until that is
heard again, nobody knows where, and what is to be said once would be lost and on record.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from msgspec.structs import replace

from flows.ontology.commands import Delivery
from flows.ontology.radio import Reply, Speech, Station, Word
from flows.ontology.relayed import Relayed, Talk, Vehicle
from flows.ontology.telemetry import Envelope, moment
from flows.steps.relaying.know import know
from flows.steps.relaying.protocols import PROTOCOLS, Said
from flows.steps.relaying.reply import ended, remember, reply
from flows.steps.relaying.turns import (
    UNHEARD_US,
    appear,
    deliver,
    due,
    forget,
    next_turn,
    withdraw,
)

SECOND = 1_000_000
BEAT_US = 900_000  # A vehicle's own heartbeat sets the pace of ours: once a second, about.
MOST_LINKS = 8
# How long late answers may still come: after one, and after one that others may follow.
REST_US, LONG_REST_US = SECOND // 20, 3 * SECOND // 2
UNSURE = "not known whether it was sent"

Heard = Envelope | Delivery
Out = Speech | Reply
# GCS, no autopilot, active, MAVLink 2
BEAT = {
    "type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4,
    "mavlink_version": 3,
}  # fmt: skip


class Relay(NamedTuple):
    """Who relays: whom we are on the air, what was on record as said when it began, and when.

    ``began_us`` is in microseconds UTC.
    """

    station: Station
    said_before: AbstractSet[str] = frozenset()
    began_us: int = 0


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
        elif each.cancel:
            out += _cancel(state, each, now_us, relay)
        else:
            out += deliver(state, each, now_us)
    if not state.vehicle.entity_id:
        forget(state, now_us)
    elif _spoken_to_us(state, relay.began_us) <= now_us:
        out += _go_on(state, now_us, relay)
    return out


def is_nobody(state: Relayed) -> bool:
    """Whether that is no vehicle that was heard, and nothing waits for one."""
    return not state.vehicle.entity_id and not state.waiting


def next_due_us(state: Relayed, began_us: int = 0) -> int | None:
    """When there is something to be done next, if nothing is heard before.

    Args:
        state: of one vehicle.
        began_us: when the relay began, microseconds UTC.
    """
    spoken_to_us = _spoken_to_us(state, began_us)
    first = min((*(each.due_us for each in state.talks), *due(state)), default=None)
    if first is None:
        return None
    free = not state.talks and not state.rests  # What waits then waits for that alone.
    return spoken_to_us if spoken_to_us and free else max(first, spoken_to_us)


def _spoken_to_us(state: Relayed, began_us: int) -> int:
    """From when on a vehicle is spoken to: at once if this relay has heard it, or else later."""
    remembered = 0 < state.vehicle.heard_us < began_us
    return began_us + UNHEARD_US if remembered else 0


def _hear(state: Relayed, said: Envelope, now_us: int, relay: Relay) -> list[Out]:
    new = not state.vehicle.entity_id
    know(state.vehicle, said)
    out: list[Out] = []
    if new and state.vehicle.entity_id:
        out += appear(state, now_us)
    for talk in state.talks:
        if not talk.ended:
            heard = PROTOCOLS[type(talk)].hear(talk, state.vehicle, said, relay.station)
            out += _out(state, talk, heard, now_us, relay)
    if relay.station.beats and said.message_type == "HEARTBEAT" and said.role == "autopilot":
        out += _beat(state, said.source, now_us)
    return out


def _beat(state: Relayed, link: str, now_us: int) -> list[Out]:
    if 0 <= now_us - state.beats.get(link, 0) < BEAT_US:
        return []
    if len(state.beats) > MOST_LINKS:
        state.beats.clear()
    state.beats[link] = now_us
    to = state.vehicle
    return [Speech(link, to.system_id, to.component_id, "HEARTBEAT", BEAT)]


def _cancel(state: Relayed, delivery: Delivery, now_us: int, relay: Relay) -> Sequence[Out]:
    for talk in state.talks:
        if talk.delivery.command_id == delivery.command_id and not talk.ended:
            said = PROTOCOLS[type(talk)].cancel(talk, relay.station, now_us)
            return _out(state, talk, said, now_us, relay)
    return withdraw(state, delivery, now_us)


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
        begun = next_turn(state, relay.station, now_us)
        if begun is None:
            return out
        out += begun


def _out(state: Relayed, talk: Talk, said: Sequence[Said], now_us: int, relay: Relay) -> list[Out]:
    """What a talk says, to whom; once it has ended, late answers may still come for a while."""
    out: list[Out] = []
    delivery = talk.delivery
    for each in said:
        if isinstance(each, Word):
            sending_id = f"{delivery.entity_id}:{delivery.command_id}:{talk.sent}"
            guarded = sending_id if each.guarded else ""
            if guarded and not delivery.repeatable and guarded in relay.said_before:
                talk.ended = True
                out.append(ended(state, delivery, "failed", UNSURE, now_us))
                return out
            out.append(_speech(state.vehicle, each, guarded, once=not delivery.repeatable))
        elif talk.ended:
            out.append(reply(delivery, replace(each, at=moment(now_us)), "end"))
            remember(state, delivery, now_us)
        else:
            out.append(reply(delivery, replace(each, at=moment(now_us)), f"progress:{talk.told}"))
    if talk.ended:
        rest = LONG_REST_US if talk.unheard else REST_US
        state.rests |= dict.fromkeys(talk.lanes, now_us + rest)
    return out


def _speech(vehicle: Vehicle, word: Word, sending_id: str, *, once: bool) -> Speech:
    component = word.component_id or vehicle.component_id
    link = vehicle.links.get(component, vehicle.link)
    to = link, vehicle.system_id, component
    return Speech(*to, word.name, word.fields, sending_id, once and bool(sending_id))
