"""The command panel of an entity's page, and what pages of commands have in common."""

from collections.abc import Sequence

import htpy as h

from web.command_form import Asking, choosing
from web.command_looker import Look
from web.database import Row
from web.entity import Entity
from web.entity_commands_view import EntityCommandsView

MODULES = ("commands.js",)
STYLES = ("commands.css",)


def answer(said: str = "", *, wrong: bool = False) -> h.Element:
    """Where is said what has come of a button of a list."""
    return h.p(
        "#said.said", role="alert" if wrong else "status", data_wrong=wrong, hidden=not said
    )[said]


def dialog(now: float) -> h.Element:
    """What asks once more; a script puts the question into it.

    ``now`` is seconds since 1970, from which the script counts until the stream tells the time.
    """
    return h.dialog("#sure", aria_labelledby="sure-question", data_now=round(1000 * now))[
        h.form(method="dialog")[
            h.h2["Are you sure?"],
            h.p("#sure-question"),
            h.p("#sure-with"),
            h.label(".field")[
                h.span["Reason"], h.input(name="reason", maxlength=255, autocomplete="off")
            ],
            h.div(".acts")[
                h.button(type="submit", value="", autofocus=True)["No"],
                h.button(".yes", type="submit", value="yes")["Yes"],
            ],
        ]
    ]


def panel(
    look: Look,
    entity: Entity,
    view: EntityCommandsView,
    stored: Sequence[Row],
    *,
    second: bool,
    said: h.Element,
) -> h.Element:
    """Of an entity: who has control, a form for each kind that its type takes, the last commands.

    ``stored`` are the versions of missions that can be uploaded; ``second`` tells whether
    critical commands wait for a second person.
    """
    head = entity.head
    asks = Asking(f"/entities/{head.entity_id}", head.name, second, stored)
    return h.section(".command-panel", aria_label="Commands")[
        h.h2["Commands"],
        view.state(),
        said,
        choosing(head.entity_type, asks)
        if look.looker.may_command
        else h.p(".below")["You see what is asked for; operators and commanders ask."],
        h.h3["Last asked for"],
        view.commands(),
        h.p(".further")[h.a(href=f"/commands?entity={head.entity_id}")["All commands of it"]],
    ]
