"""The form of a kind of command, made from the catalogue: units, limits, choices, defaults.

``web.command_said`` reads what it says. A hazardous one is asked for twice: by a dialog where
scripts run, and else by a box to tick.
"""

from collections.abc import Iterable, Sequence
from uuid import uuid4

import htpy as h
import msgspec

from flows.ontology.command_catalogue import KINDS
from flows.ontology.command_kind import Hazard, Kind
from flows.ontology.commands import LANES, Priority
from web.command_fields import PARAMETER, field, parameter
from web.database import Row
from web.mission_choice import choice

# How long a command is good for: seconds, and how that is said.
VALID = (("", "as usual"), ("10", "10 s"), ("30", "30 s"), ("120", "2 min"), ("600", "10 min"))
_PRIORITIES: Sequence[Priority] = ("normal", *(each for each in LANES if each != "normal"))
# Kinds by what they are about, as an operator looks for them.
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Movement", (
        "arm", "disarm", "takeoff", "land", "return", "hold", "goto", "orbit", "change_altitude",
        "set_speed", "set_mode", "set_home",
    )),
    ("Mission", (
        "start_mission", "pause_mission", "resume_mission", "abort_mission", "set_mission_item",
        "upload_mission", "download_mission", "clear_mission",
    )),
    ("Camera", ("camera_trigger", "camera_record", "camera_zoom", "gimbal_point")),
)  # fmt: skip
_OTHERS = "Autopilot"
# What is sent is chosen among the stored missions, and not typed.
UPLOAD = "upload_mission"


class Asking(msgspec.Struct, frozen=True):
    """Where forms ask, of whom, and whether a second person approves what is critical.

    ``stored`` are the versions of missions that can be uploaded.
    """

    action: str
    whom: str
    second: bool
    stored: Sequence[Row] = ()


def fits(kind: Kind, entity_type: str) -> bool:
    """Whether entities of a type take commands of a kind."""
    return not kind.entity_types or entity_type in kind.entity_types


def groups(kinds: Iterable[Kind]) -> list[tuple[str, list[Kind]]]:
    """Kinds by what they are about; those of no group come last."""
    left = {each.name: each for each in kinds}
    found = [
        (title, [left.pop(name) for name in names if name in left]) for title, names in _GROUPS
    ]
    return [(title, some) for title, some in (*found, (_OTHERS, [*left.values()])) if some]


def choosing(entity_type: str, asks: Asking) -> h.Element:
    """Every kind that a type of entity takes: a button each, which opens its form."""
    kinds = [each for each in KINDS if fits(each, entity_type)]
    return h.div(".kinds")[
        (
            h.section(aria_label=title)[
                h.h3[title],
                h.div(".kind-row")[(_opening(each, asks) for each in some)],
            ]
            for title, some in groups(kinds)
        )
    ]


def _opening(kind: Kind, asks: Asking) -> h.Element:
    return h.details(".kind", name="kind", data_hazard=kind.hazard)[
        h.summary(title=_hint(kind, asks))[kind.title],
        asking(kind, asks),
    ]


def asking(kind: Kind, asks: Asking, *more: h.Node) -> h.Element:
    """The form that asks for a command of a kind; ``more`` stands before its parameters."""
    return h.form(
        ".fields.ask", method="post", action=asks.action, data_ask=True, aria_label=kind.title
    )[
        h.p(".below")[kind.description, "."],
        _warning(kind, asks),
        h.input(type="hidden", name="act", value="ask"),
        h.input(type="hidden", name="command", value=kind.name),
        # The same for each press of the button, so that it is asked for once.
        h.input(type="hidden", name="command_id", value=str(uuid4())),
        more,
        _parameters(kind, asks),
        _about(),
        _twice(kind, asks),
        h.div(".send")[
            h.button(
                type="submit",
                data_hazard=kind.hazard,
                disabled=kind.name == UPLOAD and not asks.stored,
            )[kind.title],
            h.output(".answer", role="status"),
        ],
    ]


def _parameters(kind: Kind, asks: Asking) -> h.Node:
    if kind.name == UPLOAD:
        return choice(asks.stored)
    return h.fragment[(parameter(each) for each in kind.parameters)]


def _hint(kind: Kind, asks: Asking) -> str:
    return f"{kind.description}. {_hazard(kind.hazard, asks)}".strip()


def _warning(kind: Kind, asks: Asking) -> h.Node:
    if kind.hazard == "routine":
        return None
    return h.p(".hazard", data_hazard=kind.hazard)[_hazard(kind.hazard, asks)]


def _hazard(hazard: Hazard, asks: Asking) -> str:
    if hazard == "routine":
        return ""
    second = ", and a second person has to approve it" if _second(hazard, asks) else ""
    return f"It is {hazard}: it is asked once more whether you mean it{second}."


def _second(hazard: Hazard, asks: Asking) -> bool:
    return hazard == "critical" and asks.second


def _twice(kind: Kind, asks: Asking) -> h.Node:
    """What a hazardous command asks once more."""
    critical = _question(kind, "critical", asks)
    if kind.hazard == "routine":
        return None
    return h.fragment[
        h.p(".sure-text", hidden=True)[_question(kind, kind.hazard, asks)],
        h.p(".sure-text", hidden=True, data_with=PARAMETER + kind.critical_with)[critical]
        if kind.critical_with
        else None,
        h.noscript[
            h.label(".chip")[
                h.input(type="checkbox", name="confirmed", value="true", required=True),
                "I mean it",
            ]
        ],
    ]


def _question(kind: Kind, hazard: Hazard, asks: Asking) -> str:
    second = " A second person has to approve it." if _second(hazard, asks) else ""
    return f"{kind.title}: {asks.whom}? {kind.description}. This is {hazard}.{second}"


def _about() -> h.Fragment:
    """What every form asks besides."""
    return h.fragment[
        field("Reason", "", h.input(name="reason", maxlength=255, autocomplete="off")),
        field(
            "Priority",
            "",
            h.select(name="priority")[(h.option(value=each)[each] for each in _PRIORITIES)],
        ),
        field(
            "Valid for",
            "",
            h.select(name="within")[(h.option(value=each)[word] for each, word in VALID)],
        ),
        h.label(".chip.force")[
            h.input(type="checkbox", name="forced", value="true"),
            "Force it though it is stale or lost, for the reason above",
        ],
    ]
