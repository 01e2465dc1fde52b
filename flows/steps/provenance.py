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
from flows.steps.tell import since

SECOND_US = 1_000_000
MOST_PATHS = 16_384
MOST_SECONDS = 4096  # Most moments of a fleet are of a few seconds.

_encode = msgspec.json.Encoder().encode
_quoted = lru_cache(MOST_PATHS)(lambda text: _encode(text).decode())


def record(path: str, state: EntityState, patience: Patience) -> str:
    """The record of a branch in JSON, after its name; empty if it has no signals by now."""
    branch = state.branches[path]
    parts = [part for part in branch.parts.values() if part.values]
    if len(parts) == 1 and not branch.behind:
        return f"{_quoted(path)}:{_told(path, parts[0], state, patience, 'whole')}}}"
    told = [_told(path, part, state, patience, "shared") for part in parts]
    told += [_told(path, part, state, patience, "left") for part in branch.behind.values()]
    if not told:
        return ""
    aged = [RANK[part.liveness] for part in (*parts, *branch.behind.values())]
    worst = told.pop(aged.index(max(aged)))
    others = f',"messages":[{"},".join(told)}}}]' if told else ""
    return f"{_quoted(path)}:{worst}{others}}}"


def _told(path: str, part: Part, state: EntityState, patience: Patience, which: str) -> str:
    """A record in JSON but for its end."""
    liveness = part.liveness
    if RANK[state.liveness] > RANK[liveness]:
        liveness, since_us, reason = state.liveness, state.since_us, state.reason
    else:
        since_us, reason = since(part, patience)
    period = f',"period":{part.rate.period_us / 1e6}' if part.rate.period_us else ""
    device = "" if part.device_us is None else f',"device_time":"{text(part.device_us)}"'
    return (
        f'{{"state":"{liveness}","since":"{text(since_us)}"'
        f"{_who(reason, part.source, part.message)}{period}"
        f"{_leaves_of(path, tuple(part.values), which)}"
        f',"sequence":{part.sequence},"stream_time":"{text(part.seen_us)}"{device}'
    )


@lru_cache(MOST_PATHS)
def _who(reason: str, source: str, message: str) -> str:
    """What a fleet of one kind says alike: why, and who said what."""
    said = f',"source":{_quoted(source)},"message":{_quoted(message)}'
    return f',"reason":{_quoted(reason)}{said}'


@lru_cache(MOST_PATHS)
def _leaves_of(path: str, leaves: tuple[str, ...], which: str) -> str:
    """The signals that a record is of, where that does not go without saying."""
    if which == "whole" and all(find(f"{path}.{leaf}") for leaf in leaves):
        return ""
    left = ',"left_out":true' if which == "left" else ""
    return f',"leaves":{_encode(leaves).decode()}{left}'


def text(us: int) -> str:
    """A moment as JSON has it, of microseconds since 1970, UTC."""
    fraction = us % SECOND_US
    second = _second(us // SECOND_US)
    if not fraction:
        return f"{second}Z"
    return f"{second}{_MILLI[fraction // 1000]}{_MICRO[fraction % 1000]}"


# Put together of these, a moment costs half of what its formatting does.
_MILLI = [f".{number:03d}" for number in range(1000)]
_MICRO = [f"{number:03d}Z" for number in range(1000)]


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
