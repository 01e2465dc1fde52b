"""The forms of missions: a file to be stored, an upload to a vehicle, and a deletion."""

from collections.abc import Iterable
from typing import get_args
from uuid import uuid4

import htpy as h

from flows.ontology.stored_missions import PLANS, Mission
from web import mission_words as words
from web.entity import Entity
from web.mission_bodies import VehicleType
from web.mission_html import kind
from web.office_forms import field, text
from web.panels import sure
from web.picture import Picture
from web.wording import STATES

AS_FILE = ""
KINDS: tuple[str, ...] = get_args(VehicleType)


def importing(org_id: str, mission_id: str = "", version: int = 0) -> h.Element:
    """A file that becomes a mission, or the next version of one that has ``version`` now.

    Its module sends it to the interface as it is, and shows what is wrong with it.
    """
    path = f"/api/v1/organizations/{org_id}/missions"
    fields = (
        None
        if mission_id
        else h.fragment[
            text("name", "Name", required=True, maxlength=255),
            field(
                "For",
                h.select(name="vehicle_type")[
                    h.option(value=AS_FILE)["as the file says"],
                    (h.option(value=each)[kind(each)] for each in KINDS),
                ],
            ),
            text("description", "What it is for", maxlength=255),
        ]
    )
    return h.form(
        ".fields",
        {
            "data-import": f"{path}/{mission_id}" if mission_id else path,
            "data-method": "PUT" if mission_id else "POST",
            "data-match": f'"{version}"' if mission_id else "",
        },
    )[
        field(
            "A .plan of QGroundControl, or a QGC WPL 110 waypoints file",
            h.input(type="file", name="file", required=True, accept=".plan,.waypoints,.txt,.json"),
        ),
        fields,
        # Its module enables it: the browser's own way of sending would lose the file.
        h.button(type="submit", disabled=True)[
            "Store as the next version" if mission_id else "Check and store"
        ],
        h.div(".complaints", role="alert", hidden=True),
    ]


def uploading(
    mission: Mission, version: int, entities: Iterable[Entity], picture: Picture
) -> h.Node:
    """To which vehicle a list is to go. The command's id makes pressing twice harmless."""
    found = sorted(entities, key=lambda each: (each.head.name.casefold(), each.head.entity_id))
    if not found:
        return h.p["There is no vehicle that it could be sent to."]
    plans = [plan for plan in PLANS if mission.list_of(plan)]
    return h.form(".fields", method="post")[
        h.input(type="hidden", name="command_id", value=str(uuid4())),
        h.input(type="hidden", name="version", value=str(version)),
        field(
            "Vehicle",
            h.select(name="entity_id", required=True)[
                h.option(value="")["choose"],
                (
                    h.option(value=each.head.entity_id)[
                        f"{each.head.name} ({STATES[picture.judged(each).state].lower()})"
                    ]
                    for each in found
                ),
            ],
        ),
        field(
            "Which list",
            h.select(name="mission_type")[
                (h.option(value=plan)[words.LISTS[plan]] for plan in plans)
            ],
        ),
        text("reason", "Why", maxlength=255),
        h.div(".chips")[
            h.label(".chip")[
                h.input(type="checkbox", name="forced", value="yes"),
                "also if stale or lost, with a reason",
            ],
            h.label(".chip")[
                h.input(type="checkbox", name="confirmed", value="yes", required=True),
                "it is meant: what the vehicle has is replaced",
            ],
        ],
        h.button(type="submit", name="act", value="upload")[f"Upload version {version}"],
    ]


def deleting(mission_id: str, name: str) -> h.Element:
    """Asked for once, then once more."""
    return sure(
        "/missions",
        "Delete",
        {"id": mission_id, "act": "delete"},
        f"{name} goes with all its versions. Vehicles keep what they have.",
    )
