"""MAVLink's command protocol: a message, the vehicle's COMMAND_ACK, and patience between.

A message that is not answered is said again with ``confirmation`` counted up, as often as the
protocol has it, and only if doing it twice is doing it once. IN_PROGRESS is no end. Answers that
belong to nothing any more, as duplicates do, are passed over by whoever hears them.
https://mavlink.io/en/services/command.html
"""

from flows.ontology.commands import Answer, AnswerState, Delivery
from flows.ontology.radio import Station, Word
from flows.ontology.relayed import Commanding, Order, Vehicle
from flows.ontology.telemetry import Envelope, microseconds
from flows.steps.relaying.order import swapped
from flows.steps.relaying.orders import orders
from flows.steps.relaying.results import (
    ACCEPTED,
    IN_PROGRESS,
    INT_ONLY,
    LONG_ONLY,
    UNSUPPORTED,
    result,
)

SECOND = 1_000_000
TRIES = 4
# Between two tries, and from one that is said once until nobody will answer it any more.
TRY_US, ONCE_US = SECOND, 4 * SECOND
# Of messages that nobody acknowledges.
BLIND_TRIES, BLIND_US = 3, SECOND // 4
PROGRESS_US = 30 * SECOND  # From one IN_PROGRESS to the next, at most.
CANCEL_US = 3 * SECOND
NO_ANSWER = "no answer"
UNACKNOWLEDGED = "it was said, and the autopilot acknowledges no such message"
_WARNING = 4  # MAV_SEVERITY; what is less grave is no reason of a refusal.
_UNKNOWN = 255

Said = Word | Answer


def begin(delivery: Delivery, vehicle: Vehicle, station: Station) -> Commanding | str:
    """How a command begins, or in a sentence why it cannot."""
    found = orders(delivery, vehicle, station)
    return found if isinstance(found, str) else Commanding(delivery, _lanes(found), found)


def hear(talk: Commanding, vehicle: Vehicle, said: Envelope, station: Station) -> list[Said]:
    """Take what the vehicle says."""
    now_us = microseconds(said.timestamp)
    if said.message_type == "STATUSTEXT":
        _read(talk, said)
        return []
    if said.message_type != "COMMAND_ACK" or not talk.tries:
        return []
    if not _answers(talk.orders[talk.at], vehicle, said, station):
        return []
    talk.unheard = max(talk.unheard - 1, 0)
    number, data = said.data.get("result"), said.data
    if type(number) is not int:
        return []
    if number == IN_PROGRESS:
        return _progress(talk, data.get("progress"), now_us)
    if number == ACCEPTED:
        return _next(talk)
    return _refused(talk, number, data.get("result_param2"))


def tick(talk: Commanding, _vehicle: Vehicle, station: Station, now_us: int) -> list[Said]:
    """Say what is to be said by now, or give up."""
    order, delivery = talk.orders[talk.at], talk.delivery
    if talk.cancelled and talk.sent:
        return _end(talk, "failed", "cancelled, and the vehicle has not said what became of it")
    if talk.in_progress:
        return _end(talk, "failed", f"no progress was told for {PROGRESS_US // SECOND} seconds")
    most = BLIND_TRIES if not order.command else TRIES if delivery.repeatable else 1
    if talk.tries >= most:
        return _unanswered(talk, order)
    if now_us >= microseconds(delivery.expires_at):
        if not talk.tries:
            return _end(talk, "failed", "it has expired before all of it was said")
        return _unanswered(talk, order)
    talk.tries += 1
    talk.sent += 1
    talk.unheard += bool(order.command)
    once = TRY_US if delivery.repeatable else ONCE_US
    talk.due_us = now_us + (once if order.command else BLIND_US)
    return [_word(order, talk.tries - 1, station)]


def cancel(talk: Commanding, _station: Station, now_us: int) -> list[Said]:
    """Take it back, as far as that is possible."""
    if not talk.sent:
        return _end(talk, "failed", "cancelled before it was said")
    if talk.cancelled:
        return []
    talk.cancelled, talk.due_us = True, now_us + CANCEL_US
    order = talk.orders[talk.at]
    fields = {"command": order.command}
    return [Word("COMMAND_CANCEL", fields, order.component_id)] if order.command else []


def _lanes(found: list[Order]) -> list[str]:
    """The numbers that acknowledgments will have, by which alone they are told apart."""
    every = [*found, *(other for each in found for other in each.instead)]
    return sorted({str(each.command) for each in every})


def _answers(order: Order, vehicle: Vehicle, said: Envelope, station: Station) -> bool:
    data = said.data
    if not order.command or data.get("command") != order.command:
        return False
    # Who speaks MAVLink 1 does not say for whom.
    if data.get("target_system", 0) not in (0, station.system_id):
        return False
    if data.get("target_component", 0) not in (0, station.component_id):
        return False
    return said.component_id == (order.component_id or vehicle.component_id)


def _word(order: Order, confirmation: int, _station: Station) -> Word:
    fields = order.fields
    if order.name == "COMMAND_LONG":
        fields = {**fields, "confirmation": confirmation}
    return Word(order.name, fields, order.component_id, guarded=True)


def _read(talk: Commanding, said: Envelope) -> None:
    text, severity = said.data.get("text"), said.data.get("severity")
    if talk.tries and isinstance(text, str) and isinstance(severity, int) and severity <= _WARNING:
        talk.text = text[:100]


def _progress(talk: Commanding, percent: object, now_us: int) -> list[Said]:
    talk.in_progress, talk.due_us = True, now_us + PROGRESS_US
    known = percent if type(percent) is int and 0 <= percent <= 100 else -1
    if talk.told and known <= talk.progress and now_us < talk.told_us + SECOND:
        return []
    talk.progress, talk.told_us = max(known, talk.progress), now_us
    talk.told += 1
    shown = float(talk.progress) if talk.progress >= 0 else None
    return [Answer(command_id=talk.delivery.command_id, state="progress", progress=shown)]


def _next(talk: Commanding) -> list[Said]:
    """An order is done: on to the next, or that was all."""
    if talk.at + 1 == len(talk.orders):
        return _end(talk, "completed" if talk.in_progress else "accepted", "; ".join(talk.notes))
    if talk.cancelled:
        done, every = talk.at + 1, len(talk.orders)
        return _end(talk, "failed", f"cancelled after {done} of its {every} messages")
    talk.at += 1
    talk.tries, talk.due_us, talk.in_progress, talk.text = 0, 0, False, ""
    return []


def _refused(talk: Commanding, number: int, more: object) -> list[Said]:
    order, meaning = talk.orders[talk.at], result(number)
    asks_other = {INT_ONLY: "COMMAND_LONG", LONG_ONLY: "COMMAND_INT"}.get(number)
    other = swapped(order) if asks_other == order.name else None
    instead = [other] if other else order.instead if number == UNSUPPORTED else []
    if instead and not talk.cancelled:
        talk.orders[talk.at : talk.at + 1] = instead
        talk.tries, talk.due_us, talk.text = 0, 0, ""
        return []
    words = meaning.words + (f": {talk.text}" if talk.text else "")
    if not order.needed and not talk.cancelled:
        talk.notes.append(f"without {_name(order)}, {words}")
        return _next(talk)
    state: AnswerState = "failed" if talk.in_progress or talk.at else meaning.state
    found = {"result": meaning.name, **({"result_param2": more} if more else {})}
    return _end(talk, state, words, found)


def _unanswered(talk: Commanding, order: Order) -> list[Said]:
    if not order.command:
        talk.notes.append(UNACKNOWLEDGED)
        return _next(talk)
    if not order.needed:
        talk.notes.append(f"without {_name(order)}, {NO_ANSWER}")
        return _next(talk)
    return _end(talk, "failed", NO_ANSWER)


def _name(order: Order) -> str:
    return f"MAV_CMD {order.command}"


def _end(
    talk: Commanding, state: AnswerState, reason: str, found: dict[str, object] | None = None
) -> list[Said]:
    talk.ended = True
    counted = {"sent": talk.sent, **(found or {})}
    command_id = talk.delivery.command_id
    return [Answer(command_id=command_id, state=state, reason=reason, result=counted)]
