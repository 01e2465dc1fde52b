"""Fields of forms with their labels, and what forms say as the types of the interface."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import htpy as h
import msgspec

from web.problems import Problem
from web.schema import Fault, convert

T = TypeVar("T")

# What stands for itself in a pattern only behind a backslash.
_SPECIAL = frozenset("^$\\.*+?()[]{}|/")


def field(label: str, control: h.Node) -> h.Element:
    return h.label(".field")[h.span[label], control]


def text(name: str, label: str, value: str = "", **more: Any) -> h.Element:
    """A field of one line."""
    return field(label, h.input(name=name, value=value, autocomplete="off", **more))


def options(name: str, label: str, choices: Iterable[str], chosen: str = "") -> h.Element:
    return field(
        label,
        h.select(name=name)[
            (h.option(value=each, selected=each == chosen)[each] for each in choices)
        ],
    )


def typed(label: str, word: str) -> h.Element:
    """Asks that a word be typed as it stands: for what cannot be taken back."""
    pattern = "".join(f"\\{each}" if each in _SPECIAL else each for each in word)
    return field(label, h.input(name="typed", required=True, pattern=pattern, autocomplete="off"))


def check_typed(said: Mapping[str, str], word: str) -> None:
    """Raises Problem: 422, the word that was to be typed was not."""
    if said.get("typed", "") != word.strip():
        raise Problem(422, f"Nothing is deleted: {word} was to be typed as it stands.")


def wanted(said: Mapping[str, Any], kind: type[T]) -> T:
    """What a form says, as a type of the interface. Raises Problem: 422."""
    return convert(dict(said), kind, "form")


def number(said: Mapping[str, str], name: str) -> Any:
    """A number as it was typed; what is none stays a text, for its type to refuse."""
    try:
        return float(said[name])
    except ValueError:
        return said[name]


def explained(problem: Problem) -> str:
    """What is wrong, for people: each fault with the name of its field."""
    faults: list[Fault] = problem.more.get("errors", [])
    if not faults:
        return problem.detail
    said = (f"{each.location.rpartition('.')[2]}: {each.message}" for each in faults)
    return "; ".join(said)


def table_of(value: object) -> str:
    """JSON as it is read best."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
