"""Streams that somebody has changed, made as declared again while everything runs.

Unlike ``connectors.streams.apply``, which is asked for, this never costs a message: a limit
is not drawn tighter than what is kept already. What cannot be put right is named.
"""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js.api import StreamConfig

from connectors.streams import (
    ANSWER_SECONDS,
    Declared,
    Difference,
    Limits,
    declared_fields,
    differences,
    plain,
)

# A server that does not let us change a stream says so to nobody: there is no answer.
NO_SUCH_STREAM = 10059
NOT_ALLOWED = "the server does not let us change it"
MOVES_NONE = "JetStream moves no stream from one storage to another"
COSTS = "messages would be discarded, which `overwatch streams apply` does"
# What a stream keeps no more than.
LIMITS = frozenset(("max_bytes", "max_age", "max_msgs_per_subject"))


class Left(NamedTuple):
    """A difference that stays, and why."""

    difference: Difference
    reason: str

    def __str__(self) -> str:
        return f"{self.difference}. It stays so: {self.reason}."


class Repaired(NamedTuple):
    """What was put right, and what was not."""

    changed: list[Difference]
    left: list[Left]


async def repair(client: Client, streams: Sequence[Declared], limits: Limits) -> Repaired:
    """Make the streams that are missing, and put right what costs no message.

    Raises:
        nats.errors.Error: the server does not answer, or does not let us look.
    """
    changed: list[Difference] = []
    left: list[Left] = []
    reason = ""
    for stream in streams:
        said = await _info(client, stream.name)
        config = None if said is None else StreamConfig.from_response(said["config"])
        found = differences(stream, limits, config)
        kept = await _kept(client, found, said["state"]) if said else []
        stay = [each.difference for each in kept]
        wrong = [each for each in found if each not in stay]
        left += kept
        # Who may not change one stream would wait in vain for an answer about each.
        if wrong and reason != NOT_ALLOWED:
            reason = await _change(client, stream, limits, config, wrong)
        if wrong and reason:
            left += [Left(each, reason) for each in wrong]
        else:
            changed += wrong
    return Repaired(changed, left)


async def _change(
    client: Client,
    stream: Declared,
    limits: Limits,
    config: StreamConfig | None,
    wrong: list[Difference],
) -> str:
    """Why it could not be done; empty when it is."""
    js = client.jetstream(timeout=ANSWER_SECONDS)
    fields = declared_fields(stream, limits, config and plain(config.storage))
    try:
        if config is None:
            await js.add_stream(StreamConfig(name=stream.name, **fields))
        else:
            right = {each.field: fields[each.field] for each in wrong}
            await js.update_stream(config.evolve(**right))
    except nats.js.errors.APIError as error:
        return error.description or str(error)
    except nats.errors.TimeoutError:
        return NOT_ALLOWED
    return ""


async def _kept(client: Client, found: list[Difference], state: dict[str, Any]) -> list[Left]:
    """The differences that cannot be undone, or not without losing what is kept."""
    left: list[Left] = []
    for each in found:
        if each.field == "storage":
            left.append(Left(each, MOVES_NONE))
        elif each.field in LIMITS and await _costs(client, each, state):
            left.append(Left(each, COSTS))
    return left


async def _costs(client: Client, difference: Difference, state: dict[str, Any]) -> bool:
    declared = difference.declared
    if not isinstance(declared, int | float) or declared <= 0 or not state["messages"]:
        return False
    match difference.field:
        case "max_bytes":
            return bool(state["bytes"] > declared)
        case "max_age":
            first = datetime.fromisoformat(state["first_ts"])
            return (datetime.now(UTC) - first).total_seconds() > declared
        case _:
            return await _most(client, difference.stream) > declared


async def _most(client: Client, name: str) -> float:
    """How many messages the fullest subject has; without end where they are too many to ask."""
    said = await _info(client, name, subjects_filter=">")
    state = said["state"] if said else {}
    counts = state.get("subjects") or {}
    return max(counts.values()) if counts and len(counts) == state["num_subjects"] else math.inf


async def _info(client: Client, name: str, **asked: str) -> dict[str, Any] | None:
    """What the server tells of a stream, which is more than the driver does; None without one.

    Raises:
        nats.errors.Error: no answer, or a refusal.
    """
    subject, question = f"$JS.API.STREAM.INFO.{name}", json.dumps(asked).encode()
    answer = await client.request(subject, question, timeout=ANSWER_SECONDS)
    said: dict[str, Any] = json.loads(answer.data)
    if "error" not in said:
        return said
    if said["error"].get("err_code") == NO_SUCH_STREAM:
        return None
    raise nats.js.errors.APIError.from_error(said["error"])
