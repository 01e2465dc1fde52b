"""How fresh each signal of a document is: by what the document says, and by our own clock."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from flows.ontology.entities import RANK, Json
from flows.ontology.held import holds
from flows.ontology.rate import LONGEST_US, LOST_PERIODS, STALE_PERIODS, Liveness
from web import reading

# What is shown: a recording that is being played back is never called live.
State = Literal["live", "stale", "lost", "replay"]
MOST_RECORDS = 64  # Of one branch.
UNSAID = "nobody says when it was heard"
UNHEARD = "nothing has been heard of it"


class Patience(msgspec.Struct, frozen=True):
    """How much silence makes something stale, and lost. Seconds."""

    stale: float
    lost: float

    def of(self, age: float, period: float = 0.0) -> Liveness:
        """What so much silence makes of something that speaks once in a period."""
        if age >= max(self.lost, LOST_PERIODS * period):
            return "lost"
        return "stale" if age >= max(self.stale, STALE_PERIODS * period) else "live"


class Record(msgspec.Struct, frozen=True):
    """What a document says of some signals of a branch; all of them where ``leaves`` is None."""

    said: Liveness
    reason: str
    message: str
    source: str
    sequence: int | None
    period: float
    seen_us: int | None
    since: str
    stream_time: str
    device_time: str
    leaves: frozenset[str] | None


class Fresh(msgspec.Struct, frozen=True):
    """How fresh a signal is, why, and when it was heard."""

    state: State
    reason: str
    seen_us: int | None
    age: float | None


def records(provenance: Json, path: str) -> Iterator[Record]:
    """The records of a branch; the one of what is least fresh comes first."""
    first = provenance.get(path)
    if not isinstance(first, dict):
        return
    others = first.get("messages")
    for each in [first, *(others if isinstance(others, list) else [])][:MOST_RECORDS]:
        if isinstance(each, dict):
            yield _record(each)


def fresh(
    path: str, leaf: str, many: list[Record], *, whole: State, now: float, patience: Patience
) -> Fresh:
    """How fresh a signal is now.

    Args:
        path: the branch.
        leaf: the signal in it.
        many: the records of the branch.
        whole: how alive its entity is; no signal is more alive.
        now: seconds since 1970.
        patience: after how much silence it is not live.
    """
    record = next((each for each in many if each.leaves is None or leaf in each.leaves), None)
    if record is None or record.seen_us is None:
        return Fresh("lost", UNSAID, None, None)
    age = max(0.0, now - record.seen_us / 1e6)
    judged: Liveness = "live" if holds(path, leaf) else patience.of(age, record.period)
    worst = max(judged, record.said, key=RANK.__getitem__)
    if worst == "live" or RANK.get(whole, 0) > RANK[worst]:
        return Fresh(whole, "", record.seen_us, age)
    said = record.reason if record.said == worst else ""
    return Fresh(worst, said or UNHEARD, record.seen_us, age)


def period(value: object) -> float:
    """A period that can be believed, in seconds; 0 for any other."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if 0 < value <= LONGEST_US / 1e6 else 0.0


def _record(read: Json) -> Record:
    state, sequence, leaves = read.get("state"), read.get("sequence"), read.get("leaves")
    said = state if isinstance(state, str) and state in RANK else "live"
    stream_time = reading.text(read.get("stream_time"))
    return Record(
        said,  # type: ignore[arg-type]  # One of the ranks.
        reading.text(read.get("reason")),
        reading.text(read.get("message")),
        reading.text(read.get("source")),
        sequence if type(sequence) is int and 0 <= sequence < 2**64 else None,
        period(read.get("period")),
        reading.time_us(stream_time),
        reading.text(read.get("since")),
        stream_time,
        reading.text(read.get("device_time")),
        frozenset(each for each in leaves if isinstance(each, str))
        if isinstance(leaves, list)
        else None,
    )
