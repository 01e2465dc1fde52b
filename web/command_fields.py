"""Fields of a command's form: a parameter with its unit and limits, choices and default."""

from typing import Any

import htpy as h

from flows.ontology.command_kind import Parameter
from flows.ontology.command_parameters import MOST_LETTERS
from web.command_words import number, unit

# By the field's name, so that no parameter can be called as something else of the form is.
PARAMETER = "param."
# What is said without a limit, for nobody means it.
_BEYOND = 1e9


def parameter(of: Parameter) -> h.Element:
    name, label = PARAMETER + of.name, of.name.replace("_", " ")
    if of.kind == "flag":
        return h.label(".chip", title=of.description)[
            h.input(type="checkbox", name=name, value="true", checked=bool(of.default)),
            f"{label}: {of.description}",
        ]
    return field(label, _limits(of), _control(of, name), of.description)


def _control(of: Parameter, name: str) -> h.Node:
    match of.kind:
        case "choice":
            return h.select(name=name, required=of.required)[
                h.option(value="")["choose"] if of.default is None else None,
                (h.option(value=each, selected=each == of.default)[each] for each in of.choices),
            ]
        case "number" | "integer":
            return h.input(
                type="number",
                name=name,
                required=of.required,
                value=_value(of.default),
                min=_limit(of.low),
                max=_limit(of.high),
                step="1" if of.kind == "integer" else "any",
                inputmode="decimal",
            )
        case "items":
            return h.textarea(name=name, required=of.required, rows=4, spellcheck="false")
        case _:
            return h.input(
                name=name,
                required=of.required,
                value=_value(of.default),
                maxlength=MOST_LETTERS,
                autocomplete="off",
            )


def field(label: str, limits: str, control: h.Node, hint: str = "") -> h.Element:
    return h.label(".field")[
        h.span[label.capitalize(), h.small[f" {limits}"] if limits else None],
        control,
        h.small(".hint")[hint] if hint else None,
    ]


def _limits(of: Parameter) -> str:
    """Its unit, and between what it may be."""
    low, high = _limit(of.low), _limit(of.high)
    span = f"{low} to {high}" if low and high else ""
    return ", ".join(each for each in (unit(of.unit), span) if each)


def _limit(value: float | None) -> str | None:
    return None if value is None or abs(value) > _BEYOND else number(value)


def _value(default: Any) -> str | None:
    if default is None:
        return None
    return number(default) if isinstance(default, int | float) else str(default)
