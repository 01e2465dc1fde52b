"""What a command's parameters may be: each as its kind says, and what is left out filled in."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from flows.ontology.command_kind import Hazard, Kind, Parameter
from flows.ontology.missions import MOST_ITEMS, Item

MOST_LETTERS = 256
# What is said of names that nobody knows, however many there are.
MOST_UNKNOWN = 20
_TOGETHER = ("latitude", "longitude")

Fault = tuple[str, str]


def checked(kind: Kind, params: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The parameters with defaults filled in, and everything that is wrong with them.

    Null is as if it were left out. Of each fault there is the name of its parameter, and what
    was expected there; where there are any, the parameters are not to be used.
    """
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for each in kind.parameters:
        said = params.get(each.name)
        if said is None:
            if each.required:
                faults.append((each.name, "expected this parameter"))
            elif each.default is not None:
                found[each.name] = each.default
            continue
        value, fault = _read(each, said)
        if fault:
            faults.append((each.name, fault))
        else:
            found[each.name] = value
    unknown = [name for name in params if kind.parameter(name) is None]
    faults += [
        (name[:128], f"{kind.name} has no such parameter") for name in unknown[:MOST_UNKNOWN]
    ]
    lone = [name for name in _TOGETHER if name in found]
    if len(lone) == 1 and not any(name in _TOGETHER for name, _ in faults):
        (missing,) = set(_TOGETHER) - set(lone)
        faults.append((missing, f"expected this parameter beside {lone[0]}"))
    return found, faults


def hazard(kind: Kind, params: Mapping[str, Any]) -> Hazard:
    """How hazardous it is, done with these parameters."""
    return "critical" if kind.critical_with and params.get(kind.critical_with) else kind.hazard


def _read(parameter: Parameter, said: Any) -> tuple[Any, str]:
    match parameter.kind:
        case "number" | "integer":
            return _number(parameter, said)
        case "flag":
            return said, "" if isinstance(said, bool) else "expected true or false"
        case "choice":
            known = isinstance(said, str) and said in parameter.choices
            return said, "" if known else f"expected one of {', '.join(parameter.choices)}"
        case "text":
            return said, _text(parameter, said)
        case "items":
            return said, _items(said)


def _number(parameter: Parameter, said: Any) -> tuple[Any, str]:
    whole = parameter.kind == "integer"
    if isinstance(said, bool) or not isinstance(said, int | float) or not _finite(said):
        return said, f"expected {'a whole' if whole else 'a'} number"
    if whole and isinstance(said, float) and not said.is_integer():
        return said, "expected a whole number"
    unit = "" if parameter.unit == "1" else f" {parameter.unit}"
    if parameter.low is not None and said < parameter.low:
        return said, f"expected {parameter.low:g}{unit} at least"
    if parameter.high is not None and said > parameter.high:
        return said, f"expected {parameter.high:g}{unit} at most"
    return (int(said) if whole else said), ""


def _finite(said: float) -> bool:
    return isinstance(said, int) or math.isfinite(said)


def _text(parameter: Parameter, said: Any) -> str:
    if not isinstance(said, str) or (not said and parameter.required):
        return "expected a text"
    if len(said) > MOST_LETTERS:
        return f"expected {MOST_LETTERS} letters at most"
    return "" if said.isprintable() else "expected a text of one line that can be printed"


def _items(said: Any) -> str:
    if isinstance(said, list) and len(said) > MOST_ITEMS:
        return f"expected {MOST_ITEMS} items at most"
    try:
        msgspec.convert(said, list[Item])
    except msgspec.ValidationError as error:
        return str(error)
    return ""
