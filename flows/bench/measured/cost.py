"""What a message costs the graph of entities, with few entities and with many.

It is the graph by itself, from a stored message to the state that is to be put: the wires
cost the same whoever has spoken. Few and many say the same things as often, twice a second
by the clock that the stream and the flow have here, so that nothing grows old. They are read
in batches of one depth, in which nobody speaks twice: each message makes a state, and none
stands for another. What is left to differ is how many entities the graph knows.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from bytewax.dataflow import Dataflow
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.run import cli_main
from typing_extensions import override

from connectors.jetstream import Message
from flows import entities
from flows.bench.crowd import SAYINGS, Crowd
from flows.bench.ends import Discard
from flows.bench.sizes import Figures, Sizes
from flows.ontology.rate import Patience
from flows.ontology.settings import Settings
from flows.operators import live_long

BEGAN_US = 1_767_225_600_000_000
DEEP = 50
TURN_US = 500_000
KNOWN = len(SAYINGS)  # Turns after which each has said everything.


def measure(settings: Settings, sizes: Sizes) -> Figures:
    live_long()
    few, many = (
        min(_cost(settings, number, sizes) for _ in range(sizes.cost_rounds))
        for number in (sizes.few, sizes.many)
    )
    return {"many_cost_us": many * 1e6, "many_over_few_cost": many / few}


def _cost(settings: Settings, number: int, sizes: Sizes) -> float:
    """Seconds that the graph computes for each message of so many entities."""
    turns = _Turns(Crowd(number, 0, settings.organization), KNOWN + sizes.cost_messages // number)
    flow = Dataflow(entities.NAME)
    entities.graph(
        flow,
        messages=turns,
        projection=Discard(),
        said=Discard(),
        ledger=Discard(),
        counts=Discard(),
        organization=settings.organization,
        ahead_us=settings.clock_ahead_us,
        patience=Patience(settings.stale_us, settings.lost_us),
        clock=lambda: turns.now_us,
    )
    cli_main(flow)  # type: ignore[no-untyped-call]
    return turns.computed / (number * (turns.turns - KNOWN))


@dataclass
class _Turns(FixedPartitionedSource[Message, None]):
    """A crowd in turns, and how long others computed since everything had been said."""

    crowd: Crowd
    turns: int
    now_us: int = BEGAN_US
    computed: float = 0.0

    @override
    def list_parts(self) -> list[str]:
        return ["crowd"]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Part":
        return _Part(self)


class _Part(StatefulSourcePartition[Message, None]):
    def __init__(self, turns: _Turns) -> None:
        self._turns = turns
        self._deep = min(DEEP, turns.crowd.entities)
        self._said = 0
        self._left = 0.0

    @override
    def next_batch(self) -> Iterable[Message]:
        turns, came = self._turns, time.process_time()
        turn, first = divmod(self._said, turns.crowd.entities)
        if turn >= KNOWN and self._said > KNOWN * turns.crowd.entities:
            turns.computed += came - self._left
        if turn == turns.turns:
            raise StopIteration
        batch = [
            self._message(turn, entity)
            for entity in range(first, min(first + self._deep, turns.crowd.entities))
        ]
        self._said += len(batch)
        turns.now_us = batch[-1].stored_us
        self._left = time.process_time()
        return batch

    def _message(self, turn: int, entity: int) -> Message:
        crowd = self._turns.crowd
        at_us = BEGAN_US + turn * TURN_US + entity * TURN_US // crowd.entities
        said = crowd.said(entity, turn, at_us)
        sequence = turn * crowd.entities + entity + 1
        return Message(entities.STREAM, said.subject, said.data, sequence, at_us)

    @override
    def snapshot(self) -> None:
        return None
