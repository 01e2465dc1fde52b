"""Where the signals of a branch came from and how fresh they are, to and from JSON.

A branch has the record of what is least fresh in it, so that nothing in it is older than
that says; ``messages`` are the records of what else feeds it. ``leaves`` tells which signals
a record is of, where those are not all of the branch or not of the catalogue.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

import msgspec

from flows.ontology.entities import RANK, Branch, EntityState, Json, Part
from flows.ontology.held import holds
from flows.ontology.rate import Patience, Rate
from flows.ontology.signals import find
from flows.ontology.telemetry import microseconds, moment
from flows.steps.believe import is_of_kind
from flows.steps.judge import state_of
from flows.steps.tell import since

SECOND_US = 1_000_000
MOST_PATHS = 16_384
MOST_SECONDS = 4096  # Most moments of a fleet are of a few seconds.

_encode = msgspec.json.Encoder().encode
_key = lru_cache(MOST_PATHS)(lambda path: _encode(path).decode())


def record(path: str, branch: Branch, newest: int, state: EntityState, patience: Patience) -> str:
    """The record of a branch in JSON, after its name; empty if it has no signals by now.

    It is made once for as long as nothing in it changes: ``newest`` is another with every
    message that was heard, and what else does it forgets what was made.
    """
    known: tuple[int, str] | None = branch.__dict__.get("told")
    if known is not None and known[0] == newest and state.liveness == "live":
        return known[1]
    if len(branch.parts) != 1 or branch.behind:
        told = _shared(path, branch, state, patience)
    else:
        (part,) = branch.parts.values()
        told = _told(path, part, state, patience, "whole") + "}" if part.values else ""
    if told:
        told = f"{_key(path)}:{told}"
    branch.__dict__["told"] = (newest, told) if state.liveness == "live" else None
    return told


def _shared(path: str, branch: Branch, state: EntityState, patience: Patience) -> str:
    """The records of all that feed a branch, one of the least fresh first."""
    parts = [(part, "shared") for part in branch.parts.values() if part.values]
    parts += [(part, "left") for part in branch.behind.values()]
    if len(parts) == 1 and not branch.behind:
        return _told(path, parts[0][0], state, patience, "whole") + "}"
    told: list[str] = []
    worst = 0
    for part, which in parts:
        rank = RANK[part.liveness]
        each = _told(path, part, state, patience, which)
        if rank > worst:
            worst = rank
            told.insert(0, each)
        else:
            told.append(each)
    if len(told) > 1:
        return f'{told[0]},"messages":[{"},".join(told[1:])}}}]}}'
    return told[0] + "}" if told else ""


def _told(path: str, part: Part, state: EntityState, patience: Patience, which: str) -> str:
    """A record in JSON but for its end. Most of it is the same from message to message."""
    if state.liveness != "live":
        return _ended(_begun(path, part, state, patience, which), part)
    known: tuple[str, str, int, str] | None = part.__dict__.get("told")
    if known is not None and known[0] == which:
        if known[2] == part.sequence:
            return known[3]
        begun = known[1]
    else:
        begun = _begun(path, part, state, patience, which)
    told = _ended(begun, part)
    part.__dict__["told"] = (which, begun, part.sequence, told)
    return told


def _ended(begun: str, part: Part) -> str:
    if part.device_us is None:
        return f'{begun}{part.sequence},"stream_time":"{text(part.seen_us)}"'
    device = text(part.device_us)
    return f'{begun}{part.sequence},"stream_time":"{text(part.seen_us)}","device_time":"{device}"'


def _begun(path: str, part: Part, state: EntityState, patience: Patience, which: str) -> str:
    since_us, reason = since(part, patience)
    if RANK[state.liveness] > RANK[part.liveness]:
        since_us, reason = state.since_us, state.reason
    fields: Json = {
        "state": state_of(part, state),
        "since": text(since_us),
        "reason": reason,
        "source": part.source,
        "message": part.message,
    }
    if part.rate.period_us:
        fields["period"] = part.rate.period_us / 1e6
    if which != "whole" or any(find(f"{path}.{leaf}") is None for leaf in part.values):
        fields["leaves"] = list(part.values)
    if which == "left":
        fields["left_out"] = True
    return _encode(fields)[:-1].decode() + ',"sequence":'


def text(us: int) -> str:
    """A moment as JSON has it, of microseconds since 1970, UTC."""
    fraction = us % SECOND_US
    second = _second(us // SECOND_US)
    return f"{second}.{fraction:06d}Z" if fraction else f"{second}Z"


@lru_cache(MOST_SECONDS)
def _second(seconds: int) -> str:
    return f"{moment(seconds * SECOND_US):%Y-%m-%dT%H:%M:%S}".rjust(19, "0")


def recall(tree: Json, path: str, read: Json) -> Branch:
    """The branch that a record was made from; its leaves are taken out of the tree.

    Raises:
        KeyError, TypeError, ValueError: it was made from none.
    """
    place = tree
    for name in path.split("."):
        place = place[name]
    branch = Branch()
    for each in _records(read):
        part = _part(path, each, _leaves(place, path, each))
        if each.get("left_out"):
            branch.behind |= dict.fromkeys(part.values, part)
        else:
            branch.parts[part.message] = part
    return branch


def _records(read: Json) -> Iterator[Json]:
    yield read
    yield from read.get("messages", ())


def _leaves(place: Json, path: str, read: Json) -> Json:
    told = read.get("leaves")
    if told is None:
        # All of the catalogue: what others have there is of another kind.
        told = [
            leaf
            for leaf, value in place.items()
            if (signal := find(f"{path}.{leaf}")) and is_of_kind(signal, value)
        ]
    return {leaf: place.pop(leaf) for leaf in told}


def _part(path: str, read: Json, values: Json) -> Part:
    seen_us = _time(read.get("stream_time") or read["seen"])
    period_us = round(read.get("period", 0) * 1e6)
    liveness = read.get("state", "live")
    device = read.get("device_time")
    return msgspec.convert(
        {
            "message": read["message"],
            "source": read["source"],
            "seen_us": seen_us,
            "device_us": _time(device) if device else None,
            "sequence": read["sequence"],
            "live_us": _time(read["since"]) if liveness == "live" and "since" in read else seen_us,
            "values": values,
            "rate": Rate(seen_us, period_us, period_us),
            "liveness": liveness,
            "told": liveness,
            "held": all(holds(path, leaf) for leaf in values),
        },
        Part,
    )


def _time(text: str) -> int:
    return microseconds(msgspec.convert(text, datetime))
