"""The life of a command: its states, and which may follow which. It only goes forward.

The names are MAVLink's where MAVLink has them (``MAV_RESULT``): a vehicle accepts a command,
has it in progress, and has completed it. Before that it is judged, waits and is sent; at any
time it may end in another way.
"""

from collections.abc import Mapping
from typing import Literal, get_args

State = Literal[
    "requested",
    "awaiting_approval",
    "queued",
    "sent",
    "received",
    "accepted",
    "executing",
    "completed",
    "failed",
    "rejected",
    "timed_out",
    "expired",
    "cancelled",
    "superseded",
]
STATES: tuple[State, ...] = get_args(State)
_ENDED: frozenset[State] = frozenset(STATES[STATES.index("completed") :])
_UNSENT: frozenset[State] = frozenset(("rejected", "expired", "cancelled", "superseded"))

# What a vehicle has accepted it has neither rejected, nor got too late.
_DONE: frozenset[State] = _ENDED - frozenset(("rejected", "expired"))


def _then(others: frozenset[State], *states: State) -> frozenset[State]:
    return others.union(states)


TRANSITIONS: Mapping[State, frozenset[State]] = {
    "requested": _then(_UNSENT, "awaiting_approval", "queued"),
    "awaiting_approval": _then(_UNSENT, "queued"),
    # What is refused at the last moment, since the vehicle has changed, is rejected.
    "queued": _then(_UNSENT, "sent"),
    # An answer may be lost, and the next one be heard.
    "sent": _then(_ENDED, "received", "accepted", "executing"),
    "received": _then(_ENDED, "accepted", "executing"),
    "accepted": _then(_DONE, "executing"),
    "executing": _DONE,
    **dict.fromkeys(_ENDED, frozenset[State]()),
}


def ended(state: State) -> bool:
    """Whether nothing comes after."""
    return not TRANSITIONS[state]


def follows(state: State, following: State) -> bool:
    """Whether a command of the one state may have the other next."""
    return following in TRANSITIONS[state]
