"""How commands are worded on a page: their states, who has asked, and their parameters."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_kind import Kind
from flows.ontology.command_states import STATES, State
from flows.ontology.commands import Actor
from flows.ontology.subjects import BROADCAST
from web import wording

MOST_LETTERS = 80
MOST_PARAMETERS = 20
SEVERAL = "several"
# As the commands flow calls whoever has answered.
DEVICE = "device"
_SOMEBODY = {"person": "a person", "key": "a key", "nats": "a client of NATS", "flow": "the flow"}
WORDS: Mapping[State, str] = {each: each.replace("_", " ") for each in STATES}


def title(command: str) -> str:
    """What a kind is called; its name where the catalogue has none such."""
    kind = CATALOGUE.get(command)
    return kind.title if kind else brief(command)


def actor(who: Actor | None) -> str:
    """Who it was, for people to read."""
    if who is None or not (who.id or who.name):
        return _SOMEBODY["flow"]
    if who.id == DEVICE:
        return "the device"
    if who.means == "key":
        return f"key {who.name or who.id[:8]}"
    return who.name or _SOMEBODY[who.means]


def params(command: str, said: Mapping[str, Any]) -> str:
    """Its parameters with their units, in the catalogue's order; what is nobody's comes last."""
    kind = CATALOGUE.get(command)
    known = [each.name for each in kind.parameters if each.name in said] if kind else []
    names = [*known, *(each for each in said if each not in known)]
    parts = [_parameter(kind, each, said[each]) for each in names[:MOST_PARAMETERS]]
    return ", ".join(each for each in parts if each)


def whom(command_entity: str, called: str) -> str:
    return SEVERAL if command_entity == BROADCAST else called


def unit(code: str) -> str:
    """A unit of UCUM as people write it."""
    return wording.UNITS.get(code, code)


def brief(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"


def clock(moment: datetime) -> str:
    """The time of the day, to the millisecond, as a life is told."""
    return moment.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]


def day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def moment(at: datetime) -> str:
    return f"{day(at)} {clock(at)} UTC"


def lasted(span: timedelta) -> str:
    """How long something took: by the millisecond while it is short."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def number(value: float) -> str:
    """A limit or a value without what it does not need."""
    return f"{value:.7f}".rstrip("0").rstrip(".") if abs(value) < 1e9 else f"{value:g}"


def _parameter(kind: Kind | None, name: str, value: Any) -> str:
    known = kind.parameter(name) if kind else None
    word = brief(name).replace("_", " ")
    match value:
        case None | "" | False:
            return ""
        case True:
            return word
        case int() | float():
            suffix = f" {unit(known.unit)}" if known and unit(known.unit) else ""
            return f"{word} {number(value)}{suffix}"
        case list() if known and known.kind == "items":
            return f"{len(value)} items"
        case str():
            return f"{word} {brief(value)}"
        case _:
            return f"{word} {brief(str(value))}"
