"""``/commands/{command_id}``: one command, all that became of it, and its parts if it has some."""

from collections.abc import Mapping

import anyio.to_thread
import htpy as h
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.commands import DecisionKind
from web import command_acts, command_posts, command_rows
from web import command_words as words
from web.command_bodies import CommandWhole, DecideCommand
from web.command_looker import APPROVE, READ, WRITE, Look, looker
from web.command_panel import MODULES, STYLES, answer, dialog
from web.command_posts import Said
from web.command_view import CommandView
from web.database import Row
from web.desk import STYLES as DESK_STYLES
from web.forms import form
from web.identity import identity, require
from web.layout import page
from web.notices import not_found
from web.office_forms import explained, wanted
from web.once import once
from web.panels import panel
from web.problems import Problem
from web.site import site
from web.streams import Watched, stream
from web.top_view import TopView

PATH = "/commands/{command_id}"
NOT_FOUND = "Command not found"
_DECISIONS: Mapping[str, tuple[DecisionKind, str]] = {
    "cancel": ("cancel", WRITE),
    "approve": ("approve", APPROVE),
    "deny": ("deny", APPROVE),
}


async def show(request: Request) -> Response:
    """``GET /commands/{command_id}``."""
    return await _page(request)


async def act(request: Request) -> Response:
    """``POST /commands/{command_id}``: cancel, approve or deny it."""
    who = require(request, WRITE)

    async def made() -> Said:
        said = await form(request)
        if said.get("act") not in _DECISIONS:
            raise Problem(422, "The form does not say what is to be done.")
        kind, scope = _DECISIONS[said["act"]]
        require(request, scope)
        row = await _row(request)
        if row is None:
            raise Problem(404, NOT_FOUND)
        body = wanted({"reason": said.get("reason", "")}, DecideCommand)
        after = await command_acts.decided(request, who.organization, row, kind, body)
        return command_posts.decided(kind, after)

    async def again(said: str, fault: Problem | None) -> Response:
        return await _page(request, said, fault)

    return await command_posts.answered(request, made, again, request.url.path)


async def live(request: Request) -> Response:
    """``GET /live/commands/{command_id}``: the same as it changes."""
    here, who = site(request), identity(request)
    require(request, READ)
    view = await _view(request)
    if view is None:
        raise Problem(404, NOT_FOUND)
    what = f"command/{request.path_params['command_id']}/{looker(who).key}"
    return stream(
        request,
        Watched(here.live, "top", lambda: TopView(here.picture, who.organization)),
        Watched(here.live_commands, what, lambda: view),
    )


async def _page(request: Request, said: str = "", fault: Problem | None = None) -> Response:
    require(request, READ)
    here, row = site(request), await _row(request)
    view = await _view(request)
    if row is None or view is None:
        return not_found()
    command = command_rows.command(row)
    whom = Look(here.board, here.picture, looker(identity(request))).called(command.entity_id)
    title = f"{words.title(command.command)}: {words.whom(command.entity_id, whom)}"
    content = h.main(".office.command-page")[
        h.h1[h.bdi[title]],
        answer(explained(fault) if fault else said, wrong=bool(fault or said)),
        h.div(".command-columns")[
            panel("How it is", view.state()),
            panel("What became of it", view.life()),
        ],
        panel("Of each", view.parts()) if view.is_broadcast else None,
        h.p(".further")[h.a(href="/commands")["All commands"]],
        dialog(here.clock.wall()),
    ]
    response = page(
        title,
        content,
        who=identity(request),
        picture=here.picture,
        current="/commands",
        stream=f"/live/commands/{command.command_id}",
        modules=MODULES,
        styles=(*DESK_STYLES, *STYLES),
    )
    response.status_code = fault.status if fault else 200
    return response


async def _view(request: Request) -> CommandView | None:
    """The view of it, with all that the ledger has; None where there is no such command."""
    here, place = site(request), site(request).board.place
    row = await _row(request)
    if row is None:
        return None
    whole = await anyio.to_thread.run_sync(command_rows.whole, here.tables, row)
    look = Look(here.board, here.picture, looker(identity(request)))

    def again() -> CommandWhole | None:
        known = command_rows.known(here.tables, whole.org_id, whole.command_id)
        return command_rows.whole(here.tables, known) if known else None

    return CommandView(look, whole, place, again)


async def _row(request: Request) -> Row | None:
    organization = identity(request).organization
    return await anyio.to_thread.run_sync(
        command_rows.known, site(request).tables, organization, request.path_params["command_id"]
    )


routes = [
    Route(PATH, show, methods=["GET"]),
    Route(PATH, once(act), methods=["POST"]),
    Route("/live/commands/{command_id}", live, methods=["GET"]),
]
