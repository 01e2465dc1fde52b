"""The life of a part, as a table: what follows from what, and how long it waits after a fall."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    BACKING_OFF = "backing off"
    FAILED = "failed"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Event(StrEnum):
    START = "it is started"
    READY = "it works"
    FELL = "it ended by itself"
    FELL_AGAIN = "it ended by itself too often"
    STOP = "it is told to stop"
    ENDED = "it has stopped"


# A part that has failed is still tried now and then: what it lacks may come back.
TABLE: Mapping[tuple[State, Event], State] = {
    (State.STOPPED, Event.START): State.STARTING,
    (State.STARTING, Event.READY): State.RUNNING,
    (State.STARTING, Event.FELL): State.BACKING_OFF,
    (State.STARTING, Event.FELL_AGAIN): State.FAILED,
    (State.STARTING, Event.STOP): State.STOPPING,
    (State.RUNNING, Event.FELL): State.BACKING_OFF,
    (State.RUNNING, Event.FELL_AGAIN): State.FAILED,
    (State.RUNNING, Event.STOP): State.STOPPING,
    (State.BACKING_OFF, Event.START): State.STARTING,
    (State.BACKING_OFF, Event.STOP): State.STOPPING,
    (State.FAILED, Event.START): State.STARTING,
    (State.FAILED, Event.STOP): State.STOPPING,
    (State.STOPPING, Event.ENDED): State.STOPPED,
}

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A part that ran for so long was well: its falls before are forgotten.
WELL_SECONDS = 60.0
# So many falls in a row are no accident.
TOO_OFTEN = 5


def pause(falls: int) -> float:
    """How long to wait after so many falls in a row, seconds."""
    # Beyond a few, doubling no longer matters, and would not fit a number.
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(falls - 1, 10))


def fall(falls: int, ran_seconds: float) -> int:
    """The falls in a row, after one more."""
    return 1 if ran_seconds >= WELL_SECONDS else falls + 1
