"""What the page of a fleet is made of: the search, the table, and the forms of an entity."""

from typing import get_args

import htpy as h
import msgspec
from starlette.requests import Request

from flows.ontology.registry import EntityType, Priority, Status
from web.desk import stamp
from web.office_forms import options, text
from web.panels import table
from web.registered import Entity

ANY = "any"
KINDS, STATES, PRIORITIES = map(get_args, (EntityType, Status, Priority))
PLACE = ("latitude", "longitude", "altitude")


def searching(request: Request) -> h.Element:
    said = request.query_params
    return h.form(".fields.search", method="get", role="search")[
        text("q", "Search", said.get("q", ""), type="search", placeholder="name, id, metadata"),
        *(
            options(name, label, (ANY, *choices), said.get(name, ANY))
            for name, label, choices in (
                ("entity_type", "Type", KINDS),
                ("status", "Status", STATES),
                ("priority", "Priority", PRIORITIES),
            )
        ),
        h.button(type="submit")["Search"],
        h.a(".button", href=request.url.path)["All"] if request.url.query else None,
    ]


def listed(entities: list[Entity], *, may: bool) -> h.Element:
    return table(
        ("Name", "Type", "Status", "Priority", "Tags", "Changed", ""),
        [
            (
                h.fragment[
                    h.a(href=f"/entities/{each.entity_id}")[h.bdi[each.name or each.entity_id]],
                    h.span(".mark.live")["live"] if each.is_live else None,
                    h.p(".below")[h.code[each.entity_id]],
                ],
                each.entity_type,
                each.status,
                each.priority,
                _chips(_tags(each)),
                stamp(each.updated_at),
                h.div(".acts")[_editing(each), _deleting(each)] if may else "",
            )
            for each in entities
        ],
    )


def _chips(tags: list[str]) -> h.Node:
    return h.div(".chips")[(h.span(".chip")[tag] for tag in tags)] if tags else ""


def _tags(each: Entity) -> list[str]:
    """Its tags; none where what is kept is no list."""
    try:
        return msgspec.json.decode(each.tags or "[]", type=list[str])
    except msgspec.MsgspecError:
        return []


def _fields(each: Entity | None = None) -> h.Fragment:
    """What a form asks of an entity that is, or is to be."""
    kind = each.entity_type if each else "aircraft_multirotor"
    return h.fragment[
        text("name", "Name", each.name if each else "", maxlength=255),
        options("entity_type", "Type", _with(kind, KINDS), kind),
        options("status", "Status", _with(each.status if each else "", STATES), _status(each)),
        options("priority", "Priority", PRIORITIES, each.priority if each else "normal"),
        text("tags", "Tags, with commas between", ", ".join(_tags(each)) if each else ""),
        (text(name, name.capitalize(), inputmode="decimal") for name in PLACE),
    ]


def _status(each: Entity | None) -> str:
    return each.status if each else "active"


def _with(own: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    """What can be chosen, and what it is already, if that is none of it."""
    return choices if not own or own in choices else (own, *choices)


def creating() -> h.Element:
    return h.form(".fields", method="post")[
        text("entity_id", "Id, or nothing for one by chance", maxlength=128),
        _fields(),
        h.button(type="submit", name="act", value="create")["Register it"],
    ]


def _editing(each: Entity) -> h.Element:
    return h.details(".more")[
        h.summary["Edit"],
        h.form(".fields", method="post")[
            h.input(type="hidden", name="id", value=each.entity_id),
            _fields(each),
            h.button(type="submit", name="act", value="update")["Save"],
        ],
    ]


def _deleting(each: Entity) -> h.Element:
    return h.details(".more.sure")[
        h.summary["Delete"],
        h.form(".fields", method="post")[
            h.p["Its state and its registration go. If it speaks again, it comes again."],
            h.input(type="hidden", name="id", value=each.entity_id),
            text("reason", "Why", maxlength=255),
            h.button(type="submit", name="act", value="delete")["Yes, delete"],
        ],
    ]
