"""Read a parameter of an autopilot, and set it: by MAVLink's parameter protocol.

One that is set is read first, for its type; what the vehicle has then is what counts. A value
does not tell which question it answers: after each talk another one may still come, late.
https://mavlink.io/en/services/parameter.html
"""

from typing import Any

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_parameters import checked
from flows.ontology.commands import Delivery
from flows.ontology.radio import Station, Word
from flows.ontology.relayed import Vehicle
from flows.ontology.telemetry import Envelope, microseconds
from flows.ontology.transfers import Asking
from flows.steps.relaying import parameter_values
from flows.steps.relaying.order import long
from flows.steps.relaying.parameter_values import kind_name, packed, same, unfit
from flows.steps.relaying.talk import (
    EXPIRED,
    NO_ANSWER,
    TRIES,
    TRY_US,
    Said,
    end,
    is_to_us,
    may_be_said,
    say,
    whole,
)

MOST_LETTERS = 16
REQUEST_MESSAGE, AUTOPILOT_VERSION = 512, 148.0
# MAV_PARAM_ERROR
_ERRORS = {
    1: "the vehicle has no such parameter",
    2: "the vehicle does not take this value: it is out of its range",
    3: "the vehicle does not let this station do it",
    4: "the vehicle has no such component",
    5: "the vehicle does not let anybody change it",
    6: "the vehicle does not know its type",
    7: "the vehicle has it of another type",
    8: "the vehicle cannot read it",
}


def begin(delivery: Delivery, _vehicle: Vehicle, _station: Station) -> Asking | str:
    """How it begins, or in a sentence why it cannot."""
    params, faults = checked(CATALOGUE[delivery.command], delivery.params)
    if faults:
        parameter, expected = faults[0]
        return f"{parameter}: {expected}"
    name = params["name"]
    if not name.isascii() or len(name) > MOST_LETTERS:
        return f"name: expected at most {MOST_LETTERS} letters of ASCII"
    value = params.get("value")
    wanted = None if value is None else float(value)
    return Asking(delivery, [f"parameter {name}"], name=name, wanted=wanted)


def hear(talk: Asking, vehicle: Vehicle, said: Envelope, station: Station) -> list[Said]:
    """Take what the vehicle says of the parameter."""
    if not talk.tries or not is_to_us(said, vehicle, station):
        return []
    if said.message_type == "PARAM_ERROR" and said.data.get("param_id") == talk.name:
        number = whole(said, "error")
        words = _ERRORS.get(number or 0, f"the vehicle answers {number}, which nobody knows")
        return end(talk, "rejected", words)
    if said.message_type != "PARAM_VALUE":
        return []
    told = parameter_values.read(said, vehicle)
    if told is None or told.name != talk.name:
        return []
    if not talk.kind:
        talk.kind, talk.value, talk.bytewise = told.kind, told.value, told.bytewise
        return _read(talk, vehicle)
    talk.kept = told.value
    if same(talk.wanted or 0.0, told.value, talk.kind):
        return end(talk, "completed", "", _result(talk, told.value))
    if told.value == talk.value:  # Which may be the answer to what was asked before.
        return []
    return end(talk, "failed", _kept(told.value), _result(talk, told.value))


def tick(talk: Asking, vehicle: Vehicle, _station: Station, now_us: int) -> list[Said]:
    """Ask or say it (again), or give up."""
    if talk.kind:
        why = may_be_said(talk, now_us)
        if why:
            told = _kept(talk.kept) if talk.kept is not None else why
            return end(talk, "failed", told, _result(talk, talk.kept))
        value = packed(talk.wanted or 0.0, talk.kind, bytewise=talk.bytewise)
        fields = {"param_id": talk.name, "param_value": value, "param_type": talk.kind}
        return say(talk, "PARAM_SET", fields, now_us)
    late = now_us >= microseconds(talk.delivery.expires_at)
    if talk.tries >= TRIES or late:
        why = f"{NO_ANSWER}: it may have no parameter of that name"
        return end(talk, "failed", why if talk.tries else EXPIRED)
    talk.tries, talk.unheard, talk.due_us = talk.tries + 1, 1, now_us + TRY_US
    ask = Word("PARAM_REQUEST_READ", {"param_id": talk.name, "param_index": -1})
    return [*_how(talk, vehicle), ask]


def cancel(talk: Asking, _station: Station, _now_us: int) -> list[Said]:
    """What was said cannot be taken back."""
    if talk.sent:
        return end(talk, "failed", "cancelled after it was said", _result(talk, talk.kept))
    return end(talk, "failed", "cancelled before anything was changed")


def _how(talk: Asking, vehicle: Vehicle) -> list[Said]:
    """Ask an autopilot of which that is not known how it says whole numbers."""
    if talk.wanted is None or vehicle.capabilities or parameter_values.is_said(vehicle):
        return []
    order = long(REQUEST_MESSAGE, AUTOPILOT_VERSION)
    return [Word(order.name, {**order.fields, "confirmation": 0})]


def _read(talk: Asking, vehicle: Vehicle) -> list[Said]:
    if talk.wanted is None:
        return end(talk, "completed", "", _result(talk, talk.value))
    # A nought is the same by its cast and by its bytes: what it becomes is not.
    unsure = talk.value == 0 and talk.kind != parameter_values.REAL32
    if unsure and not parameter_values.is_said(vehicle):
        why = "this autopilot has not said how it takes whole numbers"
        return end(talk, "failed", why, _result(talk, talk.value))
    fault = unfit(talk.wanted, talk.kind, bytewise=talk.bytewise)
    if fault:
        return end(talk, "rejected", fault, _result(talk, talk.value))
    if same(talk.wanted, talk.value, talk.kind):
        return end(talk, "completed", "it had that value", _result(talk, talk.value))
    talk.tries, talk.due_us = 0, 0
    return []


def _kept(value: object) -> str:
    return f"the vehicle has {value} now, and not what was wanted"


def _result(talk: Asking, value: object) -> dict[str, Any]:
    kind = kind_name(talk.kind) if talk.kind else None
    before = talk.value if talk.wanted is not None and talk.kind else None
    return {"name": talk.name, "value": value, "type": kind, "before": before}
