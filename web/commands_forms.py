"""Forms of the page of commands: which are shown, and what several are asked at once."""

from collections.abc import Iterable, Sequence

import htpy as h

from flows.ontology.command_catalogue import KINDS
from flows.ontology.command_kind import Kind
from flows.ontology.command_states import STATES
from web.command_bodies import MOST_ENTITIES
from web.command_form import Asking, asking, fits, groups
from web.command_looker import Look
from web.commands_view import ENDED, OPEN, Wanted
from web.database import Row
from web.entity import Entity
from web.office_forms import field, text

ANY = ("", "any")
# Names that are offered while somebody types one.
MOST_OFFERED = 200
WHOM = "several"


def searching(look: Look, wanted: Wanted) -> h.Element:
    """Which commands are shown."""
    called = look.called(wanted.entity_id) if wanted.entity_id else ""
    names = sorted(each.head.name for each in _entities(look))[:MOST_OFFERED]
    states = (ANY, (OPEN, "on their way"), (ENDED, "ended"), *_worded(STATES))
    kinds = (ANY, *((each.name, each.title) for each in KINDS))
    return h.form(".fields.search", method="get", action="/commands", role="search")[
        _options("state", "State", states, wanted.state),
        _options("command", "Kind", kinds, wanted.command),
        text("entity", "Entity", called, type="search", list="entity-names"),
        h.datalist("#entity-names")[(h.option(value=each) for each in names)],
        h.button(type="submit")["Show"],
        h.a(".button", href="/commands")["All"] if wanted.query else None,
    ]


def broadcasting(look: Look, kind: Kind | None, stored: Sequence[Row], *, second: bool) -> h.Node:
    """The choice of a kind, and its form once one is chosen."""
    asks = Asking("/commands", WHOM, second, stored)
    return h.fragment[_kinds(kind), _asked(look, kind, asks) if kind else None]


def _kinds(chosen: Kind | None) -> h.Element:
    return h.form(".fields", method="get", action="/commands")[
        field(
            "What",
            h.select(name="broadcast")[
                (
                    h.optgroup(label=title)[
                        (
                            h.option(value=each.name, selected=each is chosen)[each.title]
                            for each in some
                        )
                    ]
                    for title, some in groups(KINDS)
                )
            ],
        ),
        h.button(type="submit")["Another" if chosen else "Next: whom"],
    ]


def able_to(look: Look, kind: Kind) -> list[Entity]:
    """Those that can do it, by their names."""
    return sorted(
        (each for each in _entities(look) if fits(kind, each.head.entity_type)),
        key=lambda each: each.head.name.casefold(),
    )


def _asked(look: Look, kind: Kind, asks: Asking) -> h.Element:
    able = able_to(look, kind)
    more = len(able) - MOST_ENTITIES
    return asking(
        kind,
        asks,
        h.fieldset(".chips.whom")[
            h.legend["Whom"],
            _whom("these", "Those that are ticked", checked=True),
            _whom("all", f"All that can do it, now {len(able)}", checked=False),
        ],
        h.fieldset(".chips.entities", aria_label="Entities")[
            (_entity(look, each) for each in able[:MOST_ENTITIES]),
            h.p(".below")[f"{more} more are not listed."] if more > 0 else None,
            None if able else h.p(".below")["Nobody can do it."],
        ],
    )


def _whom(value: str, word: str, *, checked: bool) -> h.Element:
    return h.label(".chip")[h.input(type="radio", name="whom", value=value, checked=checked), word]


def _entity(look: Look, entity: Entity) -> h.Element:
    state = look.picture.judged(entity).state
    return h.label(".chip", data_state=state)[
        h.input(type="checkbox", name="entities", value=entity.head.entity_id),
        h.bdi[entity.head.name],
        None if state == "live" else h.small[f" {state} when this was shown"],
    ]


def _entities(look: Look) -> Iterable[Entity]:
    return look.picture.entities(look.looker.organization).values()


def _worded(states: Iterable[str]) -> list[tuple[str, str]]:
    return [(each, each.replace("_", " ")) for each in states]


def _options(name: str, label: str, choices: Iterable[tuple[str, str]], chosen: str) -> h.Element:
    return field(
        label,
        h.select(name=name)[
            (h.option(value=value, selected=value == chosen)[word] for value, word in choices)
        ],
    )
