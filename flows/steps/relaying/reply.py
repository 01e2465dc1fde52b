"""What is answered of a command, and that it has ended is remembered."""

from flows.ontology.commands import Answer, AnswerState, Delivery
from flows.ontology.radio import Reply
from flows.ontology.relayed import Relayed
from flows.ontology.telemetry import microseconds, moment

SECOND = 1_000_000
# A command is remembered for as long as it could be delivered again.
REMEMBER_US = 3600 * SECOND
MOST_DONE = 256


def reply(delivery: Delivery, answer: Answer, stage: str) -> Reply:
    return Reply(delivery.org_id, delivery.entity_id, answer, stage)


def received(delivery: Delivery, now_us: int) -> Reply:
    """The relay has it, whatever comes of it."""
    answer = Answer(command_id=delivery.command_id, state="received", at=moment(now_us))
    return reply(delivery, answer, "received")


def ended(
    state: Relayed, delivery: Delivery, ending: AnswerState, reason: str, now_us: int
) -> Reply:
    """It ends without the vehicle's word."""
    remember(state, delivery, now_us)
    answer = Answer(command_id=delivery.command_id, state=ending, reason=reason, at=moment(now_us))
    return reply(delivery, answer, "end")


def remember(state: Relayed, delivery: Delivery, now_us: int) -> None:
    """That it has ended: what is delivered again is not done again."""
    done = state.done
    if len(done) >= MOST_DONE:
        done = {command: until for command, until in done.items() if until > now_us}
        while len(done) >= MOST_DONE:
            done.pop(next(iter(done)))
    done[delivery.command_id] = max(now_us, microseconds(delivery.expires_at)) + REMEMBER_US
    state.done = done
