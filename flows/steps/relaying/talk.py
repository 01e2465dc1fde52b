"""What talks have in common that move something in parts: who speaks to us, and how they end."""

from collections.abc import Mapping
from typing import Any

from flows.ontology.commands import Answer, AnswerState
from flows.ontology.radio import Station, Word
from flows.ontology.relayed import Vehicle
from flows.ontology.telemetry import Envelope, microseconds
from flows.ontology.transfers import Transfer

SECOND = 1_000_000
# By MAVLink's rules: how often a message is said that is not answered, and how long after.
# https://mavlink.io/en/services/mission.html#timeouts-and-retries
TRIES, TRY_US = 6, 3 * SECOND // 2
NO_ANSWER = "no answer"
EXPIRED = "it has expired before it could be said"

Said = Word | Answer


def is_to_us(said: Envelope, vehicle: Vehicle, station: Station) -> bool:
    """Whether the autopilot says it, and to us if it says to whom."""
    if said.component_id != vehicle.component_id:
        return False
    if said.data.get("target_system", 0) not in (0, station.system_id):
        return False
    return said.data.get("target_component", 0) in (0, station.component_id)


def whole(said: Envelope, name: str) -> int | None:
    """A field that is a whole number."""
    value = said.data.get(name)
    return value if type(value) is int else None


def may_be_said(talk: Transfer, now_us: int) -> str:
    """Nothing, or why a message is not said (again) that begins or changes something."""
    if now_us >= microseconds(talk.delivery.expires_at):
        return EXPIRED if not talk.tries else NO_ANSWER
    most = TRIES if talk.delivery.repeatable else 1
    return NO_ANSWER if talk.tries >= most else ""


def say(talk: Transfer, name: str, fields: dict[str, Any], now_us: int) -> list[Said]:
    """A message that changes something: it is put on record."""
    talk.tries += 1
    talk.sent += 1
    talk.unheard, talk.due_us = 1, now_us + TRY_US
    return [Word(name, fields, guarded=True)]


def progress(
    talk: Transfer, percent: float, words: str, result: dict[str, Any], now_us: int
) -> list[Said]:
    """How far it is, unless that was told less than a second ago."""
    if talk.told and 0 <= now_us - talk.told_us < SECOND:
        return []
    talk.told, talk.told_us = talk.told + 1, now_us
    return [
        Answer(
            command_id=talk.delivery.command_id, state="progress", reason=words,
            progress=round(percent, 1), result=result,
        )
    ]  # fmt: skip


def end(
    talk: Transfer, state: AnswerState, reason: str = "", result: Mapping[str, Any] | None = None
) -> list[Said]:
    """The last answer; a reason is cut where it is too long for anybody to read."""
    talk.ended = True
    found = {name: value for name, value in (result or {}).items() if value not in (None, "")}
    command_id = talk.delivery.command_id
    return [Answer(command_id=command_id, state=state, reason=reason[:400], result=found)]
