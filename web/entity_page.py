"""``/entities/{entity_id}``: all that is known of one entity, and what it is commanded to do."""

from collections.abc import Mapping

import anyio.to_thread
import htpy as h
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.commands import DecisionKind
from web import command_acts, command_posts, command_rows, upload_acts
from web.command_bodies import Command, DecideCommand
from web.command_form import UPLOAD
from web.command_looker import WRITE, Look, looker
from web.command_panel import MODULES, STYLES, answer, dialog, panel
from web.command_posts import Said
from web.command_rows import CommandsOfEntity
from web.command_said import command_said
from web.entity_commands_view import MOST, EntityCommandsView
from web.entity_view import EntityView
from web.forms import form
from web.identity import identity, require
from web.layout import page
from web.mission_choice import offered
from web.notices import not_found
from web.office_forms import explained, wanted
from web.once import once
from web.problems import Problem
from web.rings import CHARTS
from web.site import Site, site
from web.streams import Watched, stream, watched_entity

PATH = "/entities/{entity_id}"
_CONTROLS: Mapping[str, DecisionKind] = {
    "take_control": "take_control",
    "release_control": "release_control",
}


async def show(request: Request) -> Response:
    """``GET /entities/{entity_id}``."""
    return await _page(request)


async def act(request: Request) -> Response:
    """``POST /entities/{entity_id}``: ask for a command, take control, or release it."""
    who = require(request, WRITE)
    entity_id = request.path_params["entity_id"]
    if site(request).picture.entity(who.organization, entity_id) is None:
        raise Problem(404, "Entity not found")

    async def made() -> Said:
        said = await form(request)
        if said.get("act") in _CONTROLS:
            return await _controlled(request, entity_id, said)
        if said.get("command") == UPLOAD:
            return await upload_acts.asked_by_form(request, said, entity_id=entity_id)
        now = site(request).clock.wall()
        body = command_said(said, now, entity_id=entity_id)
        _, row = await command_acts.asked(request, who.organization, body)
        return command_posts.asked(body, row)

    async def again(said: str, fault: Problem | None) -> Response:
        return await _page(request, said, fault)

    return await command_posts.answered(request, made, again, request.url.path)


async def _controlled(request: Request, entity_id: str, said: Mapping[str, str]) -> Said:
    here, who, kind = site(request), identity(request), _CONTROLS[said["act"]]
    body = wanted({"reason": said.get("reason", "")}, DecideCommand)
    await command_acts.controlled(request, who.organization, entity_id, kind, body)
    told = await anyio.to_thread.run_sync(
        command_rows.control, here.tables, who.organization, entity_id, here.clock.wall_us()
    )
    return command_posts.controlled(kind, who.user, told)


async def live(request: Request) -> Response:
    """``GET /live/entities/{entity_id}``: one entity of the session's organisation."""
    here, who = site(request), identity(request)
    entity_id = request.path_params["entity_id"]
    if here.picture.entity(who.organization, entity_id) is None:
        raise Problem(404, "Entity not found")
    look, before = _look(request), await _before(here, who.organization, entity_id)
    return stream(
        request,
        watched_entity(here, who.organization, entity_id),
        Watched(
            here.live_commands,
            f"entity/{entity_id}/{look.looker.key}",
            lambda: EntityCommandsView(look, entity_id, before),
        ),
    )


async def _page(request: Request, said: str = "", fault: Problem | None = None) -> Response:
    here, who = site(request), identity(request)
    entity_id = request.path_params["entity_id"]
    entity = here.picture.entity(who.organization, entity_id)
    if entity is None:
        return not_found()
    look, before = _look(request), await _before(here, who.organization, entity_id)
    stored = await offered(request) if look.looker.may_command else []
    content = h.main(".entity-page")[
        EntityView(here.picture, who.organization, entity_id).html(),
        h.div(".aside")[
            panel(
                look,
                entity,
                EntityCommandsView(look, entity_id, before),
                stored,
                second=here.settings.commands_two_person == "on",
                said=answer(explained(fault) if fault else said, wrong=bool(fault or said)),
            ),
            _charts(),
        ],
        dialog(here.clock.wall()),
    ]
    response = page(
        entity.head.name,
        content,
        who=who,
        picture=here.picture,
        stream=f"/live/entities/{entity.head.entity_id}",
        modules=("chart.js", *MODULES),
        styles=("vendor/uPlot.min.css", *STYLES),
    )
    response.status_code = fault.status if fault else 200
    return response


def _charts() -> h.Element:
    return h.section(".charts", aria_label="The last ten minutes")[
        (
            h.div(
                {
                    "data-chart": name,
                    "data-title": title,
                    "data-unit": unit,
                    "data-ignore-morph": True,
                }
            )
            for name, (title, unit) in CHARTS.items()
        )
    ]


def _look(request: Request) -> Look:
    here = site(request)
    return Look(here.board, here.picture, looker(identity(request)))


async def _before(here: Site, organization: str, entity_id: str) -> list[Command]:
    """What the ledger has of its commands, the newest."""
    wanted_rows = CommandsOfEntity(limit=MOST)
    found, _ = await anyio.to_thread.run_sync(
        command_rows.command_rows, here.tables, organization, wanted_rows, entity_id
    )
    return found


routes = [
    Route(PATH, show, methods=["GET"]),
    Route(PATH, once(act), methods=["POST"]),
    Route("/live/entities/{entity_id}", live, methods=["GET"]),
]
