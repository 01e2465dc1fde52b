"""A kind of command: its parameters with units and limits, its hazard, and who can do it."""

from typing import Any, Literal

import msgspec

ParameterKind = Literal["number", "integer", "text", "choice", "flag", "items"]
# ``hazardous`` ones are confirmed by whoever asks, ``critical`` ones by a second person.
Hazard = Literal["routine", "hazardous", "critical"]


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One parameter: its unit in UCUM, and its limits, which belong to it.

    ``items`` are objects that the kind of command checks itself. What is not ``required`` and
    has no ``default`` may be left out, and then means what ``description`` says.
    """

    name: str
    kind: ParameterKind
    description: str
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    default: Any = None


class Kind(msgspec.Struct, frozen=True, omit_defaults=True):
    """One kind of command.

    ``entity_types`` that can do it; empty are all. A ``repeatable`` one may be sent again when
    no answer comes, since doing it twice is doing it once. Of one ``group`` a newer command
    takes the place of the one that is executed. ``critical_with`` is a parameter that makes it
    critical. It is to be answered within ``answer_seconds``, and done within ``done_seconds``
    of being accepted, 0 if the answer is the end of it. Where the vehicle's own telemetry can
    show that it is done, it is to within ``shown_seconds`` of that answer.
    """

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...] = ()
    hazard: Hazard = "routine"
    entity_types: frozenset[str] = frozenset()
    repeatable: bool = True
    group: str = ""
    critical_with: str = ""
    answer_seconds: float = 10.0
    done_seconds: float = 0.0
    shown_seconds: float = 0.0

    def parameter(self, name: str) -> Parameter | None:
        return next((each for each in self.parameters if each.name == name), None)
