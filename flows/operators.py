"""Operators that several graphs are made of. They know Bytewax, and nothing of vehicles."""

import gc
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Stream
from bytewax.operators import KeyedStream, StatefulBatchLogic
from typing_extensions import override

V = TypeVar("V")
W = TypeVar("W")
S = TypeVar("S")
Good = TypeVar("Good")
Bad = TypeVar("Bad")

Clock = Callable[[], int]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def system_clock() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def live_long() -> None:
    """Let the collector look seldom: states are many, stay, and refer to nothing in a circle."""
    gc.set_threshold(10_000, 20, 50)


def never(_state: object) -> int | None:
    """A state that waits for nothing."""
    return None


def lasting(_state: object, _now_us: int) -> bool:
    """A state that is never forgotten."""
    return False


class Split(NamedTuple, Generic[Good, Bad]):
    """What was good, and what was not."""

    good: Stream[Good]
    bad: Stream[Bad]


def split(
    step_id: str,
    up: Stream[V],
    good: type[Good],
    bad: type[Bad],  # noqa: ARG001  (it says what the rest is)
) -> Split[Good, Bad]:
    """Of what is of two classes, the one to one side and the other to the other."""
    parts = op.branch(step_id, up, lambda each: isinstance(each, good))
    return Split(parts.trues, parts.falses)  # type: ignore[arg-type]  # By their class.


class _Logic(StatefulBatchLogic[V, W, bytes]):
    """State as msgpack in the recovery store: it outlives renamed and moved classes."""

    def __init__(
        self,
        state: S,
        take: Callable[[S, list[V], int], list[W]],
        wake_us: Callable[[S], int | None],
        *,
        ends: Callable[[S, int], bool],
        says_nothing: Callable[[S], bool] | None,
        clock: Clock,
    ) -> None:
        self._state = state
        self._take = take
        self._wake_us = wake_us
        self._ends = ends
        self._says_nothing = says_nothing
        self._clock = clock

    @override
    def on_batch(self, values: list[V]) -> tuple[Iterable[W], bool]:
        taken = self._take(self._state, values, self._clock())
        return taken, self._says_nothing is not None and self._says_nothing(self._state)

    @override
    def on_notify(self) -> tuple[Iterable[W], bool]:
        # A call that was scheduled before may come although nothing is due any more.
        now, due = self._clock(), self._wake_us(self._state)
        if due is None or due > now:
            return [], StatefulBatchLogic.RETAIN
        taken = self._take(self._state, [], now)
        over = self._ends(self._state, now)
        return taken, StatefulBatchLogic.DISCARD if over else StatefulBatchLogic.RETAIN

    @override
    def notify_at(self) -> datetime | None:
        due = self._wake_us(self._state)
        return None if due is None else _EPOCH + timedelta(microseconds=due)

    @override
    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(self._state)


def keep(
    step_id: str,
    up: KeyedStream[V],
    state: type[S],
    take: Callable[[S, list[V], int], list[W]],
    *,
    wake_us: Callable[[S], int | None] = never,
    ends: Callable[[S, int], bool] = lasting,
    says_nothing: Callable[[S], bool] | None = None,
    clock: Clock = system_clock,
) -> KeyedStream[W]:
    """Keep a state for every key.

    Args:
        step_id: names the step; recovery finds its state by it.
        up: what the state is made of.
        state: its class, a msgspec Struct that can be made without arguments.
        take: changes the state by a batch of values (an empty one when it is woken) at a
            time, microseconds UTC; what it returns goes on.
        wake_us: when the state wants to be woken, microseconds UTC.
        ends: whether a state that was woken is to be forgotten at a time, microseconds UTC.
        says_nothing: whether a state need not be kept, since a new one would be the same;
            asked after each batch.
        clock: what time it is.
    """
    decode = msgspec.msgpack.Decoder(state).decode

    def build(resumed: bytes | None) -> _Logic[V, W]:
        found = state() if resumed is None else decode(resumed)
        return _Logic(found, take, wake_us, ends=ends, says_nothing=says_nothing, clock=clock)

    return op.stateful_batch(step_id, up, build)
