"""The part of the relay that tells vehicles: deliveries in, messages to them and answers out."""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Stream
from bytewax.operators import KeyedStream
from bytewax.outputs import Sink

from connectors.jetstream import Message
from connectors.mavlink_sink import Sending
from connectors.publish import Publication
from flows.ontology import subjects
from flows.ontology.commands import Delivery
from flows.ontology.radio import Reply, Speech
from flows.ontology.relayed import Relayed
from flows.ontology.telemetry import Envelope
from flows.ontology.wire import Rejected
from flows.operators import Clock, keep, split, system_clock
from flows.steps.identify import Identified
from flows.steps.relaying.carry import Relay, carry, is_nobody, next_due_us
from flows.steps.relaying.know import matter
from flows.steps.relaying.take import take

_json = msgspec.json.Encoder().encode


class Radio(NamedTuple):
    """By what vehicles are told: where messages to them go, who we are, and what time it is."""

    sent: Sink[tuple[str, Sending]]
    relay: Relay
    clock: Clock = system_clock


def commands(
    name: str, identified: KeyedStream[Identified], deliveries: Stream[Message], radio: Radio
) -> tuple[KeyedStream[Publication], Stream[Rejected]]:
    """Let what is delivered go to vehicles; their answers are returned, and what is no delivery.

    Args:
        name: the flow's, by which all is sent and said.
        identified: what vehicles say.
        deliveries: messages of the stream of commands.
        radio: by what vehicles are told.
    """
    taken = op.filter_map("take", deliveries, take)
    delivered, undelivered = split("taken", taken, Delivery, Rejected)
    for_entity = op.key_on("delivered", delivered, lambda each: each.entity_id)
    # ("d3b0...", Delivery("c1", "default", "d3b0...", "arm", {}, ...))

    # The few messages that commands need: a step for every packet would cost too much.
    spoken = op.flat_map_batch("matter", identified, partial(_matter, {}))
    # ("d3b0...", Envelope("d3b0...", "default", "COMMAND_ACK", ..., {"command": 400, ...}))

    carried = keep(
        "carry",
        op.merge("commanded", for_entity, spoken),
        Relayed,
        partial(_carry, radio.relay),
        wake_us=partial(_due_us, radio.relay),
        ends=_is_over,
        says_nothing=is_nobody,
        clock=radio.clock,
    )
    # ("d3b0...", Speech("udp:14550", 1, 1, "COMMAND_LONG", {"command": 400, ...}, "d3b0...:c1:1"))
    # ("d3b0...", Reply("default", "d3b0...", Answer("c1", "accepted"), "end"))

    sendings = op.flat_map_batch("sending", carried, partial(_sendings, name))
    op.output("sent", sendings, radio.sent)
    # ("relay", Sending("udp:14550", 1, 1, "COMMAND_LONG", {"command": 400, ...}, "d3b0...:c1:1"))

    answers = op.flat_map_batch("answer", carried, partial(_answers, name))
    # ("relay", Publication("constellation.commands.default.d3b0....ack", b'{...}', "..."))
    return answers, undelivered


def _matter(
    last: dict[tuple[str, str], int], batch: list[tuple[str, Identified]]
) -> Iterable[tuple[str, Envelope]]:
    envelopes = [each for _, each in batch if isinstance(each, Envelope)]
    return [(each.entity_id, each) for each in matter(envelopes, last)]


def _carry(
    relay: Relay, state: Relayed, heard: list[Delivery | Envelope], now_us: int
) -> list[Speech | Reply]:
    return carry(state, heard, now_us, relay)


def _due_us(relay: Relay, state: Relayed) -> int | None:
    return next_due_us(state, relay.began_us)


def _is_over(state: Relayed, _now_us: int) -> bool:
    return is_nobody(state)


def _sendings(name: str, batch: list[tuple[str, Speech | Reply]]) -> Iterable[tuple[str, Sending]]:
    return [(name, _sending(each)) for _, each in batch if isinstance(each, Speech)]


def _sending(each: Speech) -> Sending:
    to = each.link, each.system_id, each.component_id
    return Sending(*to, each.name, each.fields, each.sending_id, each.once)


def _answers(
    name: str, batch: list[tuple[str, Speech | Reply]]
) -> Iterable[tuple[str, Publication]]:
    return [(name, _answer(each)) for _, each in batch if isinstance(each, Reply)]


def _answer(each: Reply) -> Publication:
    subject = subjects.command(each.org_id, each.entity_id, subjects.ACK)
    return Publication(subject, _json(each.answer), each.identity)
